"""The constant-Q transform as librosa computes it, and the pitch-class bands that are folded from it.

Octave by octave from the top: the samples are transformed with a short basis, then halved in rate for the octave
below, so that one basis length serves all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.features.spectra import complex_spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

    Frames = NDArray[np.float32]

_C1_HZ = 440 * 2 ** (-45 / 12)
_BINS_PER_OCTAVE = 12
# The share of a filter's magnitude that is dropped to make its spectrum short.
_SPARSITY = 0.01
