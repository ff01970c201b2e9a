from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, true
from sqlalchemy.orm import Session

from classroom_api.store.schema import Table
from classroom_api.store.search import find_records, fold, index_record, terms_of

TABLES = ("organizations", "search_documents", "search_terms")
TEXT = st.text("分数的初步认识abＡ -，", max_size=12)


def test_words_are_folded_alike() -> None:
    assert fold("分数 Ｆractions-2，ß") == ["分数", "fractions", "2", "ss"]
    assert terms_of(["分数的"]) == {"分数", "数的", "的"}
    assert terms_of([]) == set()


@settings(deadline=None)  # each makes a database
@given(st.lists(TEXT, max_size=5), TEXT)
def test_the_index_finds_what_reading_all_text_finds(texts: list[str], query: str) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        for table in TABLES:
            Table.metadata.tables[table].create(connection)
    with Session(engine) as session:
        for number, text in enumerate(texts):
            index_record(session, f"r{number}", "courses", None, [text])
        words = fold(query)
        expected = {
            f"r{number}"
            for number, text in enumerate(texts)
            if words and all(word in " ".join(fold(text)) for word in words)
        }
        found = find_records(session, query, true(), 100)
        assert {row.record_id for row in found} == expected
    engine.dispose()


def test_indexing_again_replaces() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        for table in TABLES:
            Table.metadata.tables[table].create(connection)
    with Session(engine) as session:
        index_record(session, "r", "courses", None, ["分数"])
        index_record(session, "r", "courses", None, ["小数"])
        assert not find_records(session, "分数", true(), 9)
        assert len(find_records(session, "小数", true(), 9)) == 1
    engine.dispose()
