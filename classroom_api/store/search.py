"""Search in text that may have no spaces: an index of bigrams, the same on every database.

Text and query are folded alike (NFKC, case). A query is found where all its bigrams are indexed and the text
really contains each of its words; a word of one character is found as the beginning of a bigram.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from classroom_api.store.planning_schema import SearchDocumentRow, SearchTermRow

MAXIMUM_QUERY_CHARACTERS = 80
_MAXIMUM_TEXT_CHARACTERS = 1000
_WORD = re.compile(r"\w+")


def fold(text: str) -> list[str]:
    """The words of `text`: `分数 Ｆractions-2` gives 分数, fractions, 2."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:_MAXIMUM_TEXT_CHARACTERS]).casefold())


def terms_of(words: Sequence[str]) -> set[str]:
    """All bigrams, and each word's last character, so that every character begins a term."""
    return {word[start : start + 2] for word in words for start in range(len(word))}


def index_record(
    session: Session, record_id: str, kind: str, organization_id: str | None, texts: Sequence[str]
) -> None:
    """Replace what is indexed of a record."""
    forget_record(session, record_id)
    words = fold(" ".join(texts))
    session.add(
        SearchDocumentRow(
            record_id=record_id, kind=kind, organization_id=organization_id, text=" ".join(words)
        )
    )
    session.flush()
    session.add_all(SearchTermRow(term=term, record_id=record_id) for term in sorted(terms_of(words)))


def forget_record(session: Session, record_id: str) -> None:
    session.execute(delete(SearchTermRow).where(SearchTermRow.record_id == record_id))
    session.execute(delete(SearchDocumentRow).where(SearchDocumentRow.record_id == record_id))


def find_records(
    session: Session, query: str, is_visible: ColumnElement[bool], limit: int
) -> Sequence[SearchDocumentRow]:
    """At most `limit` documents that contain every word of `query`, the shortest text first."""
    words = fold(query[:MAXIMUM_QUERY_CHARACTERS])
    if not words:
        return []
    wanted = select(SearchDocumentRow).where(is_visible)
    bigrams = {term for word in words for term in terms_of([word]) if len(term) == 2}
    if bigrams:
        matching = (
            select(SearchTermRow.record_id)
            .where(SearchTermRow.term.in_(sorted(bigrams)))
            .group_by(SearchTermRow.record_id)
            .having(func.count() == len(bigrams))
        )
        wanted = wanted.where(SearchDocumentRow.record_id.in_(matching))
    for word in words:
        if len(word) == 1:
            begins = select(SearchTermRow.record_id).where(
                SearchTermRow.term.startswith(word, autoescape=True)
            )
            wanted = wanted.where(SearchDocumentRow.record_id.in_(begins))
        wanted = wanted.where(SearchDocumentRow.text.contains(word, autoescape=True))
    shortest = (func.length(SearchDocumentRow.text), SearchDocumentRow.record_id)
    return session.scalars(wanted.order_by(*shortest).limit(limit)).all()
