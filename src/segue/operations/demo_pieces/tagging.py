"""Write tags and a cover into a generated file, whatever its format."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True)
class Labels:
    """The tags of one generated file."""

    title: str
    artist: str
    album: str
    track_number: int
    year: int
    genres: tuple[str, ...]
    bpm: float | None
    cover: bytes


def draw_cover(seed: int, *, size: int = 96) -> bytes:
    """A square PNG of overlapping discs whose colours depend on the seed, a few kilobytes.

    Examples
    --------
    >>> draw_cover(1)[:4]
    b'\\x89PNG'
    """
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] / size
    image = np.empty((size, size, 3))
    image[:] = rng.uniform(20, 110, 3)
    for _ in range(5):
        inside = np.hypot(x - rng.random(), y - rng.random()) < rng.uniform(0.12, 0.45)
        image[inside] = 0.35 * image[inside] + 0.65 * rng.uniform(60, 255, 3)
    rows = np.zeros((size, 1 + 3 * size), dtype=np.uint8)  # a 0 before each row: no filter
    rows[:, 1:] = image.astype(np.uint8).reshape(size, -1)
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_labels(path: Path, labels: Labels) -> None:
    """Write `labels` into the FLAC, Ogg Vorbis, MP3, WAV or AIFF file `path`."""
    if path.suffix in (".flac", ".ogg"):
        _write_comments(path, labels)
    else:
        _write_id3(path, labels)


def _write_comments(path: Path, labels: Labels) -> None:
    from mutagen.flac import FLAC, Picture
    from mutagen.oggvorbis import OggVorbis

    picture = Picture()
    picture.data, picture.type, picture.mime = labels.cover, 3, "image/png"
    picture.width = picture.height = 96
    picture.depth = 24
    file = FLAC(path) if path.suffix == ".flac" else OggVorbis(path)
    file["title"], file["artist"], file["album"] = labels.title, labels.artist, labels.album
    file["albumartist"] = labels.artist
    file["tracknumber"], file["date"] = str(labels.track_number), str(labels.year)
    file["genre"] = list(labels.genres)
    if labels.bpm is not None:
        file["bpm"] = f"{labels.bpm:.0f}"
    if path.suffix == ".flac":
        file.add_picture(picture)
    else:
        file["metadata_block_picture"] = base64.b64encode(picture.write()).decode("ascii")
    file.save()


def _write_id3(path: Path, labels: Labels) -> None:
    from mutagen import id3
    from mutagen.aiff import AIFF
    from mutagen.mp3 import MP3
    from mutagen.wave import WAVE

    file = {".mp3": MP3, ".wav": WAVE, ".aiff": AIFF}[path.suffix](path)
    file.add_tags()
    frames = [
        id3.TIT2(encoding=3, text=labels.title),
        id3.TPE1(encoding=3, text=labels.artist),
        id3.TPE2(encoding=3, text=labels.artist),
        id3.TALB(encoding=3, text=labels.album),
        id3.TRCK(encoding=3, text=str(labels.track_number)),
        id3.TDRC(encoding=3, text=str(labels.year)),
        id3.TCON(encoding=3, text=list(labels.genres)),
        id3.APIC(encoding=3, mime="image/png", type=3, desc="", data=labels.cover),
    ]
    if labels.bpm is not None:
        frames.append(id3.TBPM(encoding=3, text=f"{labels.bpm:.0f}"))
    for frame in frames:
        file.tags.add(frame)
    file.save()


def fix_serial(path: Path) -> None:
    """Give an Ogg stream the serial number 1; the encoder draws one from the clock, so no two runs agree."""
    from mutagen.ogg import OggPage

    pages = []
    with path.open("rb") as file:
        while True:
            try:
                pages.append(OggPage(file))
            except EOFError:
                break
    for page in pages:
        page.serial = 1
    path.write_bytes(b"".join(page.write() for page in pages))
