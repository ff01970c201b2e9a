"""Draws and speaks the demo's lesson: `scripts/make_demo_lesson.py classroom_api/demo_media/lesson.mkv`.

A drawn teacher explains a sum of fractions: 1280x720 at 25 frames a second, H264 constrained baseline with
a keyframe each second (so that it can be sent without encoding it again), and a voice by espeak-ng as Opus.
Needs Debian's espeak-ng, fonts-wqy-zenhei and fonts-dejavu-core. The result is committed; run this only to
change it.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FRAME_RATE_HZ = 1280, 720, 25
SAMPLE_RATE_HZ = 48_000
SCALE = 2  # drawn at twice the size, then reduced: smooth edges
LENGTH_S = 32

WALL, BOARD, FRAME = (246, 239, 226), (33, 74, 64), (150, 104, 62)
CHALK, AMBER, CORAL, SKIN, HAIR, COAT = (
    (243, 246, 238), (255, 196, 84), (255, 138, 110), (240, 199, 168), (52, 42, 40), (64, 98, 150)
)  # fmt: skip

LINES: tuple[tuple[float, str, str], ...] = (
    (
        0.5,
        "Good morning, everybody. Good morning to all our classrooms!",
        "同学们好！各位远方教室的同学们好！",
    ),
    (
        6.0,
        "Today we add two fractions: one half, and one quarter.",
        "今天我们学习分数加法：二分之一加四分之一。",
    ),
    (12.0, "Look at the circle. One half is the same as two quarters.", "看这个圆：二分之一就是四分之二。"),
    (18.0, "Two quarters and one quarter make three quarters.", "四分之二加四分之一，等于四分之三。"),
    (24.0, "Which classroom can tell me: how much is left?", "哪个教室能告诉我：还剩多少？"),
)


def font(size: int, *, chinese: bool = False) -> ImageFont.FreeTypeFont:
    path = (
        "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"
        if chinese
        else "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
    )
    return ImageFont.truetype(path, size * SCALE)


def speak() -> np.ndarray:
    """The voice: float samples in -1..1, mono, 48 kHz, LENGTH_S long."""
    track = np.zeros(LENGTH_S * SAMPLE_RATE_HZ, dtype=np.float32)
    for start_s, sentence, _ in LINES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "line.wav"
            subprocess.run(
                ["espeak-ng", "-v", "en-gb+f3", "-s", "140", "-w", str(path), sentence], check=True
            )
            with wave.open(str(path)) as file:
                rate = file.getframerate()
                samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16) / 32768
        positions = np.arange(0, len(samples), rate / SAMPLE_RATE_HZ)
        voice = np.interp(positions, np.arange(len(samples)), samples).astype(np.float32)
        begin = int(start_s * SAMPLE_RATE_HZ)
        room = len(track) - begin
        track[begin : begin + min(room, len(voice))] += voice[:room]
    return np.clip(track * 0.8, -1, 1)


def ellipse(
    draw: ImageDraw.ImageDraw, x: float, y: float, rx: float, ry: float, colour: tuple[int, int, int]
) -> None:
    draw.ellipse([(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE], fill=colour)


def text(draw: ImageDraw.ImageDraw, x: float, y: float, words: str, face: ImageFont.FreeTypeFont,
         colour: tuple[int, int, int] = CHALK) -> None:  # fmt: skip
    draw.text((x * SCALE, y * SCALE), words, font=face, fill=colour, anchor="mm")


def stage() -> Image.Image:
    """What never moves: wall, board, desk."""
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), WALL)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle([50 * SCALE, 50 * SCALE, 870 * SCALE, 560 * SCALE], 18 * SCALE, fill=FRAME)
    draw.rounded_rectangle([66 * SCALE, 66 * SCALE, 854 * SCALE, 544 * SCALE], 8 * SCALE, fill=BOARD)
    draw.rectangle([0, 640 * SCALE, WIDTH * SCALE, HEIGHT * SCALE], fill=(196, 152, 104))
    draw.rectangle([0, 640 * SCALE, WIDTH * SCALE, 650 * SCALE], fill=(170, 126, 82))
    ellipse(draw, 1090, 120, 52, 52, (90, 80, 74))
    ellipse(draw, 1090, 120, 46, 46, (255, 253, 248))
    return image


def draw_board(draw: ImageDraw.ImageDraw, time_s: float) -> None:
    big, small = font(64), font(30, chinese=True)
    text(draw, 460, 110, "分数加法  ·  Adding fractions", small)
    terms = (
        (6.5, 190, "1/2", AMBER),
        (7.6, 330, "+", CHALK),
        (8.4, 450, "1/4", CORAL),
        (18.5, 570, "=", CHALK),
        (20.0, 700, "3/4", (140, 220, 160)),
    )
    for from_s, x, words, colour in terms:
        if time_s >= from_s:
            text(draw, x, 200, words, big, colour)
    box = [330 * SCALE, 270 * SCALE, 580 * SCALE, 520 * SCALE]
    draw.ellipse(box, outline=CHALK, width=4 * SCALE)
    half = min(1.0, max(0.0, (time_s - 12.3) / 1.6))
    quarter = min(1.0, max(0.0, (time_s - 18.3) / 1.2))
    if half > 0:
        draw.pieslice(box, -90, -90 + 180 * half, fill=AMBER, outline=CHALK, width=3 * SCALE)
    if quarter > 0:
        draw.pieslice(box, 90, 90 + 90 * quarter, fill=CORAL, outline=CHALK, width=3 * SCALE)
    if time_s >= 14.5:
        for x0, y0, x1, y1 in ((455, 270, 455, 520), (330, 395, 580, 395)):
            draw.line([x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE], fill=CHALK, width=2 * SCALE)
    if time_s >= 25.5:
        text(draw, 392, 333, "?", font(52), AMBER)


def draw_clock(draw: ImageDraw.ImageDraw, time_s: float) -> None:
    for turn, length, width in ((time_s / 60, 38, 2), (0.15, 24, 4), (0.66 + time_s / 3600, 34, 3)):
        angle = turn * 2 * math.pi
        end = (1090 + length * math.sin(angle), 120 - length * math.cos(angle))
        draw.line(
            [1090 * SCALE, 120 * SCALE, end[0] * SCALE, end[1] * SCALE],
            fill=(90, 80, 74),
            width=width * SCALE,
        )


def draw_teacher(draw: ImageDraw.ImageDraw, time_s: float, loudness: float) -> None:
    sway = 5 * math.sin(time_s * 1.3)
    x, y = 1060 + sway, 340 + 2 * math.sin(time_s * 2.1)
    draw.rounded_rectangle(
        [(x - 95) * SCALE, (y + 95) * SCALE, (x + 95) * SCALE, 660 * SCALE], 60 * SCALE, fill=COAT
    )
    hand_y = 330 + 40 * math.sin(time_s * 0.9)
    draw.line(
        [(x - 80) * SCALE, (y + 140) * SCALE, 930 * SCALE, (hand_y + 70) * SCALE], fill=COAT, width=44 * SCALE
    )
    ellipse(draw, 922, hand_y + 64, 24, 24, SKIN)
    draw.line(
        [915 * SCALE, (hand_y + 60) * SCALE, 800 * SCALE, (hand_y - 10) * SCALE], fill=FRAME, width=6 * SCALE
    )
    ellipse(draw, x, y + 4, 88, 96, HAIR)
    draw.rectangle([(x - 26) * SCALE, (y + 70) * SCALE, (x + 26) * SCALE, (y + 112) * SCALE], fill=SKIN)
    ellipse(draw, x, y + 16, 70, 78, SKIN)
    draw.pieslice(
        [(x - 78) * SCALE, (y - 84) * SCALE, (x + 78) * SCALE, (y + 56) * SCALE], 180, 360, fill=HAIR
    )
    is_blinking = time_s % 3.7 < 0.14
    for side in (-28, 28):
        ellipse(draw, x + side, y + 6, 8, 2 if is_blinking else 9, (45, 40, 40))
        draw.ellipse([(x + side - 20) * SCALE, (y - 14) * SCALE, (x + side + 20) * SCALE, (y + 26) * SCALE],
                     outline=(70, 60, 58), width=3 * SCALE)  # fmt: skip
    ellipse(draw, x, y + 54, 18 + 4 * loudness, 3 + 16 * loudness, (176, 70, 74))


def draw_caption(draw: ImageDraw.ImageDraw, time_s: float) -> None:
    current = [line for line in LINES if line[0] <= time_s < line[0] + 5.4]
    if current:
        text(draw, 640, 685, current[-1][2], font(30, chinese=True), (58, 40, 24))


def frames(voice: np.ndarray) -> list[av.VideoFrame]:
    background = stage()
    made = []
    per_frame = SAMPLE_RATE_HZ // FRAME_RATE_HZ
    for number in range(LENGTH_S * FRAME_RATE_HZ):
        time_s = number / FRAME_RATE_HZ
        piece = voice[number * per_frame : (number + 1) * per_frame]
        loudness = min(1.0, float(np.sqrt(np.mean(piece**2))) * 7)
        image = background.copy()
        draw = ImageDraw.Draw(image)
        draw_board(draw, time_s)
        draw_clock(draw, time_s)
        draw_teacher(draw, time_s, loudness)
        draw_caption(draw, time_s)
        frame = av.VideoFrame.from_image(image.resize((WIDTH, HEIGHT), Image.Resampling.BOX))
        frame.pts, frame.time_base = number, Fraction(1, FRAME_RATE_HZ)
        made.append(frame)
    return made


def write(path: Path) -> None:
    voice = speak()
    with av.open(str(path), "w", format="matroska") as container:
        video = container.add_stream("libx264", rate=FRAME_RATE_HZ)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {
            "profile": "baseline",
            "preset": "veryslow",
            "crf": "23",
            "g": str(FRAME_RATE_HZ),
            "bf": "0",
            "x264-params": "keyint=25:min-keyint=25:scenecut=0:sliced-threads=0",
        }
        audio = container.add_stream("libopus", rate=SAMPLE_RATE_HZ)
        audio.layout, audio.bit_rate = "stereo", 48_000
        for frame in frames(voice):
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        samples = np.repeat((voice * 32767).astype(np.int16), 2).reshape(1, -1)
        for begin in range(0, samples.shape[1], 1920):
            block = av.AudioFrame.from_ndarray(
                samples[:, begin : begin + 1920], format="s16", layout="stereo"
            )
            block.sample_rate, block.pts, block.time_base = (
                SAMPLE_RATE_HZ,
                begin // 2,
                Fraction(1, SAMPLE_RATE_HZ),
            )
            container.mux(audio.encode(block))
        container.mux(audio.encode(None))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
