"""What the parts of training promise each other: inputs, batches, trunks, objectives, splits.

::

    Dataset ─► LogMels (cached) ─► Source ─► Batch ─► HearingModel: scale, trunk, heads ─► Objective ─► loss

A `Source` gives the inputs of tracks: windows of log-mel spectra cut from audio, or vectors. A trunk makes an
embedding of an input, heads say what they know from the embedding, an objective compares it with targets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LogMelSettings:
    """How samples become log-mel spectra: centred transforms, periodic Hann window, Slaney's bands, dB.

    Attributes
    ----------
    sample_rate
        In Hz.
    n_fft, hop
        Length and distance of the transforms, in samples.
    n_mels, f_min, f_max
        Bands, from and to, in Hz; half the sample rate if no `f_max` is given.
    """

    sample_rate: int = 22050
    n_fft: int = 2048
    hop: int = 1024
    n_mels: int = 128
    f_min: float = 0.0
    f_max: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Which tracks are learned from, which choose settings and epochs, and which judge.

    Attributes
    ----------
    train, valid, test
        Rows of the data set, ascending, none in two of them.
    seed
        That drew them.
    apart
        What is never on two sides: ``artist`` (with equal recordings), ``album``, or ``track``.
    fold
        Number of the fold, and of how many; (0, 1) for a single split.
    """

    train: Rows
    valid: Rows
    test: Rows
    seed: int
    apart: str
    fold: tuple[int, int] = (0, 1)


class Batch(NamedTuple):
    """Some inputs.

    Attributes
    ----------
    inputs
        (n, n_frames, n_mels) float32 log-mel in dB, or (n, dim) float32.
    rows
        (n,) int64: the track of each.
    partner
        (n,) int64: position in the batch of the input that was mixed in, or None.
    share
        (n,) float32 in [0, 1]: share of the input itself, the partner has the rest; None without partner.
    """

    inputs: Tensor
    rows: Tensor
    partner: Tensor | None = None
    share: Tensor | None = None


class Source(Protocol):
    """Gives the inputs of tracks."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one input: ``(n_frames, n_mels)`` or ``(dim,)``."""

    def batches(self, rows: Rows, *, batch_size: int, seed: int, epoch: int) -> Iterator[Batch]:
        """Batches for training, in the order of `rows` (a row may come twice): random windows, augmented.

        The same arguments give the same bytes, whatever was asked before.
        """

    def windows(self, row: int) -> NDArray[np.float32]:
        """``(n_windows, *shape)``: what a prediction for one track is averaged over; never augmented."""


class Heard(NamedTuple):
    """What a model makes of a batch.

    Attributes
    ----------
    embedding
        (n, dim).
    outputs
        By head: (n, n_names) logits of classes or tags, or values.
    """

    embedding: Tensor
    outputs: Mapping[str, Tensor]
