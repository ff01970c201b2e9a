from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from classroom_api.outbox.sender import Answer, Sender
from tests.classroom_api.outbox.receiver import Receiver, Reply, serving


def sent(
    work: Callable[[Sender], Awaitable[Answer]], *, timeout_s: float = 30, is_private_allowed: bool = True
) -> Answer:
    async def run() -> Answer:
        sender = Sender(timeout_s, is_private_allowed=is_private_allowed)
        try:
            return await work(sender)
        finally:
            await sender.close()

    return asyncio.run(run())


def test_a_message_arrives_as_it_was_signed() -> None:
    receiver = Receiver()
    with serving(receiver) as url:
        answer = sent(lambda s: s.post_webhook(f"{url}/hook?a=b", {"webhook-id": "dlv_a"}, b'{"a":1}'))
    assert answer == Answer(200, "HTTP 200")
    assert answer.is_success
    [got] = receiver.received
    assert (got.path, got.body, got.headers["webhook-id"]) == ("/hook?a=b", b'{"a":1}', "dlv_a")
    assert got.headers["host"] == url.removeprefix("http://")


def test_a_name_is_resolved_and_what_it_resolves_to_is_checked() -> None:
    receiver = Receiver()
    with serving(receiver) as url:
        named = url.replace("127.0.0.1", "localhost")
        assert sent(lambda s: s.post_webhook(named, {}, b"{}")).is_success
        assert receiver.received[0].headers["host"] == named.removeprefix("http://")
        refused = sent(lambda s: s.post_webhook(url, {}, b"{}"), is_private_allowed=False)
    assert refused == Answer(None, "webhook_url_refused")
    assert len(receiver.received) == 1


def test_a_public_name_that_points_into_the_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that an attacker owns answers with an address of the inside, beside one of the outside."""
    reached: list[str] = []

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        reached.append(host)
        return [(2, 1, 6, "", (address, port)) for address in ("8.8.8.8", "169.254.169.254")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    answer = sent(lambda s: s.post_webhook("https://rebind.example/", {}, b"{}"), is_private_allowed=False)
    assert answer == Answer(None, "webhook_url_refused")
    assert reached == ["rebind.example"]


def test_a_host_without_an_address_and_a_closed_port_are_no_answer() -> None:
    assert sent(lambda s: s.post_webhook("https://nothing.invalid/", {}, b"{}")).status is None
    with serving(Receiver()) as url:
        pass
    assert sent(lambda s: s.post_webhook(url, {}, b"{}")) == Answer(None, "ConnectError")


def test_redirects_are_not_followed_and_statuses_are_told() -> None:
    receiver = Receiver()
    receiver.answer = lambda _: Reply(302, {"Location": "http://127.0.0.1:1/"})
    with serving(receiver) as url:
        assert sent(lambda s: s.post_webhook(url, {}, b"{}")) == Answer(302, "HTTP 302")
        for status, header, wanted_ms in ((503, "7", 7000), (429, "-1", 0), (503, "soon", 0)):
            reply = Reply(status, {"Retry-After": header})
            receiver.answer = partial(lambda reply, _: reply, reply)
            answer = sent(lambda s: s.post_webhook(url, {}, b"{}"))
            assert (answer.status, answer.wanted_ms, answer.is_success) == (status, wanted_ms, False)


def test_who_hangs_is_left_and_who_never_ends_is_not_read_to_the_end() -> None:
    receiver = Receiver()
    with serving(receiver) as url:
        receiver.answer = lambda _: Reply(hangs=True)
        assert sent(lambda s: s.post_webhook(url, {}, b"{}"), timeout_s=0.5).reason in (
            "timed out",
            "ReadTimeout",
        )
        receiver.answer = lambda _: Reply(endless=True)
        assert sent(lambda s: s.post_webhook(url, {}, b"{}")).status == 200


def test_a_record_store_gets_its_key() -> None:
    receiver = Receiver()
    with serving(receiver) as url:
        assert sent(lambda s: s.post(f"{url}/statements", {"X": "y"}, b"[]", "key", "pass")).is_success
    assert receiver.received[0].headers["authorization"] == "Basic a2V5OnBhc3M="
