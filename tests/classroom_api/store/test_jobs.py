from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.cursors import Position
from classroom_api.jobs.model import Job, JobState
from classroom_api.jobs.schedule import ATTEMPTS_LIMIT, Ending
from classroom_api.store import jobs
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.jobs import Hold, Query
from classroom_api.store.planning_schema import OrganizationRow
from classroom_api.store.resource_schema import JobRow
from streaming.errors import Refused
from tests.classroom_api.store.test_database import lesson_row

LEASED_MS = 1000


@dataclass
class Told:
    """A kind that writes down what it is told."""

    name: str = "k"
    told: list[tuple[str, str]] = field(default_factory=list)

    def command(self, session: Session, job: Job) -> Sequence[str]:
        return ["true"]

    def finished(self, session: Session, job: Job, result: Mapping[str, Any]) -> None:
        if "refuse" in result:
            raise Refused(str(result["refuse"]))
        self.told.append((job.key, "finished"))

    def failed(self, session: Session, job: Job, code: str) -> None:
        self.told.append((job.key, code))


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


@pytest.fixture
def kind() -> Told:
    return Told()


def put(session: Session, key: str, now_ms: int = 0, lesson: str | None = None) -> JobRow:
    return jobs.enqueue(session, "k", key, {"n": 1}, lesson, now_ms)


def claim(session: Session, now_ms: int = 0, limit: int = 1) -> list[Job]:
    return jobs.claim(session, ["k"], now_ms, LEASED_MS, limit=limit)


def lesson_in(session: Session, name: str) -> None:
    """A lesson in an organization of its own."""
    place = f"org_{name}"
    session.add(
        OrganizationRow(
            id=place, kind="school", name=name, path=f"/{place}/", time_zone="UTC", created_at_ms=0
        )
    )
    session.flush()
    session.add(
        lesson_row(f"les_{name}", title=name, state="review", recording_policy="stage", organization_id=place)
    )
    session.flush()


def row_of(session: Session, job: Job) -> JobRow:
    session.flush()
    return session.get_one(JobRow, job.id, populate_existing=True)


def test_a_job_asked_for_twice_is_one(session: Session, kind: Told) -> None:
    first = put(session, "a")
    assert put(session, "a", now_ms=99).id == first.id
    [job] = claim(session, limit=5)
    assert job.payload == {"n": 1}
    assert job.attempts == 1
    assert jobs.finish(session, job, {"made": 1}, 5, {"k": kind})
    assert put(session, "a").state == JobState.DONE
    assert claim(session, now_ms=10**12) == []
    assert kind.told == [("a", "finished")]
    done = row_of(session, job)
    assert (done.progress, done.result, done.finished_at_ms) == (1.0, {"made": 1}, 5)


def test_the_same_job_from_many_sides_at_once_is_one(engine: Engine) -> None:
    found: list[str] = []
    gate = threading.Barrier(4)

    def ask() -> None:
        gate.wait()
        with Session(engine) as session, session.begin():
            found.append(put(session, "a").id)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_of_many_workers_each_job_goes_to_one(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        for number in range(20):
            put(session, f"{number}")
    taken: list[str] = []
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        with Session(engine) as session:
            while True:
                with session.begin():
                    claimed = claim(session, limit=2)
                    total = session.query(JobRow).filter(JobRow.state == JobState.PENDING).count()
                taken.extend(job.key for job in claimed)
                if not claimed and total == 0:
                    return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(str(number) for number in range(20))


def test_a_kind_that_a_worker_does_not_know_waits_for_another(session: Session) -> None:
    put(session, "a")
    assert jobs.claim(session, ["other"], 0, LEASED_MS) == []


def test_a_lease_that_ended_is_somebody_else_s(session: Session, kind: Told) -> None:
    put(session, "a")
    [first] = claim(session)
    assert claim(session, now_ms=LEASED_MS - 1) == []
    assert jobs.renew(session, first, 500, LEASED_MS, 0.25, "picture") is Hold.HELD
    assert claim(session, now_ms=1499) == []
    [second] = claim(session, now_ms=1500)
    assert second.attempts == 1
    assert row_of(session, second).progress == 0.25
    assert jobs.renew(session, first, 1600, LEASED_MS, 0.9, "late") is Hold.LOST
    assert not jobs.finish(session, first, {}, 1600, {"k": kind})
    assert jobs.put_back(session, first, Ending.DIED, "late", 1600, 0.0, {"k": kind}) is None
    assert row_of(session, second).step == "picture"
    assert jobs.finish(session, second, {}, 1600, {"k": kind})
    assert kind.told == [("a", "finished")]


def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(session: Session, kind: Told) -> None:
    put(session, "a")
    an_hour_ms = 3_600_000
    (dead,) = claim(session, an_hour_ms)
    apart_ms = an_hour_ms - jobs.CLOCKS_APART_MS
    assert claim(session, apart_ms) == []  # a clock that is late
    (living,) = claim(session, 10)
    assert living.lease != dead.lease
    assert jobs.renew(session, dead, 20, LEASED_MS, None, "") is Hold.LOST
    assert jobs.finish(session, living, {}, 30, {"k": kind})


def test_what_fails_is_tried_again_later_and_given_up_in_the_end(session: Session, kind: Told) -> None:
    put(session, "a")
    now_ms = 0
    for _ in range(ATTEMPTS_LIMIT - 1):
        [job] = claim(session, now_ms)
        assert (
            jobs.put_back(session, job, Ending.DIED, "job_died", now_ms, 0.0, {"k": kind}) is JobState.PENDING
        )
        row = row_of(session, job)
        assert row.error == "job_died"
        assert claim(session, row.run_after_ms - 1) == []
        now_ms = row.run_after_ms
    [job] = claim(session, now_ms)
    assert jobs.put_back(session, job, Ending.DIED, "job_died", now_ms, 0.0, {"k": kind}) is JobState.FAILED
    assert kind.told == [("a", "job_died")]
    assert claim(session, now_ms=10**12) == []


def test_what_waits_and_what_is_stopped_has_all_its_attempts(session: Session, kind: Told) -> None:
    put(session, "a")
    for ending in (Ending.WAITS, Ending.STOPPED) * ATTEMPTS_LIMIT:
        [job] = claim(session, now_ms=10**9)
        assert job.attempts == 1
        assert jobs.put_back(session, job, ending, "storage", 0, 0.0, {"k": kind}) is JobState.PENDING
    assert kind.told == []


def test_what_is_refused_fails_at_once_and_can_be_tried_again(session: Session, kind: Told) -> None:
    row = put(session, "a")
    [job] = claim(session)
    assert jobs.put_back(session, job, Ending.REFUSED, "no_input", 7, 0.0, {"k": kind}) is JobState.FAILED
    assert (row.error, row.finished_at_ms) == ("no_input", 7)
    jobs.retry(session, row, 50)
    assert claim(session, 49) == []
    [again] = claim(session, 50)
    assert again.attempts == 1
    with pytest.raises(Refused, match="runs, or is done"):
        jobs.retry(session, row, 50)
    assert jobs.finish(session, again, {}, 60, {"k": kind})
    with pytest.raises(Refused, match="runs, or is done"):
        jobs.retry(session, row, 70)
    with pytest.raises(Refused, match="is over"):
        jobs.cancel(session, row, 70, {"k": kind})


def test_what_waits_is_cancelled_at_once_and_what_runs_when_its_worker_looks(
    session: Session, kind: Told
) -> None:
    waiting, running = put(session, "a", 5), put(session, "b")
    jobs.cancel(session, waiting, 6, {"k": kind})
    assert waiting.state == JobState.CANCELLED
    [job] = claim(session, 10)
    assert job.key == "b"
    jobs.cancel(session, running, 20, {"k": kind})
    assert running.state == JobState.RUNNING
    assert jobs.renew(session, job, 30, LEASED_MS, None, "") is Hold.CANCELLED
    # Also when it had died just then: a cancelled job is not tried again.
    assert jobs.put_back(session, job, Ending.DIED, "job_died", 40, 0.0, {"k": kind}) is JobState.CANCELLED
    assert kind.told == [("a", "cancelled"), ("b", "cancelled")]
    jobs.retry(session, waiting, 50)
    [again] = claim(session, 60)
    assert not again.is_cancelled


def test_a_lesson_s_jobs_are_halted_and_waited_for(session: Session, kind: Told) -> None:
    lesson_in(session, "a")
    lesson_in(session, "b")
    put(session, "runs", lesson="les_a")
    [job] = claim(session)
    waiting = jobs.enqueue(session, "k", "waits", {}, "les_a", 0, not_before_ms=9000)
    put(session, "other", 5000, lesson="les_b")
    assert jobs.halt(session, "les_a", 10, folders={"resources/res_a"})
    assert jobs.renew(session, job, 10, LEASED_MS, None, "") is Hold.HELD
    assert not jobs.halt(session, "les_a", 10)
    assert jobs.renew(session, job, 20, LEASED_MS, None, "") is Hold.CANCELLED
    assert not jobs.halt(session, "les_a", 30)
    jobs.put_back(session, job, Ending.CANCELLED, "", 40, 0.0, {"k": kind})
    assert jobs.halt(session, "les_a", 50)
    [left] = claim(session, 60)
    assert (left.id, left.is_cancelled) == (waiting.id, True)
    # Whose worker has died does nothing any more.
    assert jobs.halt(session, "les_a", 60 + LEASED_MS)
    assert jobs.halt(session, "les_b", 70)


def test_a_result_that_its_kind_does_not_take_is_not_kept(engine: Engine, kind: Told) -> None:
    with Session(engine) as session, session.begin():
        put(session, "a")
    with Session(engine) as session, session.begin():
        [job] = claim(session)
    with pytest.raises(Refused), Session(engine) as session, session.begin():
        jobs.finish(session, job, {"refuse": "not_mine"}, 5, {"k": kind})
    with Session(engine) as session, session.begin():
        assert jobs.renew(session, job, 5, LEASED_MS, None, "") is Hold.HELD


def test_jobs_are_listed_within_a_scope_the_newest_first(session: Session) -> None:
    for name in ("a", "b"):
        lesson_in(session, name)
    rows = [put(session, f"{n}", now_ms=n, lesson=("les_a", "les_b", None)[n % 3]) for n in range(9)]

    def listed(query: Query, limit: int = 100) -> list[str]:
        return [row.key for row in jobs.list_jobs(session, query, limit)]

    assert listed(Query()) == [str(n) for n in reversed(range(9))]
    assert listed(Query(), 2) == ["8", "7"]
    assert listed(Query(after=Position(7, rows[7].id)), 2) == ["6", "5"]
    assert listed(Query(lesson="les_b")) == ["7", "4", "1"]
    only = Scope(("/org_a/",))
    assert listed(Query(scope=only)) == ["6", "3", "0"]
    assert jobs.find_job(session, rows[3].id, only).key == "3"
    for hidden in (rows[4].id, rows[2].id, "job_x"):
        with pytest.raises(Refused, match="no such job"):
            jobs.find_job(session, hidden, only)
    claim(session, now_ms=1)
    assert listed(Query(state=JobState.RUNNING)) == ["0"]


def test_figures_count_by_kind_and_state_and_what_is_over_is_forgotten(session: Session, kind: Told) -> None:
    for number in range(3):
        put(session, f"{number}", now_ms=number)
    [job] = claim(session)
    jobs.finish(session, job, {}, 10, {"k": kind})
    session.flush()
    found = jobs.figures(session, 101)
    assert found.counts == {("k", "pending"): 2, ("k", "done"): 1}
    assert found.oldest_age_ms == 100
    assert jobs.purge(session, 10 + jobs.KEPT_MS) == 0
    assert jobs.purge(session, 11 + jobs.KEPT_MS) == 1
    session.expire_all()
    assert jobs.figures(session, 0).counts == {("k", "pending"): 2}
