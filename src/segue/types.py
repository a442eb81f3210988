"""Ids, units and the few small records that travel through every room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples: TypeAlias = NDArray[np.float32]
    """Mono samples in [-1, 1], shape ``(n_samples,)``."""
    Vector: TypeAlias = NDArray[np.float32]
    """One embedding, shape ``(dim,)``, finite."""
    Matrix: TypeAlias = NDArray[np.float32]
    """Embeddings, shape ``(n_tracks, dim)``, C order, finite."""

TrackId = NewType("TrackId", str)
"""A track's opaque public id; the same audio payload always has the same id."""

EncoderId = NewType("EncoderId", str)
"""Names one definition of a vector, such as ``timbre-1``; vectors of two ids are never compared."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, in seconds."""

    start_s: float
    length_s: float
