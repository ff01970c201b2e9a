"""The row of segments: where it is cut, when it is copied and when coded."""

from __future__ import annotations

import itertools
import random

from recording.container import VIDEO_HZ, mux_segment
from recording.depacketizer import AccessUnit
from recording.picture import PictureLine, PictureSegment
from tests.recording.synthetic import encode_video


def units(seconds: float, *, keyframe_s: float = 2.0, codec: str = "H264") -> list[tuple[int, AccessUnit]]:
    coded = encode_video(codec, seconds, keyframe_s=keyframe_s)
    every = round(keyframe_s * 30)
    found = []
    for index, item in enumerate(coded):
        data = (
            item.data.replace(b"\0\0\0\1", b"\0\0\1").replace(b"\0\0\1", b"\0\0\0\1")
            if codec == "H264"
            else item.data
        )
        ticks = round(item.at_s * VIDEO_HZ)
        found.append((ticks, AccessUnit(ticks, data, index % every == 0, index == 0)))
    return found


def assert_row(segments: list[PictureSegment], end_ticks: int) -> None:
    assert segments[0].start_ticks == 0
    assert segments[-1].end_ticks == end_ticks
    for segment, following in itertools.pairwise(segments):
        assert segment.end_ticks == following.start_ticks
    for segment in segments:
        assert segment.samples[0].is_keyframe
        at = segment.start_ticks
        for sample in segment.samples:
            assert sample.start_ticks == at
            assert sample.duration_ticks > 0
            at += sample.duration_ticks
        assert at == segment.end_ticks


def test_copied_segments_are_cut_at_the_first_keyframe_behind_three_seconds() -> None:
    line = PictureLine(0)
    for position, unit in units(10):
        line.feed("log", "H264", unit, position)
    line.finish(10 * VIDEO_HZ)
    segments = line.take_segments()
    assert_row(segments, 10 * VIDEO_HZ)
    assert [round(segment.end_ticks / VIDEO_HZ, 1) for segment in segments] == [4, 8, 10]
    assert line.take_segments() == []


def test_a_card_fills_what_has_no_picture_in_aligned_segments() -> None:
    line = PictureLine(0)
    line.finish(11 * VIDEO_HZ)
    segments = line.take_segments()
    assert_row(segments, 11 * VIDEO_HZ)
    assert [segment.end_ticks / VIDEO_HZ for segment in segments] == [4, 8, 11]
    assert (segments[0].width, segments[0].height) == (1280, 720)
    assert [len(segment.samples) for segment in segments] == [20, 20, 15]


def test_a_picture_held_for_long_is_coded_once() -> None:
    line = PictureLine(0)
    line.advance(3600 * VIDEO_HZ)
    sent = units(2)
    for position, unit in sent:
        line.feed("log", "H264", unit, 3600 * VIDEO_HZ + position)
    line.finish(3602 * VIDEO_HZ)
    segments = line.take_segments()
    assert_row(segments, 3602 * VIDEO_HZ)
    assert len(segments) == 901
    assert len({segment.samples[0].data for segment in segments[:-1]}) == 1


def test_what_predicts_from_a_lost_picture_is_left_out() -> None:
    line = PictureLine(0)
    sent = units(4)
    for index, (position, unit) in enumerate(sent):
        if index == 20:
            continue
        follows = AccessUnit(unit.ticks, unit.data, unit.is_keyframe, follows_loss=index == 21)
        line.feed("log", "H264", follows if index == 21 else unit, position)
    line.finish(4 * VIDEO_HZ)
    (segment,) = line.take_segments()
    assert [sample.start_ticks for sample in segment.samples] == [
        p for i, (p, _) in enumerate(sent) if not 20 <= i < 60
    ]


def test_no_segment_is_longer_than_the_target_duration_allows() -> None:
    line = PictureLine(0)
    for position, unit in units(20, keyframe_s=60):
        line.feed("log", "H264", unit, position)
    line.advance(30 * VIDEO_HZ)
    line.finish(40 * VIDEO_HZ)
    segments = line.take_segments()
    assert_row(segments, 40 * VIDEO_HZ)
    assert max(segment.end_ticks - segment.start_ticks for segment in segments) < 8.5 * VIDEO_HZ


def test_a_primed_line_goes_on_in_the_middle_of_a_group_of_pictures() -> None:
    line = PictureLine(1 * VIDEO_HZ)
    for position, unit in units(2, codec="VP8"):
        if position < VIDEO_HZ:
            line.prime("log", "VP8", unit)
        else:
            line.feed("log", "VP8", unit, position)
    line.finish(2 * VIDEO_HZ)
    (segment,) = line.take_segments()
    assert (segment.start_ticks, segment.end_ticks) == (VIDEO_HZ, 2 * VIDEO_HZ)
    assert len(segment.samples) == 30
    assert (segment.width, segment.height) == (320, 180)


def test_no_bitstream_stops_the_row() -> None:
    """Bits flipped anywhere, pictures in any order, of any size: the row goes on without a hole."""
    shuffled = random.Random(11)
    line = PictureLine(0)
    known = [unit for _, unit in units(2, keyframe_s=0.5)]
    for index in range(600):
        unit = shuffled.choice(known)
        data = bytearray(unit.data)
        for _ in range(shuffled.choice([0, 0, 1, 4, 40])):
            data[shuffled.randrange(len(data))] = shuffled.randrange(256)
        data = data[: shuffled.choice([len(data), len(data), 12, 40])]
        ticks = index * 3000 + shuffled.choice([0, 0, 0, -9000])
        flawed = AccessUnit(ticks, bytes(data), unit.is_keyframe, shuffled.random() < 0.05)
        line.feed(shuffled.choice(["log", "log", "log", "other"]), "H264", flawed, max(0, ticks))
    line.finish(21 * VIDEO_HZ)
    segments = line.take_segments()
    assert_row(segments, 21 * VIDEO_HZ)
    for number, segment in enumerate(segments, 1):
        init, media = mux_segment(number, segment.width, segment.height, segment.samples, [])
        assert init
        assert media


def test_no_segment_is_too_short_for_a_frame_of_sound() -> None:
    """A keyframe that comes right behind a cut takes over from where the cut was."""
    line, coded = PictureLine(0), units(4)
    for position, unit in coded[:30]:
        line.feed("log", "H264", unit, position)
    cut = 4 * VIDEO_HZ
    line.advance(cut + 10)
    for position, unit in coded[:30]:
        line.feed("log", "H264", unit, cut + 20 + position)
    line.finish(5 * VIDEO_HZ + 7)
    segments = line.take_segments()
    assert_row(segments, 5 * VIDEO_HZ + 7)
    assert [segment.end_ticks for segment in segments] == [cut, 5 * VIDEO_HZ + 7]
    end = PictureLine(0)
    end.finish(5)
    assert_row(end.take_segments(), VIDEO_HZ // 30)
