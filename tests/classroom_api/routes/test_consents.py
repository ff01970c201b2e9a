from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

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


def test_a_group_decides_for_its_classroom_also_while_the_lesson_runs(house: House) -> None:
    """What the group refused no page grants; what it withdraws ends at once, on the socket that is open."""
    region = house.organization()
    group = house.make("student-groups", organization_id=region, name="g", grade_levels=[3], size=9)
    pairing = house.make("pairings", organization_id=region, name="Hill", student_group_id=group)
    lesson = house.make("lessons", title="Fractions", organization_id=region, pairings=[pairing])

    def decide(decision: str, kind: str = "recording") -> None:
        body = {"student_group_id": group, "kind": kind, "decision": decision}
        assert house.admin.post(f"{API}/consents", json=body).status_code == 201

    decide("granted")
    invitation = house.admin.post(
        f"{API}/lessons/{lesson}/invitations", json={"role": "classroom", "classroom": pairing}
    ).json()["invitation"]
    assert house.admin.post(f"{API}/lessons/{lesson}/start").is_success
    bearer = {"Authorization": f"Bearer {invitation}"}
    joined = house.anyone.post(f"{API}/lessons/{lesson}/join", headers=bearer).json()

    async def in_class() -> None:
        async with connect(joined["ws_url"], subprotocols=[Subprotocol("tandem.v1")], proxy=None) as socket:

            async def heard(kind: str) -> dict[str, Any]:
                while True:
                    said: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
                    found = said.get("event", said)
                    if found["type"] == kind:
                        return said

            await socket.send(json.dumps({"type": "hello", "access_token": joined["access_token"]}))
            (seat,) = (await heard("welcome"))["snapshot"]["seats"]
            assert seat["recording_consent"]
            await asyncio.to_thread(decide, "withdrawn")
            assert not (await heard("consent_changed"))["event"]["recording_consent"]
            await socket.send(json.dumps({"type": "recording_consent", "id": "1", "granted": True}))
            assert (await heard("error"))["code"] == "not_permitted"
            await asyncio.to_thread(decide, "refused", "live_video")
            changed = (await heard("live_consent_changed"))["event"]
            assert (changed["video"], changed["voice"]) == (False, True)
            live = {"type": "live_consent", "id": "2", "video": True, "voice": True}
            await socket.send(json.dumps(live))
            assert (await heard("error"))["code"] == "not_permitted"

    asyncio.run(in_class())


def test_a_token_from_before_a_withdrawal_opens_no_more_than_what_is_left(house: House) -> None:
    """Withdrawn in the lobby, between the making of the access token and its use."""
    region = house.organization()
    group = house.make("student-groups", organization_id=region, name="g", grade_levels=[3], size=9)
    pairing = house.make("pairings", organization_id=region, name="Hill", student_group_id=group)
    lesson = house.make("lessons", title="Fractions", organization_id=region, pairings=[pairing])
    for kind in ("recording", "live_voice"):
        body = {"student_group_id": group, "kind": kind, "decision": "granted"}
        assert house.admin.post(f"{API}/consents", json=body).status_code == 201
    invitation = house.admin.post(
        f"{API}/lessons/{lesson}/invitations", json={"role": "classroom", "classroom": pairing}
    ).json()["invitation"]
    bearer = {"Authorization": f"Bearer {invitation}"}
    joined = house.anyone.post(f"{API}/lessons/{lesson}/join", headers=bearer).json()
    for kind in ("recording", "live_voice"):
        body = {"student_group_id": group, "kind": kind, "decision": "withdrawn"}
        assert house.admin.post(f"{API}/consents", json=body).status_code == 201

    async def consents(credential: dict[str, str]) -> tuple[bool, bool, bool]:
        async with connect(joined["ws_url"], subprotocols=[Subprotocol("tandem.v1")], proxy=None) as socket:
            await socket.send(json.dumps({"type": "hello", **credential}))
            (seat,) = json.loads(await asyncio.wait_for(socket.recv(), 10))["snapshot"]["seats"]
            return seat["recording_consent"], seat["video_consent"], seat["voice_consent"]

    for credential in ("access_token", "resume_key"):
        assert asyncio.run(consents({credential: joined[credential]})) == (False, True, False)
