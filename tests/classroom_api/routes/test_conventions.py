from __future__ import annotations

import pytest

from classroom_api.routes.conventions import Created
from tests.classroom_api.house import API, House, code_of


def test_a_kept_answer_is_the_answer() -> None:
    response = Created(body='{"id": "org_a"}', version=3, location="/api/v1/organizations/org_a").response()
    assert (response.status_code, response.headers["etag"]) == (201, '"3"')
    assert response.headers["location"] == "/api/v1/organizations/org_a"
    assert response.body == b'{"id": "org_a"}'


@pytest.mark.parametrize(("limit", "status"), [("0", 400), ("501", 400), ("x", 400), ("500", 200)])
def test_pages_are_bounded(house: House, limit: str, status: int) -> None:
    assert house.admin.get(f"{API}/users", params={"limit": limit}).status_code == status


@pytest.mark.parametrize("key", ["", "x" * 65, "schlüssel"])
def test_an_idempotency_key_is_bounded(house: House, key: str) -> None:
    body = {"kind": "region", "name": "n"}
    answer = house.admin.post(f"{API}/organizations", json=body, headers=[(b"Idempotency-Key", key.encode())])
    assert code_of(answer) == (400, "bad_message")


@pytest.mark.parametrize("tag", ['W/"1"', "1", '"1", "2"', '"' + "9" * 30 + '"', '"x"'])
def test_an_etag_of_another_form_never_fits(house: House, tag: str) -> None:
    region = house.organization()
    answer = house.admin.delete(f"{API}/organizations/{region}", headers={"If-Match": tag})
    assert code_of(answer) == (412, "precondition_failed")
