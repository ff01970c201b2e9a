"""Photos as cameras make them, and such as are made to do harm."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from classroom_api.photo_cleaning import MAX_SIDE, clean_photo
from streaming.errors import Refused

_ORIENTATION, _MAKE, _GPS = 0x0112, 0x010F, 0x8825


def photo(kind: str = "JPEG", size: tuple[int, int] = (2400, 1200), mode: str = "RGB") -> bytes:
    """A picture with place, device and orientation, its upper left red."""
    image = Image.new(mode, size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[_MAKE] = "SecretCamera"
    exif[_ORIENTATION] = 6  # to be turned clockwise
    exif.get_ifd(_GPS).update({1: "N", 2: (39.0, 54.0, 20.0), 3: "E", 4: (116.0, 23.0, 29.0)})
    buffer = io.BytesIO()
    image.save(buffer, kind, exif=exif, **({"comment": "SecretNote"} if kind == "JPEG" else {}))
    return buffer.getvalue()


def png_bomb(side: int) -> bytes:
    """A PNG of side x side white pixels in a few kilobytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_pixels_goes_on(kind: str) -> None:
    clean = clean_photo(photo(kind))
    assert (clean.width, clean.height) == (800, 1600)
    for trace in (b"Secret", b"Exif", b"GPS"):
        assert trace not in clean.jpeg
    with Image.open(io.BytesIO(clean.jpeg)) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        upper_right = image.getpixel((image.width - 50, 50))
        assert isinstance(upper_right, tuple)
        assert upper_right[0] > 230
        assert upper_right[1] < 30


def test_what_is_transparent_lies_on_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(buffer, "PNG")
    with Image.open(io.BytesIO(clean_photo(buffer.getvalue()).jpeg)) as image:
        assert image.getpixel((10, 10)) == (255, 255, 255)


def test_a_large_photo_becomes_small() -> None:
    clean = clean_photo(photo(size=(5000, 4000)))
    assert max(clean.width, clean.height) == MAX_SIDE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        photo()[:900],
        photo("PNG")[:900],
        photo("WEBP")[:200],
        png_bomb(8000),
        png_bomb(12_000),
        png_bomb(60_000),
    ],
    ids=["empty", "gif", "pdf", "jpeg", "png", "webp", "64 MP", "144 MP", "3,600 MP"],
)
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        clean_photo(data)
    assert refused.value.code == "photo_malformed"
