"""Pictures that strangers made, brought to a size and form that any screen shows; and stand-ins."""

from __future__ import annotations

import hashlib
import io
import unicodedata
from colorsys import hls_to_rgb
from contextlib import nullcontext
from functools import lru_cache
from html import escape
from threading import Lock
from typing import TYPE_CHECKING

from segue.errors import SegueError

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
_MOST_PIXELS = 40_000_000
_BIG_PIXELS = 4_000_000
_one_big_picture = Lock()  # decoded at a time: each may take some hundred megabytes
_SMOOTH_MODES = ("RGB", "RGBA", "L", "LA", "CMYK", "YCbCr")  # that are made smaller as they are
_QUALITY = 85
_LIGHTNESS, _SATURATION = 0.32, 0.45  # dark enough for white letters on any hue


class BrokenPicture(SegueError):
    """A picture that cannot be shown.

    Attributes
    ----------
    too_large
        Whether it was not even tried, because of its number of pixels.
    """

    def __init__(self, words: str, *, too_large: bool = False) -> None:
        super().__init__(words)
        self.too_large = too_large


def checked(content: bytes) -> str:
    """The MIME type of an encoded picture, told by what is in it.

    Raises
    ------
    BrokenPicture
        If it is none of JPEG, PNG, WebP, GIF, or has more than 40 million pixels.
    """
    with _opened(content) as image:
        return _FORMATS[image.format or ""]


def thumbnail(content: bytes, size_px: int) -> bytes:
    """A picture as a JPEG whose longer side has at most `size_px`, upright, opaque; the first of several.

    Raises
    ------
    BrokenPicture
        If it cannot be decoded, or has more than 40 million pixels.
    """
    with _opened(content) as image:
        try:
            image.draft("RGB", (size_px, size_px))  # of a JPEG only as many pixels as needed are decoded
            with _one_big_picture if image.width * image.height > _BIG_PIXELS else nullcontext():
                return _small_jpeg(image, size_px)
        except _failures() as error:
            raise BrokenPicture(f"the picture cannot be decoded: {_words(error)}") from error


def _small_jpeg(image: Image, size_px: int) -> bytes:
    from PIL import ImageOps

    if image.mode in _SMOOTH_MODES and "transparency" not in image.info:
        image.thumbnail((size_px, size_px))
    opaque = _opaque(image)
    opaque.thumbnail((size_px, size_px))
    out = io.BytesIO()
    ImageOps.exif_transpose(opaque).save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def placeholder_cover(text: str) -> tuple[bytes, str]:
    """A square for what has no cover: initials on a colour that the text always has.

    Returns
    -------
    picture, mime
        SVG, 256 units wide.
    """
    dark, light = (f"#{r:02x}{g:02x}{b:02x}" for r, g, b in _colours(text))
    rings = "".join(
        f'<circle cx="208" cy="208" r="{radius}" fill="none" stroke="{light}" stroke-width="6"/>'
        for radius in (30, 60, 90, 120)
    )
    letters = escape(initials(text))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256">'
        f'<rect width="256" height="256" fill="{dark}"/>{rings}'
        '<text x="128" y="128" dy=".36em" text-anchor="middle" fill="#fff" font-size="104" font-weight="600" '
        f'font-family="system-ui, sans-serif">{letters}</text></svg>'
    )
    return svg.encode(), "image/svg+xml"


@lru_cache(maxsize=64)
def placeholder_png(text: str, size_px: int = 256) -> tuple[bytes, str]:
    """The same as a PNG, for players that do not draw SVG; letters that its font lacks are left out."""
    from PIL import Image, ImageDraw, ImageFont

    size = min(max(size_px, 16), 1024)
    unit = size / 256
    dark, light = _colours(text)
    image = Image.new("RGB", (size, size), dark)
    draw = ImageDraw.Draw(image)
    for radius in (30, 60, 90, 120):
        box = [(208 - radius) * unit, (208 - radius) * unit, (208 + radius) * unit, (208 + radius) * unit]
        draw.ellipse(box, outline=light, width=max(1, round(6 * unit)))
    # Without marks: the font that comes with Pillow has little more than Latin-1.
    letters = "".join(c for c in unicodedata.normalize("NFD", initials(text)) if not unicodedata.combining(c))
    if letters.isascii():
        font = ImageFont.load_default(104 * unit)
        draw.text((size / 2, size / 2), letters, fill=(255, 255, 255), font=font, anchor="mm")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue(), "image/png"


def initials(text: str) -> str:
    """The first letters of the first and the last word, or a note where there are none.

    Examples
    --------
    >>> initials("the Rolling Stones"), initials("björk"), initials("...")
    ('RS', 'B', '♪')
    """
    words = ["".join(filter(str.isalnum, word)) for word in unicodedata.normalize("NFC", text[:1000]).split()]
    words = [word for word in words if word]
    if len(words) > 1 and words[0].lower() in ("the", "a", "an"):
        words = words[1:]
    ends = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0].upper()[0] for word in ends) or "♪"


def _colours(text: str) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """A dark colour, and a somewhat lighter one, that follow from the text."""
    hue = hashlib.sha256(text.casefold().encode("utf-8", "replace")).digest()[0] / 256
    dark, light = (hls_to_rgb(hue, level, _SATURATION) for level in (_LIGHTNESS, _LIGHTNESS + 0.06))
    return _bytes(dark), _bytes(light)


def _bytes(colour: tuple[float, float, float]) -> tuple[int, int, int]:
    red, green, blue = (round(255 * part) for part in colour)
    return red, green, blue


def _opened(content: bytes) -> Image:
    import warnings

    from PIL import Image

    warnings.simplefilter("error", Image.DecompressionBombWarning)  # else it is a line on stderr
    try:
        image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BrokenPicture("the picture has too many pixels", too_large=True) from error
    except _failures() as error:
        raise BrokenPicture(f"the picture cannot be read: {_words(error)}") from error
    if image.width * image.height > _MOST_PIXELS:
        words = f"the picture has {image.width} × {image.height} pixels: 40 million at most are shown"
        image.close()
        raise BrokenPicture(words, too_large=True)
    return image


def _opaque(image: Image) -> Image:
    """RGB, what is transparent on white."""
    from PIL import Image as Images

    if image.mode.startswith(("I", "F")):
        # 16 bits a pixel; conversion alone would cut them off at 255.
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        ground = Images.new("RGBA", clear.size, "white")
        ground.alpha_composite(clear)
        result = ground.convert("RGB")
        result.info.update({key: image.info[key] for key in ("exif",) if key in image.info})
        return result
    return image.convert("RGB")


def _failures() -> tuple[type[BaseException], ...]:
    """What Pillow raises on damaged pictures."""
    import struct

    return (OSError, ValueError, SyntaxError, TypeError, LookupError, EOFError, MemoryError, struct.error)


def _words(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return "its kind is not known" if "cannot identify" in text else text[:200] or type(error).__name__
