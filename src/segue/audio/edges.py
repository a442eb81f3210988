"""Where the tags before and after an audio stream end, so that identity and decoding see the audio alone."""

from __future__ import annotations

from typing import BinaryIO

_NOWHERE = 1 << 62  # a damaged header's 64-bit size; a seek takes less
_MOST_TAGS = 16  # more than this many tags in a row is a damaged file, not a tagged one


def file_size(file: BinaryIO) -> int:
    """Size of an open file in bytes."""
    return file.seek(0, 2)


def read_at(file: BinaryIO, position: int, size: int) -> bytes:
    """Up to `size` bytes from `position`; fewer at the end."""
    if position >= _NOWHERE:
        return b""
    file.seek(position)
    return file.read(size)


def after_leading_tags(file: BinaryIO) -> int:
    """The position after all tags at the start; beyond the file's end where one lies about its size."""
    position = 0
    for _ in range(_MOST_TAGS):
        header = read_at(file, position, 32)
        if header[:8] == b"APETAGEX" and len(header) == 32 and header[23] & 0x20:
            position += 32 + int.from_bytes(header[12:16], "little")
            continue
        if len(header) < 10 or header[:3] != b"ID3" or header[3] == 0xFF or max(header[6:10]) > 0x7F:
            break
        size = header[6] << 21 | header[7] << 14 | header[8] << 7 | header[9]
        position += 10 + size + (10 if header[5] & 0x10 else 0)
    return position


def before_trailing_tags(file: BinaryIO, start: int) -> int:
    """The position where the audio ends: before ID3v1, APEv2, Lyrics3 and an appended ID3v2, in any order."""
    end = file_size(file)
    for _ in range(_MOST_TAGS):
        earlier = _before_one_tag(file, end)
        if earlier >= end or earlier < start:
            break
        end = earlier
    return end


def _before_one_tag(file: BinaryIO, end: int) -> int:
    tail_start = max(0, end - 128)
    tail = read_at(file, tail_start, end - tail_start)
    # An APEv2 tag of 131 bytes begins with "APETAGEX", which has "TAG" at this place, too.
    if len(tail) == 128 and tail[:3] == b"TAG" and read_at(file, max(0, end - 131), 8) != b"APETAGEX":
        return end - 128
    footer = tail[-32:]
    if len(footer) == 32 and footer[:8] == b"APETAGEX":
        size = int.from_bytes(footer[12:16], "little")
        has_header = int.from_bytes(footer[20:24], "little") & 0x80000000
        return end - size - (32 if has_header else 0) if size >= 32 else end
    if tail[-9:] == b"LYRICS200" and tail[-15:-9].isdigit():
        return end - 15 - int(tail[-15:-9])
    if tail[-9:] == b"LYRICSEND":
        window_start = max(0, end - 5200)
        found = read_at(file, window_start, end - window_start).find(b"LYRICSBEGIN")
        return window_start + found if found >= 0 else end
    if tail[-10:-7] == b"3DI" and max(tail[-4:]) < 0x80:
        return end - 20 - (tail[-4] << 21 | tail[-3] << 14 | tail[-2] << 7 | tail[-1])
    return end
