"""Toy libraries whose answers are obvious."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from segue.neighbours import fit_neighbourhood
from segue.ranking import ByKey, Descriptors, Space, Words, make_space


@dataclass(frozen=True)
class Table:
    keys: np.ndarray
    artist_code: np.ndarray
    album_code: np.ndarray
    year: np.ndarray
    duration_s: np.ndarray
    titles: Sequence[str]
    genres: Sequence[tuple[str, ...]]


def _table(n: int, **columns: object) -> Table:
    """Columns of `n` tracks: all different, unless said otherwise."""
    plain: dict[str, object] = {
        "keys": np.arange(1, n + 1),
        "artist_code": np.arange(n),
        "album_code": np.arange(n),
        "year": np.full(n, 2000),
        "duration_s": 100.0 + 3 * np.arange(n),
        "titles": [f"Song of {_name(i)}" for i in range(n)],
        "genres": [("rock",)] * n,
    }
    return Table(**{**plain, **columns})  # type: ignore[arg-type]


def _name(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _unit(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, dtype=np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="session")
def library() -> Callable[..., Space]:
    """Builds a space from vectors ``(n, dim)``, columns, and what answers are explained by."""

    def build(
        vectors: np.ndarray,
        *,
        descriptors: Descriptors | None = None,
        words: Words | None = None,
        fingerprints: ByKey | None = None,
        speech: ByKey | None = None,
        **columns: object,
    ) -> Space:
        known = _table(len(vectors), **columns)
        neighbourhood = fit_neighbourhood(known.keys, _unit(vectors), scaling=None)
        return make_space(
            neighbourhood,
            known,
            descriptors=descriptors,
            words=words,
            fingerprints=fingerprints,
            speech=speech,
        )

    return build


@pytest.fixture
def two_kinds() -> np.ndarray:
    """120 vectors: keys 1 to 60 are of one kind of music, 61 to 120 of another."""
    rng = np.random.default_rng(0)
    centres = np.zeros((120, 20))
    centres[:60, 0] = centres[60:, 1] = 1
    return centres + 0.08 * rng.standard_normal((120, 20))


@pytest.fixture
def arc() -> np.ndarray:
    """101 vectors along a quarter of a circle: key 1 at its beginning, key 101 at its end."""
    angles = np.linspace(0, np.pi / 2, 101)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)
