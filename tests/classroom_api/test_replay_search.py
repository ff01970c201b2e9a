from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom_api.replay_search import (
    Part,
    PassageKind,
    hits_in,
    marked,
    patterns_of,
    terms_of_query,
    terms_of_text,
    words_of_query,
)


def spoken(_: int) -> tuple[PassageKind, int | None]:
    return PassageKind.CAPTION, 0


def is_indexed(text: str, query: str) -> bool:
    terms = terms_of_text([text])
    return all(
        any(term.startswith(wanted.text) for term in terms) if wanted.is_beginning else wanted.text in terms
        for wanted in terms_of_query(words_of_query(query))
    )


@pytest.mark.parametrize(
    ("text", "query", "is_found"),
    [
        ("分数的初步认识", "步认", True),
        ("分数的初步认识", "识", True),
        ("分数的初步认识", "初识", False),
        ("Ｆractions, ½ of ALL", "fract", True),
        ("Ｆractions, ½ of ALL", "actions", False),
        ("Ｆractions, ½ of ALL", "all FRACTIONS", True),
        ("3年级分数", "3年级", True),
        ("13年级分数", "3年级", False),
        ("分数line", "line", True),
        ("Straße", "strasse", True),
        ("a_b", "b", True),
    ],
)
def test_a_word_is_found_in_its_text_and_by_its_index(text: str, query: str, is_found: bool) -> None:
    hits, count = hits_in(text, spoken, patterns_of(words_of_query(query)), 5)
    assert (len(hits), count) == ((1, 1) if is_found else (0, 0))
    assert is_indexed(text, query) or not is_found


LETTERS = st.text("分数的三角形abcABＡ 12-ßé，", max_size=14)


@settings(max_examples=200)
@given(LETTERS, LETTERS)
def test_the_index_never_hides_what_the_text_has(text: str, query: str) -> None:
    words = words_of_query(query)
    hits, _ = hits_in(text, spoken, patterns_of(words), 5)
    assert is_indexed(text, query) or not hits


@given(st.text(max_size=80))
def test_any_query_is_taken(query: str) -> None:
    words = words_of_query(query)
    assert len(words) <= 8
    assert bool(terms_of_query(words)) == bool(words)
    assert not any(set(term.text) - set("0123456789abcdef") for term in terms_of_query(words))
    patterns_of(words)


def test_each_word_stands_somewhere_and_the_best_passages_come_first() -> None:
    said, slide = PassageKind.CAPTION, PassageKind.SLIDE
    passages: list[tuple[PassageKind, int | None, str]] = [
        (said, 5_000, "the numerator is a numerator"),
        (slide, 9_000, "denominator below"),
        (said, 90_000, "numerator over denominator"),
        (said, 1_000, "something else"),
        (said, None, "numerator and denominator were cut"),
    ]
    text = "\n".join(words for _, _, words in passages)
    places: list[tuple[PassageKind, int | None]] = [(kind, at_ms) for kind, at_ms, _ in passages]
    patterns = patterns_of(words_of_query("numerator denominator"))
    hits, count = hits_in(text, places.__getitem__, patterns, 2)
    assert ([hit.at_ms for hit in hits], count) == ([90_000, 9_000], 3)
    assert hits_in(text, lambda line: (places[line][0], None), patterns, 2) == ([], 0)
    assert hits_in(text, lambda line: places[0] if line == 0 else (slide, None), patterns, 2) == ([], 0)


def test_an_excerpt_shows_the_match_as_it_was_written() -> None:
    text = "前" * 40 + "ＦＲＡＣ tions 和 分数" + "后" * 200
    parts = marked(text, patterns_of(words_of_query("frac 分数")))
    assert [part.text for part in parts if part.is_match] == ["ＦＲＡＣ", "分数"]
    assert parts[0] == Part("…", is_match=False)
    assert parts[-1].text.endswith("后…")
    assert len("".join(part.text for part in parts)) <= 122
    assert marked("short", []) == (Part("short", is_match=False),)
