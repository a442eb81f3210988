"""Samples to spectra, spectra to descriptors: arrays in, arrays out."""

from segue.features.chroma import chroma_energy, chroma_from_cqt, chroma_from_power, tonnetz
from segue.features.classic import (
    centroid_bandwidth,
    mel_cepstrum,
    rolloff,
    root_mean_square,
    spectral_contrast,
    zero_crossing_rate,
)
from segue.features.cqt import constant_q
from segue.features.descriptors import level
from segue.features.key import key_name, key_of
from segue.features.loudness import loudness_lufs, weighted_power
from segue.features.pitch import pitches
from segue.features.rhythm import onset_strength
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
from segue.features.tempo import tempo_of
from segue.features.tuning import estimate_tuning

__all__ = [
    "FRAME_HOP",
    "Heard",
    "Padding",
    "centroid_bandwidth",
    "chroma_energy",
    "chroma_from_cqt",
    "chroma_from_power",
    "complex_spectrum",
    "constant_q",
    "decibels",
    "dynamics_summary",
    "estimate_tuning",
    "fft_frequencies",
    "frame",
    "harmony_summary",
    "hear",
    "key_name",
    "key_of",
    "level",
    "loudness_lufs",
    "mel_cepstrum",
    "mel_filter_bank",
    "mel_power",
    "onset_strength",
    "periodic_hann",
    "pitches",
    "power_spectrum",
    "rhythm_summary",
    "rolloff",
    "root_mean_square",
    "spectral_contrast",
    "tempo_of",
    "timbre_summary",
    "tonnetz",
    "weighted_power",
    "zero_crossing_rate",
]
