"""The picture in a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from segue.audio.opening import open_file
from segue.audio.tagfields import Picture
from segue.audio.tagformats import read_pairs

_FRONT = 3
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture as it stands in the file.

    Attributes
    ----------
    mime
        Such as ``image/jpeg``, told by the bytes where they tell it.
    data
        The encoded picture; nothing is checked or changed.
    """

    mime: str
    data: bytes


def read_cover(path: Path) -> Cover | None:
    """The front cover in a file, else its first picture, else None.

    Raises
    ------
    AudioError
        If the file itself cannot be read.
    """
    with open_file(path) as file:
        pictures = [
            value for _, value in read_pairs(file, covers=True) if isinstance(value, Picture) and value.data
        ]
    if not pictures:
        return None
    picture = next((picture for picture in pictures if picture.kind == _FRONT), pictures[0])
    return Cover(_mime(picture), picture.data)


def _mime(picture: Picture) -> str:
    for signature, mime in _SIGNATURES:
        if picture.data.startswith(signature):
            return mime
    if picture.data[:4] == b"RIFF" and picture.data[8:12] == b"WEBP":
        return "image/webp"
    return picture.mime if "/" in picture.mime else "application/octet-stream"
