from __future__ import annotations

from classroom_api.roles import GrantRole
from tests.classroom_api.house import API, House, code_of


def test_an_assistant_writes_down_what_the_school_decided(house: House) -> None:
    school = house.organization()
    group = house.make("student-groups", organization_id=school, name="g", grade_levels=[3], size=9)
    body = {
        "student_group_id": group,
        "kind": "recording",
        "decision": "granted",
        "note": "letter of 1 Sept.",
    }
    with (
        house.key(school, GrantRole.ASSISTANT) as assistant,
        house.key(house.organization(), GrantRole.ASSISTANT) as stranger,
    ):
        assert code_of(stranger.post(f"{API}/consents", json=body)) == (404, "record_unknown")
        for decision in ("granted", "refused", "withdrawn"):
            made = assistant.post(f"{API}/consents", json=body | {"decision": decision})
            assert made.status_code == 201
        assert code_of(assistant.post(f"{API}/consents", json=body | {"kind": "faces"})) == (
            400,
            "bad_message",
        )
        first = assistant.get(f"{API}/consents", params={"student_group_id": group, "limit": 2})
        rest = assistant.get(first.links["next"]["url"])
        decisions = [each["decision"] for each in first.json() + rest.json()]
        assert decisions == ["withdrawn", "refused", "granted"]
        assert first.json()[0]["recorded_by"].startswith("key_")
        assert stranger.get(f"{API}/consents").json() == []
    gone = house.admin.delete(f"{API}/student-groups/{group}", headers={"If-Match": "*"})
    assert code_of(gone) == (409, "still_in_use")
