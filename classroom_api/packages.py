"""SHELL: a process that makes an offline package: `python -m classroom_api.packages`.

The package is a zip whose index.html plays from disk in any browser, without a network and without a server:
progressive MP4, and all data in a script, as a page from disk may fetch nothing. It appears whole or not at
all.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import av
from av.container import InputContainer
from av.packet import Packet

from classroom_api.package_plan import PackagePlan, is_media_path, manifest_of, parse_package
from recording.playlist import parse_playlist
from recording.store import alone_in, sync_folder

NAME: Final = "package.zip"
MAX_BYTES: Final = 4 << 30
_PAGE = Path(__file__).with_name("offline_page.html")
_READ_BYTES = 1 << 20
_EXIT_REFUSED = 2


class PackageRefused(Exception):
    """It can never be made; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PackageFile:
    """The zip as it grows, and the list of what is in it."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.files: list[dict[str, Any]] = []
        self._bytes = 0

    def add(self, name: str, path: Path, kind: int = ZIP_STORED) -> None:
        """Media are stored as they are: they do not become smaller."""
        self._bytes += path.stat().st_size
        if self._bytes > MAX_BYTES:
            raise PackageRefused("package_too_large")
        self._archive.write(path, name, kind)
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while part := file.read(_READ_BYTES):
                digest.update(part)
        self._list(name, path.stat().st_size, digest.hexdigest())

    def add_text(self, name: str, text: str) -> None:
        data = text.encode()
        self._archive.writestr(name, data, ZIP_DEFLATED)
        self._list(name, len(data), hashlib.sha256(data).hexdigest())

    def _list(self, name: str, size: int, sha256: str) -> None:
        self.files.append({"name": name, "bytes": size, "sha256": sha256})


def make_package(data_dir: Path, plan: PackagePlan) -> dict[str, Any]:
    """What the job is told. Raises PackageRefused."""
    folder = data_dir / plan.folder
    work = folder / "package.work"
    with alone_in(folder):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            return _make(data_dir, plan, folder, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _make(data_dir: Path, plan: PackagePlan, folder: Path, work: Path) -> dict[str, Any]:
    part = work / NAME
    with ZipFile(part, "w", ZIP_STORED) as archive:
        package = PackageFile(archive)
        media = _add_media(data_dir, plan, work, package)
        slides = _add_slides(data_dir, plan, package)
        shown = {**plan.shown, "details": dict(plan.details), "media": media, "slides": slides}
        package.add_text("data.js", f"window.TANDEM = {json.dumps(shown, ensure_ascii=False)};\n")
        package.add_text("index.html", _PAGE.read_text(encoding="utf-8"))
        manifest = manifest_of(plan.details, package.files)
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1), ZIP_DEFLATED)
    made = {"kind": "package", "name": NAME, "bytes": part.stat().st_size, "sha256": _sha256(part)}
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(folder / NAME)
    sync_folder(folder)
    return made


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _path(data_dir: Path, path: str) -> Path:
    if not is_media_path(path):
        raise PackageRefused("path_refused")
    return data_dir / path


def _add_media(data_dir: Path, plan: PackagePlan, work: Path, package: PackageFile) -> dict[str, str]:
    media: dict[str, str] = {}
    for number, (name, playlist) in enumerate(plan.playlists.items()):
        if name not in ("teacher", "screen"):
            raise PackageRefused("path_refused")
        sound = plan.sound if number == 0 else None
        inputs = [_joined(data_dir, each, work) for each in (playlist, sound) if each is not None]
        whole = work / f"{name}.mp4"
        _remux(inputs, whole)
        media[name] = f"media/{name}.mp4"
        package.add(media[name], whole)
        whole.unlink()
        say({"progress": (number + 1) / (len(plan.playlists) + 1), "step": "picture"})
    return media


def _joined(data_dir: Path, playlist: str, work: Path) -> Path:
    """A media playlist's segments as one fragmented file."""
    source = _path(data_dir, playlist)
    segments = parse_playlist(source.read_text(encoding="utf-8")).segments
    names = [segments[0].init_uri, *(segment.uri for segment in segments)] if segments else []
    joined = work / f"{source.stem}.joined.mp4"
    with joined.open("wb") as out:
        for name in names:
            with _path(data_dir, f"{playlist.rpartition('/')[0]}/{name}").open("rb") as segment:
                shutil.copyfileobj(segment, out, _READ_BYTES)
            if out.tell() > MAX_BYTES:
                raise PackageRefused("package_too_large")
    return joined


def _remux(sources: list[Path], target: Path) -> None:
    """Picture and sound into one MP4 that plays while it is read."""
    with contextlib.ExitStack() as opened:
        try:
            inputs = [opened.enter_context(av.open(str(source))) for source in sources]
            options = {"movflags": "faststart"}
            out = opened.enter_context(av.open(str(target), "w", format="mp4", options=options))
            streams = [out.add_stream_from_template(each.streams[0]) for each in inputs]
            for number, packet in _interleaved(inputs):
                packet.stream = streams[number]
                out.mux(packet)
            out.close()
        except (av.error.FFmpegError, IndexError) as error:
            raise PackageRefused("media_malformed") from error


def _interleaved(inputs: list[InputContainer]) -> Iterator[tuple[int, Packet[Any]]]:
    """The packets of all, in the order of their times."""
    waiting = [each.demux(each.streams[0]) for each in inputs]
    heads = [next(packets, None) for packets in waiting]

    def time_of(number: int) -> float:
        packet = heads[number]
        return float("inf") if packet is None else float((packet.dts or 0) * packet.time_base)

    while any(head is not None for head in heads):
        number = min(range(len(heads)), key=time_of)
        packet = heads[number]
        heads[number] = next(waiting[number], None)
        if packet is not None and packet.dts is not None:
            yield number, packet


def _add_slides(data_dir: Path, plan: PackagePlan, package: PackageFile) -> list[list[Any]]:
    """[place in ms, name or null] of each; an image that is shown twice is there once."""
    names: dict[str, str] = {}
    shown: list[list[Any]] = []
    for at_ms, image in plan.slides:
        if image is not None and image not in names:
            path = _path(data_dir, image)
            if path.is_file():
                names[image] = f"slides/{len(names) + 1:03}.webp"
                package.add(names[image], path)
        shown.append([at_ms, names.get(image or "")])
    return shown


def say(message: dict[str, object]) -> None:
    """One line of standard output."""
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="classroom_api.packages", description="Make an offline package.")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--plan", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        plan = parse_package(arguments.plan.read_text(encoding="utf-8"))
        say({"result": make_package(arguments.data_dir.absolute(), plan)})
    except PackageRefused as refused:
        say({"refused": refused.code})
        return _EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
