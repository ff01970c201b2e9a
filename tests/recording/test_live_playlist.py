"""Live playlists, read by a parser that is not ours."""

from __future__ import annotations

import m3u8

from recording.live_playlist import PART_TICKS, LivePlaylist, Part
from recording.playlist import Segment


def filled(segments: int) -> LivePlaylist:
    """Segments of 4 s in ten parts each, and three parts of the next; the second half has another coding."""
    playlist = LivePlaylist()
    for number in range(1, segments + 2):
        init = 1 if number <= segments // 2 else 2
        head = Segment(
            f"segment-{number}.m4s", f"init-{init}.mp4", 0, number == segments // 2 + 1, 1_767_225_600_000
        )
        playlist.open_segment(head)
        for part in range(10 if number <= segments else 3):
            playlist.add_part(Part(f"part-{number}-{part}.m4s", PART_TICKS, part == 0))
        if number <= segments:
            playlist.add_segment(
                Segment(head.uri, head.init_uri, 10 * PART_TICKS, head.discontinuity, head.wall_ms)
            )
    return playlist


def test_the_text_of_a_lesson_that_has_just_begun() -> None:
    playlist = LivePlaylist()
    playlist.open_segment(Segment("segment-1.m4s", "init-1.mp4", 0, False, 1_767_225_600_123))
    playlist.add_part(Part("part-a-1.m4s", PART_TICKS, True))
    playlist.add_part(Part("part-a-2.m4s", PART_TICKS - 9, False))
    assert playlist.serialize("part-a-3.m4s").splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:9",
        "#EXT-X-TARGETDURATION:8",
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=48,PART-HOLD-BACK=1.200",
        "#EXT-X-PART-INF:PART-TARGET=0.400000",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init-1.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.123Z",
        '#EXT-X-PART:DURATION=0.400000,URI="part-a-1.m4s",INDEPENDENT=YES',
        '#EXT-X-PART:DURATION=0.399900,URI="part-a-2.m4s"',
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-a-3.m4s"',
    ]
    assert playlist.serialize("part-a-3.m4s", is_delta=True) == playlist.serialize("part-a-3.m4s")


def test_the_whole_lesson_is_listed_and_the_newest_segments_in_parts() -> None:
    playlist = m3u8.loads(filled(40).serialize("hint.m4s"))
    whole = [segment for segment in playlist.segments if segment.uri]
    assert [segment.uri for segment in whole] == [f"segment-{number}.m4s" for number in range(1, 41)]
    with_parts = [segment for segment in playlist.segments if segment.parts]
    assert len(with_parts) == 8
    assert [len(segment.parts) for segment in with_parts] == [10] * 7 + [3]
    for segment in with_parts[:-1]:
        assert abs(sum(part.duration for part in segment.parts) - segment.duration) < 1e-6
    assert {segment.init_section.uri for segment in whole[:20]} == {"init-1.mp4"}
    assert {segment.init_section.uri for segment in whole[20:]} == {"init-2.mp4"}
    assert [segment.uri for segment in whole if segment.discontinuity] == ["segment-21.m4s"]


def test_a_delta_leaves_out_what_lies_further_behind_than_it_says() -> None:
    playlist = m3u8.loads(filled(40).serialize("hint.m4s", is_delta=True))
    skipped = playlist.skip.skipped_segments
    whole = [segment for segment in playlist.segments if segment.uri]
    assert skipped + len(whole) == 40
    assert sum(segment.duration for segment in whole) >= playlist.server_control.can_skip_until
    assert whole[0].init_section.uri == "init-2.mp4"


def test_a_picture_that_stands_still_makes_a_long_part_and_the_target_says_so() -> None:
    playlist = filled(1)
    playlist.add_part(Part("part-long.m4s", 3 * PART_TICKS, False))
    parsed = m3u8.loads(playlist.serialize("hint.m4s"))
    assert parsed.part_inf.part_target == 1.2
    assert parsed.server_control.part_hold_back == 3.6


def test_parts_of_a_segment_that_begins_anew_are_gone() -> None:
    playlist = filled(1)
    playlist.open_segment(Segment("segment-2.m4s", "init-2.mp4", 0, True, None))
    assert playlist.open_parts == 0
    assert "part-2-0.m4s" not in playlist.serialize("hint.m4s")
