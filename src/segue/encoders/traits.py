"""Words for what a timbre vector says: bright or dark, rhythmic or flowing, fast or slow."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from segue.encoders.timbre import timbre_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

# The word for much of it, the word for little, and what is summed, with its sign.
_TRAITS: tuple[tuple[str, str, dict[str, int]], ...] = (
    # The first cepstral coefficient is high where the low bands are loud.
    ("bright", "dark", {"timbre.cepstrum_mean.0": -1}),
    (
        "rhythmic",
        "flowing",
        {f"rhythm.{unit}_pulse.{n}": 1 for unit in ("level", "loudness") for n in (0, 4)},
    ),
    ("fast", "slow", {"rhythm.level_onsets.8": 1, "rhythm.loudness_onsets.8": 1}),
    ("dynamic", "even", {"dynamics.level_spread.0": 1, "dynamics.level_spread.1": 1}),
    ("tonal", "noisy", {"harmony.tonality.0": 1, "harmony.tonality.1": 1}),
    ("clear", "dense", {f"timbre.contrast_mean.{n}": 1 for n in range(1, 6)}),
    ("major", "minor", {"harmony.key.2": 1}),
)

TRAITS: tuple[tuple[str, str], ...] = tuple((much, little) for much, little, _ in _TRAITS)
"""The word for much and the word for little of each trait."""


def traits(vectors: Matrix) -> NDArray[np.float32]:
    """How much of each trait recordings have, from their timbre vectors.

    Parameters
    ----------
    vectors : (n, 361) float32
        Of `TimbreEncoder`.

    Returns
    -------
    traits : (n, 7) float32
        In the order of `TRAITS`; 0 is what is usual, 1 about one standard deviation of music at large.
    """
    return vectors @ _weights()


@lru_cache(maxsize=1)
def _weights() -> NDArray[np.float32]:
    places = {name: place for place, name in enumerate(timbre_names())}
    weights = np.zeros((len(places), len(_TRAITS)), dtype=np.float32)
    for column, (_, _, parts) in enumerate(_TRAITS):
        for name, sign in parts.items():
            weights[places[name], column] = sign / len(parts)
    return weights
