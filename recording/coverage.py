"""Where a resource has nothing of a kind although the lesson ran: before its first source, between two
sources, behind the last. Pure.

What is missing within one log is seen by `recording.gaps`; this is what lies outside of every log.  Its
reason follows from who comes next: the same publication was not permitted meanwhile (a log of its own per
permission), another one of the same peer was switched off and on, and another peer is the publisher come
back.  A log that ends before it was sealed lost its end: a sign of life is the last thing
that the recorder writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from recording.manifest import Gap, GapReason, Manifest, SourceStarted

_SHORTEST_MS = 1000
_SEALED_LATE_MS = 100

Span = tuple[int, int]
"""From and until, wall-clock ms."""


def find_lost_ends(manifest: Manifest, ends: Mapping[str, int]) -> list[Gap]:
    """Logs whose end cannot be read any more.

    ends: by log, the time of its last readable record, or when it was opened if there is none.
    """
    found: list[Gap] = []
    for log, stopped in manifest.stopped.items():
        hole = (ends.get(log, stopped.at_ms), stopped.at_ms)
        if hole[1] - hole[0] >= _SEALED_LATE_MS:
            known = [
                (gap.from_ms, gap.until_ms) for gap in manifest.gaps if gap.publication == stopped.publication
            ]
            found += [
                Gap(stopped.publication, GapReason.DAMAGE, *rest)
                for rest in subtract(hole, known, _SEALED_LATE_MS)
            ]
    return found


def find_absences(manifest: Manifest, media: Mapping[str, Span]) -> list[Gap]:
    """The gaps of an ended lesson that no log shows.

    media: by log, when its first and its last packet came.  Suspended time is no gap, and what another gap
    already says of the sources before and behind is not said again.
    """
    if manifest.started is None or manifest.ended is None:
        return []
    lesson = (manifest.started.started_at_ms, manifest.ended.ended_at_ms)
    found: list[Gap] = []
    for resource in manifest.resources:
        for kind in ("video", "audio"):
            sources = [
                source
                for source in manifest.sources.values()
                if (source.resource, source.kind) == (resource, kind) and source.log in media
            ]
            sources.sort(key=lambda source: media[source.log])
            for publications, reason, hole in _holes(sources, media, lesson):
                known = _known(manifest, publications, lesson[1])
                found += [Gap(publications[0], reason, *rest) for rest in subtract(hole, known)]
    return found


def _holes(
    sources: list[SourceStarted], media: Mapping[str, Span], lesson: Span
) -> Iterator[tuple[list[str], GapReason, Span]]:
    """Publications beside each hole (the one before first), why, and from when until when."""
    before: SourceStarted | None = None
    covered_ms = lesson[0]
    for source in sources:
        begin_ms, end_ms = media[source.log]
        if begin_ms > covered_ms:
            beside = [one.publication for one in (before, source) if one is not None]
            yield beside, _reason(before, source), (covered_ms, begin_ms)
        if end_ms >= covered_ms:
            before, covered_ms = source, end_ms
    if before is not None and lesson[1] > covered_ms:
        yield [before.publication], GapReason.ABSENT, (covered_ms, lesson[1])


def _reason(before: SourceStarted | None, behind: SourceStarted) -> GapReason:
    if before is None:
        return GapReason.ABSENT
    if before.publication == behind.publication:
        return GapReason.CONSENT
    return GapReason.ABSENT if before.peer == behind.peer else GapReason.RECONNECT


def _known(manifest: Manifest, publications: list[str], ended_ms: int) -> list[Span]:
    gaps = ((gap.from_ms, gap.until_ms) for gap in manifest.gaps if gap.publication in {"", *publications})
    suspensions = ((begin, ended_ms if end is None else end) for begin, end in manifest.suspensions)
    return list(chain(gaps, suspensions))


def subtract(hole: Span, known: list[Span], shortest_ms: int = _SHORTEST_MS) -> list[Span]:
    """The parts of `hole` of at least `shortest_ms` that no span of `known` covers."""
    rest: list[Span] = []
    begin_ms, end_ms = hole
    for known_from_ms, known_until_ms in sorted(known):
        if known_from_ms > begin_ms:
            rest.append((begin_ms, min(known_from_ms, end_ms)))
        begin_ms = max(begin_ms, known_until_ms)
    rest.append((begin_ms, end_ms))
    return [(begin, end) for begin, end in rest if end - begin >= shortest_ms]
