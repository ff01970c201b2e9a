"""The part of a room that follows what student groups have decided, and holds each seat to it.

Invariant: after `decide` and `joining`, no consent of the seat is wider than its group's decision.
"""

from __future__ import annotations

from dataclasses import replace

from signaling.events import ConsentChanged, ConsentDecided, LiveConsentChanged, Seat
from signaling.ledger import Ledger
from signaling.ports import Decided, LessonState, SeatClaims
from streaming.identifiers import SeatId


class ConsentDesk:
    """Shares the ledger with its Room.

    `_heard`: seats whose group has decided since this room was loaded. What it heard is newer than any claims
    that were made before; the claims are newer than what was stored before the room was loaded.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._heard: set[SeatId] = set()

    def decide(self, seat: SeatId, decided: Decided) -> None:
        """A seat's group has decided; the seat may be elsewhere. A lesson that is over learns no more."""
        if self._ledger.state.lesson.state is LessonState.ENDED:
            return
        self._heard.add(seat)
        self._take(seat, decided)

    def joining(self, claims: SeatClaims) -> None:
        """A seat is about to be present."""
        if claims.seat not in self._heard:
            self._take(claims.seat, claims.decided)

    def held(self, seat: Seat) -> Seat:
        """The seat with no more consent than its group has granted."""
        decided = self._ledger.state.decided_of(seat.id)
        return replace(
            seat,
            recording_consent=seat.recording_consent and decided.recording is not False,
            video_consent=seat.video_consent and decided.video is not False,
            voice_consent=seat.voice_consent and decided.voice is not False,
        )

    def _take(self, seat_id: SeatId, decided: Decided) -> None:
        if self._ledger.state.decided_of(seat_id) != decided:
            event = ConsentDecided(seat_id, decided.recording, decided.video, decided.voice)
            self._ledger.record(event)
        seat = self._ledger.state.seats.get(seat_id)
        if seat is None:
            return
        held = self.held(seat)
        if held.recording_consent != seat.recording_consent:
            self._ledger.record(ConsentChanged(seat.id, held.recording_consent))
        if (held.video_consent, held.voice_consent) != (seat.video_consent, seat.voice_consent):
            self._ledger.record(LiveConsentChanged(seat.id, held.video_consent, held.voice_consent))
