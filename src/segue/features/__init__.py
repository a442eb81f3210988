"""Samples to spectra, spectra to descriptors: arrays in, arrays out."""

from segue.features.descriptors import level
from segue.features.spectra import (
    Padding,
    complex_spectrum,
    decibels,
    fft_frequencies,
    frame,
    mel_filter_bank,
    mel_power,
    periodic_hann,
    power_spectrum,
)
from segue.features.summaries import (
    FRAME_HOP,
    Heard,
    dynamics_summary,
    harmony_summary,
    hear,
    rhythm_summary,
    timbre_summary,
)

__all__ = [
    "FRAME_HOP",
    "Heard",
    "Padding",
    "complex_spectrum",
    "decibels",
    "dynamics_summary",
    "fft_frequencies",
    "frame",
    "harmony_summary",
    "hear",
    "level",
    "mel_filter_bank",
    "mel_power",
    "periodic_hann",
    "power_spectrum",
    "rhythm_summary",
    "timbre_summary",
]
