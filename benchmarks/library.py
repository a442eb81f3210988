"""What a large library costs: `segue similar` as a whole process, an unchanged scan, and their memory.

    python benchmarks/library.py [--sizes 10000 100000] [--runs 5]

The catalogue is synthetic: random vectors by the default encoders, and a file of one byte for each track,
which is enough for a scan that finds everything unchanged. Times are medians of whole processes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from made_library import fill


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
