"""SHELL: what a player shows before it plays: the poster, and small pictures of the whole replay.

The latter are sheets of tiles, and WebVTT whose cues name a tile by #xywh (Media Fragments URI). All is made
of the renditions' keyframes.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from recording.composition import first_picture
from recording.container import VIDEO_HZ
from recording.ladder_sizes import Size
from recording.ladder_timeline import LadderTimeline
from recording.rendition import LadderPicture
from recording.store import replace_file
from recording.transcoder import encode_jpeg, measure_detail

COLUMNS = ROWS = 10
_TILE = (160, 90)
_MOST_TILES_OF_EACH_SLICE = COLUMNS * ROWS
_POSTER_CANDIDATES = 15


def slices_per_tile(slices: int) -> int:
    """A tile for every slice (4 s) as long as one sheet holds them, then for every second one."""
    return 1 if slices <= _MOST_TILES_OF_EACH_SLICE else 2


def tile_size(picture: Size) -> Size:
    """Within 160x90, of the picture's shape."""
    scale = min(_TILE[0] / picture.width, _TILE[1] / picture.height)
    return Size(max(2, round(picture.width * scale)), max(2, round(picture.height * scale)))


def serialize_storyboard(name: str, timeline: LadderTimeline, tile: Size) -> str:
    """The WebVTT that says which part of which sheet shows each moment."""
    step = slices_per_tile(timeline.slices)
    lines = ["WEBVTT", ""]
    for index, number in enumerate(range(1, timeline.slices + 1, step)):
        begin, _ = timeline.slice_ticks(number)
        _, end = timeline.slice_ticks(min(number + step - 1, timeline.slices))
        sheet, place = divmod(index, COLUMNS * ROWS)
        row, column = divmod(place, COLUMNS)
        lines.append(f"{_stamp(begin)} --> {_stamp(end)}")
        area = f"{column * tile.width},{row * tile.height},{tile.width},{tile.height}"
        lines += [f"{sheet_name(name, sheet + 1)}#xywh={area}", ""]
    return "\n".join(lines)


def sheet_name(name: str, number: int) -> str:
    return f"{name}-sprite-{number}.jpg"


def make_storyboard(folder: Path, picture: LadderPicture, timeline: LadderTimeline) -> None:
    """Write the sheets, the WebVTT and the poster. Raises OSError."""
    rung = picture.rungs[-1]
    tile = tile_size(rung.size)
    step = slices_per_tile(timeline.slices)
    numbers = list(range(1, timeline.slices + 1, step))
    for sheet in range(-(-len(numbers) // (COLUMNS * ROWS))):
        shown = numbers[sheet * COLUMNS * ROWS : (sheet + 1) * COLUMNS * ROWS]
        rows = -(-len(shown) // COLUMNS)
        image = Image.new("RGB", (tile.width * min(COLUMNS, len(shown)), tile.height * rows))
        for index, number in enumerate(shown):
            keyframe = first_picture(folder, picture.rendition(rung), number)
            small = keyframe.reformat(tile.width, tile.height, "rgb24", interpolation="AREA", threads=1)
            row, column = divmod(index, COLUMNS)
            image.paste(Image.fromarray(small.to_ndarray()), (column * tile.width, row * tile.height))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=70)
        replace_file(folder / sheet_name(picture.name, sheet + 1), buffer.getvalue())
    vtt = serialize_storyboard(picture.name, timeline, tile)
    replace_file(folder / f"{picture.name}.vtt", vtt.encode())
    replace_file(folder / f"{picture.name}.jpg", _draw_poster(folder, picture, timeline))


def _draw_poster(folder: Path, picture: LadderPicture, timeline: LadderTimeline) -> bytes:
    """The keyframe with the most detail, of some from all over the replay that show more than the card."""
    step = -(-timeline.slices // _POSTER_CANDIDATES)
    numbers = range(1, timeline.slices + 1, step)
    small = picture.rendition(picture.rungs[-1])
    shown = [
        number
        for number in numbers
        if timeline.position_ticks(timeline.slice_ticks(number)[0]) >= picture.shows_from_ticks
    ]
    best = max(shown or numbers, key=lambda number: measure_detail(first_picture(folder, small, number)))
    return encode_jpeg(first_picture(folder, picture.rendition(picture.rungs[0]), best))


def _stamp(ticks: int) -> str:
    seconds, rest = divmod(ticks, VIDEO_HZ)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest * 1000 // VIDEO_HZ:03}"
