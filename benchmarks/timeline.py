"""How much faster than the music the genre timeline is, on one core.

    python benchmarks/timeline.py FILE [--rounds 5]

Decoding, resampling, hearing and telling of a whole file with the model that ships; printed is the median of
the processor time, and how many seconds of music go into one.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from segue.audio import probe
from segue.operations.classify import genre_timeline
from segue.settings import data_folder


def main() -> None:
    """Measure and print one line of Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    duration_s = probe(asked.file).duration_s
    nowhere = data_folder(Path("nowhere"))
    used = []
    for _ in range(asked.rounds + 1):
        began = time.process_time()
        n_moments = sum(1 for _ in genre_timeline(asked.file, data=nowhere)[1])
        used.append(time.process_time() - began)
    median_s = statistics.median(used[1:])  # the first reads the networks
    print("| music, s | moments | processor time, s | times real time |")
    print("| ---: | ---: | ---: | ---: |")
    print(f"| {duration_s:.0f} | {n_moments} | {median_s:.2f} | {duration_s / median_s:.0f} |")


if __name__ == "__main__":
    main()
