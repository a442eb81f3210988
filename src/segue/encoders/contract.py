"""What every encoder promises: windows of samples in, one vector and a card out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Samples, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What an encoder is, where it comes from and under which terms it may be used.

    Attributes
    ----------
    id
        The definition of the vector; any change of its values asks for another id.
    name
        The short name that ``--encoder`` accepts.
    dim
        Length of the vector.
    sample_rate
        Of the samples it hears, in Hz.
    licence
        SPDX identifier of the terms of its numbers.
    source
        The paper, package or data it comes from.
    description
        What it hears, in a sentence or two.
    definition
        How samples become the vector, exactly enough to compute it again.
    sha256
        Hex digest of its artefact file, or None for an encoder that is only code.
    """

    id: EncoderId
    name: str
    dim: int
    sample_rate: int
    licence: str
    source: str
    description: str
    definition: str
    sha256: str | None = None


@runtime_checkable
class Encoder(Protocol):
    """One definition of a vector of a recording.

    ``encode`` takes the windows of one recording, each mono ``(n_samples,)`` float32 at ``sample_rate``
    Hz; lengths may differ, the order does not matter, and a window may be shorter than the encoder
    likes. It returns ``(dim,)`` float32, finite, the same bytes for the same windows, and raises
    `ValueError` when there is no window or a window is empty.
    """

    @property
    def id(self) -> EncoderId:
        """The definition, such as ``timbre-1``."""

    @property
    def dim(self) -> int:
        """Length of the vector."""

    @property
    def sample_rate(self) -> int:
        """Of the windows, in Hz."""

    def encode(self, windows: Sequence[Samples]) -> Vector:
        """The vector ``(dim,)`` float32 of one recording."""

    def describe(self) -> Card:
        """The encoder's card."""


@runtime_checkable
class TaggingEncoder(Encoder, Protocol):
    """An encoder that also knows words for what it hears."""

    @property
    def tag_names(self) -> tuple[str, ...]:
        """The words, in the order of the probabilities."""

    def encode_and_tag(self, windows: Sequence[Samples]) -> tuple[Vector, NDArray[np.float32]]:
        """The vector ``(dim,)`` and the probability of each tag ``(n_tags,)`` float32 in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Mean and standard deviation of each dimension over a collection.

    Attributes
    ----------
    mean
        ``(dim,)`` float32.
    std
        ``(dim,)`` float32, above zero.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]


def checked_windows(windows: Sequence[Samples]) -> Sequence[Samples]:
    """The windows, refused when there is none or one is empty or not ``(n_samples,)``.

    Raises
    ------
    ValueError
        Naming the window that is wrong.
    """
    if len(windows) == 0:
        raise ValueError("an encoder needs at least one window of samples")
    for position, window in enumerate(windows):
        if window.ndim != 1 or window.size == 0:
            raise ValueError(f"window {position} must be (n_samples,) with samples, not {window.shape}")
    return windows
