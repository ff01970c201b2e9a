"""What DOMAIN and docs/protocol.md let people do, written down a second time from the words alone.

Nothing here comes from `signaling`: what is asked, and what the room is, are the JSON that a client sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

View = Mapping[str, Any]
"""A snapshot of the room, or a client's fold."""
Request = Mapping[str, Any]
"""A request as it goes over the socket."""

_ROLES = ("master", "assistant", "classroom", "student", "observer", "admin")
_TABLE = """
# P may, R own room, S own seat, G whom it was granted, - never
# request           ability               master assistant classroom student observer admin
publication_enable  -                     S  S  S  S  S  -
floor_request       request_floor         -  R  S  S  -  -
floor_withdraw      request_floor         -  R  S  S  -  -
floor_grant         grant_floor           P  -  -  -  -  -
floor_revoke        revoke_floor          P  R  S  S  -  P
stage               grant_floor           P  -  -  -  -  -
mute                mute                  P  R  -  -  -  P
unmute              mute                  P  R  -  -  -  P
mute_all            mute_all              P  -  -  -  -  P
recording_consent   consent_to_recording  S  R  S  S  -  P
live_consent        consent_to_live       S  R  S  S  -  -
lesson_start        start_lesson          P  -  -  -  -  P
lesson_end          end_lesson            P  R  -  -  -  P
recording_start     start_recording       P  -  -  -  -  P
recording_stop      start_recording       P  -  -  -  -  P
lesson_suspend      pause                 P  -  -  -  -  P
lesson_resume       pause                 P  -  -  -  -  P
forbid_all          forbid_all            P  -  -  -  -  P
shut_down           shut_down             P  -  -  -  -  P
classroom_block     block_classroom       P  R  -  -  -  P
go_on_locally       go_on_locally         -  R  -  -  -  -
admission           lock                  P  -  -  -  -  P
admit               admit                 P  R  -  -  -  P
refuse              admit                 P  R  -  -  -  P
remove              remove                P  R  -  -  -  P
ban                 ban                   P  R  -  -  -  P
lift_ban            ban                   P  R  -  -  -  P
ability_grant       grant_ability         P  R  -  -  -  -
policy              set_policy            P  -  -  -  -  P
whisper             whisper_to            P  -  -  -  -  -
listen              see_wall              P  -  -  -  -  -
device_check        check_devices         S  S  S  S  -  -
receive             set_receive           P  R  S  S  -  -
round_open          open_round            P  -  -  -  -  -
round_phase         open_round            P  -  -  -  -  -
round_ready         run_local_part        -  R  -  -  -  -
round_answer        answer_round          -  R  S  S  -  -
poll_open           open_round            P  -  -  -  -  -
poll_close          open_round            P  -  -  -  -  -
poll_answer         answer_round          -  R  S  S  -  -
signal              raise_signal          -  P  P  -  -  -
signal_clear        clear_signal          P  -  -  -  -  -
marker              set_marker            P  -  -  -  -  -
timer               set_timer             P  -  -  -  -  -
pick                pick                  P  -  -  -  -  -
slide               show_slide            P  -  -  -  -  -
photos              show_photos           P  -  -  -  -  -
ink                 annotate              P  G  G  G  -  -
ink_clear           show_slide            P  -  -  -  -  -
pointer             annotate              P  G  G  G  -  -
text                send_text             P  P  -  G  -  P
text_decide         moderate_text         P  R  -  -  -  -
text_private        send_private_text     P  P  -  -  -  -
leave               -                     P  P  P  P  P  -
"""
_LINES = [line.split() for line in _TABLE.splitlines() if line and not line.startswith("#")]
CELLS: Final = MappingProxyType({line[0]: dict(zip(_ROLES, line[2:], strict=True)) for line in _LINES})
ABILITY: Final = MappingProxyType({line[0]: line[1] for line in _LINES})

_MEDIA = """
# A always, T on stage, G whom it was granted
camera        A  T  A  T  -
microphone    A  T  T  T  -
screen        A  G  -  -  -
screen_audio  A  G  -  -  -
whisper       A  A  -  -  -
"""
MEDIA_CELLS: Final = MappingProxyType(
    {
        line.split()[0]: dict(zip(_ROLES, line.split()[1:], strict=False))
        for line in _MEDIA.splitlines()
        if line and not line.startswith("#")
    }
)
_SCREEN = ("publish_screen", "publish_screen_audio", "forward_screen", "forward_screen_audio")
_GRANTABLE: Final = MappingProxyType(
    {
        "assistant": {*_SCREEN, "annotate"},
        "classroom": {"annotate"},
        "student": {"annotate", "send_text"},
    }
)
_STAGED = ("assistant", "classroom", "student")
_CONSENTS = ("consent_to_live", "consent_to_recording", "refuse_recording")
GRACE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Person:
    """`group`: what the student group has granted of recording, video, voice; no word: not decided."""

    id: str
    role: str
    classroom: str | None
    group: Mapping[str, bool | None] | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a decision is about.  `people`: everybody who ever comes; `pending`: who wrote a waiting text."""

    view: View
    people: Mapping[str, Person]
    pending: Mapping[int, str]
    now_ms: int

    def is_denied(self, who: Person, ability: str) -> bool:
        denied: list[str] = self.view["controls"]["denied"]
        return ability in denied and who.role not in ("master", "admin")

    def holds(self, who: Person, ability: str) -> bool:
        return ability in self.view["controls"]["grants"].get(who.id, [])


def may(scene: Scene, who: Person, request: Request) -> bool:
    """False: it must be refused.  True: if it is refused, then for another reason than permission."""
    kind = request["type"]
    cell = CELLS[kind][who.role]
    if cell == "-" or scene.is_denied(who, ABILITY[kind]):
        return False
    if cell == "G" and not scene.holds(who, ABILITY[kind]):
        return False
    if cell in "RS" and not _reaches(scene, who, cell, request):
        return False
    extra = _EXTRAS.get(kind)
    return extra is None or extra(scene, who, request)


def _reaches(scene: Scene, who: Person, cell: str, request: Request) -> bool:
    match request["type"]:
        case "classroom_block":
            return bool(who.classroom == request["classroom"])
        case "round_ready" | "go_on_locally" | "lesson_end":
            return who.classroom is not None
        case "text_decide":
            target: str | None = scene.pending.get(request["pending"])
            return target is None or _is_own(scene, who, cell, target)
        case "publication_enable":
            media = scene.view["publications"]
            return any((each["id"], each["seat"]) == (request["publication"], who.id) for each in media)
        case _:
            return _is_own(scene, who, cell, request.get("seat") or who.id)


def _is_photo_free(scene: Scene, photo: str) -> bool:
    """Of who has left nothing is known here but what the group has decided."""
    current = scene.view["board"]["round"]
    answers = [] if current is None else current["answers"]
    answer = next((each for each in answers if each["photo"] == photo), None)
    if answer is None:
        return False
    seat, group = _seat(scene.view, answer["seat"]), scene.people[answer["seat"]].group or {}
    has_consent = group.get("video") is not False and (seat is None or seat["video_consent"])
    return may_stay_shown(scene.view, answer, has_consent=has_consent)


def _is_own(scene: Scene, who: Person, cell: str, target: str) -> bool:
    if target == who.id:
        return True
    other = scene.people.get(target)
    if cell == "S" or other is None:
        return cell != "S"  # nobody: another reason
    shares = who.classroom is not None and who.classroom == other.classroom
    return shares and other.role in ("classroom", "student")


def _may_be_staged(scene: Scene, target: str | None) -> bool:
    other = scene.people.get(target or "")
    return other is None or (other.role in _STAGED and not scene.is_denied(other, "be_granted_floor"))


def _role(scene: Scene, target: str) -> str | None:
    other = scene.people.get(target)
    return None if other is None else other.role


def _consents(scene: Scene, who: Person, request: Request) -> bool:
    """Each for itself; the others' recording can only be refused; what a group decides no page grants."""
    target = request.get("seat") or who.id
    if target == "admin" or (request["granted"] and target != who.id):
        return False
    group = scene.people[target].group if target in scene.people else None
    return group is None or not request["granted"] or group.get("recording") is not False


def _consents_to_live(scene: Scene, who: Person, request: Request) -> bool:
    person = scene.people.get(request.get("seat") or who.id)
    group = {} if person is None else person.group or {}
    return not any(group.get(kind) is False and request[kind] for kind in ("video", "voice"))


def _blocks(scene: Scene, who: Person, request: Request) -> bool:
    present = scene.view["controls"]["blocks"].get(request["classroom"])
    return present is None or who.role != "assistant" or present["by"] == who.id


def _is_late(scene: Scene, who: Person, _: Request) -> bool:
    lesson = scene.view["lesson"]
    lost = lesson["state"] == "master_lost" and scene.now_ms - lesson["since_ms"] >= GRACE_MS
    return who.role != "assistant" or lost


def _grants(scene: Scene, who: Person, request: Request) -> bool:
    role = _role(scene, request["seat"])
    return role is None or (
        request["seat"] != who.id and request["ability"] in _GRANTABLE.get(role, frozenset())
    )


def _talks_to(scene: Scene, who: Person, request: Request) -> bool:
    return _role(scene, request["seat"]) in (None, {"master": "assistant", "assistant": "master"}[who.role])


def _stages(scene: Scene, _: Person, request: Request) -> bool:
    is_staging = request["type"] == "stage" or request["phase"] == "stage"
    return not is_staging or all(_may_be_staged(scene, seat) for seat in request.get("seats") or [])


_EXTRAS: Final[Mapping[str, Callable[[Scene, Person, Request], bool]]] = MappingProxyType(
    {
        "floor_request": lambda scene, who, r: _may_be_staged(scene, r.get("seat") or who.id),
        "floor_grant": lambda scene, _, r: _may_be_staged(scene, r["seat"]),
        "stage": _stages,
        "round_phase": _stages,
        "recording_consent": _consents,
        "live_consent": _consents_to_live,
        "classroom_block": _blocks,
        "lesson_end": _is_late,
        "go_on_locally": _is_late,
        "ability_grant": _grants,
        "policy": lambda _, __, r: r["ability"] not in _CONSENTS,
        "remove": lambda scene, _, r: _role(scene, r["seat"]) != "master",
        "ban": lambda scene, who, r: _role(scene, r["seat"]) != "master" and r["seat"] != who.id,
        "whisper": lambda scene, _, r: _role(scene, r.get("seat") or "") in (None, "assistant"),
        "listen": lambda scene, _, r: _role(scene, r.get("seat") or "") in (None, "classroom"),
        "round_answer": lambda scene, who, r: (
            r.get("text") is r.get("photo") is None or _role(scene, r.get("seat") or who.id) != "student"
        ),
        "photos": lambda scene, _, r: all(_is_photo_free(scene, photo) for photo in r["photos"]),
        "text_private": _talks_to,
    }
)


def passes(view: View, seat: str, source: str) -> bool:
    """Whether the packets of a seat's source may leave the server."""
    owner = _seat(view, seat)
    if owner is None or view["lesson"]["state"] in ("suspended", "ended"):
        return False
    controls, role = view["controls"], owner["role"]
    cell = MEDIA_CELLS[source].get(role, "-")
    is_granted = f"forward_{source}" in controls["grants"].get(seat, [])
    is_listened_to = source == "microphone" and seat in controls["listens"].values()
    if not {"A": True, "T": seat in view["stage"] or is_listened_to, "G": is_granted, "-": False}[cell]:
        return False
    if role != "master" and (controls["is_all_forbidden"] or f"forward_{source}" in controls["denied"]):
        return False
    if owner["classroom"] in controls["blocks"] and source != "whisper":
        return False
    if source in ("microphone", "whisper"):
        return owner["voice_consent"] and not owner["muted"]
    return owner["video_consent"] or source != "camera"


def receives(view: View, receiver: str, media: Mapping[str, Any]) -> bool:
    """Whether a publication is in the receiver's share."""
    who, owner = _seat(view, receiver), _seat(view, media["seat"])
    if who is None or owner is None or who["id"] == owner["id"]:
        return False
    if media["source"] in ("camera", "screen") and view["links"]["receive"].get(receiver) == "none":
        return False
    if media["source"] == "microphone" and view["controls"]["listens"].get(receiver) == owner["id"]:
        return True
    if media["source"] == "whisper":
        if owner["role"] == "assistant":
            return bool(who["role"] == "master")
        return bool(view["controls"]["whispers"].get(owner["id"]) == who["id"])
    if owner["role"] == "master" or owner["id"] in view["stage"]:
        return True
    if media["source"].startswith("screen"):
        return passes(view, owner["id"], media["source"])
    if (owner["role"], media["source"]) != ("classroom", "camera"):
        return False
    is_wall_denied = "see_wall" in view["controls"]["denied"]
    is_own = who["role"] == "assistant" and who["classroom"] == owner["classroom"] is not None
    return bool(who["role"] == "master" or (is_own and not is_wall_denied))


def is_recorded(view: View, media: Mapping[str, Any]) -> bool:
    """Whether a publication may be on disk."""
    owner, policy = _seat(view, media["seat"]), view["recording"]["policy"]
    if owner is None or view["lesson"]["state"] not in ("live", "suspended", "master_lost"):
        return False
    if view["recording"]["state"] == "paused":
        return False
    is_meant = owner["role"] == "master" or (policy == "stage" and owner["id"] in view["stage"])
    return policy != "off" and is_meant and owner["recording_consent"] and media["source"] != "whisper"


def may_stay_shown(view: View, photo: Mapping[str, Any], *, has_consent: bool) -> bool:
    """Whether all rooms may go on seeing a photo that the master has shown.  `has_consent`: its seat's, to be
    seen live, as it was last told."""
    current, controls = view["board"]["round"], view["controls"]
    answers = [] if current is None else [(each["seat"], each["photo"]) for each in current["answers"]]
    is_forbidden = controls["is_all_forbidden"] or photo["classroom"] in controls["blocks"]
    return has_consent and not is_forbidden and (photo["seat"], photo["photo"]) in answers


def _seat(view: View, seat: str) -> Mapping[str, Any] | None:
    return next((each for each in view["seats"] if each["id"] == seat), None)
