"""The metadata blocks before a FLAC stream's frames."""

from __future__ import annotations

from typing import BinaryIO

from segue.audio.edges import after_leading_tags, file_size, read_at


def after_metadata(file: BinaryIO, start: int) -> int:
    """The position of a FLAC stream's first frame; `start` is that of its marker ``fLaC``."""
    end, at = file_size(file), start + 4
    while at + 4 <= end:
        header = read_at(file, at, 4)
        if header[0] == 0xFF:  # a frame where a block should be: the last block did not say so
            return at
        at += 4 + int.from_bytes(header[1:4], "big")
        if header[0] & 0x80:
            break
    return min(at, end)


def promises_too_little(file: BinaryIO) -> bool:
    """Whether STREAMINFO names a length for which the frames hold more bits than uncompressed sound would.

    0 stands for "unknown" and counts as too little.
    """
    start = after_leading_tags(file)
    block = read_at(file, start, 26)
    if len(block) < 26 or block[:4] != b"fLaC" or block[4] & 0x7F:
        return False
    fields = int.from_bytes(block[18:26], "big")
    channels, bits, samples = (fields >> 41 & 7) + 1, (fields >> 36 & 31) + 1, fields & (1 << 36) - 1
    frame_bytes = file_size(file) - after_metadata(file, start)
    return frame_bytes * 8 > samples * channels * bits * 1.1 + (1 << 16)
