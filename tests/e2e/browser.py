"""Chromium for the end-to-end tests: camera and microphone made of files, and what its connections report."""

from __future__ import annotations

import contextlib
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from classroom_api.synthetic_teacher import LESSON_FILE

T = TypeVar("T")

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
)

INBOUND = """async () => {
    const found = [];
    for (const peer of window.__tandem?.peers() ?? []) {
        const report = await peer.getStats();
        for (const one of report.values()) {
            if (one.type === "inbound-rtp") {
                found.push({kind: one.kind, mid: one.mid, track: one.trackIdentifier, at_ms: one.timestamp,
                    frames: one.framesDecoded ?? 0, width: one.frameWidth ?? 0, height: one.frameHeight ?? 0,
                    energy: one.totalAudioEnergy ?? 0, bytes: one.bytesReceived,
                    codec: report.get(one.codecId)?.mimeType ?? ""});
            }
        }
    }
    return found;
}"""
OUTBOUND = """async () => {
    const found = [];
    for (const peer of window.__tandem?.peers() ?? []) {
        for (const one of (await peer.getStats()).values()) {
            if (one.type === "outbound-rtp" && one.active !== false) {
                found.push({kind: one.kind, at_ms: one.timestamp, bytes: one.bytesSent,
                    width: one.frameWidth ?? 0, height: one.frameHeight ?? 0,
                    frames: one.framesEncoded ?? 0});
            }
        }
    }
    return found;
}"""

WATCH_FOR_NEWCOMER = """(kinds) => {
    const streams = async () => {
        const found = new Map();
        for (const peer of window.__tandem.peers()) {
            for (const one of (await peer.getStats()).values()) {
                if (one.type === "inbound-rtp") {
                    const isLive = one.kind === "audio" ? one.totalAudioEnergy > 0 : one.framesDecoded > 0;
                    found.set(one.trackIdentifier, {kind: one.kind, isLive});
                }
            }
        }
        return found;
    };
    window.__newcomer = (async () => {
        const known = await streams();
        const missing = new Set(kinds);
        while (missing.size > 0) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            for (const [track, {kind, isLive}] of await streams()) {
                if (isLive && !known.get(track)?.isLive) missing.delete(kind);
            }
        }
        return Date.now();
    })();
}"""


@dataclass(frozen=True, slots=True)
class CameraFiles:
    """What the browser takes for its camera (Motion-JPEG, 720p) and its microphone (WAV)."""

    picture: Path
    sound: Path


def make_camera_files(folder: Path, *, seconds: int = 8) -> CameraFiles:
    """From the demo's lesson, whose picture moves and whose teacher speaks from half a second on."""
    files = CameraFiles(folder / "camera.mjpeg", folder / "microphone.wav")
    with av.open(str(LESSON_FILE)) as source, files.picture.open("wb") as out:
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = (
            1280,
            720,
            "yuvj420p",
            Fraction(1, 25),
        )
        encoder.bit_rate = 10_000_000
        grain = np.random.default_rng(1)
        for number, frame in enumerate(source.decode(video=0)):
            if number == seconds * 25:
                break
            # Grain, as of a real sensor: a drawn picture would compress to almost nothing.
            pixels = frame.to_ndarray(format="rgb24").astype(np.int16)
            noisy = np.clip(pixels + grain.integers(-4, 5, (720, 1280, 1)), 0, 255).astype(np.uint8)
            picture = av.VideoFrame.from_ndarray(noisy, format="rgb24").reformat(format="yuvj420p")
            picture.pts = number
            for packet in encoder.encode(picture):
                out.write(bytes(packet))
    with av.open(str(LESSON_FILE)) as source, wave.open(str(files.sound), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48_000)
        resampler = av.AudioResampler("s16", "mono", 48_000)
        pieces = [piece for spoken in source.decode(audio=0) for piece in resampler.resample(spoken)]
        voice = np.concatenate([piece.to_ndarray()[0] for piece in pieces])[: seconds * 48_000].astype(
            np.int32
        )
        # The same voice three times at once: no pause in which a listener would have to wait for sound.
        crowd = sum(np.roll(voice, shift * 48_000) for shift in (0, 2, 4))
        sound.writeframes(np.clip(crowd, -32_768, 32_767).astype(np.int16).tobytes())
    return files


@contextlib.contextmanager
def chromium(camera: CameraFiles | None = None, *more_flags: str) -> Iterator[Browser]:
    """A browser with `camera`; its contexts are the participants."""
    flags = [*FLAGS, *more_flags]
    if camera is not None:
        flags += [f"--use-file-for-fake-video-capture={camera.picture}"]
        flags += [f"--use-file-for-fake-audio-capture={camera.sound}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags, headless=True)
        try:
            yield browser
        finally:
            browser.close()


def open_page(
    browser: Browser, link: str, *, size: tuple[int, int] = (1280, 800), language: str = "en"
) -> Page:
    """A participant of its own: nothing shared with other pages."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        permissions=["camera", "microphone"],
        ignore_https_errors=True,
    )
    page = context.new_page()
    page.goto(link)
    return page


def skip_device_check(link: str) -> str:
    """The same link with the device check skipped (`?auto=1`)."""
    path, _, fragment = link.partition("#")
    return f"{path}?auto=1#{fragment}"


def eventually(look: Callable[[], T | None], timeout_s: float, what: str) -> T:
    """The first true answer of `look`, asked again until `timeout_s`; then AssertionError names `what`."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = look()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {timeout_s} s for {what}"


def inbound(page: Page, kind: str) -> list[dict[str, Any]]:
    """Received streams of one kind: frames, size, energy, bytes, codec."""
    found: list[dict[str, Any]] = page.evaluate(INBOUND)
    return [one for one in found if one["kind"] == kind]


def outbound(page: Page, kind: str) -> list[dict[str, Any]]:
    """Sent streams of one kind."""
    found: list[dict[str, Any]] = page.evaluate(OUTBOUND)
    return [one for one in found if one["kind"] == kind]


def rates(page: Page, seconds: float) -> tuple[dict[str, float], float]:
    """Frames decoded a second per video track, and sound energy gained over all tracks, within `seconds`."""
    [found] = rates_of([page], seconds)
    return found


def rates_of(pages: Sequence[Page], seconds: float) -> list[tuple[dict[str, float], float]]:
    """`rates` of several pages, in the same seconds."""
    before = [(_video_by_track(page), _energy(page)) for page in pages]
    pages[0].wait_for_timeout(seconds * 1000)
    found = []
    for page, (videos, energy) in zip(pages, before, strict=True):
        frames = {
            track: (one["frames"] - videos[track]["frames"])
            / ((one["at_ms"] - videos[track]["at_ms"]) / 1000)
            for track, one in _video_by_track(page).items()
            if track in videos
        }
        found.append((frames, _energy(page) - energy))
    return found


def _video_by_track(page: Page) -> dict[str, dict[str, Any]]:
    return {one["track"]: one for one in inbound(page, "video")}


def _energy(page: Page) -> float:
    return sum(float(one["energy"]) for one in inbound(page, "audio"))
