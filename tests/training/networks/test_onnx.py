"""Every network runs in ONNX Runtime as in torch, for any number of inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

from segue.training.networks.registry import network_names
from segue.training.onnx_graph import onnx_graph

Small = Callable[[str], tuple[Any, tuple[int, ...]]]

# Three poolings, an LSTM and steps, convolutions in both directions: the rest is made of the same layers.
QUICK = {"rubio-dieleman", "rubio-deepsound", "musicnn"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.slow, id=name)
        for name in network_names()
    ],
)
def test_the_graph_gives_what_the_network_gives(name: str, small: Small) -> None:
    trunk, shape = small(name)
    trunk.eval()
    graph = onnx_graph(trunk, torch.zeros(2, *shape), takes="inputs", gives=["embedding"])
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for n in (1, 3):
        inputs = np.random.default_rng(n).normal(-30, 10, (n, *shape)).astype(np.float32)
        with torch.no_grad():
            expected = trunk(torch.from_numpy(inputs)).numpy()
        (embedding,) = session.run(["embedding"], {"inputs": inputs})
        assert np.abs(embedding - expected).max() <= 1e-4 * max(1.0, np.abs(expected).max())
