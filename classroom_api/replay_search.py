"""Finding words in what was said and shown, with or without spaces between them. Pure.

Text and query are folded alike (NFKC, case). A script that writes no spaces (`分数的`) is indexed by pairs
of characters and its last one (分数, 数的, 的), any other by words, found by how they begin. A term is its
UTF-8 in hexadecimal, so that every database keeps it as it is, and the beginning of a word is the beginning
of its term: 分 is `e58886`, the beginning of 分数, `e58886e695b0`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

MAX_QUERY_CHARACTERS: Final = 80
MAX_QUERY_WORDS: Final = 8
MAX_PASSAGE_CHARACTERS: Final = 4_000
MAX_TEXT_CHARACTERS: Final = 300_000
_EXCERPT_BEFORE: Final = 24
_EXCERPT_CHARACTERS: Final = 120
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST_TERM: Final = 40
_NOT_WITHIN_A_WORD: Final = "(?<![0-9a-z\u00df-\u024f\u0370-\u052f])"


class PassageKind(StrEnum):
    """Where a text stands, what says most of a lesson first."""

    TITLE = "title"
    CHAPTER = "chapter"
    SLIDE = "slide"
    CAPTION = "caption"


RANK: Final = {kind: rank for rank, kind in enumerate(PassageKind)}


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of a lesson, on one line. `at_ms`: positions at which it is shown or said, the best to jump to
    first; none of what is said of the whole lesson."""

    kind: PassageKind
    at_ms: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an excerpt; `is_match`: it is what was looked for."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class Term:
    """`is_beginning`: any term that begins so is meant."""

    text: str
    is_beginning: bool


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _is_dense(character: str) -> bool:
    """Of a script whose words are not told apart by spaces (or loses nothing if taken so)."""
    return unicodedata.category(character) == "Lo"


def _runs(word: str) -> Iterator[tuple[bool, str]]:
    for is_dense, characters in groupby(word, key=_is_dense):
        yield is_dense, "".join(characters)


def _term(text: str) -> str:
    return text[:_LONGEST_TERM].encode().hex()


def terms_of_text(texts: Iterable[str]) -> set[str]:
    """What a text is indexed by."""
    pieces: set[str] = set()
    for text in texts:
        for word in set(_WORD.findall(fold(text))):
            for is_dense, run in _runs(word):
                if is_dense:
                    pieces.update(run[start : start + 2] for start in range(len(run)))
                else:
                    pieces.add(run)
    return {_term(piece) for piece in pieces}


def words_of_query(query: str) -> tuple[str, ...]:
    """Each once."""
    found = _WORD.findall(fold(query[:MAX_QUERY_CHARACTERS]))
    return tuple(dict.fromkeys(found))[:MAX_QUERY_WORDS]


def terms_of_query(words: Sequence[str]) -> list[Term]:
    """All of these stand in the index of a text in which each word does."""
    found: set[tuple[str, bool]] = set()
    for word in words:
        for is_dense, run in _runs(word):
            if is_dense and len(run) > 1:
                found.update((run[start : start + 2], False) for start in range(len(run) - 1))
            else:
                found.add((run, True))
    return [Term(_term(text), is_beginning) for text, is_beginning in sorted(found)]


def patterns_of(words: Sequence[str]) -> list[re.Pattern[str]]:
    """What each word looks like in folded text."""
    return [
        re.compile(("" if _is_dense(word[0]) else _NOT_WITHIN_A_WORD) + re.escape(word)) for word in words
    ]


@dataclass(frozen=True, slots=True)
class Hit:
    """`at_ms`: where it is in the replay that is served."""

    kind: PassageKind
    at_ms: int
    parts: tuple[Part, ...]


def hits_in(
    text: str,
    place_of: Callable[[int], tuple[PassageKind, int | None]],
    patterns: Sequence[re.Pattern[str]],
    limit: int,
) -> tuple[list[Hit], int]:
    """Of the passages in `text`, one a line, the first `limit` in which a word stands, and how many there
    are; none unless each word stands in one. Those with most of the words come first.

    `place_of`: a line's kind and where it is served; None: it was cut.
    """
    found: dict[int, set[int]] = {}
    places: dict[int, tuple[PassageKind, int]] = {}
    folded = fold(text)
    for word, pattern in enumerate(patterns):
        for line in _lines_with(folded, pattern):
            kind, at_ms = place_of(line)
            if at_ms is not None:
                places[line] = kind, at_ms
                found.setdefault(line, set()).add(word)
    if len(set().union(*found.values())) < len(patterns):
        return [], 0
    lines = text.split("\n")
    best = sorted(
        ((line, *place) for line, place in places.items()),
        key=lambda each: (-len(found[each[0]]), RANK[each[1]], each[2], each[0]),
    )
    hits = [Hit(kind, at_ms, marked(lines[line], patterns)) for line, kind, at_ms in best[:limit]]
    return hits, len(found)


def _lines_with(folded: str, pattern: re.Pattern[str]) -> Iterator[int]:
    """The numbers of the lines in which `pattern` is, each once."""
    line, counted, at = 0, 0, 0
    while match := pattern.search(folded, at):
        line += folded.count("\n", counted, match.start())
        counted = match.start()
        yield line
        end = folded.find("\n", match.end())
        if end < 0:
            return
        at = end


def marked(text: str, patterns: Sequence[re.Pattern[str]]) -> tuple[Part, ...]:
    """An excerpt of `text` around the first match, with its matches apart."""
    folded, origin = _folded_with_origin(text)
    spans = sorted(
        (origin[match.start()], origin[match.end() - 1] + 1)
        for pattern in patterns
        for match in pattern.finditer(folded)
    )
    begin = max(0, spans[0][0] - _EXCERPT_BEFORE) if spans else 0
    end = min(len(text), begin + _EXCERPT_CHARACTERS)
    parts = [Part("…", is_match=False)] if begin else []
    at = begin
    for start, stop in spans:
        start, stop = max(start, at), min(stop, end)  # noqa: PLW2901 - what is left of it
        if start < stop:
            parts += [Part(text[at:start], is_match=False), Part(text[start:stop], is_match=True)]
            at = stop
    parts += [Part(text[at:end] + ("…" if end < len(text) else ""), is_match=False)]
    return tuple(part for part in parts if part.text)


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """Folded character by character: `origin[i]` is where the folded character i comes from."""
    folded: list[str] = []
    origin: list[int] = []
    for number, character in enumerate(text):
        piece = fold(character)
        folded.append(piece)
        origin += [number] * len(piece)
    return "".join(folded), origin
