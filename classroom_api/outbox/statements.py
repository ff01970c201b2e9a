"""Events of a room as xAPI statements of the virtual classroom profile (https://w3id.org/xapi/virtual-classroom).

Verbs, activity types and rules are those of the profile's `profile.jsonld`, which states no version number
(read in November 2026). The shape holds for xAPI 1.0.3 and 2.0. Actors are accounts: a classroom's is its
pairing's id, a teacher's the user's id, anybody else's the seat's. No name of a person is in a statement, and
no text that somebody wrote in the room.

Every id follows from the lesson's id and the event's number: the same event is the same statement, however
often it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from classroom_api.outbox.events import timestamp

PROFILE: Final = "https://w3id.org/xapi/virtual-classroom"
CLASSROOM: Final = f"{PROFILE}/activity-types/virtual-classroom"
SESSION: Final = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
PLANNED: Final = "http://id.tincanapi.com/extension/planned-duration"
EMOJI: Final = f"{PROFILE}/extensions/emoji"
_INITIALIZED = "http://adlnet.gov/expapi/verbs/initialized"
_TERMINATED = "http://adlnet.gov/expapi/verbs/terminated"
_JOIN = "http://activitystrea.ms/join"
_LEAVE = "http://activitystrea.ms/leave"
_START = "http://activitystrea.ms/start"
_STOPPED = f"{PROFILE}/verbs/stopped"
_SHARE = "http://activitystrea.ms/share"
_UNSHARE = "http://activitystrea.ms/unshare"
_REACTED = f"{PROFILE}/verbs/reacted"
_UNREACTED = f"{PROFILE}/verbs/unreacted"
_ASKED = "http://adlnet.gov/expapi/verbs/asked"
_ANSWERED = "http://adlnet.gov/expapi/verbs/answered"
_POSTED = "https://w3id.org/xapi/acrossx/verbs/posted"
_DISPLAY: Final[Mapping[str, str]] = MappingProxyType(
    {
        _INITIALIZED: "initialized",
        _TERMINATED: "terminated",
        _JOIN: "joined",
        _LEAVE: "left",
        _START: "started",
        _STOPPED: "stopped",
        _SHARE: "shared",
        _UNSHARE: "unshared",
        _REACTED: "reacted",
        _UNREACTED: "unreacted",
        _ASKED: "asked",
        _ANSWERED: "answered",
        _POSTED: "posted",
    }
)
_SOURCES: Final = MappingProxyType(
    {
        "camera": ("camera", _START, _STOPPED),
        "microphone": ("micro", _START, _STOPPED),
        "screen": ("screen", _SHARE, _UNSHARE),
    }
)
"""Source -> activity type, verb of its beginning, verb of its end. A whisper is not stated."""
_INTERACTION = "http://adlnet.gov/expapi/activities/cmi.interaction"
_MESSAGE = "https://w3id.org/xapi/acrossx/activities/message"

STATED: Final = frozenset(
    {
        "lesson_state",
        "seat_joined",
        "seat_left",
        "publication_added",
        "publication_changed",
        "publication_removed",
        "seat_muted",
        "floor_requested",
        "floor_withdrawn",
        "floor_granted",
        "poll_opened",
        "poll_answered",
        "round_opened",
        "round_answered",
        "text_posted",
    }
)
"""The kinds of events that may give a statement."""

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LessonFacts:
    """What statements say of a lesson. `accounts`: seat -> account name, for seats of pairings and users.

    `home_page`: https://host without a slash at the end, which the accounts and activities belong to.
    """

    lesson: str
    title: str
    home_page: str
    accounts: Mapping[str, str]
    course: tuple[str, str] | None = None
    unit: tuple[str, str] | None = None
    planned_ms: int | None = None


def registration_of(lesson: str) -> UUID:
    """The same for all statements of a lesson, and for no other lesson's."""
    return uuid5(NAMESPACE_URL, f"tandem:lesson:{lesson}")


def statement_id(lesson: str, seq: int) -> UUID:
    return uuid5(registration_of(lesson), str(seq))


def duration(ms: int) -> str:
    """ISO 8601.

    >>> duration(2_700_500)
    'PT2700.5S'
    """
    return f"PT{max(ms, 0) / 1000:.3f}".rstrip("0").rstrip(".") + "S"


@dataclass(slots=True)
class _Line:
    """Verb, actor (a seat, or None for the server) and object of a statement."""

    verb: str
    seat: str | None
    object: Statement | None = None
    result: Statement | None = None
    extensions: Statement = field(default_factory=dict)


class Narrator:
    """Tells the events of one lesson, in order and from its first on; remembers of those before what a later
    one refers to.
    """

    def __init__(self) -> None:
        self._facts = LessonFacts("", "", "", {})
        self._master: str | None = None
        self._sources: dict[str, tuple[str, str]] = {}
        self._enabled: set[str] = set()
        self.activity = ""

    def tell(
        self, facts: LessonFacts, events: Iterable[tuple[int, int, Mapping[str, Any]]]
    ) -> Iterator[tuple[int, Statement]]:
        """(number, statement) of those events that give one. `events`: (number, UTC ms, body), behind those
        that were told before; those of kinds that are not `STATED` may be left out.
        """
        self._facts = facts
        self.activity = f"{facts.home_page}/lessons/{facts.lesson}"
        for seq, at_ms, body in events:
            told = self._line(body)
            if told is not None:
                yield seq, self._statement(seq, at_ms, told)

    def _line(self, body: Mapping[str, Any]) -> _Line | None:
        match body["type"]:
            case "lesson_state":
                return self._lesson(body)
            case "seat_joined":
                seat = body["seat"]
                if seat["role"] == "master":
                    self._master = seat["id"]
                return _Line(_JOIN, seat["id"])
            case "seat_left":
                return _Line(_LEAVE, body["seat"])
            case "seat_muted":
                return self._micro(body["seat"], is_on=not body["muted"])
            case "floor_requested":
                return self._hand(_REACTED, body["seat"])
            case "floor_withdrawn" | "floor_granted":
                return self._hand(_UNREACTED, body["seat"])
            case "publication_added" | "publication_changed" | "publication_removed":
                return self._publication(body)
            case _:
                return self._exchange(body)

    def _lesson(self, body: Mapping[str, Any]) -> _Line | None:
        planned = self._facts.planned_ms
        extensions = {PLANNED: duration(planned)} if planned is not None else {}
        if body["state"] == "live":
            return _Line(_INITIALIZED, self._master, extensions=extensions)
        if body["state"] == "ended":
            started_at_ms, ended_at_ms = body.get("started_at_ms"), body.get("ended_at_ms")
            if started_at_ms is None or ended_at_ms is None:
                return None
            result = {"duration": duration(ended_at_ms - started_at_ms)}
            return _Line(_TERMINATED, self._master, result=result, extensions=extensions)
        return None

    def _hand(self, verb: str, seat: str) -> _Line:
        return _Line(verb, seat, result={"extensions": {EMOJI: "U+1F590"}})

    def _micro(self, seat: str, *, is_on: bool) -> _Line:
        return _Line(_START if is_on else _STOPPED, seat, self._device("micro", seat))

    def _device(self, what: str, seat: str) -> Statement:
        definition = {"type": f"{PROFILE}/activity-types/{what}"}
        return {"id": f"{self.activity}/{what}/{seat}", "definition": definition}

    def _publication(self, body: Mapping[str, Any]) -> _Line | None:
        """A source begins or ends: by being published, switched on or off, taken away."""
        if body["type"] == "publication_added":
            offered = body["publication"]
            publication, is_on = offered["id"], offered["enabled"]
            self._sources[publication] = (offered["seat"], offered["source"])
        else:
            publication, is_on = body["publication"], bool(body.get("enabled", False))
        seat, source = self._sources.get(publication, ("", ""))
        if source not in _SOURCES or is_on == (publication in self._enabled):
            return None
        (self._enabled.add if is_on else self._enabled.discard)(publication)
        what, begun, ended = _SOURCES[source]
        return _Line(begun if is_on else ended, seat, self._device(what, seat))

    def _exchange(self, body: Mapping[str, Any]) -> _Line | None:
        """Questions, answers and messages, without their words."""
        match body["type"]:
            case "poll_opened" | "round_opened":
                kind = body["type"].removesuffix("_opened")
                return _Line(_ASKED, self._master, self._question(kind, body[kind]["id"]))
            case "poll_answered" | "round_answered":
                kind, answer = body["type"].removesuffix("_answered"), body["answer"]
                response = ",".join(map(str, answer["counts"])) if answer["counts"] else "text"
                question = self._question(kind, body[kind])
                return _Line(_ANSWERED, answer["seat"], question, result={"response": response})
            case "text_posted":
                text = body["text"]
                message = {"id": f"{self.activity}/messages/{text['id']}", "definition": {"type": _MESSAGE}}
                return _Line(_POSTED, text["seat"], message)
        return None

    def _question(self, kind: str, number: int) -> Statement:
        definition = {"type": _INTERACTION, "interactionType": "other"}
        return {"id": f"{self.activity}/{kind}s/{number}", "definition": definition}

    def _statement(self, seq: int, at_ms: int, line: _Line) -> Statement:
        facts = self._facts
        registration = registration_of(facts.lesson)
        classroom = {
            "objectType": "Activity",
            "id": self.activity,
            "definition": {"type": CLASSROOM, "name": {"und": facts.title}},
        }
        activities: dict[str, list[Statement]] = {
            "category": [
                {"id": PROFILE, "definition": {"type": "http://adlnet.gov/expapi/activities/profile"}}
            ]
        }
        if line.object is not None:
            activities["parent"] = [{"id": self.activity, "definition": {"type": CLASSROOM}}]
        grouping = [
            *self._grouping("courses", "course", facts.course),
            *self._grouping("units", "module", facts.unit),
        ]
        if grouping:
            activities["grouping"] = grouping
        made: Statement = {
            "id": str(statement_id(facts.lesson, seq)),
            "actor": self._actor(line.seat),
            "verb": {"id": line.verb, "display": {"en": _DISPLAY[line.verb]}},
            "object": {"objectType": "Activity", **line.object} if line.object is not None else classroom,
            "context": {
                "registration": str(registration),
                "platform": "Tandem",
                "contextActivities": activities,
                "extensions": {SESSION: str(uuid5(registration, "session")), **line.extensions},
            },
            "timestamp": timestamp(at_ms),
        }
        if line.result is not None:
            made["result"] = line.result
        return made

    def _grouping(self, path: str, kind: str, record: tuple[str, str] | None) -> list[Statement]:
        if record is None:
            return []
        definition = {"type": f"http://adlnet.gov/expapi/activities/{kind}", "name": {"und": record[1]}}
        return [{"id": f"{self._facts.home_page}/{path}/{record[0]}", "definition": definition}]

    def _actor(self, seat: str | None) -> Statement:
        name = "tandem" if seat is None else self._facts.accounts.get(seat, seat)
        return {"objectType": "Agent", "account": {"homePage": self._facts.home_page, "name": name}}
