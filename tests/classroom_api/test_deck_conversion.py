"""PDFs, good and hostile, through the real child process."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
from PIL import Image

from classroom_api.deck_conversion import Page, convert
from classroom_api.deck_rendering import DeckRefused
from tests.classroom_api.pdfs import encrypted_pdf, inflating_pdf, laughing_pdf, many_pages, text_pdf


def drawn(folder: Path, pdf: bytes, page_timeout_s: float = 60.0) -> tuple[list[Page], list[tuple[int, int]]]:
    """The pages, and the progress that was told."""
    source = folder / "source.pdf"
    source.write_bytes(pdf)
    told: list[tuple[int, int]] = []
    pages = asyncio.run(
        convert(source, folder, lambda done, count: told.append((done, count)), page_timeout_s=page_timeout_s)
    )
    return pages, told


def test_pages_become_images_named_by_what_is_in_them(tmp_path: Path) -> None:
    pages, told = drawn(tmp_path, text_pdf("one half", "two thirds"))
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert [page.text for page in pages] == ["one half", "two thirds"]
    for page in pages:
        data = (tmp_path / f"{page.sha256}.webp").read_bytes()
        assert hashlib.sha256(data).hexdigest() == page.sha256
        assert len(data) == page.bytes
        with Image.open(tmp_path / f"{page.sha256}.webp") as image:
            assert image.size == (page.width, page.height) == (1600, 900)
            red = image.convert("RGB").getpixel((1300, 700))
            assert red == (204, 51, 51)
        with Image.open(tmp_path / f"{page.thumbnail}.webp") as thumbnail:
            assert thumbnail.size == (240, 135)


def test_the_same_page_has_the_same_name(tmp_path: Path) -> None:
    first, _ = drawn(tmp_path, text_pdf("one half"))
    [again, other], _ = drawn(tmp_path, text_pdf("one half", "another"))
    assert first[0].sha256 == again.sha256 != other.sha256


@pytest.mark.parametrize("box", ["0 0 9000000 5000000", "0 0 1 14400", "0 0 0 0", "500 500 0 0"])
def test_a_page_of_any_size_becomes_an_image_of_ours(tmp_path: Path, box: str) -> None:
    [page], _ = drawn(tmp_path, text_pdf("x", box=box))
    assert page.width <= 1600
    assert page.height <= 4096
    assert page.width * page.height <= 4_010_000


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        (encrypted_pdf(), "deck_encrypted"),
        (many_pages(301), "deck_too_many_pages"),
        (many_pages(10_000), "deck_too_many_pages"),
        (b"%PDF-1.7 and nothing more", "deck_malformed"),
        (text_pdf("one", "two")[:300], "deck_malformed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "deck_malformed"),
        (inflating_pdf(), "deck_too_costly"),
        (laughing_pdf(), "deck_too_costly"),
    ],
    ids=["encrypted", "301 pages", "10,000 pages", "empty", "truncated", "png", "inflating", "laughing"],
)
def test_what_is_refused(tmp_path: Path, pdf: bytes, code: str) -> None:
    with pytest.raises(DeckRefused) as refused:
        drawn(tmp_path, pdf)
    assert refused.value.code == code


def test_a_page_that_takes_too_long_ends_the_process(tmp_path: Path) -> None:
    with pytest.raises(DeckRefused) as refused:
        drawn(tmp_path, text_pdf("one"), page_timeout_s=0.001)
    assert refused.value.code == "deck_too_costly"


@pytest.mark.parametrize(
    "lines",
    [
        ['{"page_count": 100000}'],
        ['{"page_count": 1}', '{"page": 1, "sha256": "../../etc/passwd"}'],
        ['{"page_count": 2}', "not JSON"],
        ['{"page_count": 1}', json.dumps({"page": 1, "text": "x" * 300_000})],
        ["[]", "7"],
        ["[" * 200_000],
    ],
)
def test_what_the_process_says_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    """A PDF that took its process over can say anything."""
    script = tmp_path / "taken-over"
    script.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))
    with pytest.raises(DeckRefused) as refused:
        drawn(tmp_path, b"")
    assert refused.value.code == "deck_malformed"
