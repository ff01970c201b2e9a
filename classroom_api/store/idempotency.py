"""Idempotency keys: a POST that comes twice is carried out once, and answered twice alike.

The answer is stored in the transaction that does the work, so that a crash leaves both or neither. Answers
are kept for a day, at most 10,000 of one caller; the oldest go first.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from classroom_api.store.planning_schema import IdempotencyRow
from streaming.errors import Refused

KEPT_MS = 86_400_000
KEPT_OF_A_CALLER = 10_000
MAXIMUM_KEY_CHARACTERS = 64


def stored_answer(session: Session, caller: str, key: str, fingerprint: str, now_ms: int) -> str | None:
    """What was answered to this key before. Refused: idempotency_key_reused (for another request)."""
    row = session.get(IdempotencyRow, (caller, key))
    if row is None:
        return None
    if row.created_at_ms <= now_ms - KEPT_MS:
        session.delete(row)
        session.flush()
        return None
    if row.fingerprint != fingerprint:
        raise Refused("idempotency_key_reused", "This Idempotency-Key was used for another request.")
    return row.answer


def store_answer(session: Session, caller: str, key: str, fingerprint: str, answer: str, now_ms: int) -> None:
    """Keep `answer`; forget what is too old or too much."""
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at_ms <= now_ms - KEPT_MS))
    own = select(func.count()).where(IdempotencyRow.caller == caller).scalar_subquery()
    if session.execute(select(own)).scalar_one() >= KEPT_OF_A_CALLER:
        oldest = (
            select(IdempotencyRow.key)
            .where(IdempotencyRow.caller == caller)
            .order_by(IdempotencyRow.created_at_ms)
            .limit(KEPT_OF_A_CALLER // 10)
        )
        session.execute(
            delete(IdempotencyRow).where(IdempotencyRow.caller == caller, IdempotencyRow.key.in_(oldest))
        )
    session.add(
        IdempotencyRow(caller=caller, key=key, fingerprint=fingerprint, answer=answer, created_at_ms=now_ms)
    )
