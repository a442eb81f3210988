"""Scan speed: Segue, the bare cost of decoding, bliss-audio and a librosa pipeline, all in one run.

    python benchmarks/scan.py CLIPS [--tracks 60] [--runs 3] [--work FOLDER]

CLIPS is a folder of audio clips; 4-minute stereo MP3s of 256 kbit/s are joined from them with ffmpeg.
Each contestant hears all tracks with 2 processes; the order is shuffled anew in every run; the table
holds medians.
`bliss-audio` and `librosa` are left out where they are not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

PROCESSES = 2
TRACK_S = 240


def make_tracks(clips: Path, folder: Path, count: int) -> list[Path]:
    """`count` different 4-minute MP3s in `folder`, joined from the clips; made once."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted(p for p in clips.iterdir() if p.suffix in {".mp3", ".ogg", ".flac", ".wav"})
    chance = random.Random(0)
    tracks = []
    for number in range(count):
        track = folder / f"track-{number:03}.mp3"
        if not track.exists():
            chosen = chance.sample(sources, min(10, len(sources)))
            inputs = [word for source in chosen for word in ("-i", str(source))]
            joined = "".join(
                f"[{i}:a]aresample=44100,aformat=channel_layouts=stereo[a{i}];" for i in range(len(chosen))
            )
            joined += "".join(f"[a{i}]" for i in range(len(chosen))) + f"concat=n={len(chosen)}:v=0:a=1[all]"
            command = ["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", joined, "-map", "[all]"]
            command += ["-t", str(TRACK_S), "-b:a", "256k", "-ar", "44100", "-ac", "2", str(track)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        tracks.append(track)
    return tracks


def decode_bare(track: Path) -> None:
    """Read the samples of the default windows with libsndfile and throw them away."""
    import soundfile

    from segue.audio import window_spans

    with soundfile.SoundFile(track) as file:
        for span in window_spans(file.frames / file.samplerate, "balanced"):
            file.seek(int(span.start_s * file.samplerate))
            file.read(int(span.length_s * file.samplerate), dtype="float32")


def hear_with_bliss(track: Path) -> None:
    import bliss_audio

    bliss_audio.Song(str(track))


def hear_with_librosa(track: Path) -> None:
    import librosa

    samples, sample_rate = librosa.load(track)
    librosa.feature.mfcc(y=samples, sr=sample_rate)
    librosa.feature.chroma_stft(y=samples, sr=sample_rate)


def in_processes(work: Callable[[Path], None], tracks: list[Path]) -> None:
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(work, tracks))


def scan(encoder: str | None, folder: Path) -> None:
    """The command as a person types it, into an empty data folder."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "segue", "scan", str(folder), "--workers", str(PROCESSES), "--quiet"]
        command += ["--nice", "0", "--data", data] + (["--encoder", encoder] if encoder else [])
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("--tracks", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "segue-benchmark")
    options = parser.parse_args()
    tracks = make_tracks(options.clips, options.work, options.tracks)
    contestants: dict[str, Callable[[], None]] = {
        "decode the same windows": partial(in_processes, decode_bare, tracks),
        "segue scan --encoder timbre": partial(scan, "timbre", options.work),
        "segue scan (musicnn, and timbre for the reasons)": partial(scan, None, options.work),
    }
    for name, package, work in (
        ("bliss-audio", "bliss_audio", hear_with_bliss),
        ("librosa: load, MFCC, chroma", "librosa", hear_with_librosa),
    ):
        if importlib.util.find_spec(package):
            contestants[name] = partial(in_processes, work, tracks)
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    chance = random.Random(1)
    for _ in range(options.runs):
        for name in chance.sample(list(contestants), len(contestants)):
            began = time.perf_counter()
            contestants[name]()
            seconds[name].append(time.perf_counter() - began)
    print_table(seconds, len(tracks))


def print_table(seconds: dict[str, list[float]], tracks: int) -> None:
    """Tracks a minute, and the ratio of each contestant's median time to the others'."""
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    decode = medians["decode the same windows"]
    runs = len(next(iter(seconds.values())))
    print(f"{tracks} tracks of {TRACK_S} s, {PROCESSES} processes, medians of {runs} runs\n")
    print("| | tracks a minute | times the decoding | range, s |\n| --- | ---: | ---: | ---: |")
    for name, median in medians.items():
        spread = f"{min(seconds[name]):.1f}-{max(seconds[name]):.1f}"
        print(f"| {name} | {tracks / median * 60:,.0f} | {median / decode:.2f} | {spread} |")
    for rival in ("bliss-audio", "librosa: load, MFCC, chroma"):
        for name in medians:
            if rival in medians and name.startswith("segue"):
                print(f"\n{name}: {medians[rival] / medians[name]:.1f} times as fast as {rival}")


if __name__ == "__main__":
    main()
