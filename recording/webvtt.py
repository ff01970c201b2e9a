"""Captions: WebVTT and SubRip in, WebVTT out. Pure.

What is kept of a cue is its time and its plain text: tags, settings, styles, regions and notes are read
over, entities become characters, so that nothing in a text can act on a page. `serialize_captions` escapes
what would be markup; `parse_captions` gives back exactly what it wrote:

    WEBVTT

    00:00:01.000 --> 00:00:03.500
    1 &lt; 2
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from recording.edit import Kept
from streaming.errors import Refused

MAX_BYTES: Final = 1 << 20
MAX_CUES: Final = 5_000
MAX_LINES: Final = 4
MAX_LINE_CHARACTERS: Final = 300
MAX_POSITION_MS: Final = 86_400_000

_LINE_END: Final = re.compile("\r\n|\r|\n")
_HEAD: Final = re.compile(r"WEBVTT(?:[ \t].*)?")
_SKIPPED: Final = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
_ARROW: Final = "-->"
_TIME: Final = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
_TIMING: Final = re.compile(rf"\s*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].*)?")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|</>")
_SUBRIP_STYLE: Final = re.compile(r"\{\\[^{}]*\}")
_FORBIDDEN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


class CaptionsRefused(Refused):
    """`line`: where in the file, counted from 1."""

    def __init__(self, code: str, line: int, what: str) -> None:
        super().__init__(code, f"Line {line}: {what}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Cue:
    """What was said from `begin_ms` until `end_ms`, positions of the lesson; `text` has a line or a few."""

    begin_ms: int
    end_ms: int
    text: str


def parse_captions(data: bytes) -> tuple[Cue, ...]:
    """Cues in the order of their times; those without text are left out.

    CaptionsRefused: captions_malformed, captions_too_large.
    """
    if len(data) > MAX_BYTES:
        raise CaptionsRefused("captions_too_large", 1, f"a file has at most {MAX_BYTES} bytes.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(data[: error.start].decode("latin-1"))) + 1
        raise CaptionsRefused("captions_malformed", line, "this is not UTF-8: save it as UTF-8.") from None
    lines = _LINE_END.split(text)
    blocks = _blocks(lines)
    if _HEAD.fullmatch(lines[0]):
        next(blocks)
    elif not text.strip():
        raise CaptionsRefused("captions_malformed", 1, "the file is empty.")
    cues: list[Cue] = []
    for number, block in blocks:
        if _SKIPPED.fullmatch(block[0]) and not (len(block) > 1 and _ARROW in block[1]):
            continue
        cue = _cue(number, block)
        if cue.text:
            cues.append(cue)
        if len(cues) > MAX_CUES:
            raise CaptionsRefused("captions_too_large", number, f"there are at most {MAX_CUES} captions.")
    return tuple(sorted(cues, key=lambda cue: (cue.begin_ms, cue.end_ms)))


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """What stands between empty lines, each with the number of its first line."""
    numbered = enumerate(lines, 1)
    for is_empty, group in groupby(numbered, key=lambda line: not line[1].strip()):
        if not is_empty:
            block = list(group)
            yield block[0][0], [line for _, line in block]


def _cue(number: int, block: Sequence[str]) -> Cue:
    if _ARROW not in block[0] and len(block) > 1:
        number, block = number + 1, block[1:]
    timing = _TIMING.fullmatch(block[0])
    if timing is None:
        raise CaptionsRefused(
            "captions_malformed", number, "00:00:01.000 --> 00:00:02.000 should stand here."
        )
    begin_ms, end_ms = _milliseconds(timing.groups()[:4]), _milliseconds(timing.groups()[4:])
    if not begin_ms < end_ms <= MAX_POSITION_MS:
        raise CaptionsRefused("captions_malformed", number, "a caption ends after it begins, within a day.")
    text = html.unescape(_TAG.sub("", _SUBRIP_STYLE.sub("", "\n".join(block[1:]))))
    plain = plain_text(text)
    if is_too_long(plain):
        raise CaptionsRefused(
            "captions_too_large",
            number,
            f"a caption has at most {MAX_LINES} lines of {MAX_LINE_CHARACTERS} characters.",
        )
    return Cue(begin_ms, end_ms, plain)


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def plain_text(text: str) -> str:
    """`text` as a cue keeps it: no control characters, no empty lines, no space around a line."""
    lines = ("".join(_plain_characters(line)).strip() for line in _LINE_END.split(text))
    return "\n".join(line for line in lines if line)


def _plain_characters(line: str) -> Iterator[str]:
    for character in line:
        if unicodedata.category(character) not in _FORBIDDEN:
            yield character
        elif character == "\t":
            yield " "


def is_too_long(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) > MAX_LINES or any(len(line) > MAX_LINE_CHARACTERS for line in lines)


def serialize_captions(cues: Iterable[Cue]) -> str:
    """WebVTT of cues whose text is plain (`plain_text`)."""
    blocks = [
        f"{_timestamp(cue.begin_ms)} {_ARROW} {_timestamp(cue.end_ms)}\n"
        f"{html.escape(cue.text, quote=False)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _timestamp(at_ms: int) -> str:
    seconds, fraction = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{fraction:03}"


def placed(cues: Iterable[Cue], kept: Kept) -> tuple[Cue, ...]:
    """Cues at their places in an edited replay. What is cut goes; a cue around a cut is one cue."""
    found: list[Cue] = []
    for cue in cues:
        pieces = [
            (max(cue.begin_ms, begin), min(cue.end_ms, end))
            for begin, end in kept.parts
            if cue.begin_ms < end and begin < cue.end_ms
        ]
        if pieces:
            begin_ms = kept.next_place_ms(pieces[0][0])
            length_ms = sum(end - begin for begin, end in pieces)
            found.append(Cue(begin_ms, begin_ms + length_ms, cue.text))
    return tuple(found)
