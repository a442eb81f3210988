"""What a recording looks like: its waveform and its log-mel spectrum, as pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import decibels, mel_power, power_spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

_COLUMNS = 480
_N_FFT, _HOP, _N_MELS = 2048, 512, 128
# From silence to the loudest: black, violet, red, orange, pale; lightness rises all the way, so that the
# picture reads in grey, too.
_ANCHORS = ((0, 0, 8), (52, 16, 92), (132, 32, 108), (206, 68, 70), (247, 148, 40), (252, 246, 190))


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One recording.

    Attributes
    ----------
    name
        Of the track.
    label
        Its class, or empty.
    duration_s
        Of what is shown, in seconds.
    envelope : (n, 2) float32
        Smallest and largest sample of each of equal stretches, in [-1, 1].
    level_db : (n_mels, n) float32
        Mel bands, low ones first, in dB below the loudest, at least -80.
    top_hz
        Where the highest band ends.
    """

    name: str
    label: str
    duration_s: float
    envelope: NDArray[np.float32]
    level_db: NDArray[np.float32]
    top_hz: float


def portrait_of(name: str, label: str, samples: Samples, sample_rate: int) -> Portrait:
    """A portrait of some seconds.

    Parameters
    ----------
    samples : (n_samples,) float32
        Mono, at least one second.
    sample_rate
        In Hz.

    Examples
    --------
    >>> tone = np.sin(np.arange(22050, dtype=np.float32) / 5)
    >>> portrait = portrait_of("tone", "", tone, 22050)
    >>> portrait.envelope.shape[1], portrait.level_db.shape[0], float(portrait.level_db.max())
    (2, 128, 0.0)
    """
    stretches = np.array_split(samples, min(_COLUMNS, len(samples)))
    envelope = np.array([(part.min(), part.max()) for part in stretches], np.float32)
    power = mel_power(power_spectrum(samples, _N_FFT, _HOP), sample_rate, n_mels=_N_MELS)
    # The mean power of neighbouring frames: what is left out of a picture must not depend on chance.
    starts = np.linspace(0, len(power), min(_COLUMNS, len(power)), endpoint=False).astype(np.int64)
    few = np.add.reduceat(power, starts, axis=0) / np.diff([*starts, len(power)])[:, None]
    level = decibels((few / max(float(few.max()), 1e-10)).astype(np.float32))
    return Portrait(name, label, len(samples) / sample_rate, envelope, level.T, sample_rate / 2)


def spectrum_png(portrait: Portrait) -> bytes:
    """The log-mel spectrum as PNG: time to the right, high bands above, loud is light."""
    shades = np.linspace(0, len(_ANCHORS) - 1, 256)
    palette = np.stack(
        [np.interp(shades, np.arange(len(_ANCHORS)), channel) for channel in zip(*_ANCHORS, strict=True)], 1
    )
    index = np.clip((portrait.level_db + 80) / 80 * 255, 0, 255).astype(np.uint8)
    return palette_png(index[::-1], palette.round().astype(np.uint8))


def palette_png(index: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """A picture ``(height, width)`` of places in a palette ``(256, 3)`` as PNG."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(index))
    picture.putpalette(palette.tobytes())
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
