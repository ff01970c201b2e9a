"""A fast replay, read at any position in any order: always the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recording.fast_replay import FastReplay, PictureReader, SoundReader, SourceMissing, is_card, read_size
from recording.transcoder import CARD_SIZE, draw_card
from tests.recording.fast_replays import beeps, camera, cards, pictures, silence, write_fast_replay


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return camera(tmp_path_factory.mktemp("data"), "res_t", 9, size=(160, 90))


def luminances(reader: PictureReader, positions: list[int]) -> list[float]:
    shown = [reader.at(position) for position in positions]
    return [
        float(picture.to_ndarray(format="gray").mean()) if picture is not None else -1 for picture in shown
    ]


def test_a_position_shows_the_same_picture_wherever_reading_began(folder: Path) -> None:
    replay = FastReplay(folder)
    positions = list(range(0, 9 * 90_000, 45_000))
    in_a_row = luminances(PictureReader(replay), positions)
    alone = [luminances(PictureReader(replay), [position])[0] for position in positions]
    assert in_a_row == alone
    assert [value > 200 for value in in_a_row] == [False, False] + [True, False] * 8


def test_a_broken_segment_holds_the_picture_before_it_and_is_silent(tmp_path: Path) -> None:
    folder = camera(tmp_path, "res_t", 9, size=(160, 90))
    replay = FastReplay(folder)
    whole = PictureReader(replay)
    held = luminances(whole, [3 * 90_000 - 1])[0]
    (folder / "segment-2.m4s").write_bytes(b"\0\0\0\x08moof" + bytes(range(256)) * 20)
    reader = PictureReader(replay)
    assert luminances(reader, [3 * 90_000 + 1, 5 * 90_000]) == [held, held]
    assert luminances(PictureReader(replay), [5 * 90_000]) == [held]
    assert luminances(reader, [7 * 90_000])[0] > 200
    heard = SoundReader(replay).read(0, 9 * 48_000)
    assert np.abs(heard[:, 2 * 48_000 : 2 * 48_000 + 4_000]).max() > 0.2
    assert np.abs(heard[:, 3 * 48_000 + 2_048 : 6 * 48_000 - 2_048]).max() == 0
    assert np.abs(heard[:, 7 * 48_000 : 7 * 48_000 + 4_000]).max() > 0.2
    (folder / "segment-1.m4s").unlink()
    assert PictureReader(replay).at(90_000) is None
    assert PictureReader(replay).at(5 * 90_000) is None


def test_sound_is_the_same_in_pieces(folder: Path) -> None:
    replay = FastReplay(folder)
    whole = SoundReader(replay).read(0, 9 * 48_000)
    expected = beeps(9)
    assert np.abs(whole - expected).mean() < 0.01
    for begin, end in ((0, 1_000), (140_000, 150_001), (300_000, 432_000)):
        assert np.abs(SoundReader(replay).read(begin, end) - whole[:, begin:end]).max() < 1e-3
    assert not SoundReader(replay).read(-5_000, -100).any()
    assert not SoundReader(replay).read(20 * 48_000, 21 * 48_000).any()


def test_where_the_source_begins_to_show_something(tmp_path: Path, folder: Path) -> None:
    assert FastReplay(folder).shows_from_ticks() == 0
    runs = [(*CARD_SIZE, cards(3)), (160, 90, pictures(3, 160, 90, start_s=3))]
    late = FastReplay(write_fast_replay(tmp_path, "res_late", 6, runs, silence(6)))
    assert late.shows_from_ticks() == 3 * 90_000
    assert late.sizes(((0, 6_000),), 3 * 90_000) == [(160, 90)]
    assert late.sizes(((0, 6_000),), 0) == [(160, 90), CARD_SIZE]
    assert late.sizes(((4_000, 6_000),), 0) == [(160, 90)]
    never = FastReplay(write_fast_replay(tmp_path, "res_never", 3, [(*CARD_SIZE, cards(3))], silence(3)))
    assert never.shows_from_ticks() is None
    assert is_card(draw_card(*CARD_SIZE))


def test_a_source_without_a_whole_playlist_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        FastReplay(tmp_path / "res_gone")
    folder = camera(tmp_path, "res_t", 3, size=(160, 90))
    text = (folder / "index.m3u8").read_text()
    (folder / "index.m3u8").write_text(text.replace("#EXT-X-ENDLIST", ""))
    with pytest.raises(SourceMissing):
        FastReplay(folder)
    assert read_size(folder / "gone.mp4") is None
    (folder / "init-1.mp4").write_bytes(b"stsdavc1")
    assert read_size(folder / "init-1.mp4") is None
