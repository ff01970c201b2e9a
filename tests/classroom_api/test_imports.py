from __future__ import annotations

import time

from tests.classroom_api.house import API, House


def test_a_whole_school_year_does_not_hold_up_the_server_for_long(house: House) -> None:
    """A thousand lines, the most there may be, are one transaction; a probe waits for it at most."""
    region = house.organization()
    lines = [f"group {number},{number % 12 + 1},30" for number in range(1000)]
    text = "name,grades,size\n" + "\n".join(lines)
    query = {"organization_id": region}
    began = time.process_time()
    answer = house.admin.post(f"{API}/imports/student-groups", params=query, content=text.encode())
    assert answer.raise_for_status().json()["lines"] == 1000
    assert time.process_time() - began < 30
    page = house.admin.get(f"{API}/student-groups", params={**query, "limit": "500"})
    assert len(page.json()) == 500


def test_an_import_goes_into_the_own_organizations_alone(house: House) -> None:
    answer = house.admin.post(
        f"{API}/imports/users", params={"organization_id": "org_none"}, content=b"login,name\na1,b\n"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "reference_unknown")
