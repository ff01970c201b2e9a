"""Publications x subscriptions -> which track feeds which subscription, as edits of the worker's table.

Tracks and subscriptions are integers of the worker, publications identifiers of the control plane.  The
router is told what exists and what is wanted, and then says what has to change: it never repeats itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from streaming.forwarding.layers import EVERY_LAYER, LayerLimit, choose_track, rank_rids
from streaming.identifiers import PublicationId

NO_TRACK = 0


@dataclass(frozen=True, slots=True)
class Encoding:
    """One track of a publication; `rid` is empty where there is but one."""

    track: int
    rid: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What a publication offers to subscriptions."""

    codec: str
    encodings: tuple[Encoding, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a subscription wants: nothing when `publication` is None.

    codecs: those that the subscriber negotiated for this SSRC; a source of any other codec is not forwarded.
    low_layer: the lowest encoding instead of the highest.  layers: the highest within these bounds.
    is_paused: nothing flows for now.
    """

    publication: PublicationId | None
    codecs: frozenset[str]
    low_layer: bool = False
    layers: LayerLimit = EVERY_LAYER
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    """An edit: from now on `track` feeds `subscription` (`NO_TRACK`: nothing does)."""

    subscription: int
    track: int


class Router:
    """The wanted table.

    Invariants: after `take_assignments` the assignments handed out so far are what `track_of` computes for
    each demand; a subscription that was never set, or was removed, has none.
    """

    def __init__(self) -> None:
        self._sources: dict[PublicationId, Source] = {}
        self._demands: dict[int, Demand] = {}
        self._subscribers: dict[PublicationId, set[int]] = {}
        self._assigned: dict[int, int] = {}
        self._alive: Collection[int] = frozenset()
        self._changed: dict[int, None] = {}

    def set_source(self, publication: PublicationId, source: Source) -> None:
        """Add a publication or change its tracks."""
        self._sources[publication] = source
        self._touch(publication)

    def remove_source(self, publication: PublicationId) -> None:
        """Forget a publication; its subscriptions get nothing."""
        if self._sources.pop(publication, None) is not None:
            self._touch(publication)

    def set_alive(self, alive: Collection[int]) -> None:
        """Which tracks of simulcast publications receive packets."""
        self._alive = alive
        for publication, source in self._sources.items():
            if len(source.encodings) > 1:
                self._touch(publication)

    def set_demand(self, subscription: int, demand: Demand) -> None:
        """Add a subscription or change what it wants."""
        self._forget_interest(subscription)
        self._demands[subscription] = demand
        if demand.publication is not None:
            self._subscribers.setdefault(demand.publication, set()).add(subscription)
        self._changed[subscription] = None

    def remove_demand(self, subscription: int) -> None:
        """Forget a subscription; no edit follows, for its owner removes it."""
        self._forget_interest(subscription)
        self._demands.pop(subscription, None)
        self._assigned.pop(subscription, None)
        self._changed.pop(subscription, None)

    def track_of(self, subscription: int) -> int:
        """The track that should feed `subscription`, `NO_TRACK` for none."""
        demand = self._demands.get(subscription)
        return NO_TRACK if demand is None else self._choose(demand)

    def _choose(self, demand: Demand, *, ignores_life: bool = False) -> int:
        if demand.publication is None:
            return NO_TRACK
        source = self._sources.get(demand.publication)
        if source is None or source.codec not in demand.codecs:
            return NO_TRACK
        ranked = ranked_tracks(source)
        if not ranked:
            return NO_TRACK
        within = ranked[: demand.layers.encodings(len(ranked))]
        alive = within if ignores_life else self._alive
        chosen = choose_track(within, alive, low_layer=demand.low_layer)
        if chosen in alive:
            return chosen
        # A publisher may never send its lowest encodings: browsers make fewer of a small picture.
        return next((track for track in ranked[len(within) :] if track in alive), chosen)

    def demanded_tracks(self) -> frozenset[int]:
        """The tracks that feed a subscription, or would if they were alive."""
        found: set[int] = set()
        for subscription, demand in self._demands.items():
            if not demand.is_paused:
                found |= {self.track_of(subscription), self._choose(demand, ignores_life=True)}
        return frozenset(found - {NO_TRACK})

    def take_assignments(self) -> list[Assignment]:
        """The edits since the last call, in the order in which subscriptions were touched."""
        edits: list[Assignment] = []
        for subscription in self._changed:
            track = self.track_of(subscription)
            if self._assigned.get(subscription) != track:
                self._assigned[subscription] = track
                edits.append(Assignment(subscription, track))
        self._changed.clear()
        return edits

    def _touch(self, publication: PublicationId) -> None:
        self._changed.update(dict.fromkeys(sorted(self._subscribers.get(publication, ()))))

    def _forget_interest(self, subscription: int) -> None:
        demand = self._demands.get(subscription)
        if demand is None or demand.publication is None:
            return
        interested = self._subscribers[demand.publication]
        interested.discard(subscription)
        if not interested:
            del self._subscribers[demand.publication]


def ranked_tracks(source: Source) -> tuple[int, ...]:
    """The tracks of `source`, lowest encoding first."""
    by_rid = {encoding.rid: encoding.track for encoding in source.encodings}
    return tuple(by_rid[rid] for rid in rank_rids([encoding.rid for encoding in source.encodings]))
