"""Toy plays for every test of this room."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array


@pytest.fixture
def checkerboard() -> csr_array:
    """Even listeners play even tracks, odd ones odd tracks, but nobody plays the track of his own number."""
    n = 30
    rows, columns = np.indices((n, n))
    return csr_array((((rows + columns) % 2 == 0) & (rows != columns)).astype(np.float32))


@pytest.fixture
def scenes() -> csr_array:
    """Two kinds of listeners and tracks, even and odd; one play in twenty strays. Some tracks are popular."""
    rng = np.random.default_rng(5)
    listeners, tracks = np.indices((120, 80))
    chance = np.where((listeners + tracks) % 2 == 0, 0.35, 0.02) * np.linspace(1.4, 0.6, 80)[None]
    played = rng.random(chance.shape) < chance
    return csr_array((played * rng.integers(1, 9, played.shape)).astype(np.float32))
