"""A lesson in which everything happens once: what the room tells, for clients in other languages to fold.

`python -m tests.signaling.room_history` writes tests/vectors/room_history.json anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from signaling.board_events import Deck, Signal, Slide
from signaling.board_messages import (
    ClearInk,
    DrawInk,
    PickOf,
    PickRandom,
    PollAnswer,
    PollClose,
    PollOpen,
    RaiseSignal,
    RoundAnswer,
    RoundDone,
    RoundOpen,
    RoundPhase,
    SetMarker,
    SetTimer,
    ShowPhotos,
    ShowSlide,
)
from signaling.commands import DecideConsent, DecksChanged, RecorderSaid, StartLesson
from signaling.control_events import Admission, Block
from signaling.control_messages import (
    Admit,
    BanSeat,
    ClassroomBlock,
    ForbidAll,
    GoOnLocally,
    GrantAbility,
    LessonResume,
    LessonSuspend,
    LiftBan,
    Listen,
    LiveConsent,
    SetAdmission,
    SetPolicy,
    Whisper,
)
from signaling.device_check import Measures
from signaling.link_events import Receive
from signaling.link_messages import CheckDevices, SetReceive
from signaling.messages import (
    FloorGrant,
    FloorRequest,
    FloorRevoke,
    FloorWithdraw,
    LessonEnd,
    Mute,
    PublicationEnable,
    RecordingConsent,
    Remove,
    RoomBody,
)
from signaling.ports import Decided, RecordingState
from signaling.roles import Ability
from signaling.rounds import AnswerKind, Phase
from signaling.snapshot import serialize_snapshot
from signaling.talk_messages import SendText
from streaming.identifiers import PublicationId, SeatId
from streaming.session.media import PublicationEnded, Source
from tests.signaling.room_driver import SECOND_NS, RoomDriver, claims, publication

VECTOR = Path(__file__).parents[1] / "vectors" / "room_history.json"
A, B, ASSISTANT = SeatId("classroom_a"), SeatId("classroom_b"), SeatId("assistant_a")
COUNT, CHOICE = AnswerKind.COUNT, AnswerKind.CHOICE
DECKS = (Deck("deck_1", "Fractions", 30), Deck("deck_2", "Decimals", 2))
PAGE = Slide("deck_1", 4)
STROKE = ((0, 0), (9999, 9999))

LESSON: tuple[tuple[str, RoomBody], ...] = (
    ("classroom_a", FloorRequest(None)),
    ("classroom_b", FloorRequest(None)),
    ("classroom_b", FloorWithdraw(None)),
    ("master", FloorGrant(A)),
    ("master", Mute(A)),
    ("master", FloorRevoke(A)),
    ("classroom_a", RecordingConsent(granted=True)),
    ("classroom_b", LiveConsent(video=False, voice=True, seat=None)),
    ("master", PublicationEnable(PublicationId("pub_1/camera"), enabled=False)),
    ("master", ForbidAll(forbidden=True)),
    ("master", ForbidAll(forbidden=False)),
    ("assistant_a", ClassroomBlock("a", Block.PAUSED)),
    ("master", ClassroomBlock("b", Block.FORBIDDEN)),
    ("master", ClassroomBlock("b", None)),
    ("master", GrantAbility(ASSISTANT, Ability.ANNOTATE, granted=True)),
    ("master", GrantAbility(A, Ability.ANNOTATE, granted=True)),
    ("master", GrantAbility(A, Ability.ANNOTATE, granted=False)),
    ("master", SetPolicy(Ability.SEND_TEXT, allowed=False)),
    ("master", SetPolicy(Ability.ANNOTATE, allowed=False)),
    ("master", SetPolicy(Ability.SEND_TEXT, allowed=True)),
    ("master", Whisper(ASSISTANT)),
    ("master", Listen(A)),
    ("master", RoundOpen("Who?", AnswerKind.TEXT, ())),
    ("master", RoundOpen("How many got 3/4?", COUNT, ())),
    ("master", RoundPhase(2, Phase.LOCAL, 30, None)),
    ("assistant_a", RoundDone(2)),
    ("classroom_a", RoundAnswer(2, (9, 12), None, None)),
    ("classroom_b", RoundAnswer(2, (1, 9), None, None)),
    ("classroom_a", RoundAnswer(2, (10, 12), None, None)),
    ("master", PollOpen("Faster?", ("yes", "no"))),
    ("classroom_b", PollAnswer(3, (4, 5), None)),
    ("master", PollClose(3)),
    ("classroom_a", RaiseSignal(Signal.FAULT)),
    ("assistant_a", RaiseSignal(Signal.TOO_FAST)),
    ("classroom_a", RaiseSignal(None)),
    ("master", SetMarker("Example 2")),
    ("master", SetTimer(60, "Work")),
    ("master", PickRandom(PickOf.NUMBER, 12)),
    ("master", PickRandom(PickOf.CLASSROOM, 0)),
    ("master", ShowSlide(PAGE)),
    ("master", DrawInk(PAGE, "#d00000", 8, STROKE)),
    ("master", DrawInk(Slide("deck_1", 5), "#0000d0", 3, STROKE)),
    ("master", ClearInk(PAGE)),
    ("master", ShowSlide(Slide("deck_2", 1))),
    ("master", DrawInk(Slide("deck_2", 1), "#0000d0", 3, STROKE)),
    ("master", SendText("Page 12, please.")),
    ("classroom_a", CheckDevices(Measures(down_bps=300_000, rtt_ms=120))),
    ("assistant_a", SetReceive(Receive.LOW, A)),
    ("master", SetReceive(Receive.NONE, B)),
    ("classroom_b", SetReceive(Receive.HIGH, None)),
    ("master", RoundOpen("Show it.", AnswerKind.PHOTO, ())),
    ("master", RoundPhase(9, Phase.REPORT, None, None)),
    ("classroom_a", RoundAnswer(9, (), None, None, "photo_1")),
    ("classroom_b", RoundAnswer(9, (), None, None, "photo_2")),
    ("master", ClassroomBlock("a", None)),
    ("master", ShowPhotos(("photo_1",))),
    ("classroom_a", RoundAnswer(9, (), None, None, "photo_3")),
    ("master", ShowPhotos(("photo_3",))),
    ("master", SetAdmission(Admission.WAITING)),
)


def room_history() -> dict[str, Any]:
    """The snapshot before, every event, the snapshot after."""
    driver = RoomDriver()
    for seat in ("master", A, B, ASSISTANT):
        driver.connect(claims(seat))
    start = json.loads(serialize_snapshot(driver.room.state))
    told = driver.room.seq
    for _ in _steps(driver):
        driver.now_ns += SECOND_NS
    events = [
        {"seq": stored.seq, "at_ms": stored.at_ms, "event": json.loads(stored.body)}
        for stored in driver.log
        if stored.seq > told
    ]
    end = json.loads(serialize_snapshot(driver.room.state))
    return {"epoch": driver.room.epoch, "seq": told, "start": start, "events": events, "end": end}


def _steps(driver: RoomDriver) -> Iterator[None]:
    driver.apply(StartLesson())
    driver.apply(DecksChanged(DECKS))
    driver.publish(claims("master"), Source.CAMERA, Source.MICROPHONE)
    driver.apply(RecorderSaid(RecordingState.FAILED, "storage_full"))
    for seat, body in LESSON:
        driver.ask(seat, body)
        yield
    driver.apply(DecksChanged(DECKS[:1]))
    driver.apply(DecideConsent(A, Decided(recording=True, video=None, voice=False)))
    driver.connect(claims("student_a"))
    driver.connect(claims("student_b"))
    driver.ask("master", Admit(SeatId("student_a")))
    yield
    driver.ask("master", Remove(SeatId("student_a")))
    driver.ask("master", Admit(SeatId("student_a")))
    driver.ask("master", BanSeat(B))
    driver.ask("master", LiftBan(B))
    driver.ask("master", BanSeat(B))
    yield
    driver.happen(PublicationEnded(publication("pub_1", Source.MICROPHONE)))
    driver.ask("master", LessonSuspend())
    driver.ask("master", LessonResume())
    driver.disconnect("master")
    driver.now_ns += 59 * SECOND_NS
    yield
    driver.ask("assistant_a", GoOnLocally())
    driver.connect(claims("master"))
    yield
    driver.ask("master", LessonEnd())


if __name__ == "__main__":
    VECTOR.write_text(json.dumps(room_history(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
