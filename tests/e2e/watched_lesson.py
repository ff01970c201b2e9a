"""A lesson of forty seconds as the ladder leaves it: teacher and screen in two sizes, sound, a storyboard;
slides with ink, a round, a shared screen, captions."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw
from sqlalchemy import update
from sqlalchemy.orm import Session

from classroom_api.store.database import engine_of
from classroom_api.store.lessons import LessonState
from classroom_api.store.resource_schema import CaptionRow, VersionRow
from classroom_api.store.schema import DeckPageRow, DeckRow, EventRow, LessonRow, ResourceRow
from classroom_api.synthetic_teacher import LESSON_FILE
from tests.e2e.conftest import House

LENGTH_S = 40
RATE = 2
RESOURCE = "res_aaaaaaaaaaaaaaaaaaaaaaaaaa"
SCREEN = "res_aaaaaaaaaaaaaaaaaaaaaaaaab"
VERSION = "ver_aaaaaaaaaaaaaaaaaaaaaaaaaa"
DECK = "deck_aaaaaaaaaaaaaaaaaaaaaaaaaa"
STARTED_MS = 1_790_000_000_000
SIZES = {"360": (640, 360, 700_000), "180": (320, 180, 150_000)}
DETAILS = {
    "title": "分数的加法 · Adding fractions",
    "description": "同分母分数相加：分母不变，分子相加。",
    "subject": "数学",
    "grade": "三年级",
    "edition": "人教版",
    "syllabus_node": "3.2 分数的初步认识",
    "language": "zh",
    "creators": ["林老师"],
    "keywords": ["分数", "加法"],
    "licence": "CC-BY-4.0",
}
CAPTIONS = """WEBVTT

00:00:02.000 --> 00:00:09.000
今天我们学习分数的加法。

00:00:10.000 --> 00:00:30.000
先看这一页。
"""


@dataclass(frozen=True, slots=True)
class WatchedLesson:
    """`token` opens it for a pupil."""

    lesson: str
    token: str
    url: str


def _teacher_pictures() -> list[Image.Image]:
    """Half a second of the demo's teacher apart."""
    with av.open(str(LESSON_FILE)) as source:
        first = islice(source.decode(video=0), 0, 48, 12)
        return [Image.fromarray(frame.to_ndarray(format="rgb24")).resize((640, 360)) for frame in first]


def _frame(picture: Image.Image) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB")), format="rgb24").reformat(
        format="yuv420p"
    )


def _encode_picture(folder: Path, name: str, pictures: list[Image.Image], bit_rate: int) -> None:
    options = {
        "hls_time": "2",
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_flags": "independent_segments",
        "hls_fmp4_init_filename": f"{name}-init.mp4",
        "hls_segment_filename": str(folder / f"{name}-%05d.m4s"),
    }
    with av.open(str(folder / f"{name}.m3u8"), "w", format="hls", options=options) as out:
        stream = out.add_stream(
            "libx264", rate=RATE, options={"preset": "ultrafast", "g": str(2 * RATE), "threads": "1"}
        )
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = pictures[0].size
        stream.pix_fmt, stream.bit_rate = "yuv420p", bit_rate
        frames = [_frame(picture) for picture in pictures]
        for number in range(LENGTH_S * RATE):
            frame = frames[number * 2 // RATE % len(frames)]
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _encode_sound(folder: Path) -> None:
    options = {
        "hls_time": "2",
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": "audio-init.mp4",
        "hls_segment_filename": str(folder / "audio-%05d.m4s"),
    }
    with av.open(str(folder / "audio-64.m3u8"), "w", format="hls", options=options) as out:
        stream = out.add_stream("aac", rate=48_000, layout="mono")
        times = np.arange(LENGTH_S * 48_000) / 48_000
        samples = (0.1 * np.sin(2 * np.pi * 330 * times)).astype(np.float32)
        for start in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(
                samples[None, start : start + 1024], format="fltp", layout="mono"
            )
            frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _playlist(name: str) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7"]
    lines.append(
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="audio-64.m3u8"'
    )
    for size, (width, height, bit_rate) in SIZES.items():
        codecs = 'CODECS="avc1.42c01e,mp4a.40.2"'
        lines.append(
            f'#EXT-X-STREAM-INF:BANDWIDTH={bit_rate},RESOLUTION={width}x{height},{codecs},AUDIO="sound"'
        )
        lines.append(f"{name}-{size}.m3u8")
    return "\n".join(lines) + "\n"


def _sprites(folder: Path, name: str, pictures: list[Image.Image]) -> None:
    sheet = Image.new("RGB", (4 * 160, 2 * 90))
    cues = ["WEBVTT"]
    for number in range(8):
        x, y = number % 4 * 160, number // 4 * 90
        sheet.paste(pictures[number % len(pictures)].resize((160, 90)), (x, y))
        begin, end = (f"00:00:{second:02d}.000" for second in (number * 5, number * 5 + 5))
        cues.append(f"{begin} --> {end}\n{name}-sprite-1.jpg#xywh={x},{y},160,90")
    sheet.save(folder / f"{name}-sprite-1.jpg")
    (folder / f"{name}.vtt").write_text("\n\n".join(cues) + "\n")


def _screen_pictures() -> list[Image.Image]:
    found = []
    for number in range(16):
        picture = Image.new("RGB", (640, 360), "#f4f1e8")
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 0, 640, 34), fill="#35524a")
        draw.rectangle((40, 70, 40 + 34 * number, 110), fill="#e0a030")
        draw.text((44, 140), f"step {number}", fill="#22302b", font_size=48)
        found.append(picture)
    return found


def write_version(folder: Path) -> dict[str, Any]:
    """The files in `folder`, and what the ladder would have said of them."""
    folder.mkdir(parents=True)
    made: dict[str, Any] = {"duration_ms": LENGTH_S * 1000, "bytes": 1, "pictures": [], "downloads": []}
    for kind, pictures in (("teacher", _teacher_pictures()), ("screen", _screen_pictures())):
        for size, (width, height, bit_rate) in SIZES.items():
            smaller = [picture.resize((width, height)) for picture in pictures]
            _encode_picture(folder, f"{kind}-{size}", smaller, bit_rate)
        (folder / f"{kind}.m3u8").write_text(_playlist(kind))
        pictures[0].save(folder / f"{kind}.jpg")
        _sprites(folder, kind, pictures)
        renditions = [
            {"name": f"{kind}-{size}", "width": width, "height": height, "bit_rate_bps": rate, "bytes": 1}
            for size, (width, height, rate) in SIZES.items()
        ]
        made["pictures"].append(
            {"name": kind, "kind": kind, "resource": RESOURCE, "seat": None, "playlist": f"{kind}.m3u8"}
            | {"poster": f"{kind}.jpg", "storyboard": f"{kind}.vtt", "renditions": renditions}
        )
    _encode_sound(folder)
    (folder / "audio.m3u8").write_text(
        '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-STREAM-INF:BANDWIDTH=64000,CODECS="mp4a.40.2"\naudio-64.m3u8\n'
    )
    made["sound"] = {"playlist": "audio.m3u8", "loudness_lufs": -16.0, "bytes": 1}
    return made


def _said(second: float, kind: str, **members: object) -> tuple[int, str]:
    body = {"type": kind, **members}
    return STARTED_MS + round(second * 1000), json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _ink(second: float, points: list[list[int]]) -> tuple[int, str]:
    stroke = {"id": 1, "seat": "seat_m", "deck": DECK, "page": 2, "color": "#d00000", "width": 60}
    return _said(second, "ink_added", ink=stroke | {"points": points})


def _events() -> list[tuple[int, str]]:
    master = {"id": "seat_m", "role": "master", "name": "林老师"}
    screen = {"id": "pub_s", "seat": "seat_m", "source": "screen", "enabled": True}
    return [
        _said(-5, "seat_joined", seat=master),
        _said(-4, "slide_shown", slide={"deck": DECK, "page": 1}),
        _said(0, "lesson_state", state="live", started_at_ms=STARTED_MS, ended_at_ms=None),
        _said(8, "slide_shown", slide={"deck": DECK, "page": 2}),
        _ink(10, [[2000, 7000], [5000, 6500], [8000, 7000]]),
        _ink(12, [[2000, 8000], [8000, 8000]]),
        _said(14, "marker_set", marker={"label": "例题：同分母分数相加"}),
        _said(15, "round_opened", round={"id": 1, "prompt": "1/5 + 2/5 = ?", "choices": ["3/5", "3/10"]}),
        _said(18, "round_answered", round=1, tally=[21, 4]),
        _said(19, "round_phase", round=1, phase="closed"),
        _said(24, "publication_added", publication=screen),
        _said(34, "publication_removed", publication="pub_s"),
        _said(34, "marker_set", marker={"label": "小结"}),
        _said(40, "lesson_state", state="ended", started_at_ms=STARTED_MS, ended_at_ms=STARTED_MS + 40_000),
    ]


def _page(number: int, text: str) -> bytes:
    picture = Image.new("RGB", (1600, 900), "#fffdf8")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 1600, 18), fill="#1f5a4d")
    draw.text((120, 140), text, fill="#22302b", font_size=110)
    for part in range(5):
        fill = "#f2b84b" if part <= number else "#dfece5"
        draw.rectangle((120 + part * 270, 400, 370 + part * 270, 520), fill=fill, outline="#22302b", width=4)
    out = io.BytesIO()
    picture.save(out, "WEBP")
    return out.getvalue()


def _add_deck(session: Session, folder: Path, lesson: str) -> None:
    folder.mkdir(parents=True)
    session.add(
        DeckRow(id=DECK, lesson_id=lesson, title="分数", state="ready", page_count=2, created_at_ms=0)
    )
    session.flush()
    for number, text in ((1, "Adding fractions"), (2, "1/5 + 2/5")):
        image = _page(number, text)
        name = hashlib.sha256(image).hexdigest()
        (folder / f"{name}.webp").write_bytes(image)
        sizes = {"width": 1600, "height": 900, "bytes": len(image)}
        session.add(DeckPageRow(deck_id=DECK, page=number, sha256=name, thumbnail=name, text="", **sizes))


def _keep_as_taught(resources: Path) -> None:
    """The version's files as fast replays, which a review plays."""
    for resource, kind in ((RESOURCE, "teacher"), (SCREEN, "screen")):
        shutil.copytree(resources / VERSION, resources / resource)
        (resources / resource / "teacher.m3u8").write_text(_playlist(kind))


def hold(house: House, *, is_fast: bool = False) -> WatchedLesson:
    """A published lesson; `is_fast`: as its fast replays alone."""
    lesson = house.lesson(record="master_only", title="分数的加法 · Adding fractions", start=False)
    token = house.token(lesson, "student", "Xiao Ming")
    made = write_version(house.data_dir / "resources" / (RESOURCE if is_fast else VERSION))
    if not is_fast:
        _keep_as_taught(house.data_dir / "resources")
    engine = engine_of(f"sqlite:///{house.data_dir / 'tandem.db'}")
    with Session(engine) as session, session.begin():
        times = {"started_at_ms": STARTED_MS, "ended_at_ms": STARTED_MS + LENGTH_S * 1000}
        published = update(LessonRow).where(LessonRow.id == lesson)
        session.execute(published.values(state=LessonState.PUBLISHED, **times))
        for kind, identifier in (("teacher", RESOURCE), ("screen", SCREEN)):
            session.add(
                ResourceRow(
                    id=identifier,
                    lesson_id=lesson,
                    kind=kind,
                    seat_id=None,
                    state="ready",
                    playlist="teacher.m3u8",
                    poster=None,
                    duration_ms=40_000,
                    created_at_ms=0,
                )
            )
            if is_fast:
                break
        if not is_fast:
            session.add(_version(lesson, made))
        session.add(
            CaptionRow(
                id="cap_aaaaaaaaaaaaaaaaaaaaaaaaaa",
                lesson_id=lesson,
                language="zh",
                label="中文",
                origin="upload",
                is_draft=False,
                text=CAPTIONS,
                created_at_ms=0,
            )
        )
        for number, (at_ms, body) in enumerate(_events(), 1):
            session.add(EventRow(lesson_id=lesson, seq=number, epoch="ep_past", at_ms=at_ms, body=body))
        _add_deck(session, house.data_dir / "decks" / lesson / DECK, lesson)
    engine.dispose()
    return WatchedLesson(lesson, token, f"{house.server.url}/watch/{RESOURCE}")


def _version(lesson: str, made: dict[str, Any]) -> VersionRow:
    return VersionRow(
        id=VERSION,
        lesson_id=lesson,
        number=1,
        state="published",
        edit={"kept": [], "without": [], "chapters": None},
        details=DETAILS,
        made=made,
        created_by="user_a",
        created_at_ms=0,
        published_at_ms=0,
    )
