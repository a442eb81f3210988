"""`fma518`: its columns, its values beside librosa's own, and the vector of one signal for ever.

``python tests/encoders/test_fma518.py`` writes the golden file anew: only for a new id.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.encoders.fma518 import FMA518_COLUMNS, Fma518Encoder, fma_frames

RATE = 22050
GOLDEN = Path(__file__).with_name("golden-fma518-1.json")


def piece(seconds: float, *, root: float = 220.0, seed: int = 0) -> np.ndarray:
    """A decaying chord over a little noise."""
    time = np.arange(int(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * root * 2 ** (step / 12) * time) for step in (0, 4, 7, 12))
    noise = np.random.default_rng(seed).uniform(-1, 1, time.size)
    return (0.15 * chord * np.exp(-3 * (time % 0.5)) + 0.01 * noise).astype(np.float32)


def golden_windows() -> list[np.ndarray]:
    return [piece(3.0), piece(2.0, root=261.6, seed=1)]


def librosas_frames(samples: np.ndarray) -> dict[str, Any]:
    librosa = pytest.importorskip("librosa")
    feature = librosa.feature
    semitones = np.abs(
        librosa.cqt(samples, sr=RATE, hop_length=512, bins_per_octave=12, n_bins=84, tuning=None)
    )
    cens = feature.chroma_cens(C=semitones, n_chroma=12, n_octaves=7, bins_per_octave=12)
    spectrum = np.abs(librosa.stft(samples, n_fft=2048, hop_length=512))
    mel = feature.melspectrogram(sr=RATE, S=spectrum**2)
    return {
        "chroma_cens": cens,
        "chroma_cqt": feature.chroma_cqt(C=semitones, n_chroma=12, n_octaves=7, bins_per_octave=12),
        "chroma_stft": feature.chroma_stft(S=spectrum**2, n_chroma=12),
        "mfcc": feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20),
        "rmse": feature.rms(S=spectrum),
        "spectral_bandwidth": feature.spectral_bandwidth(S=spectrum),
        "spectral_centroid": feature.spectral_centroid(S=spectrum),
        "spectral_contrast": feature.spectral_contrast(S=spectrum, n_bands=6),
        "spectral_rolloff": feature.spectral_rolloff(S=spectrum),
        "tonnetz": feature.tonnetz(chroma=cens),
        "zcr": feature.zero_crossing_rate(samples, frame_length=2048, hop_length=512),
    }


def librosas_vector(frames: dict[str, Any]) -> np.ndarray:
    """Statistics in double precision: SciPy's skew in float32 is itself up to 1e-4 away."""
    from scipy import stats

    blocks = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for values in (np.asarray(values, dtype=np.float64) for values in frames.values()):
            rows = [stats.kurtosis(values, axis=1), values.max(axis=1), values.mean(axis=1)]
            rows += [
                np.median(values, axis=1),
                values.min(axis=1),
                stats.skew(values, axis=1),
                values.std(axis=1),
            ]
            blocks.append(np.concatenate(rows))
    return np.nan_to_num(np.concatenate(blocks))


def column_scales(frames: dict[str, Any]) -> np.ndarray:
    """What a value near zero is small beside.

    The descriptor's standard deviation over the frames; 1 for skew and kurtosis, which are measured in it.
    """
    blocks = []
    for values in frames.values():
        spread = np.std(values, axis=1, dtype=np.float64)
        one = np.ones_like(spread)
        blocks += [one, spread, spread, spread, spread, one, spread]
    return np.concatenate(blocks)


def assert_librosas(samples: np.ndarray) -> None:
    """All 518 values and all frames within 1e-4 of the value, or of its column's scale if that is larger."""
    theirs = librosas_frames(samples)
    ours = fma_frames(samples)
    assert list(ours) == list(theirs)
    for name, values in theirs.items():
        scale = np.maximum(np.abs(values), np.std(values, axis=1, keepdims=True))
        np.testing.assert_array_less(np.abs(ours[name].T - values), 1e-4 * scale + 1e-30, name)
    vector, expected = Fma518Encoder().encode([samples]), librosas_vector(theirs)
    scale = np.maximum(np.abs(expected), column_scales(theirs))
    far = np.flatnonzero(np.abs(vector - expected) > 1e-4 * scale)
    assert not far.size, [(FMA518_COLUMNS[i], vector[i], expected[i]) for i in far]


def test_columns_are_those_of_fma() -> None:
    assert len(FMA518_COLUMNS) == Fma518Encoder().dim == 518
    assert list(FMA518_COLUMNS) == sorted(FMA518_COLUMNS)
    assert FMA518_COLUMNS[0] == ("chroma_cens", "kurtosis", "01")
    assert FMA518_COLUMNS[-1] == ("zcr", "std", "01")


def test_values_of_a_chord_are_librosas() -> None:
    assert_librosas(piece(4.0))


def test_values_of_silence_before_a_chord_are_librosas() -> None:
    assert_librosas(np.concatenate([1e-6 * piece(0.5, seed=2), piece(3.5)]))


# Of the first a share lies on the edge of a step of CENS, and the second begins with next to nothing.
@pytest.mark.parametrize("name", ["classical-81", "electronic-40", "pop-16", "rock-1"])
def test_values_of_music_are_librosas(shared: Path, name: str) -> None:
    import soundfile

    path = shared / "data" / "emotify" / f"{name}.mp3"
    assert_librosas(soundfile.read(path, dtype="float32", frames=30 * RATE)[0])


@pytest.mark.slow
def test_values_of_many_pieces_are_librosas(shared: Path) -> None:
    import soundfile

    for path in sorted((shared / "data" / "free-music").glob("*.mp3"))[::12]:
        samples = soundfile.read(path, dtype="float32")[0]
        if samples.any():
            assert_librosas(samples)


def test_frames_of_all_windows_are_counted_once() -> None:
    one, other = piece(1.0), piece(2.0, root=330.0)
    vector = Fma518Encoder().encode([one, other])
    place = FMA518_COLUMNS.index(("spectral_centroid", "mean", "01"))
    centroids = [fma_frames(window)["spectral_centroid"] for window in (one, other)]
    assert vector[place] == pytest.approx(np.concatenate(centroids).mean(), rel=1e-5)
    np.testing.assert_allclose(vector, Fma518Encoder().encode([other, one]), rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_a_long_window_is_heard_in_pieces() -> None:
    minute = np.tile(piece(1.0), 60)
    once, often = Fma518Encoder().encode([minute]), Fma518Encoder().encode([np.tile(minute, 6)])
    place = FMA518_COLUMNS.index(("spectral_centroid", "mean", "01"))
    assert once[place] == pytest.approx(often[place], rel=1e-2)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(RATE),
        np.zeros(1),
        np.ones(1),
        np.ones(RATE),
        np.eye(1, RATE, RATE // 2)[0],
        np.random.default_rng(0).standard_normal(RATE),
        np.resize([1.0, -1.0], RATE),
        np.full(RATE, 1e-30),
    ],
    ids=["silence", "zero", "one", "constant", "impulse", "noise", "nyquist", "denormal"],
)
def test_anything_is_finite(samples: np.ndarray) -> None:
    vector = Fma518Encoder().encode([samples.astype(np.float32)])
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()


@pytest.mark.parametrize("windows", [[], [np.zeros(0, dtype=np.float32)]])
def test_nothing_to_hear_is_refused(windows: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="window"):
        Fma518Encoder().encode(windows)


def test_the_golden_vector_stays() -> None:
    golden = np.array(json.loads(GOLDEN.read_text())["vector"])
    np.testing.assert_allclose(Fma518Encoder().encode(golden_windows()), golden, rtol=2e-3, atol=2e-3)


if __name__ == "__main__":
    values = [float(f"{value:.6g}") for value in Fma518Encoder().encode(golden_windows())]
    GOLDEN.write_text(json.dumps({"encoder": "fma518-1", "vector": values}) + "\n")
