"""How far apart the fingerprints of the same and of different recordings are.

    python benchmarks/duplicates.py ../shared/data/originals ../shared/data/free-music --work /tmp/encodings

Some recordings of each folder are encoded anew with ffmpeg (MP3, Vorbis, Opus and AAC at low rates).
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import numpy as np

from segue.audio import AUDIO_SUFFIXES, read_recording
from segue.encoders import load_encoder
from segue.errors import AudioError
from segue.types import EncoderId

ENCODINGS = {
    "mp3": ["-b:a", "64k"],
    "ogg": ["-c:a", "libvorbis", "-q:a", "1"],
    "opus": ["-b:a", "48k"],
    "m4a": ["-b:a", "96k"],
}
FEW = 24
"""So many recordings of each folder are encoded anew."""


def fingerprint(file: Path) -> np.ndarray | None:
    """The fingerprint of a file, None for one that cannot be heard."""
    encoder = load_encoder(EncoderId("fingerprint"))
    try:
        recording = read_recording(file, sample_rates=[encoder.sample_rate])
    except AudioError:
        return None
    return encoder.encode(recording.windows[encoder.sample_rate])


def encode_anew(file: Path, work: Path) -> list[Path]:
    """The recording in each of `ENCODINGS`, made once."""
    made = []
    for ending, options in ENCODINGS.items():
        out = work / f"{file.name}.{ending}"
        if not out.exists():
            command = ["ffmpeg", "-v", "error", "-y", "-i", str(file), "-vn", *options, str(out)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        made.append(out)
    return made


def main() -> None:
    """Print the quantiles of both kinds of pairs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    prints: dict[Path, np.ndarray] = {}
    same: list[float] = []
    for folder in options.folders:
        files = sorted(file for file in folder.iterdir() if file.suffix in AUDIO_SUFFIXES)
        for file in files:
            if (found := fingerprint(file)) is not None:
                prints[file] = found
        for file in [file for file in files if file in prints][:: max(1, len(files) // FEW)]:
            again = [fingerprint(copy) for copy in encode_anew(file, options.work)]
            same += [float(prints[file] @ other) for other in again if other is not None]
    matrix = np.stack(list(prints.values()))
    different = (matrix @ matrix.T)[np.triu_indices(len(matrix), 1)]
    print(f"same recording, {len(same)} pairs: least {min(same):.3f}, 1 in 20 {np.quantile(same, 0.05):.3f}")
    print(
        f"different recordings, {len(different):,} pairs: greatest {different.max():.3f}, "
        f"1 in 1,000 {np.quantile(different, 0.999):.3f}"
    )


if __name__ == "__main__":
    main()
