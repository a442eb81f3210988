"""Samples to spectra, spectra to descriptors: arrays in, arrays out."""

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

__all__ = [
    "Padding",
    "complex_spectrum",
    "decibels",
    "fft_frequencies",
    "frame",
    "mel_filter_bank",
    "mel_power",
    "periodic_hann",
    "power_spectrum",
]
