"""The decoding route through libav (PyAV): fastest for Vorbis and Opus, the only one for AAC, ALAC, WMA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from segue.audio.edges import file_size
from segue.audio.info import SAMPLE_RATES, AudioInfo, UndecodableError
from segue.audio.mixing import BLOCK_FRAMES, join, to_mono
from segue.types import Span

if TYPE_CHECKING:
    from segue.types import Samples

# Only demuxers of single files: a playlist or a "concat" script named .mp3 must not make libav open other
# files or addresses.
_DEMUXERS = (
    "aac,ac3,aiff,amr,ape,asf,au,caf,dsf,dts,eac3,flac,flv,iff,m4a,matroska,mov,mp3,mp4,mpc,mpc8,mpeg,ogg,"
    "rm,tak,tta,voc,w64,wav,webm,wv"
)
_MOST_BAD_PACKETS = 200  # in a row; one damaged packet costs a few milliseconds of sound only
_SCALES = {"u8": 1 << 7, "s16": 1 << 15, "s32": 1 << 31}


class _Source:
    """A file for PyAV, which prints what a seek raises; libav asks damaged files for impossible places."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read = file.read
        self.tell = file.tell

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, OverflowError, ValueError):
            return -1


class LibavReader:
    """A recording opened with libav.

    Parameters
    ----------
    file
        An open file; it stays the caller's.
    measured
        Count the packets for the length instead of believing the header.

    Raises
    ------
    UndecodableError
        If libav cannot open it or it has no sound.
    """

    def __init__(self, file: BinaryIO, *, measured: bool = False) -> None:
        import av

        self._size = file_size(file)
        self._failures: tuple[type[BaseException], ...] = (av.error.FFmpegError, ValueError, RuntimeError)
        file.seek(0)
        try:
            # The object, not the name: names need not be UTF-8, and "concat:x" is not a protocol here.
            self._container = av.open(
                _Source(file),
                mode="r",
                metadata_errors="ignore",
                container_options={"format_whitelist": _DEMUXERS},
            )
        except self._failures as error:
            raise UndecodableError(_words(error)) from error
        try:
            if not self._container.streams.audio:
                raise UndecodableError("there is no sound in it")
            self._stream = self._container.streams.audio[0]
            if self._stream.codec_context is None:
                raise UndecodableError("its codec is unknown")
            self._stream.codec_context.thread_count = 1
            self._info = self._read_info(measured=measured)
        except self._failures as error:
            self.close()
            raise UndecodableError(_words(error)) from error
        except UndecodableError:
            self.close()
            raise

    @property
    def info(self) -> AudioInfo:
        """What the header says; `duration_s` is measured where it says nothing."""
        return self._info

    def _read_info(self, *, measured: bool) -> AudioInfo:
        stream, container = self._stream, self._container
        codec = stream.codec_context
        rate, channels = int(codec.sample_rate or 0), int(codec.channels or 0)
        if rate not in SAMPLE_RATES or not 0 < channels <= 64:
            raise UndecodableError("the header tells no rate or channels")
        duration_s = 0.0
        if measured:
            duration_s = self.measure()
        elif stream.duration and stream.time_base:
            duration_s = float(stream.duration * stream.time_base)
        elif container.duration:
            duration_s = container.duration / 1e6
        if duration_s <= 0 and not measured:
            duration_s = self.measure()
        if duration_s <= 0:
            raise UndecodableError("there is no sound in it")
        bitrate = stream.bit_rate or round(self._size * 8 / duration_s)
        return AudioInfo(
            duration_s=duration_s,
            sample_rate=rate,
            channels=channels,
            codec=str(codec.name).removesuffix("float"),
            bitrate_bps=int(bitrate),
        )

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Which loudspeaker each channel is for, such as ``FL``, ``FR``, ``LFE``, as libav names them."""
        return tuple(str(channel.name) for channel in self._stream.codec_context.layout.channels)

    @property
    def texts(self) -> dict[str, str]:
        """Title, artist and album as libav reads them, of those that there are."""
        found = {**self._container.metadata, **self._stream.metadata}
        lower = {key.lower(): value for key, value in found.items()}
        return {name: lower[name] for name in ("title", "artist", "album") if lower.get(name)}

    def read(self, span: Span) -> Samples:
        """See `segue.audio.info.Reader.read`."""
        wanted = round(span.length_s * self._info.sample_rate)
        blocks: list[Samples] = []
        pending: list[NDArray[np.float32]] = []
        waiting = have = 0
        for block in self.rows(span.start_s):
            pending.append(block)
            waiting += block.shape[1]
            if waiting >= min(BLOCK_FRAMES, wanted - have):
                blocks.append(to_mono(np.concatenate(pending, axis=1).T))
                have += waiting
                pending, waiting = [], 0
            if have >= wanted:
                break
        if pending:
            blocks.append(to_mono(np.concatenate(pending, axis=1).T))
        return join(blocks)[:wanted]

    def rows(self, start_s: float) -> Iterator[NDArray[np.float32]]:
        """All channels from a moment on, as they are decoded.

        Yields
        ------
        block : (n_channels, n) float32

        Raises
        ------
        UndecodableError
            If nothing can be decoded; damage after the first block ends it.
        """
        rate = self._info.sample_rate
        n_channels = 0
        try:
            self._seek(start_s)
            for frame in self._frames():
                block = _as_rows(frame)
                if n_channels == 0 and frame.pts is not None and frame.time_base is not None:
                    early = round((start_s - float((frame.pts - self._origin()) * frame.time_base)) * rate)
                    if early >= block.shape[1]:
                        continue
                    block = block[:, max(0, early) :]
                n_channels = n_channels or block.shape[0]
                if block.shape[0] == n_channels:  # else a stream that changes its channels midway
                    yield block
        except self._failures as error:
            if n_channels == 0:
                raise UndecodableError(_words(error)) from error

    def _origin(self) -> int:
        return int(self._stream.start_time or 0)

    def _seek(self, start_s: float) -> None:
        base = self._stream.time_base
        if base is None:
            return
        # A little early: codecs with overlapping frames need one or two to warm up.
        early_s = max(0.0, start_s - 0.1)
        self._container.seek(self._origin() + int(early_s / base), stream=self._stream, backward=True)

    def _frames(self) -> Iterator[Any]:
        """Decoded frames from here on; damaged packets are passed over."""
        import av

        bad = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                frames = packet.decode()
            except av.error.EOFError:
                return
            except self._failures:
                bad += 1
                if bad > _MOST_BAD_PACKETS:
                    raise
                packets = self._container.demux(self._stream)  # where a demuxer fails, the next page may do
                continue
            if frames:
                bad = 0
                yield from (frame for frame in frames if frame.sample_rate == self._stream.sample_rate)

    def measure(self) -> float:
        """See `segue.audio.info.Reader.measure`; the packets are counted, not decoded."""
        base = self._stream.time_base
        if base is None:
            return 0.0
        end = self._origin()
        try:
            self._container.seek(self._origin(), stream=self._stream, backward=True)
            for packet in self._container.demux(self._stream):
                if packet.pts is not None and packet.size:
                    end = max(end, packet.pts + (packet.duration or 0))
        except self._failures:
            pass  # the count up to the damage is the answer
        return float((end - self._origin()) * base)

    def close(self) -> None:
        """See `segue.audio.info.Reader.close`."""
        self._container.close()


def _as_rows(frame: Any) -> NDArray[np.float32]:
    """A decoded frame as (n_channels, n_samples) float32."""
    array = frame.to_ndarray()
    if not frame.format.is_planar:
        array = array.reshape(-1, frame.layout.nb_channels).T
    if array.dtype == np.float32:
        return array  # type: ignore[no-any-return]
    if array.dtype.kind == "f":
        return np.asarray(array, np.float32)
    floats: NDArray[np.float32] = array.astype(np.float32)
    if array.dtype == np.uint8:
        floats -= 128
    name = frame.format.name.removesuffix("p")
    return floats * np.float32(1 / _SCALES.get(name, 1 << 15))


def _words(error: BaseException) -> str:
    """libav's message without the error number."""
    text = " ".join(str(getattr(error, "strerror", None) or error).split())
    # What demuxers (WavPack, Matroska, Ogg) say of data they cannot follow; neither disk nor right is meant.
    if text in ("Operation not permitted", "Input/output error", "End of file"):
        return "its data end too early or make no sense"
    return text or type(error).__name__
