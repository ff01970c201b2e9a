"""SHELL: runs `classroom_api.deck_rendering` over one PDF, and believes nothing that it says unchecked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classroom_api.deck_rendering import FILE_BYTES, MAX_PAGES, MAX_SIDE, MAX_TEXT_CHARACTERS, DeckRefused

logger = logging.getLogger(__name__)

PAGE_TIMEOUT_S: Final = 120.0
WHOLE_TIMEOUT_S: Final = 1200.0
_IMPORT_ROOT = Path(__file__).resolve().parent.parent
_LINE_BYTES: Final = 256 * 1024
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_REASONS: Final = frozenset(
    {"deck_malformed", "deck_encrypted", "deck_too_many_pages", "deck_too_costly", "storage_full"}
)
_CRASHES: Final = frozenset({-signal.SIGSEGV, -signal.SIGBUS})


@dataclass(frozen=True, slots=True)
class Page:
    """One page image and its thumbnail, both `{name}.webp` in the deck's folder."""

    page: int
    sha256: str
    width: int
    height: int
    bytes: int
    thumbnail: str
    text: str


Progress = Callable[[int, int], None]
"""(pages done, pages in all)."""


async def convert(
    pdf: Path,
    folder: Path,
    tell: Progress,
    *,
    page_timeout_s: float = PAGE_TIMEOUT_S,
    whole_timeout_s: float = WHOLE_TIMEOUT_S,
) -> list[Page]:
    """All pages of the deck.  Both paths are absolute.  Raises DeckRefused.

    However this ends, no process is left behind.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "classroom_api.deck_rendering",
        str(pdf),
        str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_IMPORT_ROOT,
        env={"LC_ALL": "C.UTF-8"},
        limit=_LINE_BYTES,
    )
    try:
        async with asyncio.timeout(whole_timeout_s):
            pages = await _read_pages(process, folder, tell, page_timeout_s)
            await process.wait()
    except TimeoutError:
        raise DeckRefused("deck_too_costly") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return pages


async def _read_pages(
    process: asyncio.subprocess.Process, folder: Path, tell: Progress, timeout_s: float
) -> list[Page]:
    pages: list[Page] = []
    page_count = 0
    try:
        async for line in _lines(process, timeout_s):
            if "refused" in line:
                reason = line["refused"]
                raise DeckRefused(reason if reason in _REASONS else "deck_malformed")
            if page_count == 0:
                page_count = _number(line["page_count"], MAX_PAGES)
            else:
                pages.append(_page(line, len(pages) + 1, folder))
            tell(len(pages), page_count)
    except TimeoutError:
        raise
    except (KeyError, TypeError, ValueError, RecursionError, OSError) as error:
        logger.warning("a deck's process said what it must not: %r", error)
        raise DeckRefused("deck_malformed") from None
    if page_count == 0 or len(pages) != page_count:
        raise DeckRefused(await _reason_of_death(process))
    return pages


async def _lines(process: asyncio.subprocess.Process, timeout_s: float) -> AsyncIterator[dict[str, Any]]:
    """Raises TimeoutError, ValueError (a line that is too long, or not JSON), RecursionError."""
    assert process.stdout is not None
    while True:
        async with asyncio.timeout(timeout_s):
            line = await process.stdout.readline()
        if not line:
            return
        yield dict(json.loads(line))


async def _reason_of_death(process: asyncio.subprocess.Process) -> str:
    """Of a process that ended before its work: by a limit, or because the PDF broke it."""
    code = await process.wait()
    logger.warning("a deck's process ended with %d", code)
    return "deck_too_costly" if code < 0 and code not in _CRASHES else "deck_malformed"


def _page(line: dict[str, Any], expected: int, folder: Path) -> Page:
    page = Page(
        page=_number(line["page"], MAX_PAGES),
        sha256=_name(line["sha256"]),
        width=_number(line["width"], MAX_SIDE),
        height=_number(line["height"], MAX_SIDE),
        bytes=_number(line["bytes"], FILE_BYTES),
        thumbnail=_name(line["thumbnail"]),
        text=_clean(line["text"]),
    )
    sizes = [(folder / f"{name}.webp").stat().st_size for name in (page.sha256, page.thumbnail)]
    if page.page != expected or sizes[0] != page.bytes:
        raise ValueError("a page out of order, or not of its size")
    return page


def _number(value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise ValueError(f"not a number from 1 to {most}")
    return value


def _name(value: object) -> str:
    if not isinstance(value, str) or _SHA256.fullmatch(value) is None:
        raise ValueError("not the SHA-256 of a page")
    return value


def _clean(value: object) -> str:
    """Text that a database can hold: no lone surrogates, no control characters but breaks of lines."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    text = value[:MAX_TEXT_CHARACTERS].encode("utf-8", "ignore").decode()
    return "".join(character for character in text if character >= " " or character in "\n\t")
