"""A recording's identity: a digest of its audio payload that moving, renaming and retagging do not change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from segue.audio.containers import Container, sniff
from segue.audio.edges import after_leading_tags, before_trailing_tags, file_size, read_at
from segue.audio.flac import after_metadata
from segue.audio.mpeg import find_chain
from segue.audio.ogg import audio_bodies
from segue.audio.opening import open_file

_CHUNK = 1 << 20
_MOST_PARTS = 100_000  # boxes or chunks walked; fragmented MP4 has one for every few seconds
_SEARCHED = 1 << 17
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")

_Range = tuple[int, int]


def payload_digest(path: Path) -> str:
    """SHA-256 over the audio payload of a file, without its tags, as 64 hexadecimal digits.

    Hashed are: the frames of MP3, AAC, Monkey's Audio, WavPack; FLAC's frames with rate, channels and depth;
    the bodies of Ogg's audio pages; MP4's ``mdat`` boxes; format and data chunks of WAV and AIFF; ASF's data
    object; anything else whole. A container too damaged to follow is hashed whole.

    Raises
    ------
    AudioError
        If the file cannot be read.
    """
    with open_file(path) as file:
        container = sniff(file)
        digest = hashlib.sha256(container.encode())
        hashed = 0
        if container == "ogg":
            for body in audio_bodies(file):
                digest.update(body)
                hashed += len(body)
        else:
            parts, hashed = _parts(file, container)
            for start, end in parts:
                for chunk in _chunks(file, start, end):
                    digest.update(chunk)
        if hashed == 0:
            for chunk in _chunks(file, 0, file_size(file)):
                digest.update(chunk)
        return digest.hexdigest()


def _parts(file: BinaryIO, container: Container) -> tuple[list[_Range], int]:
    """The ranges of bytes to hash, and how many of these bytes are sound."""
    if container == "wav":
        return _riff_parts(file)
    if container == "aiff":
        return _aiff_parts(file)
    if container == "mp4":
        return _mp4_parts(file)
    if container == "asf":
        return _asf_parts(file)
    if container == "flac":
        return _flac_parts(file)
    if container == "matroska":
        return [], 0  # its tags may stand anywhere; hashed whole
    return _stream_part(file, container)


def _stream_part(file: BinaryIO, container: Container) -> tuple[list[_Range], int]:
    start = after_leading_tags(file)
    if container == "mpeg":
        found = find_chain(read_at(file, start, _SEARCHED))
        start += found[0] if found else 0
    end = before_trailing_tags(file, start)
    return ([(start, end)], end - start) if start < end else ([], 0)


def _flac_parts(file: BinaryIO) -> tuple[list[_Range], int]:
    start = after_leading_tags(file)
    frames = after_metadata(file, start)
    end = before_trailing_tags(file, frames)
    # Rate, channels and depth: 28 bits after block and frame sizes; the length shares their last byte.
    return [(start + 18, start + 21), (frames, end)], max(0, end - frames)


def _riff_parts(file: BinaryIO) -> tuple[list[_Range], int]:
    parts: list[_Range] = []
    sound = 0
    long_size = 0
    big = read_at(file, 0, 4) == b"RIFX"
    for name, start, size, left in iff_chunks(file, big_endian=big):
        if name == b"ds64":
            long_size = int.from_bytes(read_at(file, start + 8, 8), "little")
        elif name == b"fmt ":
            parts.append((start, start + min(size, left)))
        elif name == b"data":
            # 0 and the largest number stand for "until the end" in files written as a stream.
            length = long_size if size == 0xFFFFFFFF and long_size else size or left
            length = min(length, left)
            parts.append((start, start + length))
            sound += length
            if size in (0, 0xFFFFFFFF):
                break
    return parts, sound


def _aiff_parts(file: BinaryIO) -> tuple[list[_Range], int]:
    parts: list[_Range] = []
    sound = 0
    for name, start, size, left in iff_chunks(file, big_endian=True):
        if name in (b"COMM", b"SSND"):
            parts.append((start, start + min(size, left)))
            sound += min(size, left) if name == b"SSND" else 0
    return parts, sound


def iff_chunks(file: BinaryIO, *, big_endian: bool) -> Iterator[tuple[bytes, int, int, int]]:
    """Name, start, claimed size and bytes left in the file of each chunk of a RIFF or IFF file."""
    end, at = file_size(file), after_leading_tags(file) + 12
    for _ in range(_MOST_PARTS):
        header = read_at(file, at, 8)
        if len(header) < 8:
            return
        size = int.from_bytes(header[4:], "big" if big_endian else "little")
        yield header[:4], at + 8, size, end - at - 8
        at += 8 + size + (size & 1)


def _mp4_parts(file: BinaryIO) -> tuple[list[_Range], int]:
    parts = [(start, end) for name, start, end in mp4_boxes(file) if name == b"mdat"]
    return parts, sum(end - start for start, end in parts)


def mp4_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each top box of an MP4; the last may claim more than there is."""
    size, at = file_size(file), after_leading_tags(file)
    for _ in range(_MOST_PARTS):
        header = read_at(file, at, 16)
        if len(header) < 8:
            return
        length, skipped = int.from_bytes(header[:4], "big"), 8
        if length == 1:
            length, skipped = int.from_bytes(header[8:16], "big"), 16
        elif length == 0:
            length = size - at
        if length < skipped:
            return
        yield header[4:8], at + skipped, min(at + length, size)
        at += length


def _asf_parts(file: BinaryIO) -> tuple[list[_Range], int]:
    size, at = file_size(file), after_leading_tags(file)
    for _ in range(_MOST_PARTS):
        header = read_at(file, at, 24)
        length = int.from_bytes(header[16:24], "little")
        if len(header) < 24 or length < 24:
            break
        if header[:16] == _ASF_DATA:
            end = min(at + length, size)
            return [(at + 24, end)], end - at - 24
        at += length
    return [], 0


def _chunks(file: BinaryIO, start: int, end: int) -> Iterator[memoryview]:
    """The bytes of a range, 1 MiB at a time, in one buffer."""
    buffer = memoryview(bytearray(min(_CHUNK, max(0, end - start))))
    file.seek(start)
    while start < end:
        got = file.readinto(buffer[: end - start])  # type: ignore[attr-defined]
        if not got:
            return
        yield buffer[:got]
        start += got
