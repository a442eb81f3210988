"""Feeding a network while it trains: cached spectra on disk against tensors that lie ready in memory.

    python benchmarks/training_data.py DATA_SET [--networks rubio-dieleman,carranza-factor-cnn] [--rounds 5]

DATA_SET is a folder that `segue.training.datasets` reads, with at least as many tracks as a batch. For each
network some training steps are fed in turn with the same batches from memory, with windows of the cache, and
with windows that are augmented in every way; printed are medians, the share of a step that is spent waiting
for its batch, and the throughput compared with memory. The last lines are steps of 6 ms in which the
processor is idle, as when a GPU computes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from segue.progress import Silent
from segue.training.augment import Augmentation
from segue.training.contract import Batch, LogMelSettings
from segue.training.datasets import Dataset, open_dataset
from segue.training.log_mels import prepare_log_mels
from segue.training.networks.registry import build_network, network_spec
from segue.training.sources import LogMelSource
from segue.training.windows import WindowSettings

_STEPS = 12
_BATCH = 32
_GPU_STEP_S = 0.006
_EVERYTHING = Augmentation(2, 40, 2, 16, mixup_alpha=0.3, gain_db=6, pitch_bands=2, stretch=0.1)

Learn = Callable[[Batch], None]
Feed = Callable[[], Iterator[Batch]]


def feeds(dataset: Dataset, settings: LogMelSettings, n_frames: int, cache: Path) -> dict[str, Feed]:
    """The same tracks from memory, from the cache, and from the cache with augmentation."""
    log_mels = prepare_log_mels(dataset, settings, folder=cache, workers=2, progress=Silent())
    rows = np.resize(np.flatnonzero(log_mels.available), _BATCH * _STEPS).astype(np.int64)
    window = WindowSettings(n_frames)
    plain, augmented = LogMelSource(log_mels, window), LogMelSource(log_mels, window, _EVERYTHING)
    ready = list(plain.batches(rows, batch_size=_BATCH, seed=0, epoch=0))
    return {
        "memory": lambda: iter(ready),
        "cache": lambda: plain.batches(rows, batch_size=_BATCH, seed=0, epoch=0),
        "cache, augmented": lambda: augmented.batches(rows, batch_size=_BATCH, seed=0, epoch=0),
    }


def learner(name: str, shape: tuple[int, ...]) -> Learn:
    """A training step of a network with a head of 50 values."""
    torch.manual_seed(0)
    trunk = build_network(name, shape=shape)
    model = nn.Sequential(trunk, nn.Linear(trunk.dim, 50))  # type: ignore[arg-type]
    optimiser = torch.optim.Adam(model.parameters())

    def learn(batch: Batch) -> None:
        optimiser.zero_grad()
        model(batch.inputs / 40 + 1).square().mean().backward()
        optimiser.step()

    return learn


def wait(batch: Batch) -> None:
    """A step of something that is not the processor."""
    time.sleep(_GPU_STEP_S)


def timed(batches: Iterable[Batch], learn: Learn) -> tuple[float, float]:
    """Seconds a step, and seconds of these that were spent waiting for the batch."""
    waited, began = 0.0, time.perf_counter()
    asked = began
    for batch in batches:
        waited += time.perf_counter() - asked
        learn(batch)
        asked = time.perf_counter()
    return (time.perf_counter() - began) / _STEPS, waited / _STEPS


def print_lines(name: str, learn: Learn, all_feeds: dict[str, Feed], rounds: int) -> None:
    """A line of the table for each feed."""
    seconds: dict[str, list[tuple[float, float]]] = {feed: [] for feed in all_feeds}
    for _ in range(rounds):
        for feed, batches in all_feeds.items():
            seconds[feed].append(timed(batches(), learn))
    memory = [step for step, _ in seconds["memory"]]
    for feed, times in seconds.items():
        step = statistics.median(step for step, _ in times)
        share = statistics.median(waited / step for step, waited in times)
        # Within a round, since others may use the machine meanwhile.
        ratio = statistics.median(ready / step for ready, (step, _) in zip(memory, times, strict=True))
        print(f"| {name} | {feed} | {step * 1e3:.1f} | {share:.1%} | {ratio:.0%} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--networks", default="rubio-dieleman,carranza-factor-cnn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    dataset = open_dataset(options.data)
    print(f"batches of {_BATCH}, {options.threads} threads, medians of {options.rounds} x {_STEPS} steps\n")
    print("| network | fed from | ms a step | waiting | throughput |\n| --- | --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as cache:
        for name in options.networks.split(","):
            spec = network_spec(name)
            if spec.hears is None:
                parser.error(f"{name} hears no spectra")
            fed = feeds(dataset, spec.hears, spec.n_frames, Path(cache))
            print_lines(name, learner(name, (spec.n_frames, spec.hears.n_mels)), fed, options.rounds)
            print_lines(f"{name} (waiting 6 ms)", wait, fed, options.rounds)


if __name__ == "__main__":
    main()
