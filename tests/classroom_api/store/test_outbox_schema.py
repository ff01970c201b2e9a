from __future__ import annotations

from classroom_api.store.outbox_schema import DeliveryRow, ErasedObjectRow, StreamRow


def test_a_stream_is_a_lesson_at_a_destination() -> None:
    assert [column.name for column in StreamRow.__table__.primary_key] == ["destination", "lesson_id"]


def test_deliveries_are_numbered_by_the_database_and_known_by_a_stable_id() -> None:
    assert [column.name for column in DeliveryRow.__table__.primary_key] == ["sequence"]
    assert DeliveryRow.__table__.c.id.unique


def test_a_proof_names_each_object_once() -> None:
    assert [column.name for column in ErasedObjectRow.__table__.primary_key] == ["erasure_id", "key"]
