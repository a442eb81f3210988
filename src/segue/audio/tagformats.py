"""The tags of each container as (field name, value) pairs, read with mutagen."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from segue.audio.containers import Container, sniff
from segue.audio.edges import after_leading_tags, read_at
from segue.audio.id3 import id3_pairs, read_id3
from segue.audio.identity import iff_chunks
from segue.audio.tagfields import Fields, Picture, field_name, split_nulls

Pair = tuple[str, object]
"""A field's name and a text, "cover" and a `Picture`, or "lyrics" and a text or `TaggedLyrics`."""

_MOST_BYTES = 1 << 24  # of one block of text; a FLAC block cannot be longer
_MOST_BLOCKS = 1000

# What a mutagen parser raises on damaged files beside its own errors; found by fuzzing.
PARSER_FAILURES: tuple[type[Exception], ...] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


def read_fields(file: BinaryIO) -> Fields:
    """All fields of an open file; where tags are damaged, what could be read of them."""
    fields = Fields()
    for name, value in read_pairs(file, covers=False):
        if isinstance(value, Picture):
            fields.has_cover = True
        elif name != "lyrics":  # read where they are asked for (`segue.audio.lyrics`)
            fields.add(name, value)
    return fields


def read_pairs(file: BinaryIO, *, covers: bool) -> Iterator[Pair]:
    """Every known tag of an open file; with `covers` the pictures' bytes too."""
    container = sniff(file)
    for reader in _READERS.get(container, (_id3, _ape)):
        # A file of one kind may carry tags of another (an MP3 with APEv2): a damaged one costs only itself.
        yield from _guarded(reader, file, covers)


def _guarded(
    reader: Callable[[BinaryIO, bool], Iterator[Pair]], file: BinaryIO, covers: bool
) -> Iterator[Pair]:
    import mutagen

    try:
        yield from reader(file, covers)
    except (mutagen.MutagenError, *PARSER_FAILURES):
        return


def _id3(file: BinaryIO, covers: bool) -> Iterator[Pair]:
    tag = read_id3(file, 0, covers=covers)
    if tag is not None:
        yield from id3_pairs(tag)


def _chunked_id3(file: BinaryIO, covers: bool) -> Iterator[Pair]:
    """The ID3 chunk, then the INFO list, of WAV and AIFF."""
    big = read_at(file, 0, 4) in (b"RIFX", b"FORM")
    info: list[Pair] = []
    for name, start, size, left in iff_chunks(file, big_endian=big):
        if name in (b"id3 ", b"ID3 "):
            tag = read_id3(file, start, covers=covers)
            if tag is not None:
                yield from id3_pairs(tag)
        elif name == b"LIST" and read_at(file, start, 4) == b"INFO":
            info += _riff_info(read_at(file, start + 4, min(size - 4, left, _MOST_BYTES)))
        elif name in _AIFF_TEXTS and big:
            info.append((_AIFF_TEXTS[name], _local_text(read_at(file, start, min(size, left, 8000)))))
    yield from info


_AIFF_TEXTS = {b"NAME": "title", b"AUTH": "artist"}
_INFO_NAMES = {
    b"INAM": "title",
    b"IART": "artist",
    b"IPRD": "album",
    b"ICRD": "date",
    b"IGNR": "genre",
    b"ITRK": "track",
    b"IPRT": "track",
    b"IMUS": "composer",
}


def _riff_info(data: bytes) -> list[Pair]:
    pairs: list[Pair] = []
    at = 0
    while at + 8 <= len(data) and len(pairs) < _MOST_BLOCKS:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        name = _INFO_NAMES.get(data[at : at + 4])
        if name:
            pairs.append((name, _local_text(data[at + 8 : at + 8 + min(size, 8000)])))
        at += 8 + size + (size & 1)
    return pairs


def _local_text(data: bytes) -> str:
    """Text of an undeclared encoding: UTF-8 where it is valid, else Latin-1."""
    text = data.split(b"\0", 1)[0]
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _flac(file: BinaryIO, covers: bool) -> Iterator[Pair]:
    """Comment and picture blocks only: large pictures are not read unless they are asked for."""
    from mutagen.flac import Picture as FlacPicture
    from mutagen.flac import VCFLACDict

    at = after_leading_tags(file) + 4
    for _ in range(_MOST_BLOCKS):
        header = read_at(file, at, 4)
        if len(header) < 4 or header[0] == 0xFF:
            return
        size = int.from_bytes(header[1:], "big")
        if header[0] & 0x7F == 4:
            yield from _comments(VCFLACDict(io.BytesIO(read_at(file, at + 4, size))), covers)
        elif header[0] & 0x7F == 6:
            if covers:
                picture = FlacPicture(read_at(file, at + 4, size))
                yield "cover", Picture(picture.type, picture.mime, picture.data)
            else:
                yield "cover", Picture(3, "", b"")
        if header[0] & 0x80:
            return
        at += 4 + size


def _ogg(file: BinaryIO, covers: bool) -> Iterator[Pair]:
    from mutagen.oggflac import OggFLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggspeex import OggSpeex
    from mutagen.oggvorbis import OggVorbis

    head = read_at(file, 0, 128)
    kinds = (
        (b"OpusHead", OggOpus),
        (b"\x01vorbis", OggVorbis),
        (b"\x7fFLAC", OggFLAC),
        (b"Speex   ", OggSpeex),
    )
    for mark, kind in kinds:
        if mark in head:
            file.seek(0)
            yield from _comments(kind(file).tags, covers)
            return


def _comments(comments: Any, covers: bool) -> Iterator[Pair]:
    for key, value in comments:
        lower = key.lower()
        if lower == "metadata_block_picture":
            if not covers:
                yield "cover", Picture(3, "", b"")
                continue
            import base64

            from mutagen.flac import Picture as FlacPicture

            picture = FlacPicture(base64.b64decode(value))
            yield "cover", Picture(picture.type, picture.mime, picture.data)
        elif lower == "coverart":
            import base64

            yield "cover", Picture(3, "", base64.b64decode(value) if covers else b"")
        else:
            name = field_name(key)
            if name:
                yield name, value


def _ape(file: BinaryIO, covers: bool) -> Iterator[Pair]:
    from mutagen.apev2 import BINARY, APENoHeaderError, APEv2

    file.seek(0)
    try:
        tag = APEv2(file)
    except APENoHeaderError:
        return
    for key, value in tag.items():
        if key.lower().startswith("cover art") and value.kind == BINARY:
            # A file name, NUL, the picture.
            yield "cover", Picture(3 if "front" in key.lower() else 0, "", value.value.partition(b"\0")[2])
        elif value.kind != BINARY and (name := field_name(key)):
            for text in split_nulls([str(value)]):
                yield name, text


_MP4_NAMES = {
    "©nam": "title",
    "©ART": "artist",
    "aART": "album_artist",
    "©alb": "album",
    "©day": "date",
    "©gen": "genre",
    "tmpo": "bpm",
    "©wrt": "composer",
    "©wrk": "work",
    "©mvn": "movement",
    "©con": "conductor",
    "©lyr": "lyrics",
}


def _mp4(file: BinaryIO, covers: bool) -> Iterator[Pair]:
    from mutagen.mp4 import MP4, AtomDataType

    file.seek(0)
    for key, values in (MP4(file).tags or {}).items():
        if key in _MP4_NAMES:
            for value in values:
                yield _MP4_NAMES[key], value
        elif key in ("trkn", "disk"):
            for number, _ in values:
                yield ("track" if key == "trkn" else "disc"), number
        elif key == "covr":
            for value in values:
                png = getattr(value, "imageformat", None) == AtomDataType.PNG
                yield (
                    "cover",
                    Picture(3, "image/png" if png else "image/jpeg", bytes(value) if covers else b""),
                )
        elif key.startswith("----:") and (name := field_name(key.rsplit(":", 1)[-1])):
            for value in values:
                yield name, bytes(value)


def _asf(file: BinaryIO, covers: bool) -> Iterator[Pair]:
    from mutagen.asf import ASF

    file.seek(0)
    for key, value in ASF(file).tags or ():
        if key == "WM/Picture":
            yield "cover", _asf_picture(value.value if covers else b"")
        elif name := field_name(key):
            yield name, value


def _asf_picture(data: bytes) -> Picture:
    """Kind, size, MIME type and description (UTF-16 with NULs), then the picture."""
    if len(data) < 5:
        return Picture(3, "", b"")
    at, texts = 5, []
    for _ in range(2):
        end = at
        while data[end : end + 2] not in (b"\0\0", b""):
            end += 2
        texts.append(data[at:end].decode("utf-16-le", "replace"))
        at = end + 2
    return Picture(data[0], texts[0], data[at : at + int.from_bytes(data[1:5], "little")])


_READERS: dict[Container, tuple[Callable[[BinaryIO, bool], Iterator[Pair]], ...]] = {
    "flac": (_flac, _id3),
    "ogg": (_ogg,),
    "wav": (_chunked_id3,),
    "aiff": (_chunked_id3,),
    "mp4": (_mp4,),
    "asf": (_asf,),
    "ape": (_ape, _id3),
    "wavpack": (_ape, _id3),
    "matroska": (),
}
