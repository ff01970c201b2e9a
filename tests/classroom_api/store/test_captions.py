from __future__ import annotations

import pytest

from classroom_api.store.captions import (
    CaptionDraft,
    Origin,
    add_caption,
    approved_captions,
    captions_of,
    replace_caption,
    require_caption,
    store_recognised,
)
from streaming.errors import Refused
from tests.classroom_api.retention.recorded import add_lesson, school


def draft(text: str, origin: Origin = Origin.RECOGNISER, language: str = "en") -> CaptionDraft:
    return CaptionDraft("les_a", language, "", origin, text)


def test_what_is_heard_anew_replaces_what_was_heard_and_nothing_that_people_wrote(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        add_caption(session, "cap_1", draft("by hand", Origin.UPLOAD), 1)
        store_recognised(session, "cap_2", draft("heard"), 2)
        store_recognised(session, "cap_3", draft("gehört", language="de"), 3)
        store_recognised(session, "cap_4", draft("heard anew"), 4)
        assert [row.text for row in captions_of(session, "les_a")] == ["by hand", "gehört", "heard anew"]
        replace_caption(session, "cap_4", 1, draft("corrected"))
        store_recognised(session, "cap_5", draft("heard again"), 5)
        texts = [row.text for row in captions_of(session, "les_a")]
        assert texts == ["by hand", "gehört", "corrected", "heard again"]
        with pytest.raises(Refused, match="captions_unknown"):
            replace_caption(session, "cap_2", None, draft("gone"))


def test_a_draft_is_nobodys_until_it_is_approved(database_url: str) -> None:
    with school(database_url) as session:
        add_lesson(session, "les_a")
        unapproved = CaptionDraft("les_a", "en", "", Origin.RECOGNISER, "heard", is_draft=True)
        row = store_recognised(session, "cap_1", unapproved, 1)
        assert approved_captions(session, "les_a") == []
        with pytest.raises(Refused, match="captions_unknown"):
            require_caption(session, "cap_1", is_approved_only=True)
        replace_caption(session, "cap_1", 1, draft("heard"))
        assert approved_captions(session, "les_a") == [row]
        assert require_caption(session, "cap_1", is_approved_only=True) is row
        store_recognised(session, "cap_2", unapproved, 2)
        assert len(captions_of(session, "les_a")) == 2, "what was approved stays"
