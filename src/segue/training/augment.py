"""Spectra made different in ways that leave the music the same: masks, mixtures, level, pitch, tempo.

Pitch and tempo are changed on the spectrogram, not on the samples: shifting its bands and stretching its
frames costs little and is close enough for small changes. Above 1 kHz the mel scale is logarithmic and a
shift transposes; below it is linear, and a shift moves partials by equal Hz.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Spectra = NDArray[np.float32]

SILENCE_DB = -100.0
"""The level of nothing, as `segue.features.decibels` has it by default."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What is changed, at most; 0 changes nothing.

    Attributes
    ----------
    time_masks, time_mask_frames
        How many stretches of up to so many frames are replaced by the input's mean (SpecAugment).
    band_masks, band_mask_bands
        The same for bands.
    mixup_alpha
        Inputs are mixed with others of the batch, their shares drawn from Beta(alpha, alpha) (mixup).
    gain_db
        Louder or quieter by up to so much.
    pitch_bands
        Higher or lower by up to so many mel bands.
    stretch
        Faster or slower by up to this share, such as 0.1.

    References
    ----------
    D. S. Park et al., "SpecAugment", Interspeech 2019. H. Zhang et al., "mixup: Beyond empirical risk
    minimization", ICLR 2018.
    """

    time_masks: int = 0
    time_mask_frames: int = 0
    band_masks: int = 0
    band_mask_bands: int = 0
    mixup_alpha: float = 0.0
    gain_db: float = 0.0
    pitch_bands: float = 0.0
    stretch: float = 0.0


class Augmented(NamedTuple):
    """Changed inputs.

    Attributes
    ----------
    inputs
        (n, n_frames, n_mels) float32, in dB.
    partner, share
        Of mixtures, as in `segue.training.contract.Batch`; else None.
    """

    inputs: Spectra
    partner: NDArray[np.int64] | None
    share: NDArray[np.float32] | None


def check_augmentation(augmentation: Augmentation) -> None:
    """Refuse amounts that make no sense.

    Raises
    ------
    UsageError
        If one is negative, or the tempo would change by half or more.
    """
    for name in Augmentation.__slots__:
        if not getattr(augmentation, name) >= 0:
            raise UsageError(f"{name} = {getattr(augmentation, name)} changes nothing: give 0 or more")
    if augmentation.stretch >= 0.5:
        raise UsageError(f"stretch = {augmentation.stretch} leaves no music: give less than 0.5")


def frames_needed(n_frames: int, augmentation: Augmentation) -> int:
    """How many frames `augment` wants to see for `n_frames`: more where the tempo may rise."""
    if augmentation.stretch == 0:
        return n_frames
    return math.ceil((n_frames - 1) * (1 + augmentation.stretch)) + 2


def augment(
    inputs: Spectra, augmentation: Augmentation, chance: np.random.Generator, *, n_frames: int
) -> Augmented:
    """A batch of spectra, each changed in its own way.

    Parameters
    ----------
    inputs : (n, n_seen, n_mels) float32
        In dB; `n_seen` is what `frames_needed` says. May be overwritten.
    augmentation
        What is changed.
    chance
        Draws; the same state gives the same bytes.
    n_frames
        Wanted.
    """
    if augmentation.stretch + augmentation.pitch_bands + augmentation.gain_db > 0:
        inputs = _altered(inputs, augmentation, chance, n_frames)
    partner, share = None, None
    if augmentation.mixup_alpha > 0 and len(inputs) > 1:
        partner = chance.permutation(len(inputs))
        share = chance.beta(augmentation.mixup_alpha, augmentation.mixup_alpha, len(inputs)).astype(
            np.float32
        )
        inputs = _mixed(inputs, partner, share)
    if augmentation.time_masks * augmentation.time_mask_frames > 0:
        _mask(inputs, 1, augmentation.time_masks, augmentation.time_mask_frames, chance)
    if augmentation.band_masks * augmentation.band_mask_bands > 0:
        _mask(inputs, 2, augmentation.band_masks, augmentation.band_mask_bands, chance)
    return Augmented(inputs, partner, share)


def _altered(
    inputs: Spectra, augmentation: Augmentation, chance: np.random.Generator, n_frames: int
) -> Spectra:
    """Tempo, pitch and level changed, one input after the other, which stays in the processor's cache."""
    n_inputs = len(inputs)
    speeds = chance.uniform(1 - augmentation.stretch, 1 + augmentation.stretch, n_inputs)
    shifts = chance.uniform(-augmentation.pitch_bands, augmentation.pitch_bands, n_inputs)
    gains = chance.uniform(-augmentation.gain_db, augmentation.gain_db, n_inputs)
    altered = np.empty((n_inputs, n_frames, inputs.shape[2]), np.float32)
    for spectrum, changed, speed, shift, gain in zip(inputs, altered, speeds, shifts, gains, strict=True):
        if augmentation.stretch > 0:
            _stretch(spectrum, float(speed), changed)
        else:
            changed[:] = spectrum
        if augmentation.pitch_bands > 0:
            _shift_bands(changed, float(shift))
        if augmentation.gain_db > 0:
            changed += np.float32(gain)
            np.maximum(changed, np.float32(SILENCE_DB), out=changed)
    return altered


def _stretch(spectrum: Spectra, speed: float, out: Spectra) -> None:
    """Frames read faster or slower; between two of them, both in proportion."""
    places = np.arange(len(out)) * speed
    before = places.astype(np.int64)
    part = (places - before).astype(np.float32)[:, None]
    np.multiply(spectrum[before], 1 - part, out=out)
    out += part * spectrum[before + 1]


def _shift_bands(spectrum: Spectra, shift: float) -> None:
    """Bands moved up or down, in place; the outermost is repeated where nothing moves in."""
    n_bands, edge = spectrum.shape[1], math.ceil(abs(shift)) + 1
    start = math.floor(edge - shift)
    part = np.float32(edge - shift - start)
    wide = np.pad(spectrum, ((0, 0), (edge, edge + 1)), mode="edge")
    np.multiply(wide[:, start : start + n_bands], 1 - part, out=spectrum)
    spectrum += part * wide[:, start + 1 : start + 1 + n_bands]


def _mixed(inputs: Spectra, partner: NDArray[np.int64], share: NDArray[np.float32]) -> Spectra:
    """Each input with its partner, in dB."""
    mixed = np.empty_like(inputs)
    for row, (other, own) in enumerate(zip(partner, share, strict=True)):
        np.multiply(inputs[row], own, out=mixed[row])
        mixed[row] += (1 - own) * inputs[other]
    return mixed


def _mask(inputs: Spectra, axis: int, count: int, most: int, chance: np.random.Generator) -> None:
    """Stretches along an axis replaced by the mean of the input, in place."""
    size = inputs.shape[axis]
    means = inputs.mean(axis=(1, 2))
    lengths = chance.integers(0, min(most, size) + 1, (len(inputs), count))
    starts = chance.integers(0, size - lengths + 1)
    for spectrum, mean, begins, spans in zip(inputs, means, starts, lengths, strict=True):
        along = spectrum if axis == 1 else spectrum.T
        for start, length in zip(begins, spans, strict=True):
            along[start : start + length] = mean
