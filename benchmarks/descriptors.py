"""The 518 descriptors of a 30 s clip: Segue's encoder beside librosa's functions, and how far they differ.

    python benchmarks/descriptors.py [FOLDER_OF_MUSIC] [--clips 10] [--runs 5]

Clips are the first 30 s of files spread over the folder, mono at 22,050 Hz; without a folder, one made clip.
All contestants take turns on each clip, on one thread, after one turn that compiles librosa's loops; printed
are medians of processor time, without reading the files. librosa's chroma of the constant-Q transform is told
12 bins an octave, as FMA's script has it and the encoder too (its own default is 36).

Segue keeps the filters of tunings that it has met; they are thrown away before each clip, as librosa too
makes its own each time.

A difference is relative to the value, or to the column's scale where that is larger: for mean, median, least,
largest and standard deviation, the standard deviation of the descriptor over the clip's frames; for skew and
kurtosis, which are measured in it, 1. Values of librosa are its functions' frames with statistics in double
precision: SciPy's skew and kurtosis in float32, which FMA's script took, are themselves 1e-4 away from those.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from segue.audio import AUDIO_SUFFIXES
from segue.encoders.fma518 import FMA518_COLUMNS, Fma518Encoder
from segue.features import chroma, cqt

_RATE = 22050
_LENGTH_S = 30
_SEPARATE = "librosa, one function after the other"
_SHARED = "librosa, transforms computed once"
_OURS = "Segue, fma518"

Samples = NDArray[np.float32]
Frames = dict[str, NDArray[Any]]


def main() -> int:
    """Time the contestants, compare the values, print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", help="music to describe; a made clip if not given")
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if importlib.util.find_spec("librosa") is None:
        print("librosa is not installed", file=sys.stderr)
        return 2
    clips = real_clips(options.folder, options.clips) if options.folder else [made_clip()]
    if not clips:
        print(f"no audio files in {options.folder}", file=sys.stderr)
        return 2
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        print_times(turns(clips, options.runs), len(clips), options.runs)
        print_differences([differences(clip) for clip in clips])
    return 0


def real_clips(folder: Path, count: int) -> list[Samples]:
    """The beginnings of files that lie evenly in the folder's order of names."""
    import soundfile
    import soxr

    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in AUDIO_SUFFIXES)
    clips = []
    for file in files[:: max(1, len(files) // count)][:count]:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        clips.append(soxr.resample(samples.mean(axis=1), rate, _RATE)[: _LENGTH_S * _RATE])
    return clips


def made_clip() -> Samples:
    """Four chords in turn, struck twice a second, over a little noise."""
    time_s = np.arange(_LENGTH_S * _RATE) / _RATE
    root = 220 * 2 ** (np.array([0, 5, 7, -3]) / 12)[(time_s // 2 % 4).astype(int)]
    phase = 2 * np.pi * np.cumsum(root) / _RATE
    chord = sum(np.sin(2 ** (step / 12) * phase) for step in (0, 4, 7, 12))
    noise = np.random.default_rng(0).uniform(-1, 1, time_s.size)
    return (0.15 * chord * np.exp(-3 * (time_s % 0.5)) + 0.01 * noise).astype(np.float32)


def frames_apart(samples: Samples) -> Frames:
    """Every descriptor from the samples, as one who asks librosa for one after the other."""
    import librosa

    feature = librosa.feature
    same: dict[str, Any] = {"y": samples, "sr": _RATE, "hop_length": 512}
    fourier = {**same, "n_fft": 2048}
    return {
        "chroma_cens": feature.chroma_cens(**same, bins_per_octave=12),
        "chroma_cqt": feature.chroma_cqt(**same, bins_per_octave=12),
        "chroma_stft": feature.chroma_stft(**fourier),
        "mfcc": feature.mfcc(**fourier, n_mfcc=20),
        "rmse": feature.rms(S=np.abs(librosa.stft(samples, n_fft=2048, hop_length=512))),
        "spectral_bandwidth": feature.spectral_bandwidth(**fourier),
        "spectral_centroid": feature.spectral_centroid(**fourier),
        "spectral_contrast": feature.spectral_contrast(**fourier),
        "spectral_rolloff": feature.spectral_rolloff(**fourier),
        "tonnetz": feature.tonnetz(chroma=feature.chroma_cens(**same, bins_per_octave=12), sr=_RATE),
        "zcr": feature.zero_crossing_rate(samples, frame_length=2048, hop_length=512),
    }


def frames_shared(samples: Samples) -> Frames:
    """The same with one Fourier and one constant-Q transform, as in FMA's script."""
    import librosa

    feature = librosa.feature
    magnitudes = np.abs(librosa.stft(samples, n_fft=2048, hop_length=512))
    semitones = np.abs(librosa.cqt(samples, sr=_RATE, hop_length=512, n_bins=84, tuning=None))
    cens = feature.chroma_cens(C=semitones, bins_per_octave=12)
    mel = feature.melspectrogram(S=magnitudes**2, sr=_RATE)
    return {
        "chroma_cens": cens,
        "chroma_cqt": feature.chroma_cqt(C=semitones, bins_per_octave=12),
        "chroma_stft": feature.chroma_stft(S=magnitudes**2, sr=_RATE),
        "mfcc": feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20),
        "rmse": feature.rms(S=magnitudes),
        "spectral_bandwidth": feature.spectral_bandwidth(S=magnitudes, sr=_RATE),
        "spectral_centroid": feature.spectral_centroid(S=magnitudes, sr=_RATE),
        "spectral_contrast": feature.spectral_contrast(S=magnitudes, sr=_RATE),
        "spectral_rolloff": feature.spectral_rolloff(S=magnitudes, sr=_RATE),
        "tonnetz": feature.tonnetz(chroma=cens, sr=_RATE),
        "zcr": feature.zero_crossing_rate(samples, frame_length=2048, hop_length=512),
    }


def summarised(frames: Frames) -> NDArray[np.float64]:
    """Seven statistics of each descriptor, in the order of `FMA518_COLUMNS`."""
    from scipy import stats

    blocks: list[Any] = []
    for values in frames.values():
        blocks += [stats.kurtosis(values, axis=1), values.max(axis=1), values.mean(axis=1)]
        blocks += [np.median(values, axis=1), values.min(axis=1)]
        blocks += [stats.skew(values, axis=1), values.std(axis=1)]
    vector: NDArray[np.float64] = np.nan_to_num(np.concatenate(blocks))
    return vector


def turns(clips: list[Samples], runs: int) -> dict[str, list[float]]:
    """Processor time of each contestant in milliseconds, clip by clip and run by run."""
    encoder = Fma518Encoder()
    contestants: dict[str, Callable[[Samples], object]] = {
        _SEPARATE: lambda clip: summarised(frames_apart(clip)),
        _SHARED: lambda clip: summarised(frames_shared(clip)),
        _OURS: lambda clip: encoder.encode([clip]),
    }
    for work in contestants.values():
        work(clips[0])
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(runs):
        for clip in clips:
            for name, work in contestants.items():
                cqt._bases.cache_clear()
                chroma._chroma_filters.cache_clear()
                began = time.process_time()
                work(clip)
                times[name].append((time.process_time() - began) * 1000)
    return times


def differences(clip: Samples) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each column: relative to value or scale, and relative to the value alone."""
    frames = {name: np.asarray(values, dtype=np.float64) for name, values in frames_apart(clip).items()}
    theirs = summarised(frames)
    away = np.abs(Fma518Encoder().encode([clip]) - theirs)
    size = np.abs(theirs)
    scale = np.maximum(size, column_scales(frames))
    return away / np.where(scale > 0, scale, 1), away / np.where(size > 0, size, 1)


def column_scales(frames: Frames) -> NDArray[np.float64]:
    """1 for skew and kurtosis, the descriptor's standard deviation for the others."""
    spreads = {name: iter(np.tile(values.std(axis=1), 5)) for name, values in frames.items()}
    return np.array(
        [1.0 if part in ("skew", "kurtosis") else next(spreads[name]) for name, part, _ in FMA518_COLUMNS]
    )


def print_times(times: dict[str, list[float]], clips: int, runs: int) -> None:
    """A line each: median, range, ratio to Segue's."""
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    print(f"{clips} clips of {_LENGTH_S} s, one thread, runs: {runs}, medians\n")
    print("| | ms a clip | range, ms | times Segue's |\n| --- | ---: | ---: | ---: |")
    for name, taken in times.items():
        ratio = medians[name] / medians[_OURS]
        print(f"| {name} | {medians[name]:.1f} | {min(taken):.0f} to {max(taken):.0f} | {ratio:.1f} |")


def print_differences(found: list[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> None:
    """A line for each family: the largest difference over all clips, and values that it is relative to."""
    scaled, plain = (np.array(rows) for rows in zip(*found, strict=True))
    families = np.array([name for name, _, _ in FMA518_COLUMNS])
    print("\n| family | columns | largest difference | values over 1e-4 of themselves |")
    print("| --- | ---: | ---: | ---: |")
    for family in dict.fromkeys(families):
        here = families == family
        over = f"{(plain[:, here] > 1e-4).sum()} of {plain[:, here].size:,}"
        print(f"| {family} | {here.sum()} | {scaled[:, here].max():.1e} | {over} |")
    over = f"{(plain > 1e-4).sum()} of {plain.size:,}"
    print(f"| all | {len(families)} | {scaled.max():.1e} | {over} |")


if __name__ == "__main__":
    raise SystemExit(main())
