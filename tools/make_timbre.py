"""Makes `timbre-1.json`: the fixed shift and scale of the encoder `timbre`, and its rule for speech.

    python tools/make_timbre.py FOLDER... [--music FOLDER...]

FOLDERs hold music from which shift, scale and rule are learned; folders after ``--music`` are only checked
for false alarms. Speech is synthesised by espeak-ng, which must be installed. The file is written into the
package; the id `timbre-1` must change with it once it has been released.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from make_scaling import audible_windows, audio_files, read_window
from segue.encoders.timbre import TIMBRE_BLOCKS, raw_timbre, timbre_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

_TARGET = Path(__file__).resolve().parents[1] / "src/segue/encoders/data/timbre-1.json"
_RATE = 22050
# What tells speech from singing and playing, as far as it does not depend on the sound of one synthesiser.
_SPEECH_NAMES = (
    "harmony.clarity",
    "harmony.key.4",
    "harmony.tonality",
    "harmony.chord.4",
    "rhythm.modulation",
    "rhythm.loudness_pulse",
    "rhythm.loudness_onsets",
    "dynamics",
    "timbre.shape_spread",
)
_SPOKEN = dict(
    line.split(": ", 1) for line in Path(__file__).with_name("spoken.txt").read_text("utf-8").splitlines()
)
_VOICES = (
    "",
    "+m3",
    "+f2",
    "+m7",
    "+f4",
    "+klatt2",
    "+Andy",
    "+linda",
    "+whisper",
    "+steph",
    "+boris",
    "+grandma",
)


def speech(seed: int) -> tuple[str, Samples]:
    """About thirty seconds of one synthetic speaker: language, samples ``(n_samples,)`` at 22,050 Hz."""
    import soundfile

    random = np.random.default_rng(seed)
    language = list(_SPOKEN)[seed % len(_SPOKEN)]
    voice = language + _VOICES[seed // len(_SPOKEN) % len(_VOICES)]
    settings = [
        f"-s{random.integers(115, 230)}",
        f"-p{random.integers(15, 80)}",
        f"-g{random.integers(0, 30)}",
    ]
    command = ["espeak-ng", "--stdout", "-v", voice, *settings, f"{_SPOKEN[language]} " * 5]
    done = subprocess.run(command, capture_output=True, check=True)
    samples, rate = soundfile.read(io.BytesIO(done.stdout), dtype="float32")
    if rate != _RATE:
        raise SystemExit(f"espeak-ng gave {rate} Hz, not {_RATE}")
    return language, _worn(samples[: random.choice([3, 10, 30]) * _RATE], random)


def _worn(samples: Samples, random: np.random.Generator) -> Samples:
    """A room, some noise, MP3: what happens to speech on its way into a library."""
    import soundfile
    from scipy import signal

    if random.random() < 0.5:
        time = np.arange(int(0.5 * _RATE)) / _RATE
        tail = random.standard_normal(time.size) * np.exp(-time * 6.9 / random.uniform(0.15, 0.9))
        response = np.concatenate([[1.0], random.uniform(0.03, 0.12) * tail])
        samples = signal.fftconvolve(samples, response)[: samples.size]
    if random.random() < 0.5:
        hiss = np.cumsum(random.standard_normal(samples.size)) if random.random() < 0.5 else None
        noise = (
            random.standard_normal(samples.size)
            if hiss is None
            else signal.lfilter([1, -1], [1, -0.995], hiss)
        )
        noise *= samples.std() / noise.std() * 10 ** (-random.uniform(12, 40) / 20)
        samples = samples + noise
    samples = (0.5 * samples / max(1e-9, np.abs(samples).max())).astype(np.float32)
    if random.random() < 0.7:
        packed = io.BytesIO()
        soundfile.write(packed, samples, _RATE, format="MP3", subtype="MPEG_LAYER_III")
        packed.seek(0)
        samples = soundfile.read(packed, dtype="float32")[0]
    return samples


def speech_places() -> NDArray[np.intp]:
    """Which values of the vector the rule may look at."""
    return np.flatnonzero([name.startswith(_SPEECH_NAMES) for name in timbre_names()])


def fit_speech(spoken: NDArray[np.float32], music: NDArray[np.float32], strength: float) -> tuple[Any, float]:
    """Weights and bias of a logistic rule that asks for more evidence of speech than of music."""
    from sklearn.linear_model import LogisticRegression

    both = np.concatenate([spoken, music])
    labels = np.repeat([1, 0], [len(spoken), len(music)])
    rule = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000).fit(both, labels)
    return rule.coef_[0], float(rule.intercept_[0]) - _CAUTION


def main() -> None:
    """Make the file and say how well the rule does."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folders", nargs="+", type=Path)
    arguments.add_argument("--music", nargs="*", type=Path, default=[])
    asked = arguments.parse_args()
    raw = np.array([raw_timbre([window]) for window in audible_windows(asked.folders, _RATE)])
    shift = raw.mean(axis=0)
    scale = np.maximum(raw.std(axis=0), 1e-4)
    spoken = [speech(seed) for seed in range(12 * 24)]
    languages = np.array([language for language, _ in spoken])

    def encoded(windows: NDArray[np.float32]) -> NDArray[np.float32]:
        clipped: NDArray[np.float32] = np.clip((windows - shift) / scale, -5, 5)
        return clipped

    places = speech_places()
    music = encoded(raw)[:, places]
    voices = encoded(np.array([raw_timbre([samples]) for _, samples in spoken]))[:, places]
    held_out = _held_out(voices, languages, music, np.arange(len(music)) * 5 // len(music))
    weights, bias = fit_speech(voices, music, _STRENGTH)
    others = [path for folder in asked.music for path in audio_files(folder)]
    if others:
        heard = encoded(np.array([raw_timbre([read_window(path, _RATE)]) for path in others]))[:, places]
        evidence = heard @ weights + bias
        print(f"other music taken for speech: {np.mean(evidence > 0):.4f} of {len(others)}")
        print([path.name for path, value in zip(others, evidence, strict=True) if value > 0])
    fields = {
        "format": 1,
        "encoder": "timbre-1",
        "recordings": len(raw),
        "blocks": {name: [block.start, block.stop] for name, block in TIMBRE_BLOCKS.items()},
        "shift": [float(f"{value:.6g}") for value in shift],
        "scale": [float(f"{value:.6g}") for value in scale],
        "speech": {
            "examples": len(spoken),
            "held_out": held_out,
            "places": places.tolist(),
            "weights": [float(f"{value:.5g}") for value in weights],
            "bias": float(f"{bias:.5g}"),
        },
    }
    _TARGET.write_text(json.dumps(fields) + "\n", encoding="utf-8")
    print(held_out, "written:", _TARGET)


_STRENGTH = 0.003
# Both kinds weigh the same in the fit, but music is the rule in a library and losing it the worse mistake.
_CAUTION = 1.0


def _held_out(
    voices: NDArray[np.float32],
    languages: NDArray[np.str_],
    music: NDArray[np.float32],
    part: NDArray[np.intp],
) -> dict[str, float]:
    """Share of speech and of music taken for speech, languages and fifths of the music left out in turn."""
    found, wrong = [], []
    names = sorted(set(languages))
    for fold in range(5):
        left_out = np.isin(languages, names[fold::5])
        weights, bias = fit_speech(voices[~left_out], music[part != fold], _STRENGTH)
        found.append(voices[left_out] @ weights + bias > 0)
        wrong.append(music[part == fold] @ weights + bias > 0)
    return {
        "speech_found": round(float(np.concatenate(found).mean()), 4),
        "music_taken_for_speech": round(float(np.concatenate(wrong).mean()), 4),
    }


if __name__ == "__main__":
    main()
