"""Which encoding of a simulcast publication goes to whom, and which encodings are alive.

A publisher's rids carry no rank of their own (RFC 8853 orders them by preference, browsers as they like), so
rank is by the customary names where all are known, else by the order of the offer, lowest first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from streaming.identifiers import PublicationId

_NAME_ORDERS = (("q", "h", "f"), ("l", "m", "h"), ("low", "mid", "high"), ("low", "medium", "high"))
SILENT_AFTER_NS = 1_500_000_000
"""An encoder that was paused sends nothing at all; the slowest in use make five frames a second."""
UNWANTED_AFTER_NS = 5_000_000_000
"""Who is wanted again costs a keyframe: encoders are not stopped for a short absence."""


@dataclass(frozen=True, slots=True)
class LayerLimit:
    """The highest layers that a subscription takes, counted from 0; None: all there are.

    spatial: encodings of a simulcast publication, from the lowest, or spatial layers within one encoding.
    temporal: layers of frame rate within an encoding.
    """

    spatial: int | None = None
    temporal: int | None = None

    def encodings(self, count: int) -> int:
        """How many of `count` encodings, at least one, are within the limit."""
        return count if self.spatial is None else max(1, min(count, self.spatial + 1))


EVERY_LAYER = LayerLimit()

_LEAST_BPS = (600_000, 2_200_000)
"""What the second and the third encoding of our pages' cameras take, with voice and repair beside them."""


def layers_within(bits_per_s: int | None) -> LayerLimit:
    """The encodings worth sending at this rate; None: no limit.

    Of a picture that has but one encoding nothing is left out.
    """
    if bits_per_s is None or bits_per_s >= _LEAST_BPS[-1]:
        return EVERY_LAYER
    return LayerLimit(spatial=sum(bits_per_s >= least for least in _LEAST_BPS))


def rank_rids(rids: Sequence[str]) -> tuple[str, ...]:
    """`rids` from the lowest encoding to the highest.

    Example: `("f", "h", "q")` -> `("q", "h", "f")`; `("a", "b")` stays as it is.
    """
    for order in _NAME_ORDERS:
        if set(rids) <= set(order):
            return tuple(sorted(rids, key=order.index))
    return tuple(rids)


def choose_track(ranked: Sequence[int], alive: Collection[int], *, low_layer: bool) -> int:
    """The track of `ranked` (lowest first, at least one) to forward: the lowest or highest of those alive.

    With none alive it is the lowest or highest of all, to be in place when its first packet comes.
    """
    candidates = [track for track in ranked if track in alive] or ranked
    return candidates[0] if low_layer else candidates[-1]


class EncodingActivity:
    """Which tracks receive packets, judged from counts taken a few times a second.

    Invariants: a track is alive from the first count above the one before until `SILENT_AFTER_NS` without a
    packet; a track that is no longer counted is forgotten.
    """

    def __init__(self) -> None:
        self._last_seen: dict[int, tuple[int, int]] = {}
        self._alive: frozenset[int] = frozenset()

    @property
    def alive(self) -> frozenset[int]:
        """The tracks alive at the last count."""
        return self._alive

    def handle_counts(self, packets: Mapping[int, int], now_ns: int) -> bool:
        """Take the packets received so far by each track; True when `alive` changed."""
        seen: dict[int, tuple[int, int]] = {}
        alive: set[int] = set()
        for track, count in packets.items():
            previous_count, moved_ns = self._last_seen.get(track, (0, now_ns - SILENT_AFTER_NS))
            if count > previous_count:
                moved_ns = now_ns
            seen[track] = (count, moved_ns)
            if now_ns - moved_ns < SILENT_AFTER_NS:
                alive.add(track)
        self._last_seen = seen
        previous, self._alive = self._alive, frozenset(alive)
        return previous != self._alive


class WantedEncodings:
    """Which encodings their publishers may stop for now, because nobody gets them.

    Publishers begin with the encodings they like, ours with the highest.  Invariants: of each publication at
    least one encoding is wanted, without any demand the highest, for which whoever comes next would else
    have to wait; nothing is told before there is a demand, or `UNWANTED_AFTER_NS` without any; an encoding
    in demand is told at the next update, one that was is left out only `UNWANTED_AFTER_NS` later.
    """

    def __init__(self) -> None:
        self._demanded_ns: dict[tuple[PublicationId, str], int] = {}
        self._since_ns: dict[PublicationId, int] = {}
        self._told: dict[PublicationId, frozenset[str]] = {}

    def update(
        self,
        encodings: Mapping[PublicationId, Sequence[str]],
        demand: Collection[tuple[PublicationId, str]],
        now_ns: int,
    ) -> list[tuple[PublicationId, tuple[str, ...]]]:
        """Take what exists (rids, lowest first) and who is in demand; the publications whose set changed."""
        keys = [(publication, rid) for publication, rids in encodings.items() for rid in rids]
        known_ns = self._demanded_ns
        self._demanded_ns = {
            key: now_ns if key in demand else known_ns[key]
            for key in keys
            if key in demand or key in known_ns
        }
        self._since_ns = {name: self._since_ns.get(name, now_ns) for name in encodings}
        changed: list[tuple[PublicationId, tuple[str, ...]]] = []
        told: dict[PublicationId, frozenset[str]] = {}
        for publication, rids in encodings.items():
            wanted = self._wanted(publication, rids, now_ns)
            before = self._told.get(publication)
            after = frozenset(wanted) or before
            if after is not None:
                told[publication] = after
            if wanted and after != before:
                changed.append((publication, wanted))
        self._told = told
        return changed

    def _wanted(self, publication: PublicationId, rids: Sequence[str], now_ns: int) -> tuple[str, ...]:
        """() while it is too early to say."""
        long_ago_ns = now_ns - UNWANTED_AFTER_NS
        kept = [rid for rid in rids if self._demanded_ns.get((publication, rid), long_ago_ns) > long_ago_ns]
        is_early = publication not in self._told and self._since_ns[publication] > long_ago_ns
        return tuple(kept) if kept or is_early else tuple(rids[-1:])
