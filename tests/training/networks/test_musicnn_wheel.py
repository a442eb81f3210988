"""The networks of musicnn's wheel: beside a plain computation, as ONNX, and no other wheel."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")

import onnxruntime
from torch.nn import functional

from segue.errors import UsageError
from segue.training import adapting
from segue.training.networks.musicnn_files import open_wheel
from segue.training.networks.musicnn_wheel import FromPower, Musicnn, Vgg, fill

Arrays = dict[str, np.ndarray]
_KERNELS = {
    "vgg": [("1CNN", (3, 3, 1, 128)), *((f"{number}CNN", (3, 3, 128, 128)) for number in (2, 3, 4))],
    "musicnn": [
        ("conv2d", (7, 38, 1, 204)),
        ("conv2d_1", (7, 67, 1, 204)),
        ("conv2d_2", (128, 1, 1, 51)),
        ("conv2d_3", (64, 1, 1, 51)),
        ("conv2d_4", (32, 1, 1, 51)),
        ("conv2d_5", (7, 561, 1, 64)),
        ("conv2d_6", (7, 64, 1, 64)),
        ("conv2d_7", (7, 64, 1, 64)),
        ("dense", (1506, 200)),
    ],
}
_NORMS = {
    "vgg": (1, 128, 128, 128, 128),
    "musicnn": (1, 204, 204, 51, 51, 51, 64, 64, 64, 1506, 200),
}


def drawn(kind: str) -> Arrays:
    """A checkpoint of random weights, by the published names and shapes."""
    rng = np.random.default_rng(5)
    arrays: Arrays = {}
    for name, shape in _KERNELS[kind]:
        arrays[f"{name}/kernel"] = rng.standard_normal(shape) / np.sqrt(np.prod(shape[:-1]))
        arrays[f"{name}/bias"] = rng.standard_normal(shape[-1]) / 5
    for number, size in enumerate(_NORMS[kind]):
        name = f"batch_normalization_{number}" if number else "batch_normalization"
        arrays[f"{name}/gamma"], arrays[f"{name}/beta"] = rng.normal(0.3, 1, size), rng.normal(0, 0.3, size)
        arrays[f"{name}/moving_mean"] = rng.normal(0, 0.3, size)
        arrays[f"{name}/moving_variance"] = rng.uniform(0.5, 2, size)
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def plain(kind: str, bands: np.ndarray, arrays: Arrays) -> np.ndarray:
    """What the authors' description says, from the names alone, in double precision."""
    z = {name: torch.from_numpy(array.astype(np.float64)) for name, array in arrays.items()}

    def normalised(x: torch.Tensor, number: int) -> torch.Tensor:
        name = f"batch_normalization_{number}" if number else "batch_normalization"
        parts = [z[f"{name}/{part}"] for part in ("moving_mean", "moving_variance", "gamma", "beta")]
        return functional.batch_norm(x, *parts, eps=1e-3)

    def heard(x: torch.Tensor, name: str, number: int, padding: str | int | tuple[int, int]) -> torch.Tensor:
        kernel = z[f"{name}/kernel"].permute(3, 2, 0, 1)
        return normalised(functional.conv2d(x, kernel, z[f"{name}/bias"], padding=padding).relu(), number)

    x = normalised(torch.from_numpy(bands.astype(np.float64))[:, None], 0)
    if kind == "vgg":
        for number in (1, 2, 3, 4):
            x = heard(x, f"{number}CNN", number, 1)
            x = functional.max_pool2d(x, (4, 1) if number == 1 else (2, 2), (2, 2))
        return torch.cat([x.mean((2, 3)), x.std((2, 3), correction=0)], dim=1).numpy()
    front = [heard(x, "conv2d", 1, (3, 0)), heard(x, "conv2d_1", 2, (3, 0))]
    front += [heard(x, f"conv2d_{number}", number + 1, "same") for number in (2, 3, 4)]
    outputs = [torch.cat([one.amax(3) for one in front], dim=1)]
    for number in (5, 6, 7):
        one = heard(outputs[-1].mT[:, None], f"conv2d_{number}", number + 1, (3, 0))[..., 0]
        outputs.append(one if number == 5 else one + outputs[-1])
    every = torch.cat(outputs, dim=1)
    pooled = normalised(torch.stack([every.amax(2), every.mean(2)], dim=2).flatten(1), 9)
    return normalised((pooled @ z["dense/kernel"] + z["dense/bias"]).relu(), 10).numpy()


@pytest.mark.parametrize(("kind", "network"), [("vgg", Vgg), ("musicnn", Musicnn)])
@pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")
def test_it_says_what_the_plain_computation_says(kind: str, network: type[Vgg] | type[Musicnn]) -> None:
    arrays, module = drawn(kind), network()
    fill(module, arrays)
    bands = np.random.default_rng(1).uniform(0, 4, (2, 187, 96)).astype(np.float32)
    bands[1] *= 0.2
    with torch.no_grad():
        said = module.eval()(torch.from_numpy(bands)).numpy()
        expected = plain(kind, bands, arrays)
    assert said.shape == (2, module.dim)
    assert np.abs(said - expected).max() < 1e-4 * np.abs(expected).max()
    assert np.abs(expected[0] - expected[1]).max() > 1e-2 * np.abs(expected).max()


@pytest.mark.parametrize(
    ("name", "kind"), [("msd-vgg", "vgg"), ("mtt-vgg", "vgg"), ("mtt-musicnn", "musicnn")]
)
def test_the_folder_says_what_the_network_says(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays, asked = drawn(kind), []
    with zipfile.ZipFile(tmp_path / "any.whl", "w"):
        pass
    monkeypatch.setattr(adapting, "open_wheel", zipfile.ZipFile)
    monkeypatch.setattr(adapting, "read_network", lambda _, network: asked.append(network) or arrays)
    id_ = adapting.adapt_wheel(tmp_path / name, tmp_path / "any.whl", name)
    assert asked == [name.upper().replace("-VGG", "_vgg").replace("-MUSICNN", "_musicnn")]

    header = json.loads((tmp_path / name / "encoder.json").read_text())
    assert id_.startswith(f"{name}-") and header["licence"] == "ISC" and "Pons" in header["source"]
    assert ("Emotify" in (tmp_path / name / "README.md").read_text()) == name.startswith("mtt")

    module = Vgg() if kind == "vgg" else Musicnn()
    fill(module, arrays)
    power = np.random.default_rng(2).exponential(size=(3, 187, 257)).astype(np.float32)
    with torch.no_grad():
        (expected,) = FromPower(module).eval()(torch.from_numpy(power))
    graph = (tmp_path / name / "network.onnx").read_bytes()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    (got,) = session.run(None, {"power": power})
    assert header["dim"] == got.shape[1] == module.dim
    assert np.abs(got - expected.numpy()).max() < 1e-4 * max(1.0, float(expected.abs().max()))


def test_no_other_wheel_is_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as archive:
        archive.writestr("musicnn/MSD_vgg/.index", b"")
    with pytest.raises(UsageError, match=r"other.whl is not the published wheel .* sha256 differs"):
        open_wheel(tmp_path / "other.whl")
    with pytest.raises(UsageError, match=r"none.whl cannot be read .*pip download --no-deps musicnn==0.1.0"):
        open_wheel(tmp_path / "none.whl")
