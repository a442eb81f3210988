"""ID3 of all versions: reading a tag without its bulk, and its frames as fields."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from segue.audio.edges import read_at
from segue.audio.tagfields import Picture, TaggedLyrics, field_name, split_nulls

_BIG_TAG = 1 << 21
_BIG_FRAME = 1 << 18  # no text that Segue uses is longer; pictures are
_MOST_FRAMES = 20_000
_MILLISECONDS = 2  # of an SYLT frame's times; 1 would count MPEG frames

_FRAMES = {
    "TIT2": "title",
    "TPE1": "artist",
    "TPE2": "album_artist",
    "TALB": "album",
    "TRCK": "track",
    "TPOS": "disc",
    "TDRC": "date",
    "TBPM": "bpm",
    "TSRC": "isrc",
    "TCOM": "composer",
    "TPE3": "conductor",
    "MVNM": "movement",
}

# Names that have a stroke in them; in ID3 before 2.4 a stroke otherwise stands between two genres.
_STROKED = frozenset(
    {"r&b/soul", "hip hop/rap", "hip-hop/rap", "singer/songwriter", "pop/rock", "alternative/indie"}
)


def read_id3(file: BinaryIO, start: int, *, covers: bool) -> Any | None:
    """The ID3 tag that starts at a position, or at 0 also an ID3v1 tag at the end; None without one.

    Of a tag over 2 MB only the small frames are read, with empty pictures, unless `covers` is set.
    """
    from mutagen.id3 import ID3, ID3NoHeaderError

    header = read_at(file, start, 10)
    size = _syncsafe(header[6:10]) + 10
    source: BinaryIO = file
    if header[:3] == b"ID3":
        if size > _BIG_TAG and not covers:
            source = io.BytesIO(_without_bulk(file, start, header))
        elif start:
            source = io.BytesIO(read_at(file, start, size))
    elif start:
        return None
    source.seek(0)
    try:
        return ID3(source)
    except ID3NoHeaderError:
        return None


def _syncsafe(data: bytes) -> int:
    size = 0
    for byte in data:
        size = size << 7 | byte & 0x7F
    return size


def _without_bulk(file: BinaryIO, start: int, header: bytes) -> bytes:
    """The tag with its long frames left out, and an empty picture in their place where one was."""
    version, end = header[3], start + 10 + _syncsafe(header[6:10])
    name_length = 3 if version == 2 else 4
    head_length = 6 if version == 2 else 10
    at = start + 10
    if header[5] & 0x40 and version > 2:
        extended = read_at(file, at, 4)
        at += _syncsafe(extended) if version == 4 else 4 + int.from_bytes(extended, "big")
    frames: list[bytes] = []
    kept = 0
    for _ in range(_MOST_FRAMES):
        head = read_at(file, at, head_length)
        name = head[:name_length]
        if at >= end or len(head) < head_length or not name.isalnum():
            break
        sized = head[name_length : name_length + (3 if version == 2 else 4)]
        size = _syncsafe(sized) if version == 4 else int.from_bytes(sized, "big")
        if version == 4 and not _frame_follows(file, at + 10 + size, end):
            plain = int.from_bytes(sized, "big")  # as iTunes once wrote them
            size = plain if _frame_follows(file, at + 10 + plain, end) else size
        if size <= _BIG_FRAME and kept < _BIG_TAG:
            frames.append(head + read_at(file, at + head_length, size))
            kept += size
        elif name in (b"APIC", b"PIC"):
            body = b"\0JPG\3\0" if version == 2 else b"\0image/jpeg\0\3\0"
            length = len(body).to_bytes(3 if version == 2 else 4, "big")
            frames.append(name + length + (b"" if version == 2 else b"\0\0") + body)
        at += head_length + size
    body = b"".join(frames)
    length = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return header[:5] + bytes((header[5] & 0x80,)) + length + body


def _frame_follows(file: BinaryIO, at: int, end: int) -> bool:
    name = read_at(file, at, 4)
    return at >= end or name == b"\0\0\0\0" or (name.isalnum() and name.isupper())


def id3_pairs(tag: Any) -> Iterator[tuple[str, object]]:
    """The known frames of a mutagen ID3 tag as (field name, value)."""
    for frame in tag.values():
        name = frame.FrameID
        if name in _FRAMES:
            for text in split_nulls(str(part) for part in frame.text):
                yield _FRAMES[name], text
        elif name == "TCON":
            for text in frame.genres:
                yield from (("genre", genre) for genre in _split_genre(text, tag.version))
        elif name == "TXXX":
            field = field_name(frame.desc)
            if field:
                for text in split_nulls(frame.text):
                    yield field, text
        elif name == "UFID" and "musicbrainz.org" in frame.owner:
            yield "mb_recording", frame.data
        elif name == "RVA2":
            kind = "album" if frame.desc.lower() == "album" else "track"
            if frame.channel == 1:  # master volume
                yield f"rg_{kind}_gain", round(frame.gain, 3)
                yield f"rg_{kind}_peak", round(frame.peak, 4)  # a fixed-point number of 15 bits
        elif name == "TIT1" and tag.getall("MVNM"):
            yield "work", str(frame)  # where there is a movement, iTunes keeps the work in the content group
        elif name == "USLT":
            yield "lyrics", TaggedLyrics(frame.lang, frame.text)
        elif name == "SYLT" and frame.format == _MILLISECONDS:
            yield "lyrics", TaggedLyrics(frame.lang, timed=tuple((time, text) for text, time in frame.text))
        elif name == "APIC":
            yield "cover", Picture(int(frame.type), frame.mime, frame.data)


def _split_genre(text: str, version: tuple[int, ...]) -> list[str]:
    if version >= (2, 4) or text.casefold() in _STROKED:
        return [text]
    return text.split("/")
