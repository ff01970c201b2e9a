from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from classroom_api.store import idempotency
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.idempotency import store_answer, stored_answer
from classroom_api.store.planning_schema import IdempotencyRow


def test_memory_of_one_caller_is_bounded(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "KEPT_OF_A_CALLER", 20)
    engine = engine_of(database_url)
    upgrade_schema(engine)
    with Session(engine) as session, session.begin():
        store_answer(session, "usr_b", "k", "f", "of another", 0)
        for number in range(50):
            store_answer(session, "usr_a", f"k{number}", "f", str(number), number)
            session.flush()
        kept = select(func.count()).where(IdempotencyRow.caller == "usr_a")
        assert session.execute(kept).scalar_one() <= 20
        assert stored_answer(session, "usr_a", "k49", "f", 50) == "49"
        assert stored_answer(session, "usr_a", "k0", "f", 50) is None
        assert stored_answer(session, "usr_b", "k", "f", 50) == "of another"
    engine.dispose()
