"""HLS playlists of a version; test_ladder has another parser read whole ones."""

from __future__ import annotations

import m3u8

from recording.ladder_playlists import MadeRendition, codecs_of, serialize_media, serialize_multivariant

HIGH = MadeRendition("teacher-720", "avc1.64001f", 1280, 720, 30, (360_000, 90_000), (400_000, 150_000))
LOW = MadeRendition("teacher-240", "avc1.640015", 426, 240, 30, (360_000, 90_000), (40_000, 10_000))
VOICE = MadeRendition("audio-128", "mp4a.40.2", 0, 0, 0, (361_000, 90_000), (64_000, 16_000))
FAINT = MadeRendition("audio-48", "mp4a.40.2", 0, 0, 0, (361_000, 90_000), (24_000, 6_000))


def test_the_peak_is_that_of_the_worst_segment() -> None:
    assert (HIGH.peak_bps, HIGH.average_bps, HIGH.size_bytes) == (1_200_000, 880_000, 550_000)


def test_the_lowest_picture_goes_with_the_lowest_sound() -> None:
    found = m3u8.loads(serialize_multivariant([HIGH, LOW], [VOICE, FAINT]))
    assert [(each.uri, each.stream_info.audio) for each in found.playlists] == [
        ("teacher-720.m3u8", "audio-128"),
        ("teacher-240.m3u8", "audio-48"),
    ]
    assert found.playlists[0].stream_info.bandwidth == HIGH.peak_bps + VOICE.peak_bps
    assert found.playlists[0].stream_info.resolution == (1280, 720)
    assert [each.uri for each in found.media] == ["audio-128.m3u8", "audio-48.m3u8"]


def test_a_picture_of_one_size_has_the_best_sound() -> None:
    found = m3u8.loads(serialize_multivariant([HIGH], [VOICE, FAINT]))
    assert [each.stream_info.audio for each in found.playlists] == ["audio-128"]


def test_sound_alone_has_no_group() -> None:
    found = m3u8.loads(serialize_multivariant([], [VOICE, FAINT]))
    assert [each.uri for each in found.playlists] == ["audio-128.m3u8", "audio-48.m3u8"]
    assert found.media == []


def test_a_media_playlist_says_when_it_began() -> None:
    found = m3u8.loads(serialize_media(HIGH, "i.mp4", ["1.m4s", "2.m4s"], 1_767_225_600_000))
    assert found.program_date_time is not None
    assert found.program_date_time.year == 2026
    assert (found.target_duration, found.segment_map[0].uri, found.is_endlist) == (4, "i.mp4", True)


def test_codecs_are_read_from_the_init_segment() -> None:
    assert codecs_of(b"....avcC\x01\x64\x00\x1f\xff") == "avc1.64001f"
    assert codecs_of(b"....esds") == "mp4a.40.2"
