"""The script that makes the shipped network: folding loses nothing, the same wheel gives the same file."""

from __future__ import annotations

import importlib
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from segue.training.networks.tf_checkpoint import read_checkpoint

pytest.importorskip("onnx")

Tool = Callable[[str], ModuleType]

_ROOT = Path(__file__).resolve().parents[2]
_TOOLS = _ROOT / "tools"
_FRONT = ((204, 7, 38), (204, 7, 67), (51, 128, 1), (51, 64, 1), (51, 32, 1))


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Tool:
    monkeypatch.syspath_prepend(str(_TOOLS))

    return importlib.import_module


def _toy_checkpoint(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random weights in the shapes of musicnn; most filters of front end and first convolution are dead."""
    arrays: dict[str, np.ndarray] = {}

    def convolution(number: int, shape: tuple[int, ...], living: int) -> None:
        name = f"conv2d_{number}" if number else "conv2d"
        kernel = rng.standard_normal(shape) / np.sqrt(np.prod(shape[:-1]))
        dead = rng.permutation(shape[-1])[living:]
        kernel[..., dead] *= 1e-25
        arrays[f"{name}/kernel"], arrays[f"{name}/bias"] = kernel, rng.standard_normal(shape[-1]) / 5

    for number, (filters, time, bands) in enumerate(_FRONT):
        convolution(number, (time, bands, 1, filters), 6)
    convolution(5, (7, 561, 1, 64), 20)
    convolution(6, (7, 64, 1, 64), 60)
    convolution(7, (7, 64, 1, 64), 64)
    for number, size in enumerate((1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200)):
        name = f"batch_normalization_{number}" if number else "batch_normalization"
        arrays[f"{name}/gamma"], arrays[f"{name}/beta"] = rng.normal(0.3, 1, size), rng.normal(0, 0.3, size)
        arrays[f"{name}/moving_mean"] = rng.normal(0, 0.3, size)
        arrays[f"{name}/moving_variance"] = rng.uniform(0.5, 2, size)
    for name, shape in (("dense", (1506, 200)), ("dense_1", (200, 50))):
        arrays[f"{name}/kernel"] = rng.standard_normal(shape) / np.sqrt(shape[0])
        arrays[f"{name}/bias"] = rng.standard_normal(shape[1]) / 5
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def _as_published(patch: np.ndarray, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The network as its authors wrote it, layer by layer, in double precision."""
    weights = {name: array.astype(np.float64) for name, array in arrays.items()}

    def normalise(x: np.ndarray, number: int) -> np.ndarray:
        name = f"batch_normalization_{number}" if number else "batch_normalization"
        gamma, beta, mean, variance = (
            weights[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    def convolve(x: np.ndarray, number: int) -> np.ndarray:
        name = f"conv2d_{number}" if number else "conv2d"
        kernel = weights[f"{name}/kernel"][:, :, 0]
        before = (len(kernel) - 1) // 2
        x = np.pad(x, ((before, len(kernel) - 1 - before), (0, 0)))
        views = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2])
        return np.maximum(np.tensordot(views, kernel, ([2, 3], [0, 1])) + weights[f"{name}/bias"], 0)

    x = normalise(patch[..., None].astype(np.float64), 0)[..., 0]
    front = np.concatenate([normalise(convolve(x, i), i + 1).max(axis=1) for i in range(5)], axis=1)
    first = normalise(convolve(front, 5)[:, 0], 6)
    second = normalise(convolve(first, 6)[:, 0], 7) + first
    third = normalise(convolve(second, 7)[:, 0], 8) + second
    channels = np.concatenate([front, first, second, third], axis=1)
    pooled = normalise(np.stack([channels.max(axis=0), channels.mean(axis=0)], axis=1).reshape(-1), 9)
    dense = normalise(np.maximum(pooled @ weights["dense/kernel"] + weights["dense/bias"], 0), 10)
    tags = 1 / (1 + np.exp(-(dense @ weights["dense_1/kernel"] + weights["dense_1/bias"])))
    return dense, tags


def test_folding_and_drawing_change_nothing(tool: Tool) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(11)
    arrays = _toy_checkpoint(rng)
    layers = tool("musicnn_layers").living_layers(arrays)
    assert sum(len(block.bias) for block in layers.front) == 30
    assert len(layers.middle[0].bias) == 20
    graph = tool("musicnn_graph").draw(layers, {"id": "toy"})
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    patches = rng.uniform(0, 4, (2, 187, 96)).astype(np.float32)
    embedding, tags = session.run(["embedding", "tags"], {"patches": patches})
    for number, patch in enumerate(patches):
        expected, probabilities = _as_published(patch, arrays)
        assert np.abs(embedding[number] - expected).max() < 1e-4 * np.abs(expected).max()
        assert np.abs(tags[number] - probabilities).max() < 1e-4


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_published_wheel_gives_the_shipped_file(tool: Tool, shared: Path, tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path))
    if subprocess.run([*pip, "musicnn==0.1.0"], capture_output=True).returncode:
        pytest.skip("the package index cannot be reached")
    wheel = next(tmp_path.glob("*.whl"))
    make = (sys.executable, str(_TOOLS / "make_musicnn.py"), "--wheel", str(wheel), "--output", str(tmp_path))
    subprocess.run(make, check=True)
    for suffix in ("onnx", "json", "LICENCE.txt"):
        name = f"musicnn-msd-1.{suffix}"
        assert (tmp_path / name).read_bytes() == (_ROOT / "src/segue/encoders/data" / name).read_bytes()

    with zipfile.ZipFile(wheel) as archive:
        parts = (archive.read(f"musicnn/MSD_musicnn/.{part}") for part in ("index", "data-00000-of-00001"))
        arrays = read_checkpoint(*parts)
    with np.load(shared / "encoders" / "musicnn-msd" / "musicnn-msd.npz", allow_pickle=False) as published:
        for number, layer in enumerate(("timbral1", "timbral2", "temporal1", "temporal2", "temporal3")):
            kernel = arrays["conv2d/kernel" if number == 0 else f"conv2d_{number}/kernel"]
            assert np.array_equal(kernel.transpose(3, 2, 0, 1), published[f"{layer}.weight"])
        assert np.array_equal(arrays["dense/kernel"].T, published["dense.weight"])
        assert np.array_equal(arrays["batch_normalization_9/moving_variance"], published["pool_bn.var"])
