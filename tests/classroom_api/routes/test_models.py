from __future__ import annotations

import pytest
from pydantic import ValidationError

from classroom_api.routes.models import InvitationDraft, LessonDraft
from classroom_api.store.lessons import LessonMode


def test_defaults_are_the_careful_ones() -> None:
    draft = LessonDraft(title="x")
    assert (draft.mode, draft.recording_policy, draft.auto_publish) == (
        LessonMode.INTERACTIVE,
        "master_only",
        False,
    )


@pytest.mark.parametrize("body", [{"role": "king"}, {"role": "student", "name": "x" * 81}, {"name": "x"}])
def test_a_wrong_invitation_is_refused(body: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        InvitationDraft.model_validate(body)
