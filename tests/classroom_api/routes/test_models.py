from __future__ import annotations

import pytest
from pydantic import ValidationError

from classroom_api.routes.models import InvitationDraft, LessonDraft, state_now
from classroom_api.store.lessons import LessonMode, LessonState
from classroom_api.store.schema import LessonRow


def test_defaults_are_the_careful_ones() -> None:
    draft = LessonDraft(title="x")
    assert (draft.mode, draft.recording_policy, draft.auto_publish) == (
        LessonMode.INTERACTIVE,
        "master_only",
        False,
    )


def test_a_lesson_in_which_somebody_sits_is_in_its_lobby() -> None:
    for state, participants, seen in (
        (LessonState.SCHEDULED, 0, LessonState.SCHEDULED),
        (LessonState.SCHEDULED, 1, LessonState.LOBBY),
        (LessonState.LIVE, 0, LessonState.LIVE),
        (LessonState.REVIEW, 1, LessonState.REVIEW),
    ):
        assert state_now(LessonRow(state=state), participants) is seen


@pytest.mark.parametrize("body", [{"role": "king"}, {"role": "student", "name": "x" * 81}, {"name": "x"}])
def test_a_wrong_invitation_is_refused(body: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        InvitationDraft.model_validate(body)
