"""What a player shows of one track while it plays: the waveform, the spectrogram, the cover."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio import stream_samples
from segue.errors import AudioError, NothingFound, UsageError
from segue.features import mel_picture as mel
from segue.features.peaks import bars, outline
from segue.operations.covers import cover
from segue.operations.media_cache import cached, tidy_cache
from segue.operations.pictures import placeholder_cover, placeholder_png

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.catalogue import Track
    from segue.settings import DataFolder
    from segue.types import Samples

__all__ = [
    "cover",
    "file_of",
    "placeholder_cover",
    "placeholder_png",
    "spectrogram",
    "tidy_cache",
    "waveform_peaks",
]

_STEPS = 4096  # of a waveform that is kept; any number of bars is drawn from them
_MOST_BARS = 2048
_SEGMENT_S = 60  # of a spectrogram: what is heard and kept at once
_SEGMENT_COLUMNS = _SEGMENT_S * mel.COLUMNS_A_SECOND
_MOST_COLUMNS = 8192
_LONGEST_VIEW_S = 3600.0


def file_of(track: Track) -> Path:
    """The first file of a track that is there.

    Raises
    ------
    NothingFound
        If none is.
    """
    for path in track.paths:
        if path.is_file():
            return path
    raise NothingFound(f"no file of {track.tags.title or track.id} is there: is its disk connected?")


def waveform_peaks(data: DataFolder, track: Track, n: int = 800) -> NDArray[np.uint8]:
    """How loud each of `n` equal parts of a track is; kept in the cache.

    Returns
    -------
    bars : (n, 2) uint8
        Peak and RMS of the mono mix, 255 for full scale.

    Raises
    ------
    UsageError
        If `n` is not from 1 to 2048.
    NothingFound
        If the track has no file.
    AudioError
        If the file cannot be heard.
    """
    if not 1 <= n <= _MOST_BARS:
        raise UsageError(f"a waveform has from 1 to {_MOST_BARS} bars, not {n}")

    def make() -> bytes:
        step = max(1, math.ceil(track.duration_s * track.sample_rate / _STEPS))
        steps = outline(_silent_or_not(file_of(track)), step)
        return zlib.compress(np.rint(steps * 255).astype(np.uint8).tobytes())

    kept = np.frombuffer(zlib.decompress(cached(data, "peaks", track.digest, make)), np.uint8)
    drawn = bars(kept.reshape(-1, 2).astype(np.float32), n)
    return np.rint(drawn).astype(np.uint8)


def spectrogram(
    data: DataFolder, track: Track, start_s: float, length_s: float, n_columns: int, n_bins: int
) -> NDArray[np.uint8]:
    """The log-mel spectrogram of a stretch of a track; each minute that was heard is kept in the cache.

    Parameters
    ----------
    start_s, length_s
        The stretch; what lies beyond the end of the track is 0.
    n_columns, n_bins
        The size wanted; what is kept has 20 columns a second and 96 bands.

    Returns
    -------
    picture : (n_columns, n_bins) uint8
        The first bin is the lowest; 0 is -80 dB of a full-scale sine or less, 255 is 0 dB.

    Raises
    ------
    UsageError
        If the stretch or the size makes no sense.
    NothingFound
        If the track has no file.
    AudioError
        If the file cannot be heard.
    """
    if not (start_s >= 0 and 0 < length_s <= _LONGEST_VIEW_S and start_s < math.inf):
        raise UsageError(f"a stretch begins at 0 s or later and lasts up to {_LONGEST_VIEW_S:.0f} s")
    if not (1 <= n_columns <= _MOST_COLUMNS and 1 <= n_bins <= 4 * mel.N_BANDS):
        raise UsageError(f"a spectrogram has up to {_MOST_COLUMNS} columns and {4 * mel.N_BANDS} bins")
    first = round(start_s * mel.COLUMNS_A_SECOND)
    last = max(first + 1, round((start_s + length_s) * mel.COLUMNS_A_SECOND))
    picture = np.zeros((last - first, mel.N_BANDS), np.uint8)
    there = min(last, math.ceil(track.duration_s * mel.COLUMNS_A_SECOND))
    for number in range(first // _SEGMENT_COLUMNS, -(-there // _SEGMENT_COLUMNS)):
        at = number * _SEGMENT_COLUMNS
        begin, end = max(first, at), min(last, at + _SEGMENT_COLUMNS)
        picture[begin - first : end - first] = _segment(data, track, number)[begin - at : end - at]
    return mel.fitted(picture, n_columns, n_bins)


def _segment(data: DataFolder, track: Track, number: int) -> NDArray[np.uint8]:
    """One minute of a track's spectrogram, (1200, 96) uint8, filled up with 0."""

    def make() -> bytes:
        stretches = stream_samples(
            file_of(track), mel.SAMPLE_RATE, start_s=float(number * _SEGMENT_S), length_s=float(_SEGMENT_S)
        )
        picture = np.zeros((_SEGMENT_COLUMNS, mel.N_BANDS), np.uint8)
        samples = list(stretches)
        heard = mel.mel_picture(np.concatenate(samples))[:_SEGMENT_COLUMNS] if samples else picture
        picture[: len(heard)] = heard
        return zlib.compress(picture.tobytes())

    content = cached(data, "mel", f"{track.digest}-{number}", make)
    return np.frombuffer(zlib.decompress(content), np.uint8).reshape(_SEGMENT_COLUMNS, mel.N_BANDS)


def _silent_or_not(path: Path) -> Iterator[Samples]:
    """The whole recording at its own rate; a waveform may be flat."""
    try:
        yield from stream_samples(path, None)
    except AudioError as error:
        if error.reason != "silent":
            raise
