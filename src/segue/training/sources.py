"""Inputs of tracks for training and prediction: windows of cached spectra, or vectors."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError
from segue.training.augment import Augmentation, Augmented, augment, check_augmentation, frames_needed
from segue.training.contract import Batch
from segue.training.log_mel_files import HUNDREDTHS
from segue.training.log_mels import LogMels
from segue.training.windows import (
    WindowSettings,
    check_windows,
    cut,
    frame_scores,
    prediction_starts,
    training_start,
    usable,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.contract import Rows
    from segue.types import Matrix

_TO_DB = np.float32(1 / HUNDREDTHS)


class LogMelSource:
    """Windows of the cached spectra of a data set (a `segue.training.contract.Source`).

    Parameters
    ----------
    log_mels
        The spectra.
    window
        How windows are chosen.
    augmentation
        What is changed in training.

    Raises
    ------
    UsageError
        If a setting makes no sense.
    """

    def __init__(
        self, log_mels: LogMels, window: WindowSettings, augmentation: Augmentation | None = None
    ) -> None:
        check_windows(window)
        self._augmentation = augmentation or Augmentation()
        check_augmentation(self._augmentation)
        self._log_mels = log_mels
        self._window = window
        self._scores: dict[int, NDArray[np.float64]] = {}

    @property
    def shape(self) -> tuple[int, int]:
        """``(n_frames, n_mels)``."""
        return self._window.n_frames, self._log_mels.settings.n_mels

    def batches(self, rows: Rows, *, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        """Batches of windows in dB, augmented; what is drawn depends on the seed, the epoch and the place.

        Parameters
        ----------
        rows : (n,) int64
            Tracks, in the order of the batches; the last batch may be smaller.
        batch_size, seed, epoch
            As said.

        Raises
        ------
        UsageError
            If a track cannot be heard.
        """
        import torch

        def drawn() -> Iterator[Batch]:
            for start in range(0, len(rows), batch_size):
                chosen = np.asarray(rows[start : start + batch_size], np.int64)
                changed = self._draw(chosen, np.random.default_rng([seed, epoch, start]))
                yield Batch(
                    inputs=torch.from_numpy(changed.inputs),
                    rows=torch.from_numpy(chosen),
                    partner=None if changed.partner is None else torch.from_numpy(changed.partner),
                    share=None if changed.share is None else torch.from_numpy(changed.share),
                )

        return _ahead(drawn())

    def windows(self, row: int) -> NDArray[np.float32]:
        """``(n_windows, n_frames, n_mels)`` in dB: consecutive windows of a track.

        Raises
        ------
        UsageError
            If the track cannot be heard.
        """
        stretch, _ = self._stretch(row)
        n_frames = self._window.n_frames
        starts = prediction_starts(len(stretch), n_frames, self._window.n_predict)
        windows = np.stack([cut(stretch, start, n_frames) for start in starts])
        return windows * _TO_DB

    def _draw(self, rows: Rows, chance: np.random.Generator) -> Augmented:
        """A training window of each track."""
        n_seen = frames_needed(self._window.n_frames, self._augmentation)
        inputs = np.empty((len(rows), n_seen, self.shape[1]), np.float32)
        for row, window in zip(rows.tolist(), inputs, strict=True):
            stretch, scores = self._stretch(row)
            start = training_start(len(stretch), n_seen, chance, scores)
            np.multiply(cut(stretch, start, n_seen), _TO_DB, out=window)
        return augment(inputs, self._augmentation, chance, n_frames=self._window.n_frames)

    def _stretch(self, row: int) -> tuple[NDArray[np.int16], NDArray[np.float64] | None]:
        """The frames of a track that windows are taken from, and their scores if these are asked for."""
        frames = self._log_mels.frames(row)
        if not len(frames):
            raise UsageError(f"track {row} of the data set cannot be heard: leave it out of the split")
        start, stop = usable(len(frames), self._window, self._log_mels.frames_per_s)
        stretch = frames[start:stop]
        if self._window.choose == "random":
            return stretch, None
        if row not in self._scores:
            self._scores[row] = frame_scores(stretch, self._window.choose)
        return stretch, self._scores[row]


def _ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same, each drawn in a thread while the one before is learned from.

    This hides most of the loading where a step leaves the processor idle, as on a GPU; elsewhere it costs
    nothing (``benchmarks/training_data.py``).
    """
    with ThreadPoolExecutor(1, "batches") as thread:
        coming = thread.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, batches, None)
            yield batch


class VectorSource:
    """Vectors as inputs (a `segue.training.contract.Source`); nothing about them is random.

    Parameters
    ----------
    matrix : (n_tracks, dim) float32
        Such as descriptors or embeddings.
    """

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = np.ascontiguousarray(matrix, np.float32)

    @property
    def shape(self) -> tuple[int]:
        """``(dim,)``."""
        return (self._matrix.shape[1],)

    def batches(self, rows: Rows, *, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        """Batches of vectors, in the order of `rows` ``(n,) int64``."""
        import torch

        for start in range(0, len(rows), batch_size):
            chosen = np.asarray(rows[start : start + batch_size], np.int64)
            yield Batch(torch.from_numpy(self._matrix[chosen]), torch.from_numpy(chosen))

    def windows(self, row: int) -> NDArray[np.float32]:
        """``(1, dim)``: the vector of a track."""
        return self._matrix[row : row + 1]
