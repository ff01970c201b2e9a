"""Real HTTP servers on loopback: one that takes webhooks and misbehaves as told, one that is a strict LRS."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from typing_extensions import override

WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """Of a webhook."""
        body: dict[str, Any] = json.loads(self.body)
        return body

    @property
    def statements(self) -> list[dict[str, Any]]:
        """Of a learning record store."""
        body: list[dict[str, Any]] = json.loads(self.body)
        return body


@dataclass(slots=True)
class Reply:
    """`hangs`: until the receiver ends. `endless`: a body without an end."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    endless: bool = False


class Receiver:
    """Takes what comes. `answer` decides, in the order of arrival."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Received], Reply] = lambda _: Reply()
        self.over = threading.Event()
        self._changed = threading.Condition()
        self.url = ""

    def take(self, request: Received) -> Reply:
        with self._changed:
            reply = self.answer(request)
            self.received.append(request)
            self._changed.notify_all()
        return reply

    def wait_for(self, is_there: Callable[[], bool]) -> None:
        give_up = time.monotonic() + WAIT_S
        with self._changed:
            while not is_there():
                assert time.monotonic() < give_up, [each.body for each in self.received[-20:]]
                self._changed.wait(0.1)

    def wait_count(self, count: int) -> list[Received]:
        self.wait_for(lambda: len(self.received) >= count)
        return list(self.received)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # the sender was killed in the middle
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.receiver.take(Received(self.path, headers, body))
        if reply.hangs:
            self.receiver.over.wait(WAIT_S)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if not reply.endless:
            self.send_header("Content-Length", "0")
        self.end_headers()
        while reply.endless and not self.receiver.over.is_set():
            try:
                self.wfile.write(bytes(65_536))
            except OSError:
                return

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed in the middle is what some tests are about."""


@contextmanager
def serving(receiver: Receiver, port: int = 0) -> Iterator[str]:
    """Its address, while it answers there."""
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = _Server(("127.0.0.1", port), handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    receiver.over.clear()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver.url
    finally:
        receiver.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


IRI = re.compile(r"https?://[^\s]+")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DURATION = re.compile(r"PT\d+(\.\d+)?S")
MEMBERS = {"id", "actor", "verb", "object", "context", "timestamp", "result"}
PROFILE = "https://w3id.org/xapi/virtual-classroom"


def check_statement(statement: dict[str, Any]) -> None:
    """As strict as the specification of xAPI and the rules of the profile's templates."""
    assert set(statement) <= MEMBERS
    assert MEMBERS - {"result"} <= set(statement)
    assert str(UUID(statement["id"])) == statement["id"]
    actor = statement["actor"]
    assert set(actor) == {"objectType", "account"}
    assert set(actor["account"]) == {"homePage", "name"}
    assert actor["account"]["name"]
    assert IRI.fullmatch(actor["account"]["homePage"])
    assert set(statement["verb"]) == {"id", "display"}
    assert IRI.fullmatch(statement["verb"]["id"])
    check_activity(statement["object"])
    assert TIME.fullmatch(statement["timestamp"])
    context = statement["context"]
    assert set(context) == {"registration", "platform", "contextActivities", "extensions"}
    UUID(context["registration"])
    UUID(context["extensions"]["https://w3id.org/xapi/cmi5/context/extensions/sessionid"])
    assert all(IRI.fullmatch(name) for name in context["extensions"])
    assert set(context["contextActivities"]) <= {"parent", "grouping", "category"}
    for several in context["contextActivities"].values():
        assert several
        for activity in several:
            check_activity(activity)
    assert PROFILE in [activity["id"] for activity in context["contextActivities"]["category"]]
    is_whole = statement["object"]["definition"]["type"] == f"{PROFILE}/activity-types/virtual-classroom"
    assert is_whole or context["contextActivities"]["parent"]
    check_result(statement)


def check_activity(activity: dict[str, Any]) -> None:
    assert set(activity) <= {"objectType", "id", "definition"}
    assert IRI.fullmatch(activity["id"])
    definition = activity["definition"]
    assert set(definition) <= {"type", "name", "interactionType"}
    assert IRI.fullmatch(definition["type"])
    assert ("interactionType" in definition) is definition["type"].endswith("cmi.interaction")


def check_result(statement: dict[str, Any]) -> None:
    result, verb = statement.get("result"), statement["verb"]["id"].rsplit("/", 1)[1]
    match verb:
        case "terminated":
            assert result is not None
            assert DURATION.fullmatch(result["duration"])
        case "answered":
            assert result is not None
            assert result["response"]
        case "reacted" | "unreacted":
            assert result == {"extensions": {f"{PROFILE}/extensions/emoji": "U+1F590"}}
        case _:
            assert result is None


class Lrs(Receiver):
    """Stores statements by id. A batch is taken whole or, with 400, not at all; `rejects` names verbs."""

    def __init__(self, key: str = "key", secret: str = "secret") -> None:
        super().__init__()
        self.stored: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []
        self.again = 0
        self.rejects: set[str] = set()
        self.faults: list[Reply] = []
        self._authorization = "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()
        self.answer = self.store

    def store(self, request: Received) -> Reply:
        if self.faults:
            return self.faults.pop(0)
        if request.path != "/xapi/statements":
            return Reply(404)
        if request.headers.get("authorization") != self._authorization:
            return Reply(401)
        if request.headers.get("x-experience-api-version") not in ("1.0.3", "2.0.0"):
            return Reply(400)
        batch = request.statements
        try:
            for statement in batch:
                check_statement(statement)
                assert statement["verb"]["display"]["en"] not in self.rejects
        except (AssertionError, KeyError, ValueError, TypeError):
            return Reply(400)
        if any(self.stored.get(each["id"], each) != each for each in batch):
            return Reply(409)
        for statement in batch:
            if statement["id"] in self.stored:
                self.again += 1
            else:
                self.stored[statement["id"]] = statement
                self.order.append(statement["id"])
        return Reply()
