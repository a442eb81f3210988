"""A recording as a stream of bytes in a codec that a player understands, made while it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.audio.containers import sniff
from segue.audio.info import UndecodableError
from segue.audio.libav import LibavReader
from segue.audio.mixing import mend, stereo_weights
from segue.audio.opening import open_file
from segue.audio.recording import why_refused
from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK_FRAMES = 8192  # encoded at a time: a fifth of a second
_HEAD_BYTES = 4096  # for headers, texts, and the frames by which encoders are late
_LONGEST_TEXT = 200
_MP3_RATES_BPS = tuple(
    1000 * k for k in (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
)


@dataclass(frozen=True, slots=True)
class StreamCodec:
    """A codec to stream in.

    Attributes
    ----------
    encoder, container
        libav's names.
    mime, suffix
        Of the stream; the suffix with its dot.
    sample_rates
        That it can have, in Hz, rising; empty for any.
    options
        For the container, so that it never has to go back.
    lossless
        Whether a bit rate means nothing to it.
    """

    encoder: str
    container: str
    mime: str
    suffix: str
    sample_rates: tuple[int, ...] = ()
    options: Mapping[str, str] | None = None
    lossless: bool = False


STREAM_CODECS: dict[str, StreamCodec] = {
    "opus": StreamCodec("libopus", "ogg", "audio/ogg", ".opus", (48000,), {"page_duration": "200000"}),
    "mp3": StreamCodec(
        "libmp3lame",
        "mp3",
        "audio/mpeg",
        ".mp3",
        (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
        {"write_xing": "0"},
    ),
    "flac": StreamCodec("flac", "flac", "audio/flac", ".flac", lossless=True),
    "wav": StreamCodec("pcm_s16le", "wav", "audio/wav", ".wav", lossless=True),
}
"""What `transcode` makes; lossless ones with 16 bits a sample."""


def stream_codec(name: str) -> StreamCodec:
    """A codec by its name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    try:
        return STREAM_CODECS[name]
    except KeyError:
        raise UsageError(f"there is no streaming in {name!r}: choose {', '.join(STREAM_CODECS)}") from None


def transcode(
    path: Path, codec: str, *, bitrate_bps: int, start_s: float = 0.0, sample_rate: int | None = None
) -> Iterator[bytes]:
    """A file from a moment on, in another codec, in constant memory.

    Mono stays mono; more than two channels become two. Damage ends the stream at what could be decoded
    before it; a start beyond the end gives a stream without sound. Close the generator to stop early.

    Parameters
    ----------
    path
        An audio file of any kind that libav reads.
    codec
        One of `STREAM_CODECS`.
    bitrate_bps
        Of both channels, in bits per second; brought into what the codec can do.
    start_s
        Where to begin, in seconds.
    sample_rate
        Wanted, in Hz, the file's own if None; of the rates that the codec can have, the next above it.

    Yields
    ------
    chunk
        Some of the stream's bytes, never none.

    Raises
    ------
    UsageError
        If the codec, the bit rate or the start makes no sense, before the first chunk.
    AudioError
        If the file cannot be opened as audio, before the first chunk.
    """
    target = stream_codec(codec)
    if bitrate_bps <= 0 or not 0 <= start_s < float("inf"):
        raise UsageError("a stream needs a bit rate above 0 and a start of at least 0 seconds")
    with open_file(path) as file:
        try:
            with closing(LibavReader(file)) as reader:
                blocks = _blocks(reader, start_s)
                first = next(blocks, None)
                yield from _encoded(reader, target, bitrate_bps, sample_rate, first, blocks)
        except UndecodableError as error:
            raise why_refused(path, file, sniff(file), error) from error


def estimated_size_bytes(codec: str, duration_s: float, *, bitrate_bps: int) -> int:
    """About how many bytes `transcode` gives: of MP3 no less, of lossless codecs what CD quality would take.

    Examples
    --------
    >>> estimated_size_bytes("mp3", 240.0, bitrate_bps=128_000)
    3844096
    """
    target = stream_codec(codec)
    return (
        round(duration_s * (44100 * 32 if target.lossless else _bit_rate(target, bitrate_bps, 2)) / 8)
        + _HEAD_BYTES
    )


class _Sink:
    """Where libav writes, which cannot go back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _blocks(reader: LibavReader, start_s: float) -> Iterator[NDArray[np.float32]]:
    """Mono or stereo samples, (1 or 2, n) float32 in [-1, 1], which end where the file's damage begins."""
    pending: list[NDArray[np.float32]] = []
    waiting, began = 0, False
    names = reader.channel_names
    try:
        for block in reader.rows(start_s):
            began = True
            pending.append(block)
            waiting += block.shape[1]
            if waiting >= _BLOCK_FRAMES:
                yield _one_or_two(np.concatenate(pending, axis=1), names)
                pending, waiting = [], 0
    except OSError:  # the disk, or a network share, in the middle of it
        if not began:
            raise
    if pending:
        yield _one_or_two(np.concatenate(pending, axis=1), names)


def _one_or_two(block: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float32]:
    mended = mend(block.reshape(-1))[0].reshape(block.shape)
    if len(block) > 2:
        known = names if len(names) == len(block) else ("FL", "FR", *["?"] * (len(block) - 2))
        mended = stereo_weights(known) @ mended
    return np.clip(mended, -1, 1)


def _encoded(
    reader: LibavReader,
    target: StreamCodec,
    bitrate_bps: int,
    sample_rate: int | None,
    first: NDArray[np.float32] | None,
    rest: Iterator[NDArray[np.float32]],
) -> Iterator[bytes]:
    import av

    sink = _Sink()
    layout = "stereo" if first is None or len(first) == 2 else "mono"
    with av.open(sink, "w", format=target.container, options=dict(target.options or {})) as output:
        output.metadata.update({name: text[:_LONGEST_TEXT] for name, text in reader.texts.items()})
        rate = _rate(target, sample_rate or reader.info.sample_rate)
        stream: Any = output.add_stream(target.encoder, rate=rate, layout=layout)
        if not target.lossless:
            stream.bit_rate = _bit_rate(target, bitrate_bps, 2 if layout == "stereo" else 1)
        at = 0
        block = first
        while block is not None:
            output.mux(stream.encode(_frame(av, block, layout, reader.info.sample_rate, at)))
            at += block.shape[1]
            if data := sink.take():
                yield data
            block = next(rest, None)
        if at:
            output.mux(stream.encode(None))
        else:
            output.start_encoding()
    if data := sink.take():
        yield data


def _frame(av: Any, block: NDArray[np.float32], layout: str, sample_rate: int, at: int) -> Any:
    from fractions import Fraction

    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
    frame.sample_rate = sample_rate
    frame.pts = at
    frame.time_base = Fraction(1, sample_rate)
    return frame


def _rate(target: StreamCodec, wanted: int) -> int:
    if not target.sample_rates:
        return min(max(wanted, 8000), 192_000)
    return next((rate for rate in target.sample_rates if rate >= wanted), target.sample_rates[-1])


def _bit_rate(target: StreamCodec, wanted: int, channels: int) -> int:
    if target.encoder == "libmp3lame":
        return max((rate for rate in _MP3_RATES_BPS if rate <= wanted), default=_MP3_RATES_BPS[0])
    return min(max(wanted, 6000 * channels), 256_000 * channels)
