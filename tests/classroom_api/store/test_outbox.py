from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from classroom_api.outbox.events import Happening, Told
from classroom_api.outbox.schedule import GIVEN_UP_AFTER_MS, DeliveryState, Outcome
from classroom_api.store import outbox
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.outbox import Result, Stream
from classroom_api.store.outbox_schema import DeliveryRow, StreamRow, WebhookRow
from classroom_api.store.planning_schema import OrganizationRow
from streaming.errors import Refused

LEASED_MS = 1000


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = engine_of(database_url)
    upgrade_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


def webhook(
    session: Session, identifier: str, organization: str, *events: Happening, is_enabled: bool = True
) -> None:
    row = WebhookRow(
        id=identifier,
        organization_id=organization,
        url="https://school.example/",
        events=list(events),
        is_enabled=is_enabled,
        created_at_ms=0,
    )
    session.add(row)
    session.flush()


def organization(session: Session, identifier: str, path: str) -> None:
    row = OrganizationRow(
        id=identifier,
        kind="school",
        name=identifier,
        path=path,
        time_zone="Asia/Shanghai",
        created_at_ms=0,
    )
    session.add(row)
    session.flush()


def put(session: Session, destination: str, lesson: str, *payloads: str) -> None:
    outbox.enqueue(session, destination, [(lesson, "k", payload, 5) for payload in payloads])


def taken(streams: list[Stream]) -> dict[tuple[str, str], list[str]]:
    return {(each.destination, each.lesson_id): [row.payload for row in each.deliveries] for each in streams}


def claim(session: Session, now_ms: int = 0, lease: str = "me", limit: int = 10) -> list[Stream]:
    return outbox.claim(session, now_ms, lease, LEASED_MS, limit)


def end(session: Session, stream: Stream, *outcomes: Outcome, now_ms: int = 0) -> bool:
    results = [
        Result(row.sequence, outcome, "HTTP 500")
        for row, outcome in zip(stream.deliveries, outcomes, strict=False)
    ]
    return outbox.settle(session, stream, results, now_ms, 0.0)


def fail_while(session: Session, now_ms: int, first: str) -> tuple[int, int]:
    """Fail the stream's first delivery until it is another one; when that is, and the number of attempts."""
    tries = 0
    while (streams := claim(session, now_ms)) and streams[0].deliveries[0].payload == first:
        assert end(session, streams[0], Outcome.FAILED, now_ms=now_ms)
        waits = session.get_one(StreamRow, ("whk_a", "les_a"))
        now_ms, tries = max(waits.next_attempt_ms, now_ms + 1), tries + 1
    for stream in streams:
        assert end(session, stream, now_ms=now_ms)
    return now_ms, tries


def dead(session: Session) -> list[str]:
    return [row.payload for row in reversed(outbox.list_deliveries(session, "whk_a", "dead", None, 100))]


def test_each_webhook_above_hears_what_it_wants_to(session: Session) -> None:
    for identifier, path in (
        ("org_a", "/org_a/"),
        ("org_b", "/org_a/org_b/"),
        ("org_c", "/org_a/org_c/"),
    ):
        organization(session, identifier, path)
    both = (Happening.LESSON_STARTED, Happening.LESSON_ENDED)
    webhook(session, "whk_top", "org_a", *both)
    webhook(session, "whk_own", "org_b", Happening.LESSON_ENDED)
    webhook(session, "whk_other", "org_c", *both)
    webhook(session, "whk_off", "org_b", *both, is_enabled=False)
    outbox.tell(session, Told(Happening.LESSON_STARTED, 1, "les_a", "org_b"))
    outbox.tell(session, Told(Happening.LESSON_ENDED, 2, "les_a", "org_b"))
    outbox.tell(session, Told(Happening.LESSON_ENDED, 3, "les_b", None))
    rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.sequence)).all()
    assert [(row.destination, row.kind) for row in rows] == [
        ("whk_top", "lesson.started"),
        ("whk_own", "lesson.ended"),
        ("whk_top", "lesson.ended"),
    ]
    assert len({row.id for row in rows}) == 3


def test_a_stream_is_told_in_order_and_by_one_at_a_time(session: Session) -> None:
    put(session, "whk_a", "les_a", "1", "2", "3")
    [stream] = claim(session)
    assert [row.payload for row in stream.deliveries] == ["1", "2", "3"]
    put(session, "whk_a", "les_a", "4")
    assert claim(session, LEASED_MS - 1, "other") == []
    assert end(session, stream, Outcome.DELIVERED, Outcome.FAILED, now_ms=10)
    assert claim(session, 1009) == []
    [stream] = claim(session, 1010)
    assert [row.payload for row in stream.deliveries] == ["2", "3", "4"]
    assert stream.deliveries[0].attempts == 1
    assert end(session, stream, *[Outcome.DELIVERED] * 3, now_ms=1020)
    assert claim(session, 10**9) == []
    assert outbox.figures(session, 9) == outbox.Figures(0, 0, 0)


def test_a_failing_destination_holds_up_its_own_lesson_alone(session: Session) -> None:
    put(session, "whk_a", "les_a", "1")
    put(session, "whk_a", "les_b", "2")
    put(session, "whk_b", "les_a", "3")
    first = next(each for each in claim(session) if taken([each]) == {("whk_a", "les_a"): ["1"]})
    assert end(session, first, Outcome.FAILED)
    tried = select(DeliveryRow.payload).where(DeliveryRow.tried_since_ms.is_not(None))
    assert session.scalars(tried).all() == ["1"]
    assert taken(claim(session, LEASED_MS)) == {
        ("whk_a", "les_a"): ["1"],
        ("whk_a", "les_b"): ["2"],
        ("whk_b", "les_a"): ["3"],
    }


def test_a_rejected_delivery_is_dead_and_what_comes_behind_goes_on(session: Session) -> None:
    put(session, "lrs", "les_a", "1", "2")
    [stream] = claim(session)
    assert end(session, stream, Outcome.REJECTED, Outcome.DELIVERED)
    states = session.scalars(select(DeliveryRow.state).order_by(DeliveryRow.sequence)).all()
    assert states == [DeliveryState.DEAD, DeliveryState.DELIVERED]
    assert outbox.figures(session, 0).dead == 1


def test_after_a_day_a_delivery_is_dead_until_somebody_asks_for_it(session: Session) -> None:
    put(session, "whk_a", "les_a", "1")
    now_ms, tries = fail_while(session, 0, "1")
    assert GIVEN_UP_AFTER_MS - 3_600_000 < now_ms <= GIVEN_UP_AFTER_MS
    put(session, "whk_a", "les_a", "2")
    [stream] = claim(session, now_ms)
    assert end(session, stream, Outcome.FAILED, now_ms=now_ms)
    [row] = outbox.list_deliveries(session, "whk_a", "dead", None, 10)
    assert (row.payload, row.attempts, row.last_answer) == ("1", tries, "HTTP 500")
    outbox.retry(session, row)
    [stream] = claim(session, now_ms)
    assert [row.payload for row in stream.deliveries] == ["1", "2"]
    assert end(session, stream, Outcome.DELIVERED, now_ms=now_ms)
    with pytest.raises(Refused, match="delivered"):
        outbox.retry(session, outbox.find_delivery(session, "whk_a", row.id))


def test_what_waits_behind_a_dead_destination_has_the_same_day(session: Session) -> None:
    put(session, "whk_a", "les_a", *[str(number) for number in range(60)])
    [stream] = claim(session)
    assert end(session, stream, Outcome.FAILED)
    put(session, "whk_a", "les_a", "late")
    now_ms, _ = fail_while(session, 1000, "0")
    assert now_ms <= GIVEN_UP_AFTER_MS
    assert dead(session) == [str(number) for number in range(60)]
    last = session.scalars(select(DeliveryRow).where(DeliveryRow.payload == "59")).one()
    assert (last.attempts, last.last_answer, last.finished_at_ms is not None) == (0, "HTTP 500", True)
    now_ms, _ = fail_while(session, now_ms, "late")
    assert now_ms <= 1000 + GIVEN_UP_AFTER_MS
    assert dead(session)[60:] == ["late"]


def test_one_that_is_tried_anew_gives_those_behind_it_no_other_day(session: Session) -> None:
    put(session, "whk_a", "les_a", "1", "2")
    [stream] = claim(session)
    assert end(session, stream, Outcome.FAILED)
    outbox.retry(session, stream.deliveries[0])
    now_ms = GIVEN_UP_AFTER_MS + 1
    [stream] = claim(session, now_ms)
    assert end(session, stream, Outcome.FAILED, now_ms=now_ms)
    assert dead(session) == ["2"]


def test_what_waits_for_a_destination_that_is_not_set_any_longer_is_given_up(session: Session) -> None:
    put(session, "lrs", "les_a", "1")
    put(session, "whk_a", "les_a", "2")
    outbox.give_up(session, "lrs", 7)
    [row] = outbox.list_deliveries(session, "lrs", None, None, 10)
    assert (row.state, row.finished_at_ms, row.last_answer) == (DeliveryState.DEAD, 7, "not set")
    assert taken(claim(session)) == {("whk_a", "les_a"): ["2"]}
    assert outbox.purge(session, 8 + outbox.KEPT_DEAD_MS) == 1
    assert [stream.destination for stream in session.scalars(select(StreamRow))] == ["whk_a"]


def test_however_many_webhooks_lie_above_each_hears(session: Session) -> None:
    path = "/"
    for depth in range(3):
        path += f"org_{depth}/"
        organization(session, f"org_{depth}", path)
        for number in range(20):
            webhook(session, f"whk_{depth}_{number}", f"org_{depth}", Happening.LESSON_ENDED)
    outbox.tell(session, Told(Happening.LESSON_ENDED, 1, "les_a", "org_2"))
    assert outbox.figures(session, 1).pending == 60


def test_a_dead_courier_s_streams_are_told_again_by_another(session: Session) -> None:
    put(session, "whk_a", "les_a", "1")
    [lost] = claim(session, 0, "dead")
    assert claim(session, LEASED_MS - 1, "alive") == []
    [stream] = claim(session, LEASED_MS, "alive")
    assert stream.deliveries[0].id == lost.deliveries[0].id
    assert not end(session, lost, Outcome.DELIVERED, now_ms=LEASED_MS)
    assert end(session, stream, Outcome.DELIVERED, now_ms=LEASED_MS)


def test_two_servers_never_claim_the_same_stream(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        for number in range(40):
            put(session, "whk_a", f"les_{number}", "1")
    claimed: list[list[str]] = [[], []]
    barrier = threading.Barrier(2)

    def work(who: int) -> None:
        barrier.wait()
        while True:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                streams = claim(session, 0, str(who), 3)
            if not streams:
                return
            claimed[who] += [stream.lesson_id for stream in streams]

    threads = [threading.Thread(target=work, args=(who,)) for who in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(claimed[0] + claimed[1]) == sorted(f"les_{number}" for number in range(40))


def test_writers_and_tellers_at_the_same_time_lose_nothing(engine: Engine) -> None:
    """The moment in which a stream runs empty while another transaction puts something in."""
    total, told = 60, []

    def write() -> None:
        for number in range(total):
            with Session(engine) as session, session.begin():
                put(session, "whk_a", "les_a", str(number))

    writer = threading.Thread(target=write)
    writer.start()
    is_last = False
    while True:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            streams = claim(session)
        for stream in streams:
            with Session(engine) as session, session.begin():
                assert end(session, stream, *[Outcome.DELIVERED] * len(stream.deliveries))
            told += [int(row.payload) for row in stream.deliveries]
        if is_last and not streams:
            break
        is_last = not writer.is_alive()
    assert told == list(range(total))


def test_what_is_done_is_forgotten_after_its_time(session: Session) -> None:
    put(session, "whk_a", "les_a", "1", "2")
    [stream] = claim(session)
    assert end(session, stream, Outcome.DELIVERED, Outcome.REJECTED)
    assert outbox.purge(session, outbox.KEPT_DELIVERED_MS) == 0
    assert outbox.purge(session, outbox.KEPT_DELIVERED_MS + 1) == 1
    assert outbox.purge(session, outbox.KEPT_DEAD_MS + 1) == 1
    assert claim(session, 10**12) == []
    assert outbox.purge(session, outbox.KEPT_DEAD_MS + 1) == 0
    assert session.scalars(select(StreamRow)).all() == []


def test_a_deleted_destination_leaves_nothing(session: Session) -> None:
    put(session, "whk_a", "les_a", "1")
    put(session, "whk_b", "les_a", "2")
    outbox.forget_destination(session, "whk_a")
    assert taken(claim(session)) == {("whk_b", "les_a"): ["2"]}
    with pytest.raises(Refused):
        outbox.find_delivery(session, "whk_a", "dlv_x")
