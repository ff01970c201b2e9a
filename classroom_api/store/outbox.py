"""The outbox: what is to be told is written in the transaction in which it happens, and read by who tells it.

A stream is one lesson at one destination. Its deliveries go out in the order of their numbers, and one that
fails holds up its own stream alone. Whoever claims a stream has it until its lease ends; on PostgreSQL other
servers pass over the rows that are being claimed.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, exists, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from classroom_api.outbox.events import Told, serialize_told
from classroom_api.outbox.schedule import GIVEN_UP_AFTER_MS, DeliveryState, Outcome, judge
from classroom_api.store.outbox_schema import DeliveryRow, StreamRow, WebhookRow
from classroom_api.store.planning_schema import OrganizationRow
from streaming.errors import Refused
from streaming.identifiers import RANDOM_BYTES, format_identifier

LRS = "lrs"
"""The destination of xAPI statements; all others are ids of webhooks."""
CLAIMED_AT_ONCE = 50
KEPT_DELIVERED_MS = 7 * 86_400_000
KEPT_DEAD_MS = 30 * 86_400_000
_PURGED_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Stream:
    """A claimed stream and the first of its pending deliveries, in order."""

    destination: str
    lesson_id: str
    lease: str
    deliveries: tuple[DeliveryRow, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """How the attempt at one delivery ended. `answer`: a status or the name of an error, for who looks."""

    sequence: int
    outcome: Outcome
    answer: str
    wanted_ms: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """For `/metrics`."""

    pending: int = 0
    dead: int = 0
    oldest_age_ms: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)


def new_delivery_id() -> str:
    return format_identifier("dlv", secrets.token_bytes(RANDOM_BYTES))


def has_webhooks(session: Session) -> bool:
    """Whether anybody wants to hear anything: lets a server without webhooks write nothing at all."""
    return bool(session.scalar(select(exists().where(WebhookRow.is_enabled))))


def tell(session: Session, told: Told) -> None:
    """Part of a transaction: a delivery for each webhook that wants it."""
    tell_all(session, [told])


def tell_all(session: Session, several: Sequence[Told]) -> None:
    """Those of one organization, as `tell`."""
    if not several or not has_webhooks(session):
        return
    webhooks = _webhooks_above(session, several[0].organization_id)
    for webhook in webhooks:
        wanted = [told for told in several if told.kind in webhook.events]
        bodies = [(told.lesson_id, told.kind.value, serialize_told(told), told.at_ms) for told in wanted]
        enqueue(session, webhook.id, bodies)


def _webhooks_above(session: Session, organization: str | None) -> Sequence[WebhookRow]:
    """Those of an organization and of all it lies in."""
    if organization is None:
        return []
    path = select(OrganizationRow.path).where(OrganizationRow.id == organization).scalar_subquery()
    query = select(WebhookRow).join(OrganizationRow, OrganizationRow.id == WebhookRow.organization_id)
    # The one wildcard in a path is the `_` of its ids, and it stands where that path has it too.
    above = path.like(OrganizationRow.path + literal("%"))
    query = query.where(WebhookRow.is_enabled, above).order_by(WebhookRow.id)
    return session.scalars(query).all()


def enqueue(session: Session, destination: str, bodies: Sequence[tuple[str, str, str, int]]) -> list[str]:
    """Deliveries from (lesson, kind, payload, time); their ids."""
    if not bodies:
        return []
    rows = [
        {
            "id": new_delivery_id(),
            "destination": destination,
            "lesson_id": lesson,
            "kind": kind,
            "payload": payload,
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "created_at_ms": at_ms,
            "last_answer": "",
        }
        for lesson, kind, payload, at_ms in bodies
    ]
    session.execute(insert(DeliveryRow), rows)
    for lesson in sorted({lesson for lesson, _, _, _ in bodies}):
        _awake(session, destination, lesson)
    return [str(row["id"]) for row in rows]


def _awake(session: Session, destination: str, lesson: str) -> None:
    """Say that a stream has something; when it may be tried stays as it is. Safe beside other writers."""
    values = {
        "destination": destination,
        "lesson_id": lesson,
        "is_waiting": True,
        "next_attempt_ms": 0,
        "lease": "",
        "leased_until_ms": 0,
    }
    keys, change = [StreamRow.destination, StreamRow.lesson_id], {"is_waiting": True}
    if session.connection().dialect.name == "postgresql":
        many = postgresql.insert(StreamRow).values(values)
        session.execute(many.on_conflict_do_update(index_elements=keys, set_=change))
    else:
        one = sqlite.insert(StreamRow).values(values)
        session.execute(one.on_conflict_do_update(index_elements=keys, set_=change))


def claim(
    session: Session, now_ms: int, lease: str, leased_ms: int, limit: int, busy: Collection[str] = ()
) -> list[Stream]:
    """At most `limit` streams whose turn it is, for `leased_ms`; none of the destinations in `busy`."""
    query = select(StreamRow).where(
        StreamRow.is_waiting,
        StreamRow.next_attempt_ms <= now_ms,
        StreamRow.leased_until_ms <= now_ms,
        StreamRow.destination.not_in(busy),
    )
    query = query.order_by(StreamRow.next_attempt_ms).limit(limit).with_for_update(skip_locked=True)
    claimed = []
    for stream in session.scalars(query).all():
        deliveries = _first_pending(session, stream.destination, stream.lesson_id)
        if not deliveries:
            stream.is_waiting = False
            continue
        stream.lease, stream.leased_until_ms = lease, now_ms + leased_ms
        claimed.append(Stream(stream.destination, stream.lesson_id, lease, tuple(deliveries)))
    return claimed


def _first_pending(session: Session, destination: str, lesson: str) -> Sequence[DeliveryRow]:
    query = select(DeliveryRow).where(
        DeliveryRow.destination == destination,
        DeliveryRow.lesson_id == lesson,
        DeliveryRow.state == DeliveryState.PENDING,
    )
    return session.scalars(query.order_by(DeliveryRow.sequence).limit(CLAIMED_AT_ONCE)).all()


def settle(session: Session, stream: Stream, results: Sequence[Result], now_ms: int, chance: float) -> bool:
    """Write down what became of a claimed stream and give it back. False: the lease was lost, so that
    somebody else tells it again, and nothing is written.
    """
    row = session.get(StreamRow, (stream.destination, stream.lesson_id), with_for_update=True)
    if row is None or row.lease != stream.lease:
        return False
    row.lease, row.leased_until_ms, row.next_attempt_ms = "", 0, now_ms
    failure: str | None = None
    over_since_ms = now_ms - GIVEN_UP_AFTER_MS
    by_sequence = {result.sequence: result for result in results}
    numbers = DeliveryRow.sequence.in_(by_sequence)
    pending = select(DeliveryRow).where(numbers, DeliveryRow.state == DeliveryState.PENDING)
    for delivery in session.scalars(pending):
        result = by_sequence[delivery.sequence]
        delivery.attempts += 1
        since_ms = now_ms if delivery.tried_since_ms is None else delivery.tried_since_ms
        delivery.tried_since_ms = since_ms
        delivery.last_answer = result.answer[:80]
        verdict = judge(result.outcome, delivery.attempts, since_ms, now_ms, chance, result.wanted_ms)
        delivery.state = verdict.state
        if verdict.retry_at_ms is None:
            delivery.finished_at_ms = now_ms
        else:
            row.next_attempt_ms = max(row.next_attempt_ms, verdict.retry_at_ms)
        if result.outcome is Outcome.FAILED:
            failure = delivery.last_answer
            if verdict.state is DeliveryState.DEAD:
                over_since_ms = max(over_since_ms, since_ms)
    if failure is not None:
        _age(session, stream, now_ms, over_since_ms, failure)
    return True


def _age(session: Session, stream: Stream, now_ms: int, over_since_ms: int, answer: str) -> None:
    """What waits behind a failed delivery has its day from now on, too; of those who have it since
    `over_since_ms` or longer it is over. Otherwise each would have a day of its own, one after the other.
    """
    waiting = (
        DeliveryRow.destination == stream.destination,
        DeliveryRow.lesson_id == stream.lesson_id,
        DeliveryRow.state == DeliveryState.PENDING,
    )
    is_over = DeliveryRow.tried_since_ms <= over_since_ms
    dead = {"state": DeliveryState.DEAD, "finished_at_ms": now_ms, "last_answer": answer}
    session.execute(update(DeliveryRow).where(*waiting, is_over).values(dead))
    begun = update(DeliveryRow).where(*waiting, DeliveryRow.tried_since_ms.is_(None))
    session.execute(begun.values(tried_since_ms=now_ms))


def find_delivery(session: Session, destination: str, delivery: str) -> DeliveryRow:
    """Refused: record_unknown."""
    query = select(DeliveryRow).where(DeliveryRow.id == delivery, DeliveryRow.destination == destination)
    row = session.scalar(query)
    if row is None:
        raise Refused("record_unknown", "This webhook has no such delivery, or no longer.")
    return row


def list_deliveries(
    session: Session, destination: str, state: str | None, before: int | None, limit: int
) -> Sequence[DeliveryRow]:
    """The newest first."""
    query = select(DeliveryRow).where(DeliveryRow.destination == destination)
    if state is not None:
        query = query.where(DeliveryRow.state == state)
    if before is not None:
        query = query.where(DeliveryRow.sequence < before)
    return session.scalars(query.order_by(DeliveryRow.sequence.desc()).limit(limit)).all()


def retry(session: Session, row: DeliveryRow) -> None:
    """Once more from the beginning, at once: of one that is dead, or that waits for its next attempt."""
    if row.state == DeliveryState.DELIVERED:
        raise Refused("delivery_state_conflict", "It was delivered.")
    row.state, row.attempts, row.tried_since_ms, row.finished_at_ms = DeliveryState.PENDING, 0, None, None
    session.flush()
    _awake(session, row.destination, row.lesson_id)
    stream = (StreamRow.destination == row.destination, StreamRow.lesson_id == row.lesson_id)
    session.execute(update(StreamRow).where(*stream).values(next_attempt_ms=0))


def forget_destination(session: Session, destination: str) -> None:
    """A webhook that is deleted is told nothing more."""
    session.execute(delete(DeliveryRow).where(DeliveryRow.destination == destination))
    session.execute(delete(StreamRow).where(StreamRow.destination == destination))


def give_up(session: Session, destination: str, now_ms: int) -> None:
    """Nobody is there any longer to take what waits for a destination."""
    waiting = (DeliveryRow.destination == destination, DeliveryRow.state == DeliveryState.PENDING)
    dead = {"state": DeliveryState.DEAD, "finished_at_ms": now_ms, "last_answer": "not set"}
    session.execute(update(DeliveryRow).where(*waiting).values(dead))
    session.execute(update(StreamRow).where(StreamRow.destination == destination).values(is_waiting=False))


def purge(session: Session, now_ms: int) -> int:
    """Forget what was delivered a week ago or given up a month ago; how many that were."""
    total = 0
    for state, kept_ms in (
        (DeliveryState.DELIVERED, KEPT_DELIVERED_MS),
        (DeliveryState.DEAD, KEPT_DEAD_MS),
    ):
        old = select(DeliveryRow.sequence).where(
            DeliveryRow.state == state, DeliveryRow.finished_at_ms < now_ms - kept_ms
        )
        numbers = session.scalars(old.limit(_PURGED_AT_ONCE)).all()
        session.execute(delete(DeliveryRow).where(DeliveryRow.sequence.in_(numbers)))
        total += len(numbers)
    mine = (DeliveryRow.destination == StreamRow.destination, DeliveryRow.lesson_id == StreamRow.lesson_id)
    is_empty = ~exists().where(*mine)
    session.execute(delete(StreamRow).where(StreamRow.is_waiting.is_(False), is_empty))
    return total


def figures(session: Session, now_ms: int) -> Figures:
    """How much waits, how much was given up, since when the oldest waits."""
    waiting = DeliveryRow.state == DeliveryState.PENDING
    pending = session.scalar(select(func.count()).where(waiting)) or 0
    oldest_ms: int | None = session.scalar(select(func.min(DeliveryRow.created_at_ms)).where(waiting))
    dead = session.scalar(select(func.count()).where(DeliveryRow.state == DeliveryState.DEAD)) or 0
    return Figures(pending, dead, 0 if oldest_ms is None else max(now_ms - oldest_ms, 0))
