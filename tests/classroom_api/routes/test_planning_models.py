from __future__ import annotations

import pytest
from pydantic import ValidationError

from classroom_api.routes.models import Body
from classroom_api.routes.planning_models import (
    OrganizationDraft,
    StudentGroupDraft,
    UnitDraft,
    UserDraft,
)

ORG = "org_" + "a" * 26


def test_a_login_is_folded() -> None:
    assert (
        UserDraft.model_validate({"organization_id": ORG, "login": " Lin@Hill ", "name": "Lin"}).login
        == "lin@hill"
    )


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (UserDraft, {"organization_id": ORG, "login": "a b", "name": "x"}),
        (UserDraft, {"organization_id": ORG, "login": "lin", "name": " "}),
        (UserDraft, {"organization_id": ORG, "login": "lin", "name": "x", "language": "nonsense!"}),
        (UserDraft, {"organization_id": "org_a", "login": "lin", "name": "x"}),
        (OrganizationDraft, {"kind": "region", "name": "a\u2028b"}),
        (OrganizationDraft, {"kind": "region", "name": "a\x7fb"}),
        (StudentGroupDraft, {"organization_id": ORG, "name": "g", "grade_levels": [14], "size": 1}),
        (StudentGroupDraft, {"organization_id": ORG, "name": "g", "grade_levels": [1], "size": -1}),
        (UnitDraft, {"course_id": "crs_" + "a" * 26, "title": "t", "week": 0}),
    ],
)
def test_wrong_values_are_refused(model: type[Body], values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)
