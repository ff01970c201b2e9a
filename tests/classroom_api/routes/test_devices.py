from __future__ import annotations

from tests.classroom_api.house import API, House, code_of


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def enrol(house: House, endpoint: str) -> str:
    code = house.admin.post(f"{API}/endpoints/{endpoint}/enrolment").raise_for_status().json()["code"]
    made = house.anyone.post(f"{API}/device/enrol", json={"code": code}).raise_for_status().json()
    assert made["endpoint_id"] == endpoint
    again = house.anyone.post(f"{API}/device/enrol", json={"code": code})
    assert code_of(again) == (401, "token_invalid")
    return str(made["key"])


def test_a_device_finds_its_lessons_and_its_seat(house: House) -> None:
    region = house.organization()
    device = house.make("endpoints", organization_id=region, name="Screen")
    group = house.make("student-groups", organization_id=region, name="g", grade_levels=[3], size=9)
    pairing = house.make(
        "pairings", organization_id=region, name="山顶", student_group_id=group, endpoint_id=device
    )
    lesson = house.make("lessons", title="分数", organization_id=region, pairings=[pairing])
    other = house.make("lessons", title="other", organization_id=region)
    key = bearer(enrol(house, device))
    mine = house.anyone.get(f"{API}/device/lessons", headers=key).json()
    assert [each["id"] for each in mine] == [lesson]
    made = house.anyone.post(f"{API}/device/lessons/{lesson}/invitation", headers=key)
    assert made.json()["seat"]["name"] == "山顶"
    joined = house.anyone.post(f"{API}/lessons/{lesson}/join", headers=bearer(made.json()["invitation"]))
    assert joined.json()["seat"]["role"] == "classroom"
    refused = house.anyone.post(f"{API}/device/lessons/{other}/invitation", headers=key)
    assert code_of(refused) == (404, "seat_unknown")
    assert code_of(house.anyone.get(f"{API}/lessons", headers=key)) == (403, "not_permitted")


def test_a_copied_key_is_void_once_either_renews_it(house: House) -> None:
    device = house.make("endpoints", organization_id=house.organization(), name="Screen")
    copied = enrol(house, device)
    renewed = house.anyone.post(f"{API}/device/key", headers=bearer(copied)).raise_for_status().json()["key"]
    assert code_of(house.anyone.get(f"{API}/device/lessons", headers=bearer(copied))) == (
        401,
        "token_invalid",
    )
    assert house.anyone.get(f"{API}/device/lessons", headers=bearer(renewed)).status_code == 200
    anew = enrol(house, device)
    assert code_of(house.anyone.get(f"{API}/device/lessons", headers=bearer(renewed))) == (
        401,
        "token_invalid",
    )
    assert house.admin.delete(f"{API}/endpoints/{device}/key").status_code == 204
    assert code_of(house.anyone.get(f"{API}/device/lessons", headers=bearer(anew))) == (401, "token_invalid")


def test_a_credential_of_another_kind_enrols_nothing(house: House) -> None:
    device = house.make("endpoints", organization_id=house.organization(), name="Screen")
    key = enrol(house, device)
    assert code_of(house.anyone.post(f"{API}/device/enrol", json={"code": key})) == (401, "token_invalid")
    code = house.admin.post(f"{API}/endpoints/{device}/enrolment").json()["code"]
    assert code_of(house.anyone.get(f"{API}/device/lessons", headers=bearer(code))) == (401, "token_invalid")
