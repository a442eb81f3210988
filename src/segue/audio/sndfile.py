"""The decoding route through libsndfile: the fastest measured for WAV, AIFF, FLAC and MP3."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from segue.audio.edges import file_size
from segue.audio.info import SAMPLE_RATES, AudioInfo, UndecodableError
from segue.audio.mixing import to_mono
from segue.types import Span

if TYPE_CHECKING:
    from segue.types import Samples

_BLOCK_SAMPLES = 1 << 22  # 16 MB: half a minute of stereo in one read
_UNKNOWN_FRAMES = 1 << 40  # libsndfile answers with a huge count where a stream does not tell its length
_CODECS = {"MPEG_LAYER_III": "mp3", "VORBIS": "vorbis", "OPUS": "opus", "ALAC_16": "alac"}


class SndfileReader:
    """A recording opened with libsndfile.

    Parameters
    ----------
    file
        An open file; it stays the caller's.

    Raises
    ------
    UndecodableError
        If libsndfile cannot open it or does not know its length.
    """

    def __init__(self, file: BinaryIO) -> None:
        import soundfile

        size = file_size(file)
        file.seek(0)
        # A descriptor: a name need not be UTF-8, and the object would cost a Python call for every read.
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        try:
            self._sound = soundfile.SoundFile(file.fileno(), closefd=False)
        except (soundfile.SoundFileError, TypeError, ValueError) as error:
            raise UndecodableError(_words(error)) from error
        sound = self._sound
        sane = 0 < sound.frames < _UNKNOWN_FRAMES and 0 < sound.channels <= 64
        if not sane or sound.samplerate not in SAMPLE_RATES:
            self.close()
            raise UndecodableError("the header tells no length, rate or channels")
        duration_s = sound.frames / sound.samplerate
        self._info = AudioInfo(
            duration_s=duration_s,
            sample_rate=sound.samplerate,
            channels=sound.channels,
            codec=_codec(sound),
            bitrate_bps=round(size * 8 / duration_s),
        )

    @property
    def info(self) -> AudioInfo:
        """What the header says."""
        return self._info

    def read(self, span: Span) -> Samples:
        """See `segue.audio.info.Reader.read`."""
        import soundfile

        rate = self._info.sample_rate
        try:
            self._sound.seek(min(round(span.start_s * rate), self._sound.frames))
            return read_mono(self._sound, round(span.length_s * rate))
        except (soundfile.SoundFileError, RuntimeError, ValueError) as error:
            raise UndecodableError(_words(error)) from error

    def measure(self) -> float:
        """See `segue.audio.info.Reader.measure`."""
        import soundfile

        frames, block_frames = 0, _BLOCK_SAMPLES // self._sound.channels
        try:
            self._sound.seek(0)
            while (got := len(self._sound.read(block_frames, dtype="int16", always_2d=True))) > 0:
                frames += got
        except (soundfile.SoundFileError, RuntimeError):
            pass  # the count up to the damage is the answer
        return frames / self._info.sample_rate

    def close(self) -> None:
        """See `segue.audio.info.Reader.close`."""
        self._sound.close()


def read_mono(sound: Any, frames: int) -> Samples:
    """Up to `frames` mono samples from an open `soundfile.SoundFile`.

    In as few reads as memory allows: after each one soundfile seeks to where it already is, which costs MP3
    and FLAC several frames decoded again.
    """
    block_frames = max(1, min(frames, _BLOCK_SAMPLES // sound.channels))
    mono = np.empty(frames, np.float32)
    block = np.empty((block_frames, sound.channels), np.float32)
    have = 0
    while have < frames:
        got = sound.read(out=block[: frames - have])
        if len(got) == 0:
            break
        to_mono(got, out=mono[have : have + len(got)])
        have += len(got)
    return mono[:have]


def _codec(sound: Any) -> str:
    if sound.subtype in _CODECS:
        return _CODECS[sound.subtype]
    container = sound.format.lower()
    if container == "flac":
        return "flac"
    return str(sound.subtype).lower().replace("pcm_", "pcm-").replace("_", "-")


def _words(error: BaseException) -> str:
    """A decoder's message without the object's repr that leads it."""
    text = " ".join(str(error).split())
    return text.rsplit(": ", 1)[-1].rstrip(".") or type(error).__name__
