#!/usr/bin/env python3
"""Measures the search of replays in a catalogue of many lessons, on SQLite and on PostgreSQL.

    python -m scripts.search_catalogue [--lessons 50000] [--databases sqlite postgresql]

A lesson has a title, six chapters, twenty slides of 30 characters and 200 captions of 12: words of one to
four characters, drawn so that a few are in nearly every lesson and most in a handful. Printed for each kind
of query are the median, the 95th percentile and the worst time of a page of twenty lessons: of SQLite, which
works in this process, the time of its processor alone, of PostgreSQL by the clock.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, MetaData, Table, insert, select, text, true
from sqlalchemy.orm import Session

from classroom_api.access import Scope
from classroom_api.replay_search import PassageKind, terms_of_text
from classroom_api.store.database import engine_of, upgrade_schema
from classroom_api.store.planning_schema import CourseRow, OrganizationRow
from classroom_api.store.replay_index import Wanted, find_replays, resources_to_watch
from classroom_api.store.resource_schema import ReplayDocumentRow
from classroom_api.store.schema import LessonRow, ResourceRow
from classroom_api.store.timetable import visible_lessons
from tests.classroom_api.databases import postgresql_cluster

DISTINCT = 2_000
SCHOOLS = 200
BATCH = 500
ROUNDS = 40
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
    """Lessons of 200 schools and five courses; their texts are 2,000, each in many."""
    session.execute(
        insert(OrganizationRow),
        [
            {"id": f"org_{n}", "kind": "school", "name": "", "path": f"/org_{n}/", "time_zone": "UTC"}
            | {"created_at_ms": 0, "version": 1}
            for n in range(SCHOOLS)
        ],
    )
    session.execute(
        insert(CourseRow),
        [
            {"id": f"crs_{n}", "organization_id": "org_0", "title": "", "subject": subject, "grade": n + 1}
            | {"edition": "", "created_at_ms": 0, "version": 1}
            for n, subject in enumerate(SUBJECTS)
        ],
    )
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
    copied = select(LessonRow.id, *(made_up.c[name] for name in COPIED)).join(
        made_up, made_up.c.number == LessonRow.created_at_ms % DISTINCT
    )
    copied = copied.order_by(LessonRow.created_at_ms)
    session.execute(insert(ReplayDocumentRow).from_select(["lesson_id", *COPIED], copied))
    if index is not None:
        session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        session.execute(text(index))
    made_up.drop(session.connection())
    session.commit()


def _lesson(number: int) -> dict[str, Any]:
    return {
        "id": f"les_{number}",
        "title": f"第{number}课",
        "mode": "interactive",
        "state": "published",
        "recording_policy": "off",
        "auto_publish": True,
        "created_at_ms": number,
        "organization_id": f"org_{number * 7 % SCHOOLS}",
        "course_id": f"crs_{number % len(SUBJECTS)}",
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
    frequent, rare = words[:60], words[3000:]
    everything: ColumnElement[bool] = true()
    school = visible_lessons(Scope(("/org_7/",)))
    characters = [word[0] for word in words if not word.isascii()]

    def some(
        draw: Callable[[], str],
        is_visible: ColumnElement[bool] = everything,
        *,
        subject: str | None = None,
        grade: str | None = None,
        before: int | None = None,
    ) -> list[Wanted]:
        filters = {"subject": subject, "grade": grade}
        return [Wanted(draw(), is_visible, **filters, before=before) for _ in range(ROUNDS)]

    def one_of(words: list[str]) -> Callable[[], str]:
        return lambda: source.choice(words)

    of_four = [word for word in words if len(word) == 4 and not word.isascii()]
    older = lessons // 20
    return {
        "all lessons": some(lambda: ""),
        "all lessons, a late page": some(lambda: "", before=older),
        "a frequent word": some(one_of(frequent)),
        "a frequent word, a late page": some(one_of(frequent), before=older),
        "a rare word": some(one_of(rare)),
        "four characters": some(one_of(of_four)),
        "a frequent character": some(one_of(characters[:60])),
        "one character": some(one_of(characters[2000:])),
        "one character, a late page": some(one_of(characters[2000:]), before=older),
        "one character in one school": some(one_of(characters), is_visible=school),
        "two characters with a space": some(lambda: " ".join(source.sample(characters, 2))),
        "a frequent and a rare word": some(lambda: f"{source.choice(frequent)} {source.choice(rare)}"),
        "two frequent words": some(lambda: " ".join(source.sample(frequent, 2))),
        "two rare words": some(lambda: " ".join(source.sample(rare, 2))),
        "one letter": some(one_of(list("etaoinshrdlu"))),
        "the beginning of a word": some(lambda: source.choice([w for w in words if w.isascii()])[:2]),
        "what stands nowhere": some(lambda: "鑫鑫鑫鑫"),
        "a frequent word of one subject": some(one_of(frequent), subject="音乐"),
        "a rare word of one grade": some(one_of(rare), grade="3"),
        "a frequent word in one school": some(one_of(frequent), is_visible=school),
        "a rare word in one school": some(one_of(rare), is_visible=school),
        "a subject that nobody teaches": some(one_of(frequent), subject="天文"),
    }


def measure(session: Session, wanted: Wanted, clock: Callable[[], float]) -> tuple[float, int]:
    """Milliseconds, the best of three, as the machine may have other things to do; lessons found."""
    best_s, count = math.inf, 0
    for _ in range(3):
        began = clock()
        found, _ = find_replays(session, wanted)
        resources_to_watch(session, [each.lesson.id for each in found])
        session.rollback()
        best_s, count = min(best_s, clock() - began), len(found)
    return best_s * 1000, count


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
        clock = time.thread_time if kind == "sqlite" else time.perf_counter
        filled_s = time.perf_counter() - began
        print(f"{kind}: {lessons} lessons, filled in {filled_s:.0f} s, load {os.getloadavg()[0]:.1f}")
        times: list[float] = []
        with Session(engine) as session:
            for name, some in queries(writer, lessons).items():
                session.expunge_all()
                measured = [measure(session, wanted, clock) for wanted in some]
                times += [each for each, _ in measured]
                found = statistics.mean(count for _, count in measured)
                print(f"  {name:34}{line([each for each, _ in measured])}  {found:5.1f} found")
        print(f"  {'all':34}{line(times)}")
        print(json.dumps({"database": kind, "lessons": lessons, "p95_ms": round(percentile(times), 1)}))
        engine.dispose()


def percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def line(times: list[float]) -> str:
    return f"p50 {statistics.median(times):6.1f}  p95 {percentile(times):6.1f}  max {max(times):6.1f} ms"


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
