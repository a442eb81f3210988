"""Which kind of file it is, told by its first bytes and never by its name."""

from __future__ import annotations

from typing import BinaryIO, Literal

from segue.audio.edges import after_leading_tags, read_at
from segue.audio.mpeg import find_chain

Container = Literal[
    "mpeg", "adts", "flac", "ogg", "wav", "aiff", "mp4", "asf", "ape", "wavpack", "matroska", "other"
]

AUDIO_SUFFIXES: frozenset[str] = frozenset(
    {
        ".mp3", ".mp2", ".flac", ".ogg", ".oga", ".opus", ".wav", ".wave", ".rf64", ".aif", ".aiff", ".aifc",
        ".m4a", ".m4b", ".mp4", ".aac", ".wma", ".ape", ".wv", ".mpc", ".tta", ".tak", ".mka", ".au", ".caf",
        ".w64",
    }
)  # fmt: skip
"""File name endings, lower case with the dot, that a scan takes for audio."""

_SEARCHED = 1 << 16  # bytes after the leading tags in which an MPEG stream must begin


def sniff(file: BinaryIO) -> Container:
    """The container of an open file, ``other`` where the first bytes tell nothing."""
    start = after_leading_tags(file)
    head = read_at(file, start, _SEARCHED)
    if not head:
        # A tag that claims more than there is: what lies inside the claim may still be audio.
        start, head = 0, read_at(file, 0, _SEARCHED)
    known = _by_magic(head)
    if known is not None:
        return known
    if head[:2] in (b"\xff\xf1", b"\xff\xf9") and _is_adts(head):
        return "adts"
    if find_chain(head) is not None:
        return "mpeg"
    return "other"


def _by_magic(head: bytes) -> Container | None:
    kinds: tuple[tuple[bytes, Container], ...] = (
        (b"fLaC", "flac"),
        (b"OggS", "ogg"),
        (b"MAC ", "ape"),
        (b"wvpk", "wavpack"),
        (b"\x1aE\xdf\xa3", "matroska"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    )
    for magic, kind in kinds:
        if head.startswith(magic):
            return kind
    if head[:4] in (b"RIFF", b"RF64", b"BW64", b"RIFX") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"skip") and len(head) >= 16:
        return "mp4"
    return None


def _is_adts(head: bytes) -> bool:
    """Two frames in a row, the second where the first says it ends."""
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) >= 7 else 0
    return length >= 7 and head[length : length + 2] == head[:2]
