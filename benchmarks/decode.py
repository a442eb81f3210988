"""Compare decoding routes: processor time for the balanced windows of a four-minute MP3, mono at 16 kHz.

    python benchmarks/decode.py FOLDER_OF_MUSIC [--runs 15] [--bitrate 256k]

Needs ``ffmpeg``, which joins files of the folder into one stereo MP3 of four minutes. All routes take turns
in one run on one core, so their ratios hold even where the machine is busy; printed are medians.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from segue.audio import AUDIO_SUFFIXES, payload_digest, probe, read_recording, read_tags, window_spans
from segue.audio.info import Reader
from segue.audio.libav import LibavReader
from segue.audio.mp3 import Mp3Reader
from segue.audio.sndfile import SndfileReader
from segue.types import Span

_RATE = 16000
_LENGTH_S = 240


def main() -> int:
    """Make the file, time the routes, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="music to join")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--bitrate", default="256k")
    options = parser.parse_args()
    if shutil.which("ffmpeg") is None:
        print("ffmpeg is not on the path", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as work:
        path = joined_mp3(options.folder, Path(work) / "four-minutes.mp3", options.bitrate)
        spans = window_spans(probe(path).duration_s, "balanced")
        routes: dict[str, Callable[[], object]] = {
            "libsndfile, its own seek": lambda: by_reader(SndfileReader, path, spans),
            "libsndfile, windows by byte": lambda: by_reader(Mp3Reader, path, spans),
            "PyAV": lambda: by_reader(LibavReader, path, spans),
            "segue.audio.read_recording": lambda: read_recording(path, sample_rates=(_RATE,)),
            "the same, 16 and 22.05 kHz": lambda: read_recording(path, sample_rates=(_RATE, 22050)),
            "whole file with libsndfile": lambda: whole_file(path),
            "payload_digest": lambda: payload_digest(path),
            "read_tags": lambda: read_tags(path),
        }
        medians = medians_ms(routes, options.runs)
    fastest = min(list(medians.values())[:3])
    print(f"{'route':<32}{'ms':>8}{'of the fastest route':>24}")
    for name, median in medians.items():
        print(f"{name:<32}{median:>8.1f}{median / fastest:>24.2f}")
    return 0


def joined_mp3(folder: Path, path: Path, bitrate: str) -> Path:
    """A stereo MP3 of four minutes, joined from the folder's files in the order of their names."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in AUDIO_SUFFIXES)
    chosen: list[Path] = []
    total_s = 0.0
    while total_s < _LENGTH_S and files:
        chosen.append(files[len(chosen) % len(files)])
        total_s += max(probe(chosen[-1]).duration_s, 1.0)
    if not chosen:
        raise SystemExit(f"no audio files in {folder}")
    inputs = [word for file in chosen for word in ("-i", str(file))]
    alike = "aresample=44100,aformat=sample_fmts=fltp:channel_layouts=stereo"
    chains = ";".join(f"[{i}:a:0]{alike}[a{i}]" for i in range(len(chosen)))
    joined = "".join(f"[a{i}]" for i in range(len(chosen))) + f"concat=n={len(chosen)}:v=0:a=1[out]"
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        *inputs,
        "-filter_complex",
        f"{chains};{joined}",
        "-map",
        "[out]",
    ]
    subprocess.run([*command, "-t", str(_LENGTH_S), "-b:a", bitrate, str(path)], check=True)
    return path


def by_reader(route: Callable[..., Reader], path: Path, spans: Sequence[Span]) -> list[NDArray[np.float32]]:
    """The windows by one route, resampled."""
    with path.open("rb", buffering=0) as file:
        reader = route(file)
        try:
            rate = reader.info.sample_rate
            return [soxr.resample(reader.read(span), rate, _RATE, "HQ") for span in spans]
        finally:
            reader.close()


def whole_file(path: Path) -> NDArray[np.float32]:
    """What reading everything costs."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(samples.mean(axis=1), rate, _RATE, "HQ"))


def medians_ms(routes: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Median processor time of each route in milliseconds, the routes taking turns."""
    times: dict[str, list[float]] = {name: [] for name in routes}
    for run in range(runs + 1):
        for name, route in routes.items():
            began = time.process_time()
            route()
            if run:  # the first turn loads libraries
                times[name].append((time.process_time() - began) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


if __name__ == "__main__":
    raise SystemExit(main())
