"""Small inputs for every network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from segue.training.networks.registry import build_network, network_spec

# Short inputs, where the published ones take long.
SMALL = {
    "carranza-genre-cnn": (60, 128),
    "rubio-dieleman": (160, 128),
    "rubio-deepsound": (60, 128),
    "rubio-cnn-lstm": (64, 128),
    "pohl-cnn": (128, 64),
    "pohl-triplet": (128, 64),
    "pohl-lstm": (16, 32),
    "pohl-choi": (64, 32),
    "pohl-xception": (64, 32),
    "bag-dense": (40,),
    "musicnn": (60, 96),
}


@pytest.fixture
def small() -> Callable[[str], tuple[Any, tuple[int, ...]]]:
    """By name: the network and the shape of an input it takes; random weights where others published them."""
    torch = pytest.importorskip("torch")

    def built(name: str) -> tuple[Any, tuple[int, ...]]:
        spec = network_spec(name)
        usual = (spec.n_frames, spec.hears.n_mels) if spec.hears else (518,)
        shape = SMALL.get(name, usual)
        settings = {"mode": "untrained"} if name in {"pohl-choi", "pohl-xception"} else {}
        torch.manual_seed(0)
        return build_network(name, shape=shape, settings=settings), shape

    return built
