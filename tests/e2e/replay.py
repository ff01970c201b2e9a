"""Reads a finished replay as a player would: the playlist, then every segment it names."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import av
import httpx

from recording.playlist import parse_playlist
from tests.e2e.browser import eventually
from tests.e2e.conftest import House

PLAYABLE = ("playable", "ready")


@dataclass(frozen=True, slots=True)
class Replay:
    """A playlist with its parts: (initialisation section, its media segments) per discontinuity."""

    duration_ms: int
    playlist_s: float
    is_closed: bool
    parts: tuple[tuple[bytes, tuple[bytes, ...]], ...]

    def pictures(self) -> list[tuple[float, av.VideoFrame]]:
        """Every picture with its time in seconds; raises what FFmpeg raises on damage."""
        found: list[tuple[float, av.VideoFrame]] = []
        for head, segments in self.parts:
            with av.open(io.BytesIO(head + b"".join(segments)), "r") as container:
                found += [(float(frame.time or 0), frame) for frame in container.decode(video=0)]
        return found

    def sound_s(self) -> float:
        """Seconds of sound."""
        total = 0.0
        for head, segments in self.parts:
            with av.open(io.BytesIO(head + b"".join(segments)), "r") as container:
                total += sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
        return total


def playable(house: House, lesson: str, timeout_s: float = 20) -> dict[str, object]:
    """The teacher's resource, once it can be played."""

    def look() -> dict[str, object] | None:
        resources = house.admin.get(f"/api/v1/lessons/{lesson}/resources").json()
        return next((one for one in resources if one["kind"] == "teacher" and one["state"] in PLAYABLE), None)

    return eventually(look, timeout_s, "a playable replay")


def fetch(house: House, resource: dict[str, object]) -> Replay:
    """Everything the playlist names."""
    url = str(resource["hls_url"])
    folder = url.rpartition("/")[0]

    def get(name: str) -> bytes:
        answer = httpx.get(f"{house.server.url}{folder}/{name}", timeout=30).raise_for_status()
        return answer.content

    text = get(url.rpartition("/")[2]).decode()
    parts: list[tuple[bytes, list[bytes]]] = []
    playlist_s = 0.0
    for line in text.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            parts.append((get(line.split('"')[1]), []))
        elif line.startswith("#EXTINF:"):
            playlist_s += float(line.removeprefix("#EXTINF:").partition(",")[0])
        elif line and not line.startswith("#"):
            parts[-1][1].append(get(line))
    return Replay(
        duration_ms=int(str(resource["duration_ms"])),
        playlist_s=playlist_s,
        is_closed="#EXT-X-ENDLIST" in text,
        parts=tuple((head, tuple(segments)) for head, segments in parts),
    )


def download(house: House, resource: dict[str, object], folder: Path) -> None:
    """Write the playlist and everything it names into a folder."""
    folder.mkdir(parents=True)
    base, _, playlist = f"{house.server.url}{resource['hls_url']}".rpartition("/")
    with httpx.Client(timeout=30) as client:
        text = client.get(f"{base}/{playlist}").raise_for_status().text
        (folder / "index.m3u8").write_text(text)
        segments = parse_playlist(text).segments
        for name in {name for segment in segments for name in (segment.init_uri, segment.uri)}:
            (folder / name).write_bytes(client.get(f"{base}/{name}").raise_for_status().content)
