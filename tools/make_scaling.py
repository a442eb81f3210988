"""Publishes the mean and spread of an encoder's vectors over folders of audio.

    python tools/make_scaling.py ENCODER FOLDER... --source "224 freely licensed clips and 223 Emotify clips"

writes ``src/segue/encoders/data/ID.scaling.json``. Only these statistics ship, never the audio. Each file is
heard as one window, at most its first minute; silent ones are left out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.encoders import load_encoder

if TYPE_CHECKING:
    from segue.types import Samples

_DATA = Path(__file__).resolve().parents[1] / "src/segue/encoders/data"
_SUFFIXES = {".mp3", ".ogg", ".flac", ".wav"}
_LONGEST_S = 60


def audio_files(folder: Path) -> list[Path]:
    """The audio files of a folder, by name."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise SystemExit(f"{folder} holds no audio")
    return found


def read_window(path: Path, sample_rate: int) -> Samples:
    """The first minute of a file, mono ``(n_samples,)`` float32 at `sample_rate` Hz."""
    import soundfile
    import soxr

    with soundfile.SoundFile(path) as file:
        samples = file.read(_LONGEST_S * file.samplerate, dtype="float32", always_2d=True).mean(axis=1)
        resampled: Samples = soxr.resample(samples, file.samplerate, sample_rate, quality="HQ").astype(
            np.float32
        )
    return resampled


def audible_windows(folders: Sequence[Path], sample_rate: int) -> Iterator[Samples]:
    """One window of each file of the folders that is not silent."""
    for folder in folders:
        for path in audio_files(folder):
            samples = read_window(path, sample_rate)
            if samples.any():
                yield samples


def main() -> None:
    """Encode, average, write."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("encoder")
    arguments.add_argument("folders", nargs="+", type=Path)
    arguments.add_argument("--source", required=True, help="what the audio is, for the header")
    asked = arguments.parse_args()
    encoder = load_encoder(asked.encoder)
    windows = audible_windows(asked.folders, encoder.sample_rate)
    vectors = np.array([encoder.encode([window]) for window in windows], np.float64)
    std = vectors.std(axis=0)
    fields = {
        "encoder": encoder.id,
        "recordings": len(vectors),
        "source": asked.source,
        "mean": [float(f"{value:.6g}") for value in vectors.mean(axis=0)],
        # A value that never moved must not blow up the first time it does.
        "std": [float(f"{value:.6g}") for value in np.where(std > 1e-6, std, 1.0)],
    }
    target = _DATA / f"{encoder.id}.scaling.json"
    target.write_text(json.dumps(fields) + "\n", encoding="utf-8")
    print(f"{target}: {len(vectors)} recordings, {vectors.shape[1]} dimensions")


if __name__ == "__main__":
    main()
