"""What goes into an offline package, as one JSON file for the process that makes it. Pure.

Paths are relative to the data folder; whoever reads them refuses those that lead out of where media lie.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from recording.edit import Kept

MAX_CUES: Final = 20_000
_HEIGHT: Final = 480
_TIME = r"(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})"
_CUE = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}")
_TAG = re.compile(r"<[^>]*>")
_MEDIA_PATH = re.compile(
    r"(resources/ver_[a-z0-9_]{1,40}/[a-z0-9][a-z0-9-]{0,60}\.(m3u8|m4s|mp4|jpg)"
    r"|decks/les_[a-z0-9_]{1,40}/deck_[a-z0-9_]{1,40}/[0-9a-f]{64}\.webp)"
)


@dataclass(frozen=True, slots=True)
class PackagePlan:
    """`playlists`: media playlists by the name that the file gets (`teacher`, `screen`); `sound`: the one
    that goes with the first. `slides`: (place in ms, path or None). `shown`: what the page shows beside them.
    """

    folder: str
    playlists: Mapping[str, str]
    sound: str | None
    slides: tuple[tuple[int, str | None], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)


def serialize_package(plan: PackagePlan) -> str:
    return json.dumps(asdict(plan), ensure_ascii=False)


def parse_package(text: str) -> PackagePlan:
    """What `serialize_package` wrote. Raises ValueError."""
    try:
        found = json.loads(text)
        slides = tuple((int(at_ms), path) for at_ms, path in found.pop("slides"))
        return PackagePlan(**found, slides=slides)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a plan: {error!r}") from None


def is_media_path(path: str) -> bool:
    """Whether a path names a file of a version or a page of a deck, and nothing else.

    >>> is_media_path("resources/ver_a/teacher-480.m3u8"), is_media_path("resources/ver_a/../../keys.json")
    (True, False)
    """
    return _MEDIA_PATH.fullmatch(path) is not None


def playlists_of(folder: str, made: Mapping[str, Any]) -> dict[str, str]:
    """The teacher's and the screen's media playlists, of the size that plays on everything."""
    found: dict[str, str] = {}
    for picture in made.get("pictures", ()):
        name, sizes = str(picture["kind"]), picture.get("renditions", ())
        fitting = sorted(sizes, key=lambda one: (one["height"] > _HEIGHT, abs(one["height"] - _HEIGHT)))
        if name in ("teacher", "screen") and name not in found and fitting:
            found[name] = f"{folder}/{fitting[0]['name']}.m3u8"
    return found


def cues_of(text: str, kept: Kept) -> list[tuple[int, int, str]]:
    """(from, until, words) of WebVTT, in places of what is kept; styles and tags are left out."""
    cues: list[tuple[int, int, str]] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        found = _CUE.search(block)
        if found is None or len(cues) >= MAX_CUES:
            continue
        numbers = [int(each or 0) for each in found.groups()]
        begin, end = (
            ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
            for hours, minutes, seconds, ms in (numbers[:4], numbers[4:])
        )
        words = _TAG.sub("", block[found.end() :].partition("\n")[2]).strip()
        begin, end = kept.next_place_ms(begin), kept.next_place_ms(end)
        if words and begin < end:
            cues.append((begin, end, words))
    return cues


def manifest_of(details: Mapping[str, Any], files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`manifest.json`: Dublin Core terms, what LOM adds, and every file with its SHA-256."""
    terms = {
        "title": details.get("title"),
        "description": details.get("description"),
        "creator": details.get("creators"),
        "subject": [details.get("subject"), *details.get("keywords", ())],
        "language": details.get("language"),
        "license": details.get("licence"),
        "type": "MovingImage",
        "format": "video/mp4",
    }
    lom = {
        "educational.context.grade": details.get("grade"),
        "relation.edition": details.get("edition"),
        "classification.syllabus_node": details.get("syllabus_node"),
    }
    return {"form": 1, "dcterms": _stated(terms), "lom": _stated(lom), "files": list(files)}


def _stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        name: [each for each in value if each] if isinstance(value, list) else value
        for name, value in fields.items()
    }
    return {name: value for name, value in found.items() if value}
