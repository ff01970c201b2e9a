"""Playlists come back exactly as they were written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recording.playlist import Playlist, Segment, parse_playlist, serialize_playlist

TICKS = st.integers(1, 8 * 90_000)


@given(
    st.lists(st.tuples(TICKS, st.booleans(), st.none() | st.integers(0, 2_000_000_000_000)), max_size=30),
    st.booleans(),
)
def test_round_trip(parts: list[tuple[int, bool, int | None]], is_ended: bool) -> None:
    segments, init = list[Segment](), 1
    for number, (ticks, discontinuity, wall_ms) in enumerate(parts, 1):
        init += discontinuity and number > 1
        is_new = discontinuity and number > 1
        segments.append(Segment(f"segment-{number}.m4s", f"init-{init}.mp4", ticks, is_new, wall_ms))
    playlist = Playlist(tuple(segments), is_ended)
    assert parse_playlist(serialize_playlist(playlist)) == playlist
    assert playlist.duration_ticks == sum(ticks for ticks, _, _ in parts)


def test_the_text() -> None:
    playlist = Playlist(
        (
            Segment("segment-1.m4s", "init-1.mp4", 360_000, False, 1_767_225_600_123),
            Segment("segment-2.m4s", "init-1.mp4", 360_001, False, None),
            Segment("segment-3.m4s", "init-2.mp4", 90_000, True, 1_767_225_608_123),
        )
    )
    assert serialize_playlist(playlist).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:8",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:EVENT",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init-1.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.123Z",
        "#EXTINF:4.000000,",
        "segment-1.m4s",
        "#EXTINF:4.000011,",
        "segment-2.m4s",
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="init-2.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:08.123Z",
        "#EXTINF:1.000000,",
        "segment-3.m4s",
    ]


def test_an_ended_playlist_is_vod_and_has_an_end() -> None:
    text = serialize_playlist(Playlist(is_ended=True))
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in text
    assert text.endswith("#EXT-X-ENDLIST\n")
