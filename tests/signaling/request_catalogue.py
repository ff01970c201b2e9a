"""Requests of every type that docs/protocol.md names, as they go over the socket: right in shape, free in
what they say."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from signaling.roles import Ability

SEAT_NAMES: Final = (
    *("master", "classroom_a", "classroom_b", "assistant_a", "student_a", "student_b", "observer"),
    "assistant_b",
)
LETTERS: Final = ("a", "b")
SEATS = st.sampled_from((*SEAT_NAMES, "nobody"))
OWN_OR_SEAT = st.none() | SEATS
TRUTH = st.booleans()
NUMBERS = st.integers(1, 4)
COUNTS = st.sampled_from([[1, 2], [3, 3], [2, 1], [1, 2, 3]])
CHOICES = st.just(["yes", "no"])
PHOTOS: Final = ("photo_1", "photo_2", "photo_3")
PAGES = st.integers(1, 2)
DECK = st.just("deck_1")
ABILITIES = st.sampled_from(
    [*sorted(Ability), *(3 * ["admit", "ban", "end_lesson", "go_on_locally", "annotate", "be_granted_floor"])]
)
GRANTABLE = st.sampled_from(["annotate", "send_text", "forward_screen", "publish_screen_audio", "mute"])
PEERS = st.integers(0, 8)
"""Which of the peers that there were; the driver puts its name in."""

Members = dict[str, st.SearchStrategy[Any]]


def _members(**members: st.SearchStrategy[Any]) -> Members:
    return members


ROOM_REQUESTS: Final[dict[str, Members]] = {
    "publication_enable": _members(
        publication=st.sampled_from(["pub_1/camera", "pub_2/camera", "pub_9/x"]), enabled=TRUTH
    ),
    "floor_request": _members(seat=OWN_OR_SEAT),
    "floor_withdraw": _members(seat=OWN_OR_SEAT),
    "floor_grant": _members(seat=SEATS),
    "floor_revoke": _members(seat=SEATS),
    "stage": _members(seats=st.lists(SEATS, max_size=3, unique=True)),
    "mute": _members(seat=SEATS),
    "unmute": _members(seat=SEATS),
    "mute_all": {},
    "recording_consent": _members(granted=TRUTH, seat=OWN_OR_SEAT),
    "live_consent": _members(video=TRUTH, voice=TRUTH, seat=OWN_OR_SEAT),
    "lesson_start": {},
    "lesson_end": {},
    "recording_start": {},
    "recording_stop": {},
    "lesson_suspend": {},
    "lesson_resume": {},
    "forbid_all": _members(forbidden=TRUTH),
    "shut_down": {},
    "classroom_block": _members(
        classroom=st.sampled_from(LETTERS),
        block=st.sampled_from([None, "paused", "forbidden", "shut_down"]),
    ),
    "go_on_locally": {},
    "admission": _members(admission=st.sampled_from(["open", "waiting", "locked"])),
    "admit": _members(seat=SEATS),
    "refuse": _members(seat=SEATS),
    "remove": _members(seat=SEATS),
    "ban": _members(seat=SEATS),
    "lift_ban": _members(seat=SEATS),
    "ability_grant": _members(seat=SEATS, ability=GRANTABLE, granted=TRUTH),
    "policy": _members(ability=ABILITIES, allowed=st.sampled_from([False, False, True])),
    "whisper": _members(seat=OWN_OR_SEAT),
    "listen": _members(seat=OWN_OR_SEAT),
    "device_check": _members(camera_fps=st.just(25), rtt_ms=st.none() | st.just(80)),
    "receive": _members(picture=st.sampled_from(["high", "low", "none"]), seat=OWN_OR_SEAT),
    "round_open": _members(
        prompt=st.just("?"), answer=st.sampled_from(["count", "choice", "text", "photo"]), choices=CHOICES
    ),
    "round_phase": _members(
        round=NUMBERS,
        phase=st.sampled_from(["prompt", "local", "report", "stage", "closed"]),
        local_s=st.none() | st.just(30),
        seats=st.none() | st.lists(SEATS, max_size=2, unique=True),
    ),
    "round_ready": _members(round=NUMBERS),
    "round_answer": _members(
        round=NUMBERS,
        counts=COUNTS,
        text=st.sampled_from([None, None, "three"]),
        photo=st.sampled_from([None, *PHOTOS]),
        seat=OWN_OR_SEAT,
    ),
    "poll_open": _members(question=st.just("?"), choices=CHOICES),
    "poll_close": _members(poll=NUMBERS),
    "poll_answer": _members(poll=NUMBERS, counts=COUNTS, seat=OWN_OR_SEAT),
    "signal": _members(signal=st.sampled_from([None, "fault", "too_fast"])),
    "signal_clear": _members(seat=SEATS),
    "marker": _members(label=st.just("here")),
    "timer": _members(duration_s=st.none() | st.just(10), label=st.just("")),
    "pick": _members(of=st.sampled_from(["classroom", "number"]), upto=st.just(7)),
    "slide": _members(deck=st.none() | DECK, page=PAGES),
    "photos": _members(photos=st.lists(st.sampled_from(PHOTOS), max_size=2, unique=True)),
    "ink": _members(
        deck=DECK, page=PAGES, color=st.just("#00ff00"), width=st.just(3), points=st.just([[1, 2]])
    ),
    "ink_clear": _members(deck=DECK, page=PAGES),
    "pointer": _members(x=st.just(1), y=st.just(2)),
    "text": _members(text=st.just("hello")),
    "text_decide": _members(pending=NUMBERS, approved=TRUTH),
    "text_private": _members(seat=SEATS, text=st.just("psst")),
    "leave": {},
}
MEDIA_REQUESTS: Final[dict[str, Members]] = {
    "publish": {},
    "unpublish": _members(peer=PEERS),
    "subscribe": {},
    "subscribe_answer": _members(peer=PEERS, offer_id=NUMBERS, sdp=st.just("v=0")),
    "subscribe_restart": _members(peer=PEERS),
    "candidate": _members(peer=PEERS),
}
"""Carried out by the media server, between the room's permission and the room's record."""
SHELL_REQUESTS: Final = frozenset({"ping"})
ENDINGS: Final = frozenset({"lesson_end", "shut_down"})


def request_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """One message of this type; members that are None are left out."""
    members = ROOM_REQUESTS.get(kind) or MEDIA_REQUESTS.get(kind) or {}

    def message(said: dict[str, Any]) -> dict[str, Any]:
        named = {name: value for name, value in said.items() if value is not None}
        return {"type": kind, "id": "1", **named}

    return st.fixed_dictionaries(members).map(message)


def kinds() -> st.SearchStrategy[list[str]]:
    """The types of one history: of few it tries many combinations, of all at once hardly any."""
    return st.lists(st.sampled_from(sorted(ROOM_REQUESTS)), min_size=4, max_size=16, unique=True)


def requests(known: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Of any type of the history; few of those that end everything."""
    endings = [kind for kind in known if kind in ENDINGS]
    going_on = [kind for kind in known if kind not in ENDINGS]
    return st.sampled_from([*(going_on * 8), *endings] or known).flatmap(request_of)
