"""What a trained model says of tracks: the mean over several windows of each, and how much they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.contract import Rows, Source
    from segue.training.model import HearingModel

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """One row a track, in the order that was asked for.

    Attributes
    ----------
    embedding : (n, dim) float32
        Mean over the windows.
    outputs
        By head (n, n_names) float32: probabilities of classes or tags, or values in their own units; mean
        over the windows.
    spread
        By head (n, n_names) float32: standard deviation over the windows, 0 where there is one. Low is
        confident.
    """

    embedding: Floats
    outputs: dict[str, Floats]
    spread: dict[str, Floats]


def predict(
    model: HearingModel,
    source: Source,
    rows: Rows,
    *,
    batch_size: int = 32,
    progress: Progress | None = None,
) -> Predictions:
    """What a model says of some tracks.

    Parameters
    ----------
    model
        Trained; it is used on a GPU if there is one, and is where it was afterwards.
    source
        Gives the windows.
    rows : (n,) int64
        Tracks of the data set, all of which can be heard.
    batch_size
        Windows in one step; the result depends on it by rounding only.
    progress
        Told of tracks.
    """
    progress = progress or Silent()
    progress.start("predicting, tracks", len(rows))
    embedding = np.empty((len(rows), model.dim), dtype=np.float32)
    sizes = {name: head.out_features for name, head in model.named_heads()}
    outputs = {name: np.empty((len(rows), size), dtype=np.float32) for name, size in sizes.items()}
    spread = {name: np.empty_like(values) for name, values in outputs.items()}
    for at, (made, said) in enumerate(heard_windows(model, source, rows, batch_size=batch_size)):
        embedding[at] = made.mean(axis=0, dtype=np.float64)
        for name, values in said.items():
            outputs[name][at] = values.mean(axis=0, dtype=np.float64)
            spread[name][at] = values.std(axis=0, dtype=np.float64)
        progress.advance()
    progress.finish()
    return Predictions(embedding, outputs, spread)


def heard_windows(
    model: HearingModel, source: Source, rows: Rows, *, batch_size: int
) -> Iterator[tuple[Floats, dict[str, Floats]]]:
    """For each row the embeddings of its windows (n_windows, dim), by head the answers (n_windows, n_names).

    Windows of several tracks go through the network together.
    """
    home, teaching = next(model.parameters(), torch.empty(0)).device, model.training
    device = torch.device("cuda") if torch.cuda.is_available() else home
    model.to(device).eval()
    try:
        for windows, counts in _together(source, rows, batch_size):
            parts = (windows[start : start + batch_size] for start in range(0, len(windows), batch_size))
            steps = [_heard(model, part.to(device)) for part in parts]
            made = np.concatenate([embedding for embedding, _ in steps])
            said = {name: np.concatenate([outputs[name] for _, outputs in steps]) for name in model.names}
            ends = np.cumsum(counts)
            for begin, end in zip(ends - counts, ends, strict=True):
                yield made[begin:end], {name: values[begin:end] for name, values in said.items()}
    finally:
        model.to(home).train(teaching)


def _together(
    source: Source, rows: Rows, batch_size: int
) -> Iterator[tuple[torch.Tensor, NDArray[np.int64]]]:
    """Windows of as many tracks as fill a batch, and how many each has."""
    waiting: list[Floats] = []
    for at, row in enumerate(rows.tolist()):
        waiting.append(np.asarray(source.windows(row), dtype=np.float32))
        if sum(map(len, waiting)) >= batch_size or at == len(rows) - 1:
            counts = np.array([len(windows) for windows in waiting], dtype=np.int64)
            yield torch.from_numpy(np.concatenate(waiting)), counts
            waiting = []


@torch.inference_mode()
def _heard(model: HearingModel, inputs: torch.Tensor) -> tuple[Floats, dict[str, Floats]]:
    heard = model(inputs)
    said = {name: values.float().cpu().numpy() for name, values in model.answers(heard).items()}
    return heard.embedding.float().cpu().numpy(), said
