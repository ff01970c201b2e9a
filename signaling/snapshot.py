"""The snapshot of a room for a joining client, as JSON text (docs/protocol.md, section 3).

A storm of six hundred joins asks for six hundred snapshots of up to six hundred seats, of which hardly any
changed in between: the text of each seat and publication is kept.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache

from signaling.events import OfferedMedia, Seat
from signaling.room_state import RoomState


def serialize_snapshot(state: RoomState) -> str:
    """One JSON object."""
    facts, lesson, recording = state.facts, state.lesson, state.recording
    lesson_members = {
        "id": facts.id,
        "title": facts.title,
        "mode": facts.mode,
        "state": lesson.state,
        "since_ms": state.since_ms,
        "started_at_ms": lesson.started_at_ms,
        "ended_at_ms": lesson.ended_at_ms,
        "reason": lesson.reason,
    }
    members = (
        f'"lesson":{_text(lesson_members)}',
        f'"recording":{_text(asdict(recording))}',
        f'"seats":[{",".join(map(_value_text, state.seats.values()))}]',
        f'"publications":[{",".join(map(_value_text, state.publications.values()))}]',
        f'"stage":{_text(state.floor.stage)}',
        f'"hands":{_text(state.floor.hands)}',
        f'"controls":{_text(state.controls.snapshot())}',
        f'"board":{_text(state.board.snapshot())}',
        f'"links":{_text(state.links.snapshot())}',
    )
    return "{" + ",".join(members) + "}"


@lru_cache(maxsize=8192)
def _value_text(value: Seat | OfferedMedia) -> str:
    return _text(asdict(value))


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=asdict)
