from __future__ import annotations

import asyncio

import pytest

from classroom_api.synthetic_teacher import LESSON_FILE, ClipTrack, load_clip


def test_both_streams_loop_together() -> None:
    picture, voice = load_clip(LESSON_FILE, "video"), load_clip(LESSON_FILE, "audio")
    assert picture.length_s == voice.length_s == 32
    assert len(picture.packets) == 800
    assert len(voice.packets) == 1600
    assert picture.packets[0][1].startswith(b"\x00\x00\x00\x01")


def test_time_goes_on_over_the_laps() -> None:
    clip = load_clip(LESSON_FILE, "audio")

    async def play() -> list[int | None]:
        track = ClipTrack("audio", clip, epoch_s=-1e9)  # long ago: every packet's time has come
        return [(await track.recv()).pts for _ in range(len(clip.packets) + 2)]

    times = asyncio.run(play())
    assert times[:3] == [0, 1800, 3600]
    assert times[-2:] == [32 * 90_000, 32 * 90_000 + 1800]


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_no_packet_is_empty(kind: str) -> None:
    assert all(
        payload for _, payload in load_clip(LESSON_FILE, "audio" if kind == "audio" else "video").packets
    )
