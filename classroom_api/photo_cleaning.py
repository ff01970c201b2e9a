"""A stranger's photo becomes a plain JPEG: no metadata, no bombs.  CPU work for a thread."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from streaming.errors import Refused

MAX_SIDE: Final = 1600
MAX_PIXELS: Final = 50_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    jpeg: bytes
    width: int
    height: int


def clean_photo(data: bytes) -> CleanPhoto:
    """Decode, turn upright, make small, encode anew: nothing of the file but its pixels goes on.

    Refused: photo_malformed.
    """
    try:
        return _clean(data)
    except (OSError, ValueError, SyntaxError, struct.error, Warning, Image.DecompressionBombError):
        raise Refused("photo_malformed", "This is not a photo that can be read: take another.") from None


def _clean(data: bytes) -> CleanPhoto:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        upright = ImageOps.exif_transpose(image)
        small = _flat(upright)
        small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    # From the pixels alone: what Pillow carries along in `info` (EXIF, XMP, comments) stays behind.
    Image.frombytes("RGB", small.size, small.tobytes()).save(buffer, "JPEG", quality=82)
    return CleanPhoto(buffer.getvalue(), small.width, small.height)


def _flat(image: Image.Image) -> Image.Image:
    """RGB; what is transparent lies on white."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    colors = image.convert("RGBA")
    paper = Image.new("RGBA", colors.size, "white")
    return Image.alpha_composite(paper, colors).convert("RGB")
