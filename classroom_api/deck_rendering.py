"""SHELL: a PDF becomes page images and texts, in a process of its own that may be killed at any moment.

`python -m classroom_api.deck_rendering PDF FOLDER` writes `{sha256}.webp` files into FOLDER and a line of
JSON for each step on its standard output:

    {"page_count": 2}
    {"page": 1, "sha256": "…", "width": 1600, "height": 900, "bytes": 48211, "thumbnail": "…", "text": "…"}
    {"page": 2, …}

or, as the last, {"refused": "deck_encrypted"}.  A PDF is a program of strangers: whoever reads these lines
trusts none of them.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import math
import os
import resource
import sys
from pathlib import Path

import pypdfium2
from PIL import Image

MAX_PAGES = 300
MAX_TEXT_CHARACTERS = 4000
PAGE_WIDTH = 1600
THUMBNAIL_WIDTH = 240
MAX_SIDE = 4096
MAX_PIXELS = 4_000_000
MEMORY_BYTES = 1 << 30
CPU_S = 240
FILE_BYTES = 16 << 20
OPEN_FILES = 64
_NICE = 10
_PASSWORD_ERROR = 4
_CRISP_BYTES = 220_000
_REFUSED_EXIT = 3


class DeckRefused(Exception):
    """`code` as in docs/protocol.md, section 8."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def page_scale(width: float, height: float) -> float:
    """Pixels per point, so that a page is `PAGE_WIDTH` wide unless it would become too large.

    Raises DeckRefused for a page that has no size.
    """
    if not (math.isfinite(width) and math.isfinite(height) and width > 0 and height > 0):
        raise DeckRefused("deck_malformed")
    scale = min(PAGE_WIDTH / width, MAX_SIDE / height, math.sqrt(MAX_PIXELS / (width * height)))
    return scale * (1 - 1e-9)  # sizes are rounded up: 1600.0000001 is not 1601


def encode_page(image: Image.Image) -> bytes:
    """WebP: lossless where that is small, as text and drawings are; else lossy, as photographs are."""
    crisp = io.BytesIO()
    image.save(crisp, "WEBP", lossless=True, quality=20, method=1)
    if crisp.tell() <= _CRISP_BYTES:
        return crisp.getvalue()
    lossy = io.BytesIO()
    image.save(lossy, "WEBP", quality=82, method=2)
    return min(crisp.getvalue(), lossy.getvalue(), key=len)


def encode_thumbnail(image: Image.Image) -> bytes:
    """A small WebP of the whole page."""
    height = max(1, min(2 * THUMBNAIL_WIDTH, round(image.height * THUMBNAIL_WIDTH / image.width)))
    small = io.BytesIO()
    image.resize((THUMBNAIL_WIDTH, height), Image.Resampling.BOX, reducing_gap=2).save(
        small, "WEBP", quality=70, method=2
    )
    return small.getvalue()


def limit_process() -> None:
    """What a PDF may cost at most; the kernel holds it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_NICE)


def render(pdf: Path, folder: Path) -> None:
    """All pages, one after the other.  Raises DeckRefused."""
    document = _open(pdf)
    if len(document) > MAX_PAGES:
        raise DeckRefused("deck_too_many_pages")
    _say({"page_count": len(document)})
    for index in range(len(document)):
        try:
            page = document[index]
            image = page.render(scale=page_scale(*page.get_size())).to_pil().convert("RGB")
            text = _text_of(page)
        except pypdfium2.PdfiumError:
            raise DeckRefused("deck_malformed") from None
        data = encode_page(image)
        line = {
            "page": index + 1,
            "sha256": _write(folder, data),
            "width": image.width,
            "height": image.height,
            "bytes": len(data),
            "thumbnail": _write(folder, encode_thumbnail(image)),
            "text": text,
        }
        page.close()
        _say(line)


def _open(pdf: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        is_locked = error.err_code == _PASSWORD_ERROR
        raise DeckRefused("deck_encrypted" if is_locked else "deck_malformed") from None


def _text_of(page: pypdfium2.PdfPage) -> str:
    text = page.get_textpage()
    try:
        count = min(text.count_chars(), MAX_TEXT_CHARACTERS)
        return str(text.get_text_range(0, count)) if count > 0 else ""
    finally:
        text.close()


def _write(folder: Path, data: bytes) -> str:
    name = hashlib.sha256(data).hexdigest()
    (folder / f"{name}.webp").write_bytes(data)
    return name


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="classroom_api.deck_rendering", description="Draw a PDF's pages.")
    parser.add_argument("pdf", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    limit_process()
    try:
        render(arguments.pdf, arguments.folder)
    except DeckRefused as refused:
        _say({"refused": refused.code})
        return _REFUSED_EXIT
    except MemoryError:
        _say({"refused": "deck_too_costly"})
        return _REFUSED_EXIT
    return 0


if __name__ == "__main__":
    sys.exit(main())
