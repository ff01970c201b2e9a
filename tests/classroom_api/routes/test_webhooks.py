from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from classroom_api.outbox.events import Happening
from classroom_api.roles import GrantRole
from tests.classroom_api.house import API, House, code_of
from tests.classroom_api.outbox.receiver import WAIT_S, Received, Receiver, Reply, serving

ALL = [str(each) for each in Happening]


def make_webhook(house: House, organization: str, url: str, events: list[str] = ALL) -> dict[str, Any]:
    answer = house.admin.post(
        f"{API}/webhooks", json={"organization_id": organization, "url": url, "events": events}
    )
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def is_signed(got: Received, secret: str) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.{got.body.decode()}"
    wanted = base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in got.headers["webhook-signature"].split(" ")


def deliveries(client: httpx.Client, webhook: str, **query: str) -> list[dict[str, Any]]:
    body: list[dict[str, Any]] = client.get(f"{API}/webhooks/{webhook}/deliveries", params=query).json()
    return body


def until(is_there: Callable[[], bool]) -> None:
    give_up = time.monotonic() + WAIT_S
    while not is_there():
        assert time.monotonic() < give_up


def told_of(receiver: Receiver, lesson: str) -> list[str]:
    """The lesson's own messages, in the order of their arrival."""
    of_lesson = [got.message for got in receiver.received if got.message["data"].get("lesson") == lesson]
    return [str(message["type"]) for message in of_lesson if message["type"].startswith("lesson.")]


def test_a_school_hears_of_its_lessons_in_order_and_signed(house: House) -> None:
    region = house.organization()
    school = house.organization(region)
    receiver = Receiver()
    with serving(receiver) as url:
        webhook = make_webhook(house, region, f"{url}/hook")
        lesson = house.make(
            "lessons", title="分数", organization_id=school, recording_policy="off", state="draft"
        )
        house.make("lessons", title="Elsewhere", organization_id=house.organization())
        for step in ("schedule", "start", "end"):
            assert house.admin.post(f"{API}/lessons/{lesson}/{step}").is_success
        other = house.make("lessons", title="面积", organization_id=school)
        assert house.admin.post(f"{API}/lessons/{other}/cancel").is_success
        receiver.wait_for(lambda: len(told_of(receiver, lesson)) + len(told_of(receiver, other)) == 5)
        until(lambda: all(each["state"] == "delivered" for each in deliveries(house.admin, webhook["id"])))
    assert told_of(receiver, lesson) == ["lesson.scheduled", "lesson.started", "lesson.ended"]
    assert told_of(receiver, other) == ["lesson.scheduled", "lesson.cancelled"]
    assert all(is_signed(got, webhook["secret"]) for got in receiver.received)
    listed = {each["id"] for each in deliveries(house.admin, webhook["id"])}
    assert listed == {got.headers["webhook-id"] for got in receiver.received}
    metrics = house.anyone.get("/metrics").text
    assert "tandem_outbox_pending" in metrics


def test_the_secret_is_shown_once_and_can_be_renewed(house: House) -> None:
    school = house.organization()
    receiver = Receiver()
    with serving(receiver) as url:
        key = {"Idempotency-Key": f"one-{school}"}
        body = {"organization_id": school, "url": url, "events": ["lesson.ended", "lesson.ended"]}
        first = house.admin.post(f"{API}/webhooks", json=body, headers=key)
        again = house.admin.post(f"{API}/webhooks", json=body, headers=key)
        assert first.json() == again.json()
        old = first.json()["secret"]
        one = f"{API}/webhooks/{first.json()['id']}"
        read = house.admin.get(one)
        assert read.json() == {name: value for name, value in first.json().items() if name != "secret"}
        assert read.json()["events"] == ["lesson.ended"]
        assert house.admin.post(f"{one}/secret").status_code == 428
        renewed = house.admin.post(f"{one}/secret", headers={"If-Match": read.headers["ETag"]})
        new = renewed.json()["secret"]
        assert (new != old, renewed.json()["secret_version"]) == (True, 2)
        assert house.admin.post(f"{one}/ping").status_code == 202
        [ping] = receiver.wait_count(1)
        assert ping.message["type"] == "webhook.ping"
        assert is_signed(ping, old)
        assert is_signed(ping, new)


def test_what_fails_is_seen_and_tried_again_on_demand(house: House) -> None:
    school = house.organization()
    receiver = Receiver()
    receiver.answer = lambda _: Reply(500, {"Retry-After": "3600"})
    with serving(receiver) as url:
        webhook = make_webhook(house, school, url)["id"]
        delivery = house.admin.post(f"{API}/webhooks/{webhook}/ping").json()["id"]
        until(lambda: [each["attempts"] for each in deliveries(house.admin, webhook)] == [1])
        [waits] = deliveries(house.admin, webhook, state="pending")
        assert (waits["id"], waits["last_answer"]) == (delivery, "HTTP 500")
        receiver.answer = lambda _: Reply()
        retry = f"{API}/webhooks/{webhook}/deliveries/{delivery}/retry"
        assert house.admin.post(retry).status_code == 202
        until(lambda: len(deliveries(house.admin, webhook, state="delivered")) == 1)
    assert code_of(house.admin.post(retry)) == (409, "delivery_state_conflict")
    assert code_of(house.admin.post(retry.replace(delivery, "dlv_x"))) == (404, "record_unknown")
    assert [got.headers["webhook-id"] for got in receiver.received] == [delivery] * 2


def test_webhooks_are_replaced_switched_off_and_deleted_with_what_waits(house: House) -> None:
    school = house.organization()
    webhook = make_webhook(house, school, "https://school.example/hook")["id"]
    one = f"{API}/webhooks/{webhook}"
    body = {
        "organization_id": school,
        "url": "https://other.example/",
        "events": ["seat.joined"],
        "is_enabled": False,
    }
    replaced = house.admin.put(one, json=body, headers={"If-Match": house.admin.get(one).headers["ETag"]})
    assert (replaced.json()["url"], replaced.json()["is_enabled"]) == ("https://other.example/", False)
    assert code_of(house.admin.put(one, json=body, headers={"If-Match": '"1"'})) == (
        412,
        "precondition_failed",
    )
    house.admin.post(f"{one}/ping")
    [listed] = house.admin.get(f"{API}/webhooks", params={"organization_id": school}).json()
    assert listed["id"] == webhook
    assert house.admin.delete(one, headers={"If-Match": "*"}).status_code == 204
    assert code_of(house.admin.get(f"{one}/deliveries")) == (404, "record_unknown")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "http://school.example/"}, (422, "webhook_url_refused")),
        ({"url": "https://user@school.example/"}, (422, "webhook_url_refused")),
        ({"url": ""}, (400, "bad_message")),
        ({"events": []}, (400, "bad_message")),
        ({"events": ["lesson.exploded"]}, (400, "bad_message")),
        ({"organization_id": "org_" + "a" * 26}, (422, "reference_unknown")),
    ],
)
def test_what_cannot_be_a_webhook_is_refused(
    house: House, change: dict[str, Any], code: tuple[int, str]
) -> None:
    body = {
        "organization_id": house.organization(),
        "url": "https://school.example/",
        "events": ["lesson.ended"],
    }
    assert code_of(house.admin.post(f"{API}/webhooks", json=body | change)) == code


def test_an_organization_has_twenty_and_strangers_see_none(house: House) -> None:
    school = house.organization()
    for number in range(20):
        make_webhook(house, school, f"https://school.example/{number}")
    body = {"organization_id": school, "url": "https://school.example/", "events": ALL}
    assert code_of(house.admin.post(f"{API}/webhooks", json=body)) == (409, "limit_reached")
    other = make_webhook(house, house.organization(), "https://school.example/")["id"]
    moved = house.admin.put(f"{API}/webhooks/{other}", json=body, headers={"If-Match": "*"})
    assert code_of(moved) == (409, "limit_reached")
    assert house.admin.get(f"{API}/webhooks/{other}").json()["organization_id"] != school
    with house.key(house.organization(), GrantRole.ADMIN) as stranger:
        assert stranger.get(f"{API}/webhooks").json() == []
        assert code_of(stranger.post(f"{API}/webhooks", json=body)) == (403, "not_permitted")
    first = house.admin.get(f"{API}/webhooks", params={"organization_id": school, "limit": 15})
    rest = house.admin.get(first.links["next"]["url"])
    assert len(first.json()) + len(rest.json()) == 20
    one = f"{API}/webhooks/{first.json()[0]['id']}"
    assert house.admin.put(one, json=body, headers={"If-Match": "*"}).status_code == 200
    page = house.admin.get(f"{API}/webhooks/{first.json()[0]['id']}/deliveries", params={"limit": 1})
    assert page.json() == []
