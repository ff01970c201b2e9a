#!/usr/bin/env python3
"""Measures the search of replays in a catalogue of many lessons, on SQLite and on PostgreSQL.

    python -m scripts.search_catalogue [--lessons 50000] [--databases sqlite postgresql]

A lesson has a title, six chapters, twenty slides of 30 characters and 200 captions of 12: words of one to
four characters, drawn so that a few are in nearly every lesson and most in a handful. Printed for each kind
of query are median and 95th percentile of a page of twenty lessons over a hundred different ones, each asked
once: by the clock, and of processors (ours and PostgreSQL's), which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text, true
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.replay_search import PassageKind, terms_of_text
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.planning_schema import CourseRow, OrganizationRow, UnitRow, UserRow
from classroom_api.store.replay_index import (
    Filters,
    Wanted,
    find_replays,
    resources_to_watch,
    visible_documents,
)
from classroom_api.store.resource_schema import ReplayDocumentRow
from classroom_api.store.schema import LessonRow, ResourceRow
from tests.classroom_api.databases import postgresql_cluster

DISTINCT = 2_000
SCHOOLS = 200
TEACHERS = 400
UNITS = 40
BATCH = 500
HOUR_MS = 3_600_000
ROUNDS = 100
PLANNED = ("organization_id", "course_id", "unit_id", "started_at_ms")
COPIED = ("passages", "text", "terms")
SUBJECTS = ("数学", "语文", "英语", "科学", "音乐")


def vocabulary(source: random.Random) -> list[str]:
    """8,000 words of Chinese and 2,000 of Latin letters, the most frequent first."""
    chinese = [
        "".join(chr(0x4E00 + source.randrange(3500)) for _ in range(source.choice((1, 2, 2, 3, 4))))
        for _ in range(8000)
    ]
    latin = ["".join(source.choice("etaoinshrdlu") for _ in range(source.randint(2, 9))) for _ in range(2000)]
    words = chinese + latin
    source.shuffle(words)
    return words


class Writer:
    """Makes up texts by Zipf's law."""

    def __init__(self, source: random.Random) -> None:
        self.source = source
        self.words = vocabulary(source)
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))

    def phrase(self, characters: int) -> str:
        drawn = self.source.choices(self.words, cum_weights=self._weights, k=characters)
        return " ".join(drawn)[:characters] if self.source.random() < 0.1 else "".join(drawn)[:characters]

    def passages(self) -> list[list[Any]]:
        at = self.source.sample(range(2_700_000), 226)
        kinds = [(PassageKind.CHAPTER, 8, 6), (PassageKind.SLIDE, 30, 20), (PassageKind.CAPTION, 12, 200)]
        made: list[list[Any]] = [[PassageKind.TITLE, self.phrase(10)]]
        for kind, characters, count in kinds:
            made += [[kind, at.pop(), self.phrase(characters)] for _ in range(count)]
        return made


def fill(session: Session, writer: Writer, lessons: int) -> None:
    """Lessons of 200 schools in two regions, five courses and 400 teachers; their texts are 2,000, each in
    many."""
    made = {"created_at_ms": 0, "version": 1}
    paths = {f"reg_{n}": f"/reg_{n}/" for n in range(2)}
    paths |= {f"org_{n}": f"/reg_{n % 2}/org_{n}/" for n in range(SCHOOLS)}
    session.execute(
        insert(OrganizationRow),
        [
            made | {"id": name, "kind": "school", "name": "", "path": path, "time_zone": "UTC"}
            for name, path in paths.items()
        ],
    )
    of_school = made | {"organization_id": "org_0"}
    users = [{"id": f"usr_{n}", "login": f"{n}", "name": "", "language": ""} for n in range(TEACHERS)]
    session.execute(insert(UserRow), [of_school | {"is_disabled": False} | user for user in users])
    about = {"title": "", "edition": "人教版"}
    courses = [{"id": f"crs_{n}", "subject": each, "grade": n + 1} for n, each in enumerate(SUBJECTS)]
    session.execute(insert(CourseRow), [of_school | about | course for course in courses])
    units = [{"id": f"unit_{n}", "course_id": f"crs_{n % 5}", "node": f"3.{n}"} for n in range(UNITS)]
    session.execute(insert(UnitRow), [of_school | {"title": ""} | unit for unit in units])
    for start in range(0, lessons, BATCH):
        numbers = range(start, min(lessons, start + BATCH))
        session.execute(insert(LessonRow), [_lesson(n) for n in numbers])
        session.execute(insert(ResourceRow), [_resource(n) for n in numbers])
    session.commit()
    _fill_documents(session, writer, lessons)


def _fill_documents(session: Session, writer: Writer, lessons: int) -> None:
    """Copied in the database: its own reading of a text takes longer than keeping it. PostgreSQL makes its
    index at the end, all at once."""
    made_up = Table(
        "made_up",
        MetaData(),
        Column("number", Integer, primary_key=True),
        *(Column(name, ReplayDocumentRow.__table__.c[name].type) for name in COPIED),
        prefixes=["TEMPORARY"],
    )
    made_up.create(session.connection())
    for number in range(min(DISTINCT, lessons)):
        passages = writer.passages()
        words = [each[-1] for each in passages]
        terms = " ".join(sorted(terms_of_text(words)))
        said = {"passages": [each[:-1] for each in passages], "text": "\n".join(words), "terms": terms}
        session.execute(insert(made_up).values(number=number, **said))
    index = None
    if session.get_bind().dialect.name == "postgresql":
        index = session.scalar(text("SELECT pg_get_indexdef('replay_terms'::regclass)"))
        session.execute(text("DROP INDEX replay_terms"))
    of_lesson = (LessonRow.id, *(getattr(LessonRow, name) for name in PLANNED))
    copied = select(*of_lesson, *(made_up.c[name] for name in COPIED)).join(
        made_up, made_up.c.number == LessonRow.created_at_ms % DISTINCT
    )
    copied = copied.order_by(LessonRow.created_at_ms)
    session.execute(insert(ReplayDocumentRow).from_select(["lesson_id", *PLANNED, *COPIED], copied))
    if index is not None:
        session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        session.execute(text(index))
    made_up.drop(session.connection())
    session.commit()


def _lesson(number: int) -> dict[str, Any]:
    drawn = (number * 2_654_435_761 % 2**32) >> 10
    return {
        "id": f"les_{number}",
        "title": f"第{number}课",
        "mode": "interactive",
        "state": "published",
        "recording_policy": "off",
        "auto_publish": True,
        "created_at_ms": number,
        "started_at_ms": number * HOUR_MS,
        "organization_id": f"org_{drawn % SCHOOLS}",
        "master_id": f"usr_{drawn % TEACHERS}",
        "unit_id": f"unit_{drawn // TEACHERS % UNITS}",
        "course_id": f"crs_{drawn // TEACHERS % UNITS % len(SUBJECTS)}",
        "version": 1,
    }


def _resource(number: int) -> dict[str, Any]:
    return {
        "id": f"res_{number}",
        "lesson_id": f"les_{number}",
        "kind": "teacher",
        "state": "ready",
        "duration_ms": 2_700_000,
        "created_at_ms": 0,
    }


def queries(writer: Writer, lessons: int) -> dict[str, list[Wanted]]:
    """Each kind of query, some of each."""
    source, words = writer.source, [word for word in writer.words if len(word) > 1]
    chinese = [word for word in words if not word.isascii()]
    characters = [word[0] for word in chinese]
    schools = [visible_documents(Scope((f"/reg_{n % 2}/org_{n}/",))) for n in range(SCHOOLS)]
    teachers = [visible_documents(Scope(own=f"usr_{n}")) for n in range(TEACHERS)]
    region = visible_documents(Scope(("/reg_1/",)))
    older, late = lessons // 20, lessons // 20 * HOUR_MS
    texts: dict[str, Callable[[], str]] = {
        "all lessons": lambda: "",
        "a frequent word": lambda: source.choice(words[:60]),
        "a less frequent word": lambda: source.choice(words[60:1000]),
        "a rare word": lambda: source.choice(words[3000:]),
        "two characters": lambda: source.choice([word for word in chinese if len(word) == 2]),
        "four characters": lambda: source.choice([word for word in chinese if len(word) == 4]),
        "a frequent character": lambda: source.choice(characters[:60]),
        "one character": lambda: source.choice(characters[60:]),
        "two characters with a space": lambda: " ".join(source.sample(characters, 2)),
        "a phrase": lambda: writer.phrase(6),
        "a frequent and a rare word": lambda: f"{source.choice(words[:60])} {source.choice(words[3000:])}",
        "two frequent words": lambda: " ".join(source.sample(words[:60], 2)),
        "two rare words": lambda: " ".join(source.sample(words[3000:], 2)),
        "a word of English": lambda: source.choice([word for word in words if word.isascii()]),
        "the beginning of one": lambda: source.choice([word for word in words if word.isascii()])[:2],
        "one letter": lambda: source.choice("etaoinshrdlu"),
        "what stands nowhere": lambda: chr(source.randrange(0x8000, 0x9000)) * 4,
    }
    limits: dict[str, Callable[[], dict[str, Any]]] = {
        "": dict,
        "of a late page": lambda: {"before": source.randrange(older, 2 * older)},
        "of one subject": lambda: {"filters": Filters(source.choice(SUBJECTS))},
        "of a subject that nobody teaches": lambda: {"filters": Filters("天文")},
        "of grade and edition": lambda: {"filters": Filters(grade="3", edition="人教版")},
        "of one syllabus node": lambda: {"filters": Filters(syllabus_node=f"3.{source.randrange(UNITS)}")},
        "of an early period": lambda: {"filters": Filters(from_ms=late, to_ms=2 * late)},
        "in one school": lambda: {"is_visible": source.choice(schools)},
        "in one region": lambda: {"is_visible": region},
        "of one's own lessons": lambda: {"is_visible": source.choice(teachers)},
    }
    limited = ("all lessons", "a frequent word", "a rare word", "a frequent character")

    def some(draw: Callable[[], str], limit: Callable[[], dict[str, Any]]) -> list[Wanted]:
        return [Wanted(**{"text": draw(), "is_visible": true()} | limit()) for _ in range(ROUNDS)]

    return {
        f"{name} {which}".strip(): some(draw, limit)
        for name, draw in texts.items()
        for which, limit in limits.items()
        if not which or name in limited
    }


@dataclass(frozen=True, slots=True)
class Spent:
    """Of one page, in ms: by the clock, and of processors, ours and the database's."""

    clock: float
    processor: float
    found: int


def measure(session: Session, wanted: Wanted, server: Path | None) -> Spent:
    """`server`: what Linux knows of the process of PostgreSQL that answers."""

    def of_server_ns() -> int:
        return int(server.read_text().split()[0]) if server is not None else 0

    began = time.perf_counter_ns(), time.thread_time_ns() + of_server_ns()
    found, _ = find_replays(session, wanted)
    resources_to_watch(session, [each.lesson.id for each in found])
    session.rollback()
    ended = time.perf_counter_ns(), time.thread_time_ns() + of_server_ns()
    clock, processor = ((end - begin) / 1e6 for begin, end in zip(began, ended, strict=True))
    return Spent(clock, processor, len(found))


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'catalogue.db'}"
        return
    with postgresql_cluster() as cluster:
        yield cluster.new_database()


def report(kind: str, lessons: int, folder: Path) -> None:
    writer = Writer(random.Random(7))  # noqa: S311 - the same catalogue each time
    with database(kind, folder) as url:
        engine = engine_of(url)
        upgrade_schema(engine)
        began = time.perf_counter()
        with Session(engine) as session:
            if not session.scalar(select(ReplayDocumentRow.number).limit(1)):
                fill(session, writer, lessons)
            session.execute(text("ANALYZE"))
            session.commit()
        filled_s = time.perf_counter() - began
        print(f"{kind}: {lessons} lessons, filled in {filled_s:.0f} s, load {os.getloadavg()[0]:.1f}")
        with Session(engine) as session:
            print_times(session, kind, queries(writer, lessons))
        engine.dispose()


def print_times(session: Session, kind: str, asked: dict[str, list[Wanted]]) -> None:
    server = None
    if kind == "postgresql":
        server = Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}/schedstat")
    session.rollback()
    gc.collect()
    gc.freeze()  # or each collection looks through all that is going to be asked
    print(f"  {'p50 and p95 in ms, by the clock and of processors':52}  found")
    worst: dict[str, float] = {}
    for name, some in asked.items():
        spent = [measure(session, wanted, server) for wanted in some]
        clock = percentiles([each.clock for each in spent])
        processor = percentiles([each.processor for each in spent])
        found = statistics.mean(each.found for each in spent)
        print(f"  {name:50}{clock}  {processor}  {found:5.1f}")
        worst[name] = processor.p95
    slowest = max(worst, key=lambda name: worst[name])
    print(json.dumps({"database": kind, "slowest": slowest, "p95_processor_ms": round(worst[slowest], 1)}))


@dataclass(frozen=True, slots=True)
class Percentiles:
    p50: float
    p95: float

    def __str__(self) -> str:
        return f"{self.p50:6.1f} {self.p95:6.1f}"


def percentiles(times: Sequence[float]) -> Percentiles:
    return Percentiles(statistics.median(times), statistics.quantiles(times, n=20)[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--lessons", type=int, default=50_000)
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--folder", type=Path, help="where the SQLite catalogue is, or is to stay")
    arguments = parser.parse_args()
    for kind in arguments.databases:
        with tempfile.TemporaryDirectory() as name:
            report(kind, arguments.lessons, arguments.folder or Path(name))


if __name__ == "__main__":
    main()
