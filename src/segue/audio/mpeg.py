"""The frames of an MPEG audio stream (MP3): where they are and how long they last, by their headers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_CHAIN = 3  # frames in a row that make a stream: chance agreement is then out of the question


@dataclass(frozen=True, slots=True)
class FrameKind:
    """What all frames of one Layer III stream share.

    Attributes
    ----------
    second, rate_bits
        The header bytes' fixed bits: byte 1 without the checksum bit, and bits 2 and 3 of byte 2.
    sample_rate
        In Hz.
    samples
        Samples in a frame: 1,152 or 576.
    lengths
        Frame length in bytes without padding, by bit rate index; 0 where there is none.
    mono
        Whether the first frame has one channel.
    side_bytes
        Length of the side information after the header.
    """

    second: int
    rate_bits: int
    sample_rate: int
    samples: int
    lengths: tuple[int, ...]
    mono: bool
    side_bytes: int

    def length(self, data: bytes, at: int) -> int:
        """Length in bytes of the frame at a position, 0 where there is none of this kind."""
        if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xFE != self.second:
            return 0
        third = data[at + 2]
        if third & 0x0C != self.rate_bits:
            return 0
        length = self.lengths[third >> 4]
        return length + (third >> 1 & 1) if length else 0


def frame_kind(header: bytes) -> FrameKind | None:
    """The kind of the Layer III frame whose first four bytes these are, or None."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, rate = header[1] >> 3 & 3, header[2] >> 2 & 3
    if version == 1 or rate == 3:
        return None
    first_version = version == 3
    sample_rate = _RATES[version][rate]
    scale = 144_000 if first_version else 72_000
    kbits = _KBITS_1 if first_version else _KBITS_2
    mono = header[3] >> 6 == 3
    return FrameKind(
        second=header[1] & 0xFE,
        rate_bits=header[2] & 0x0C,
        sample_rate=sample_rate,
        samples=1152 if first_version else 576,
        lengths=(*(scale * k // sample_rate for k in kbits), 0),
        mono=mono,
        side_bytes=(17 if mono else 32) if first_version else (9 if mono else 17),
    )


def find_chain(data: bytes, *, kind: FrameKind | None = None, start: int = 0) -> tuple[int, FrameKind] | None:
    """The first position of three frames in a row, and their kind; None where there are none.

    With `kind` only frames of that kind count. A shorter chain that ends with the data is enough.
    """
    at = data.find(b"\xff", start)
    while at >= 0:
        seen = kind or frame_kind(data[at : at + 4])
        if seen is not None and _chained(data, at, seen):
            return at, seen
        at = data.find(b"\xff", at + 1)
    return None


def _chained(data: bytes, at: int, kind: FrameKind) -> bool:
    for frames in range(_CHAIN):
        length = kind.length(data, at)
        if length == 0:
            # Two whole frames that end exactly with the data also count.
            return frames >= 2 and at == len(data)
        at += length
    return True


def frame_spans(data: bytes, kind: FrameKind) -> list[tuple[int, int]]:
    """Start and end of every whole frame of a kind; damaged stretches are passed over."""
    spans: list[tuple[int, int]] = []
    end, second, rate_bits, lengths = len(data), kind.second, kind.rate_bits, kind.lengths
    found = find_chain(data, kind=kind)
    while found is not None:
        at = found[0]
        # The loop of `length`, written out: it runs for every frame of every window of a library.
        while at + 4 <= end and data[at] == 0xFF and data[at + 1] & 0xFE == second:
            third = data[at + 2]
            length = lengths[third >> 4] if third & 0x0C == rate_bits else 0
            if length == 0:
                break
            length += third >> 1 & 1
            if at + length > end:
                return spans
            spans.append((at, at + length))
            at += length
        if at + 4 > end:
            break
        found = find_chain(data, kind=kind, start=at)
    return spans


@dataclass(frozen=True, slots=True)
class Index:
    """What a Xing, Info or VBRI frame at the start of a stream claims.

    Attributes
    ----------
    frames, size
        Frames and bytes of the stream; 0 where nothing is claimed.
    places
        Empty, or 100 values: where in the stream, in 256ths of its bytes, each hundredth of its time begins.
    """

    frames: int
    size: int
    places: bytes = b""


def read_index(frame: bytes, kind: FrameKind) -> Index | None:
    """The index in the first frame of a stream, or None if that frame is music."""
    at = 4 + kind.side_bytes
    if frame[at : at + 4] in (b"Xing", b"Info"):
        flags = int.from_bytes(frame[at + 4 : at + 8], "big")
        at += 8
        frames = int.from_bytes(frame[at : at + 4], "big") if flags & 1 else 0
        at += 4 if flags & 1 else 0
        size = int.from_bytes(frame[at : at + 4], "big") if flags & 2 else 0
        at += 4 if flags & 2 else 0
        places = frame[at : at + 100] if flags & 4 else b""
        rising = len(places) == 100 and all(a <= b for a, b in pairwise(places))
        return Index(frames, size, places if rising else b"")
    if frame[36:40] == b"VBRI":
        return Index(int.from_bytes(frame[50:54], "big"), int.from_bytes(frame[46:50], "big"))
    return None


def index_frame(header: bytes, kind: FrameKind, frames: int) -> bytes:
    """A frame that tells a decoder how many frames follow, so that it need not guess from the first ones."""
    third = 0x90 | kind.rate_bits  # bit rate index 9 leaves room for the index at every sample rate
    frame = bytearray(kind.lengths[9])
    frame[0:4] = bytes((0xFF, kind.second | 1, third, header[3]))
    at = 4 + kind.side_bytes
    frame[at : at + 12] = b"Xing" + (1).to_bytes(4, "big") + frames.to_bytes(4, "big")
    return bytes(frame)
