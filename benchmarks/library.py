"""What a large library costs: `segue similar` as a whole process, an unchanged scan, and their memory.

    python benchmarks/library.py [--sizes 10000 100000] [--runs 5]

The catalogue is synthetic: random vectors by the default encoders, and a file of one byte for each track,
which is enough for a scan that finds everything unchanged. Times are medians of whole processes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from segue.audio import AudioInfo, Tags
from segue.catalogue import (
    Analysis,
    FileStat,
    add_root,
    open_catalogue,
    record_analysis,
    set_tag_names,
    transaction,
)
from segue.encoders import TaggingEncoder, load_encoder, members
from segue.operations.scan import heard_for
from segue.settings import DataFolder

_AT_ONCE = 500
_UNKNOWN: dict[str, Any] = {field.name: None for field in fields(Tags)} | {"genres": (), "has_cover": False}


def fill(place: Path, size: int) -> DataFolder:
    """A library of `size` tracks by a tenth as many artists, and its files of one byte."""
    data, music = DataFolder(place / "data"), place / "music"
    rng = np.random.default_rng(0)
    encoders = {name: load_encoder(name) for name in heard_for("musicnn")}
    tagger = load_encoder(members("musicnn")[0])
    assert isinstance(tagger, TaggingEncoder)
    with open_catalogue(data, write=True, create=True) as catalogue:
        add_root(catalogue, music)
        set_tag_names(catalogue, tagger.id, tagger.tag_names)
        for start in range(0, size, _AT_ONCE):
            folder = music / f"{start:07}"
            folder.mkdir(parents=True)
            centre = rng.normal(size=256)
            with transaction(catalogue):
                for number in range(start, min(start + _AT_ONCE, size)):
                    path = folder / f"{number}.mp3"
                    path.write_bytes(b"x")
                    state = path.stat()
                    draw = rng.normal(size=400)
                    vectors = {
                        name: np.resize(centre + draw[:256], encoder.dim).astype(np.float32)
                        for name, encoder in encoders.items()
                    }
                    artist = f"Artist {number // 10}"
                    record_analysis(
                        catalogue,
                        Analysis(
                            path=path,
                            stat=FileStat(path, state.st_size, state.st_mtime_ns),
                            digest=hashlib.sha256(str(number).encode()).hexdigest(),
                            tags=Tags(**_UNKNOWN | {"title": f"Title {number}", "artist": artist}),
                            info=AudioInfo(200.0 + number % 97, 44_100, 2, "mp3", 256_000),
                            vectors=vectors,
                            tag_probabilities={
                                tagger.id: rng.random(len(tagger.tag_names)).astype(np.float32)
                            },
                        ),
                    )
    return data


def measure(arguments: list[str], runs: int) -> tuple[float, int]:
    """Median wall-clock seconds and greatest memory in MiB of the `segue` process itself."""
    times, peak = [], 0
    for _ in range(runs):
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "segue", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        times.append(time.perf_counter() - began)
        if status != 0:
            raise SystemExit(f"segue {' '.join(arguments)} failed")
        peak = max(peak, usage.ru_maxrss // 1024)
    return statistics.median(times), peak


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print("| tracks | command | seconds | peak MiB |\n| ---: | --- | ---: | ---: |")
    print("| | segue --help | {:.2f} | {} |".format(*measure(["--help"], options.runs)))
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as place:
            data = str(fill(Path(place), size).path)
            first = measure(["similar", "Title 77", "--data", data], 1)
            print(f"| {size:,} | the first similar, which makes the index | {first[0]:.2f} | {first[1]} |")
            first = measure(["clusters", "--data", data], 1)
            print(f"| {size:,} | the first clusters, which finds the kinds | {first[0]:.2f} | {first[1]} |")
            for words in (
                ["clusters"],
                ["similar", "Title 77"],
                ["path", "Title 77", "Title 4321"],
                ["scan"],
            ):
                seconds, peak = measure([*words, "--data", data], options.runs)
                print(f"| {size:,} | segue {words[0]} | {seconds:.2f} | {peak} |", flush=True)


if __name__ == "__main__":
    main()
