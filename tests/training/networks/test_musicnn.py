"""The shipped encoder as layers: the same embeddings, and able to learn."""

from __future__ import annotations

import numpy as np
import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")

from segue.encoders import load_encoder
from segue.encoders.artefacts import PACKAGE_DATA
from segue.errors import SegueError
from segue.features import power_spectrum
from segue.training.front_end import PowerToDb
from segue.training.model import HearingModel
from segue.training.networks.registry import build_network, n_parameters, network_spec


def test_embeddings_are_those_of_the_shipped_graph() -> None:
    session = onnxruntime.InferenceSession(
        (PACKAGE_DATA / "musicnn-msd-1.onnx").read_bytes(), providers=["CPUExecutionProvider"]
    )
    levels = np.random.default_rng(0).normal(-30, 20, (3, 187, 96)).astype(np.float32)
    levels[2, 100:] = -100
    patches = np.log10(1 + 10000 * 10 ** (levels.astype(np.float64) / 10)).astype(np.float32)
    (expected,) = session.run(["embedding"], {"patches": patches})
    trunk = build_network("musicnn", shape=(187, 96))
    with torch.no_grad():
        embeddings = trunk(torch.from_numpy(levels)).numpy()
    assert np.abs(embeddings - expected).max() < 1e-4


def test_with_its_front_end_it_hears_as_the_shipped_encoder() -> None:
    hears = network_spec("musicnn").hears
    noise = np.random.default_rng(0).standard_normal(186 * hears.hop).astype(np.float32)
    samples = noise * np.geomspace(1e-3, 0.5, noise.size, dtype=np.float32)
    model = HearingModel(build_network("musicnn", shape=(187, 96)), {}, shape=(187, 96)).eval()
    with torch.no_grad():
        levels = PowerToDb(hears)(torch.from_numpy(power_spectrum(samples, hears.n_fft, hears.hop))[None])
        embedding = model(levels).embedding[0].numpy()
    assert np.abs(embedding - load_encoder("musicnn-msd-1").encode([samples])).max() < 1e-4


def test_frozen_it_learns_nothing_and_takes_levels_as_they_are() -> None:
    trunk = build_network("musicnn", shape=(187, 96), settings={"mode": "frozen"})
    assert n_parameters(trunk) == 0
    assert trunk.own_scale
    assert n_parameters(build_network("musicnn", shape=(187, 96))) > 100_000


def test_without_onnx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SegueError, match=r"segue\[train\]"):
        build_network("musicnn", shape=(187, 96))
