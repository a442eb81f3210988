"""The key of a piece, from how strong each pitch class is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well each tone fits a key, from its tonic upwards, as listeners judged (Krumhansl and Kessler 1982)."""


class Key(NamedTuple):
    """A key, and how clear it is.

    Attributes
    ----------
    number
        Pitch class of the tonic from C, + 12 for minor.
    strength
        Correlation with the profile of that key, -1 to 1; 0 where there is no pitch.
    """

    number: int
    strength: float


def key_of(chroma: NDArray[np.floating[Any]]) -> Key:
    """The key whose profile the pitch classes fit best.

    Parameters
    ----------
    chroma : (12,) float
        How strong each pitch class is, from C.

    References
    ----------
    C. L. Krumhansl, "Cognitive foundations of musical pitch", Oxford University Press, 1990, chapter 4.

    Examples
    --------
    >>> c_major_scale = np.array([3, 0, 1, 0, 2, 1, 0, 2, 0, 1, 0, 1.0])
    >>> key_of(c_major_scale).number, key_of(np.roll(c_major_scale, 7)).number
    (0, 7)
    """
    heard = chroma - chroma.mean()
    length = float(np.linalg.norm(heard))
    if length < 1e-9:
        return Key(0, 0.0)
    fits = _profiles() @ (heard / length)
    best = int(fits.argmax())
    return Key(best, float(fits[best]))


def key_name(number: int) -> str:
    """
    >>> key_name(0), key_name(21), key_name(10)
    ('C', 'Am', 'Bb')
    """
    tonic = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")[number % 12]
    return f"{tonic}m" if number >= 12 else tonic


def _profiles() -> NDArray[np.float64]:
    """The 24 profiles, ``(24, 12)``, each without its mean and of length 1."""
    rows = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    rows -= rows.mean(axis=1, keepdims=True)
    profiles: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return profiles
