"""SHELL: the picture of one resource: access units at positions in, an unbroken row of segments out.

Two ways to make a segment.  *Copied*: H264 as it came, cut at its keyframes.  *Coded*: x264, for
everything else: VP8, VP9 and AV1; H264 whose publisher gives no keyframe in time, sends B pictures or a
format that browsers do not play; and wherever nothing comes: the last picture is held, or a card before the
first one.  A change between the two, of the size or of the parameter sets ends the segment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from av.video.frame import VideoFrame

from recording.container import VIDEO_HZ, VideoSample
from recording.depacketizer import AccessUnit, parameter_sets
from recording.transcoder import (
    CARD_SIZE,
    FRAME_TICKS,
    OrderedDecoder,
    PictureDecoder,
    PictureEncoder,
    draw_card,
)

SEGMENT_TICKS = 4 * VIDEO_HZ
_KEYFRAME_CUT_TICKS = 3 * VIDEO_HZ
_LONGEST_COPY_TICKS = int(6.5 * VIDEO_HZ)
_HOLD_AFTER_TICKS = int(1.5 * VIDEO_HZ)
_HELD_FRAME_TICKS = 6 * FRAME_TICKS
_EARLY_START_TICKS = VIDEO_HZ
_REORDERED_TICKS = VIDEO_HZ
_MOST_AWAITED = 64
_H264 = "H264"
_PLAYED_FORMATS = frozenset({"yuv420p", "yuvj420p"})


@dataclass(frozen=True, slots=True)
class PictureSegment:
    """The picture of one segment; samples follow each other without a hole from start to end."""

    start_ticks: int
    end_ticks: int
    width: int
    height: int
    samples: tuple[VideoSample, ...]

    def moved(self, ticks: int) -> PictureSegment:
        """The same picture, later."""
        samples = tuple(replace(sample, start_ticks=sample.start_ticks + ticks) for sample in self.samples)
        return replace(
            self, start_ticks=self.start_ticks + ticks, end_ticks=self.end_ticks + ticks, samples=samples
        )


@dataclass(slots=True)
class _Copy:
    """An open segment of H264 as it came. Invariant: `units` begins with a keyframe; starts strictly grow."""

    start_ticks: int
    source: str
    parameters: bytes
    width: int
    height: int
    units: list[tuple[int, AccessUnit]]

    def close(self, end_ticks: int) -> PictureSegment:
        starts = [start for start, _ in self.units[1:]] + [end_ticks]
        samples = tuple(
            VideoSample(start, following - start, unit.data, unit.is_keyframe)
            for (start, unit), following in zip(self.units, starts, strict=True)
        )
        return PictureSegment(self.start_ticks, end_ticks, self.width, self.height, samples)


@dataclass(slots=True)
class _Coding:
    """An open segment that x264 makes.

    `next_ticks`: where its next picture goes; `still`: the one picture that it holds from its beginning.
    """

    start_ticks: int
    cut_ticks: int
    encoder: PictureEncoder
    next_ticks: int
    last_ticks: int | None = None
    still: VideoFrame | None = None

    def encode(self, picture: VideoFrame, step_ticks: int) -> None:
        """Put the picture at `next_ticks`; the next goes to the next multiple of `step_ticks`."""
        is_still = step_ticks == _HELD_FRAME_TICKS and (self.last_ticks is None or self.still is picture)
        self.still = picture if is_still else None
        self.encoder.encode(picture, self.next_ticks)
        self.last_ticks = self.next_ticks
        self.next_ticks = (self.next_ticks // step_ticks + 1) * step_ticks

    def hasten(self, position_ticks: int) -> None:
        """A new picture came for this position: do not wait for the slow rate of a held one."""
        if self.last_ticks is not None:
            earliest = (self.last_ticks // FRAME_TICKS + 1) * FRAME_TICKS
            self.next_ticks = min(
                self.next_ticks, max(earliest, -(-position_ticks // FRAME_TICKS) * FRAME_TICKS)
            )

    def close(self, end_ticks: int) -> PictureSegment:
        samples = tuple(self.encoder.finish(end_ticks))
        return PictureSegment(self.start_ticks, end_ticks, self.encoder.width, self.encoder.height, samples)


@dataclass(slots=True)
class PictureLine:
    """Makes segments from `end_ticks` on.

    `picture`: what stands there before the first access unit; None: a card. Invariants: segments follow
    each other without a hole, `end_ticks` is behind the last closed one; positions fed below what is
    already made are moved there.
    """

    end_ticks: int
    picture: VideoFrame | None = None
    _segments: list[PictureSegment] = field(default_factory=list, init=False)
    _open: _Copy | _Coding | None = field(default=None, init=False)
    _decoder: PictureDecoder | None = field(default=None, init=False)
    _decoder_source: str = field(default="", init=False)
    _source: str = field(default="", init=False)
    _newest_unit_ticks: int | None = field(default=None, init=False)
    _never_copied: set[str] = field(default_factory=set, init=False)
    _ordered: tuple[str, OrderedDecoder] | None = field(default=None, init=False)
    _awaited: dict[int, int] = field(default_factory=dict, init=False)
    _is_waiting: bool = field(default=True, init=False)
    _still: tuple[VideoFrame, PictureSegment] | None = field(default=None, init=False)
    _newest_ticks: int = field(default=-_HOLD_AFTER_TICKS, init=False)

    def prime(self, source: str, codec: str, unit: AccessUnit) -> None:
        """An access unit from before `end_ticks`: decoded only, so that what predicts from it can follow."""
        if self._accepts(source, unit):
            self._note_order(source, codec, unit)
            if self._decoder is None or self._decoder_source != source:
                self._decoder, self._decoder_source = PictureDecoder(codec), source
            self._decode(unit)

    def feed(self, source: str, codec: str, unit: AccessUnit, position_ticks: int) -> None:
        """Place the next access unit; positions grow."""
        if not self._accepts(source, unit):
            return
        self._note_order(source, codec, unit)
        if source in self._never_copied:
            self._feed_reordered(source, unit, position_ticks)
            return
        self._ordered = None
        self._awaited.clear()
        if codec == _H264:
            position = max(position_ticks, self._earliest_ticks())
            self.advance(position)
            self._feed_h264(source, unit, position)
        else:
            position = max(position_ticks - FRAME_TICKS // 2, self._earliest_ticks())
            self.advance(position)
            self._feed_coded(source, codec, unit, position)
        self._newest_ticks = position

    def advance(self, until_ticks: int) -> None:
        """No access unit will be placed before this position."""
        awaited = min(self._awaited.values(), default=until_ticks)
        if until_ticks - awaited < _HOLD_AFTER_TICKS:
            until_ticks = min(until_ticks, awaited)
        if self._open is None:
            tolerance = _EARLY_START_TICKS if self.picture is None else _EARLY_START_TICKS // 4
            if until_ticks <= self.end_ticks + tolerance:
                return
            self._open = self._begin_coding()
        if isinstance(self._open, _Copy):
            cut = max(self._open.start_ticks + SEGMENT_TICKS, self._open.units[-1][0] + _HOLD_AFTER_TICKS)
            if until_ticks < cut:
                return
            self._prime_decoder(self._open)
            self._cut(cut)
            self._open = self._begin_coding()
        self._code_until(self._open, until_ticks)

    def finish(self, end_ticks: int) -> None:
        """The lesson is over: close the last segment here, or where it has one frame."""
        self.advance(end_ticks)
        if self._open is None and end_ticks > self.end_ticks:
            self._open = self._begin_coding()
            self._code_until(self._open, end_ticks)
        if self._open is not None:
            end_ticks = max(end_ticks, self._open.start_ticks + FRAME_TICKS)
        self._cut(end_ticks)

    def take_segments(self) -> list[PictureSegment]:
        """The segments that were closed since the last call."""
        taken, self._segments = self._segments, []
        return taken

    def _accepts(self, source: str, unit: AccessUnit) -> bool:
        """Whether the unit can be decoded: after a loss, and at a new source, only from a keyframe on."""
        if unit.is_keyframe:
            self._source, self._is_waiting = source, False
        elif source != self._source or unit.follows_loss:
            self._is_waiting = True
        return not self._is_waiting

    def _earliest_ticks(self) -> int:
        match self._open:
            case None:
                return self.end_ticks
            case _Copy(units=units):
                return units[-1][0] + 1
            case _Coding(start_ticks=start):
                return max(start, self._newest_ticks)

    def _feed_h264(self, source: str, unit: AccessUnit, position: int) -> None:
        if unit.is_keyframe:
            self._feed_h264_keyframe(source, unit, position)
            return
        if isinstance(self._open, _Copy) and position - self._open.start_ticks >= _LONGEST_COPY_TICKS:
            self._prime_decoder(self._open)
            self._cut(position)
        if isinstance(self._open, _Copy):
            self._open.units.append((position, unit))
            return
        self._decode(unit)
        self._show(position)

    def _feed_h264_keyframe(self, source: str, unit: AccessUnit, position: int) -> None:
        parameters = parameter_sets(unit.data)
        is_same = isinstance(self._open, _Copy) and parameters in {b"", self._open.parameters}
        if isinstance(self._open, _Copy) and is_same:
            if position - self._open.start_ticks < _KEYFRAME_CUT_TICKS:
                self._open.units.append((position, unit))
                return
            width, height, known = self._open.width, self._open.height, self._open.parameters
            if not parameters:
                parameters, unit = known, replace(unit, data=known + unit.data)
        else:
            first = PictureDecoder(_H264).decode_alone(unit.data)
            if first is None:
                self._is_waiting = True
                return
            if first.format.name not in _PLAYED_FORMATS:
                self._never_copied.add(source)
                self._feed_reordered(source, unit, position)
                return
            self.picture, width, height = first, first.width, first.height
        self._cut(position)
        start = self.end_ticks
        self._decoder = None
        self._open = _Copy(start, source, parameters, width, height, [(start, unit)])

    def _note_order(self, source: str, codec: str, unit: AccessUnit) -> None:
        """Pictures whose timestamps go back are B pictures: they cannot be copied, we write no such times."""
        newest = self._newest_unit_ticks
        if newest is None or source != self._source or unit.is_keyframe or unit.follows_loss:
            self._newest_unit_ticks = unit.ticks
            return
        if codec == _H264 and newest - _REORDERED_TICKS < unit.ticks < newest:
            self._never_copied.add(source)
        self._newest_unit_ticks = max(newest, unit.ticks)

    def _feed_reordered(self, source: str, unit: AccessUnit, position: int) -> None:
        if isinstance(self._open, _Copy):
            copied, self._open = self._open, None
            for start, earlier in copied.units:
                self._decode_in_order(copied.source, earlier, start)
        self._decode_in_order(source, unit, position)

    def _decode_in_order(self, source: str, unit: AccessUnit, position: int) -> None:
        if self._ordered is None or self._ordered[0] != source:
            self._ordered = (source, OrderedDecoder())
            self._awaited.clear()
        self._awaited[unit.ticks] = position
        if len(self._awaited) > _MOST_AWAITED:
            del self._awaited[next(iter(self._awaited))]
        for ticks, picture in self._ordered[1].decode(unit.data, unit.ticks):
            at = max(self._awaited.pop(ticks, position), self._earliest_ticks())
            self._awaited = {later: place for later, place in self._awaited.items() if later > ticks}
            self.advance(at)
            self.picture = picture
            self._show(at)
            self._newest_ticks = at

    def _feed_coded(self, source: str, codec: str, unit: AccessUnit, position: int) -> None:
        if isinstance(self._open, _Copy):
            self._cut(position)
        if self._decoder is None or self._decoder_source != source:
            self._decoder, self._decoder_source = PictureDecoder(codec), source
        self._decode(unit)
        self._show(position)

    def _show(self, position: int) -> None:
        """What was just decoded goes into a coded segment."""
        if self._open is None:
            self._open = self._begin_coding()
        elif isinstance(self._open, _Coding):
            self._open.hasten(position)

    def _decode(self, unit: AccessUnit) -> None:
        if self._decoder is not None:
            self.picture = self._decoder.decode(unit.data) or self.picture

    def _prime_decoder(self, copied: _Copy) -> None:
        """Decode what was copied since the segment's keyframe, so that coding can go on behind it."""
        self._decoder, self._decoder_source = PictureDecoder(_H264), copied.source
        for _, unit in copied.units:
            self._decode(unit)

    def _begin_coding(self) -> _Coding:
        width, height = (self.picture.width, self.picture.height) if self.picture is not None else CARD_SIZE
        start = self.end_ticks
        cut = (start // SEGMENT_TICKS + 1) * SEGMENT_TICKS
        if cut - start < SEGMENT_TICKS // 2:
            cut += SEGMENT_TICKS
        return _Coding(start, cut, PictureEncoder(width & ~1, height & ~1), start)

    def _code_until(self, coding: _Coding, until_ticks: int) -> None:
        """Repeat the present picture at each frame of the grid, or five times a second once it is held."""
        picture = self.picture or draw_card(*CARD_SIZE)
        while coding.next_ticks < until_ticks:
            at = coding.next_ticks
            size = (coding.encoder.width, coding.encoder.height)
            if at >= coding.cut_ticks or (picture.width & ~1, picture.height & ~1) != size:
                self._cut(at)
                self._repeat_still(picture, until_ticks)
                self._open = coding = self._begin_coding()
                at = coding.next_ticks
            is_held = at - self._newest_ticks >= _HOLD_AFTER_TICKS
            coding.encode(picture, _HELD_FRAME_TICKS if is_held else FRAME_TICKS)

    def _repeat_still(self, picture: VideoFrame, until_ticks: int) -> None:
        """A picture that is held for minutes is coded for one segment; the others are that one again."""
        if self._still is None or self._still[0] is not picture:
            return
        while self.end_ticks + SEGMENT_TICKS < until_ticks:
            segment = self._still[1].moved(self.end_ticks - self._still[1].start_ticks)
            self._segments.append(segment)
            self.end_ticks = segment.end_ticks

    def _cut(self, end_ticks: int) -> None:
        """Close the open segment here; one without a picture, or too short for a frame of sound, is dropped,
        and the next begins where it began.
        """
        is_empty = isinstance(self._open, _Coding) and self._open.last_ticks is None
        if self._open is not None and not is_empty and end_ticks - self._open.start_ticks >= FRAME_TICKS:
            segment = self._open.close(end_ticks)
            self._segments.append(segment)
            self.end_ticks = end_ticks
            still = self._open.still if isinstance(self._open, _Coding) else None
            is_whole = (
                segment.start_ticks % SEGMENT_TICKS == 0 and end_ticks - segment.start_ticks == SEGMENT_TICKS
            )
            self._still = (still, segment) if still is not None and is_whole else None
        self._open = None
