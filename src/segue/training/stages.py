"""Training in stages: an embedding, then a regression on it (thesis C); a trunk handed on (thesis A)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from segue.training.contract import Batch, Source
from segue.training.model import HearingModel
from segue.training.objectives.losses import directions
from segue.training.predicting import heard_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.contract import Rows


class EmbeddingSource:
    """Directions of the embeddings of tracks' windows as inputs (a `segue.training.contract.Source`).

    In training each track comes with one of its windows, drawn by chance.

    Parameters
    ----------
    model
        Trained; only its embedding is used.
    source
        Its inputs.
    rows : (n,) int64
        Tracks that will be asked for.
    batch_size
        Windows in one step.
    """

    def __init__(self, model: HearingModel, source: Source, rows: Rows, *, batch_size: int) -> None:
        self._dim = model.dim
        heard = heard_windows(model, source, rows, batch_size=batch_size)
        self._windows = {
            row: directions(torch.from_numpy(made)).numpy()
            for row, (made, _) in zip(rows.tolist(), heard, strict=True)
        }

    @property
    def shape(self) -> tuple[int, ...]:
        """``(dim,)``."""
        return (self._dim,)

    def batches(self, rows: Rows, *, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        """See the contract."""
        for start in range(0, len(rows), batch_size):
            chosen = rows[start : start + batch_size]
            rng = np.random.default_rng((seed, epoch, start))
            windows = [self._windows[row] for row in chosen.tolist()]
            inputs = np.stack([some[rng.integers(len(some))] for some in windows])
            yield Batch(torch.from_numpy(inputs), torch.from_numpy(chosen))

    def windows(self, row: int) -> NDArray[np.float32]:
        """``(n_windows, dim)``."""
        return self._windows[row]


def hand_on(taught: HearingModel, model: HearingModel) -> None:
    """Give a model of the same network, for another task, the trunk of one that was trained.

    The scale of its inputs comes too.
    """
    model.trunk.load_state_dict(taught.trunk.state_dict())
    model.scale.load_state_dict(taught.scale.state_dict())
