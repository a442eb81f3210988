"""The decoding route for windows of an MP3: only the bytes of a window are read and handed to libsndfile.

libsndfile's own seek walks over every frame header from the file's start: a fifth of the decoding time of a
four-minute file, and the whole file over a slow network. It also believes an index that lies.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from segue.audio.edges import after_leading_tags, before_trailing_tags, read_at
from segue.audio.info import AudioInfo, UndecodableError
from segue.audio.mpeg import Index, find_chain, frame_spans, index_frame, read_index
from segue.audio.sndfile import SndfileReader, read_mono
from segue.types import Span

if TYPE_CHECKING:
    from segue.types import Samples

_SEARCHED = 1 << 17
_PROBES = 10  # places at which the bit rate is looked at
_PROBE_BYTES = 8192
_RESERVOIR = 511  # bytes of a frame's bits that may lie in earlier frames
_FIXED_BYTES = 38  # of a frame: header, checksum, side information
_LONGEST_FRAME = 1441


class Mp3Reader:
    """An MP3 read by byte position.

    Parameters
    ----------
    file
        An open file; it stays the caller's.

    Raises
    ------
    UndecodableError
        If there is no Layer III stream near the start.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        start = after_leading_tags(file)
        head = read_at(file, start, _SEARCHED)
        found = find_chain(head)
        if found is None:
            start, head = 0, read_at(file, 0, _SEARCHED)  # a tag that lies about its size
            found = find_chain(head)
        if found is None:
            raise UndecodableError("no MPEG audio frames near the start")
        at, self._kind = found
        first = head[at : at + self._kind.length(head, at)]
        index = read_index(first, self._kind)
        self._start = start + at + (len(first) if index else 0)
        self._end = max(before_trailing_tags(file, self._start), self._start)
        self._header = first[:4]
        self._places: list[float] = []
        lengths = self._probe_lengths()
        self._mean_length = float(np.mean(lengths)) if lengths else float(len(first))
        self._info = self._read_info(index, steady=max(lengths, default=0) - min(lengths, default=0) <= 1)

    @property
    def info(self) -> AudioInfo:
        """The format of the first frame, and a length that the file's size confirms."""
        return self._info

    def _probe_lengths(self) -> list[int]:
        """Lengths in bytes of some frames at places spread over the stream."""
        size = self._end - self._start
        lengths: list[int] = []
        for i in range(_PROBES):
            at = self._start + max(0, size - _PROBE_BYTES) * i // (_PROBES - 1)
            data = read_at(self._file, at, min(_PROBE_BYTES, self._end - at))
            lengths += [end - begin for begin, end in frame_spans(data, self._kind)]
        return lengths

    def _read_info(self, index: Index | None, *, steady: bool) -> AudioInfo:
        kind, size = self._kind, self._end - self._start
        frames = size / self._mean_length
        if index is not None and index.frames and not steady:
            claimed = float(index.frames)
            if index.size > size * 1.01 + 4096:  # cut short after the index was written
                claimed *= size / index.size
            elif index.places:
                self._places = [*(place / 256 for place in index.places), 1.0]
            if 0.7 * frames < claimed < 1.4 * frames:
                frames = claimed
        duration_s = frames * kind.samples / kind.sample_rate
        return AudioInfo(
            duration_s=duration_s,
            sample_rate=kind.sample_rate,
            channels=1 if kind.mono else 2,
            codec="mp3",
            bitrate_bps=round(size * 8 / duration_s) if duration_s > 0 else None,
        )

    def read(self, span: Span) -> Samples:
        """See `segue.audio.info.Reader.read`; with a varying bit rate a window may lie a second off."""
        duration_s = self._info.duration_s
        if span.start_s == 0 and span.length_s >= duration_s - 0.01:
            whole = self._read_whole(duration_s)
            if whole is not None:
                return whole
        kind = self._kind
        wanted = round(span.length_s * kind.sample_rate)
        at = self._start + int((self._end - self._start) * self._share(span.start_s / max(duration_s, 1e-9)))
        warm = 0
        if span.start_s > 0:
            # Decoded and thrown away: frames whose bits lie in frames that are not there, and one to overlap.
            warm = 2 + math.ceil(_RESERVOIR / max(self._mean_length - _FIXED_BYTES, 8.0))
            at = max(self._start, at - int(warm * self._mean_length))
        frames = wanted // kind.samples + warm + 2
        chunk, count = self._chunk(at, frames)
        if count <= warm:
            return np.zeros(0, np.float32)
        return self._decode(chunk, count, skipped=warm * kind.samples, wanted=wanted)

    def _share(self, of_time: float) -> float:
        """The share of the stream's bytes that comes before a share of its time."""
        if self._places:
            return float(np.interp(of_time, np.linspace(0, 1, len(self._places)), self._places))
        return min(1.0, of_time)

    def _read_whole(self, duration_s: float) -> Samples | None:
        """The whole stream in one go, without the encoder's padding; None where its index misleads."""
        sound = SndfileReader(self._file)
        try:
            if abs(sound.info.duration_s - duration_s) > 0.2 + 0.02 * duration_s:
                return None
            if sound.info.sample_rate != self._info.sample_rate:
                return None
            return sound.read(Span(0.0, sound.info.duration_s))
        finally:
            sound.close()

    def _chunk(self, at: int, frames: int) -> tuple[bytes, int]:
        """The bytes of up to `frames` whole frames from a position, and how many there are."""
        size = int(frames * self._mean_length) + 2 * _LONGEST_FRAME
        while True:
            data = read_at(self._file, at, min(size, self._end - at))
            spans = frame_spans(data, self._kind)
            if len(spans) >= frames or at + len(data) >= self._end or size >= frames * _LONGEST_FRAME:
                break
            size *= 2
        spans = spans[:frames]
        if all(earlier[1] == later[0] for earlier, later in pairwise(spans)) and spans:
            return data[spans[0][0] : spans[-1][1]], len(spans)
        return b"".join(data[begin:end] for begin, end in spans), len(spans)

    def _decode(self, chunk: bytes, count: int, *, skipped: int, wanted: int) -> Samples:
        import soundfile

        data = index_frame(self._header, self._kind, count) + chunk
        try:
            with _in_memory(data) as stream, soundfile.SoundFile(stream, closefd=False) as sound:
                return read_mono(sound, skipped + wanted)[skipped:]
        except (soundfile.SoundFileError, RuntimeError, TypeError, ValueError) as error:
            raise UndecodableError("no window of it can be decoded") from error

    def measure(self) -> float:
        """See `segue.audio.info.Reader.measure`: every frame is counted, a piece of the file at a time."""
        frames, at = 0, self._start
        while at < self._end:
            data = read_at(self._file, at, min(1 << 20, self._end - at))
            spans = frame_spans(data, self._kind)
            frames += len(spans)
            at += max(spans[-1][1] if spans else 0, len(data) - 2 * _LONGEST_FRAME, 1)
        return frames * self._kind.samples / self._kind.sample_rate

    def close(self) -> None:
        """See `segue.audio.info.Reader.close`."""


@contextmanager
def _in_memory(data: bytes) -> Iterator[int | BinaryIO]:
    """A file in memory as a descriptor where the system has such: quicker to read from than the object."""
    if not hasattr(os, "memfd_create"):
        yield io.BytesIO(data)
        return
    with os.fdopen(os.memfd_create("segue-window"), "w+b", buffering=0) as file:
        file.write(data)
        file.seek(0)
        yield file.fileno()
