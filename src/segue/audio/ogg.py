"""The pages of an Ogg file: what in them is music."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_READ = 1 << 20
_LONGEST_PAGE = 27 + 255 + 255 * 255


def audio_bodies(file: BinaryIO) -> Iterator[bytes]:
    """The first packet of each stream and the bodies of all pages after its header packets.

    Retagging rewrites the comment packet, renumbers the pages and changes their checksums; the bodies of the
    audio pages stay, because every mapping starts its audio on a fresh page.
    """
    headers_left: dict[bytes, int] = {}
    for page in _pages(file):
        serial, flags, lacing = page[14:18], page[5], page[27 : 27 + page[26]]
        body = page[27 + page[26] :]
        if flags & 2:  # a stream begins
            headers_left[serial] = _header_packets(body) - 1
            yield body
        elif headers_left.get(serial, 0) > 0:
            headers_left[serial] -= sum(1 for value in lacing if value < 255)
        else:
            yield body


def _header_packets(first: bytes) -> int:
    """How many packets come before the music, told by the first one."""
    if first[:8] == b"OpusHead" or first[:8] == b"Speex   ":
        return 2
    if first[:5] == b"\x7fFLAC":
        return 1 + (int.from_bytes(first[7:9], "big") or 1)
    return 3


def _pages(file: BinaryIO) -> Iterator[bytes]:
    """Every page, header included; bytes that belong to none are passed over."""
    file.seek(0)
    data, at = b"", 0
    while True:
        if len(data) - at < _LONGEST_PAGE:
            more = file.read(_READ)
            data, at = data[at:] + more, 0
            if not data:
                return
        at = data.find(b"OggS", at)
        if at < 0:
            if len(data) < 4 or not (more := file.read(_READ)):
                return
            data, at = data[-3:] + more, 0
            continue
        end = _page_end(data, at)
        if end < 0:
            if len(data) - at >= _LONGEST_PAGE or not (more := file.read(_READ)):
                return
            data, at = data[at:] + more, 0
            continue
        yield data[at:end]
        at = end


def _page_end(data: bytes, at: int) -> int:
    """Where the page at a position ends, -1 where the data ends before."""
    if at + 27 > len(data) or at + 27 + data[at + 26] > len(data):
        return -1
    end = at + 27 + data[at + 26] + sum(data[at + 27 : at + 27 + data[at + 26]])
    return end if end <= len(data) else -1
