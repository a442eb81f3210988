"""A training so small that tests can afford it; as a program, one that is killed in its third epoch."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from segue.training.contract import Batch, Split
from segue.training.datasets.contract import Target
from segue.training.fitting import TrainingSettings, fit
from segue.training.history import History
from segue.training.model import HearingModel, fit_scale, seeded
from segue.training.objectives import make_objective

N, DIM = 120, 6
_rng = np.random.default_rng(0)
LABELS = _rng.integers(0, 3, N)
INPUTS = (3 * np.eye(DIM)[LABELS] + _rng.normal(size=(N, DIM))).astype(np.float32)
GENRE = Target("class", ("a", "b", "c"), LABELS)
FACTORS = Target("values", ("x", "y"), (INPUTS[:, :2] * 7 + 100).astype(np.float32))
SPLIT = Split(np.arange(80), np.arange(80, 100), np.arange(100, 120), seed=0, apart="track")


class Vectors:
    """A source with three windows a track; in training with noise that follows from seed, epoch and place."""

    def __init__(self, inputs: np.ndarray = INPUTS, die_in: int | None = None) -> None:
        self.inputs, self.die_in = inputs, die_in
        self.asked: list[tuple[int, int]] = []

    @property
    def shape(self) -> tuple[int, ...]:
        return (DIM,)

    def batches(self, rows: np.ndarray, *, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        self.asked.append((seed, epoch))
        for start in range(0, len(rows), batch_size):
            if epoch == self.die_in and start > 0:
                os.kill(os.getpid(), signal.SIGKILL)
            chosen = rows[start : start + batch_size]
            noise = np.random.default_rng((seed, epoch, start)).normal(size=(len(chosen), DIM))
            inputs = (self.inputs[chosen] + 0.3 * noise).astype(np.float32)
            yield Batch(torch.from_numpy(inputs), torch.from_numpy(chosen))

    def windows(self, row: int) -> np.ndarray:
        return np.stack([self.inputs[row] + np.float32(shift) for shift in (-0.1, 0.0, 0.2)])


class Dense(nn.Module):
    """A trunk with dropout and batch normalisation, since both keep state."""

    dim = 8

    def __init__(self, dropout: float = 0.3) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(DIM, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(dropout), nn.Linear(8, 8)
        )

    def forward(self, inputs: Tensor) -> Tensor:
        made: Tensor = self.layers(inputs)
        return made


def train(
    folder: Path,
    *,
    objective: str = "cross-entropy",
    target: Target | None = GENRE,
    source: Any = None,
    resume: bool = False,
    trunk: nn.Module | None = None,
    split: Split = SPLIT,
    **settings: Any,
) -> tuple[HearingModel, History]:
    """The trained model and what happened."""
    source = source or Vectors()
    judge = make_objective(objective, {} if target is None else {"it": target})
    with seeded(3):
        model = HearingModel(trunk or Dense(), judge.heads, shape=source.shape)
    fit_scale(model, source, split.train)
    chosen = TrainingSettings(**{"epochs": 4, "batch_size": 16, "learning_rate": 0.01, **settings})
    names = [f"{row}.wav" for row in range(N)]
    history = fit(model, judge, source, split, chosen, folder=folder, resume=resume, names=names)
    return model, history


if __name__ == "__main__":
    train(Path(sys.argv[1]), source=Vectors(die_in=2))
