"""Weights that others published are read where the user has them, and refused where they do not fit."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")
h5py = pytest.importorskip("h5py")

from torch import nn

from segue.errors import UsageError
from segue.training.networks.published import fill, keras_layers
from segue.training.networks.registry import build_network, n_parameters

Layers = dict[str, dict[str, np.ndarray]]
_RNG = np.random.default_rng(0)


def write(path: Path, layers: Layers, *, within: str = "/") -> Path:
    """A file as Keras writes it: names in attributes, arrays in groups of groups."""
    with h5py.File(path, "w") as file:
        group = file.require_group(within)
        group.attrs["layer_names"] = [name.encode() for name in layers]
        for name, arrays in layers.items():
            layer = group.create_group(name)
            layer.attrs["weight_names"] = [f"{name}/{array}:0".encode() for array in arrays]
            for array, values in arrays.items():
                layer[f"{name}/{array}:0"] = values
    return path


def drawn(*shape: int) -> np.ndarray:
    return _RNG.normal(0, 1, shape).astype(np.float32)


def norm(channels: int) -> dict[str, np.ndarray]:
    spread = _RNG.uniform(0.5, 2, channels).astype(np.float32)
    names = ("gamma", "beta", "moving_mean")
    return {**{name: drawn(channels) for name in names}, "moving_variance": spread}


def tagger() -> Layers:
    layers: Layers = {"melgram": {}}
    for number in range(1, 6):
        before = 1 if number == 1 else 32
        layers[f"conv2d_{number}"] = {"kernel": drawn(3, 3, before, 32), "bias": drawn(32)}
        layers[f"batch_normalization_{number}"] = norm(32)
        layers[f"elu_{number}"] = {}
    layers["dense_1"] = {"kernel": drawn(32, 50), "bias": drawn(50)}
    return layers


def photographs() -> Layers:
    """The layers of Xception that are wanted here, and some that are not."""

    def separable(name: str, before: int, after: int) -> Layers:
        kernels = {"depthwise_kernel": drawn(3, 3, before, 1), "pointwise_kernel": drawn(1, 1, before, after)}
        return {name: kernels, f"{name}_bn": norm(after)}

    layers: Layers = {
        "block1_conv1": {"kernel": drawn(3, 3, 3, 32)},
        "block1_conv1_bn": norm(32),
        "block1_conv2": {"kernel": drawn(3, 3, 32, 64)},
        "block1_conv2_bn": norm(64),
    }
    sizes = (64, 128, 256, 728)
    for block, (before, after) in enumerate(itertools.pairwise(sizes), start=2):
        layers |= separable(f"block{block}_sepconv1", before, after)
        layers |= separable(f"block{block}_sepconv2", after, after)
        layers[f"conv2d_{block - 1}"] = {"kernel": drawn(1, 1, before, after)}
        layers[f"batch_normalization_{block - 1}"] = norm(after)
    for block in range(5, 12):
        for position in (1, 2, 3):
            layers |= separable(f"block{block}_sepconv{position}", 728, 728)
    layers["conv2d_4"] = {"kernel": drawn(1, 1, 728, 8)}
    layers["batch_normalization_4"] = norm(8)
    return layers


def convolved(layers: Layers, number: int, pictures: np.ndarray) -> np.ndarray:
    """A convolution and the normalisation after it, as Keras computes them: (n, height, width, channels)."""
    kernel, bias = layers[f"conv2d_{number}"].values()
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    out = np.einsum("nhwcij,ijco->nhwo", windows, kernel) + bias
    factor, shift, mean, variance = layers[f"batch_normalization_{number}"].values()
    return (out - mean) / np.sqrt(variance + 1e-3) * factor + shift


def test_the_tagger_convolves_as_it_was_published(tmp_path: Path) -> None:
    layers = tagger()
    path = write(tmp_path / "model_best.hdf5", layers, within="model_weights")
    trunk = build_network("pohl-choi", shape=(64, 32), settings={"weights": str(path)}).eval()
    blocks = [block for block in trunk.layers[0] if isinstance(block, nn.Sequential)][1:]
    assert len(blocks) == 5
    for number, block in enumerate(blocks, start=1):
        before = 1 if number == 1 else 32
        pictures = drawn(2, 5, 6, before)
        expected = convolved(layers, number, pictures)
        with torch.no_grad():
            values = torch.from_numpy(pictures.transpose(0, 3, 1, 2))
            for layer in block:
                if isinstance(layer, nn.ELU):
                    break
                values = layer(values)
        assert np.allclose(values.numpy().transpose(0, 2, 3, 1), expected, atol=1e-3)


def test_frozen_convolutions_stay_and_adapted_ones_learn(tmp_path: Path) -> None:
    path = write(tmp_path / "model_best.hdf5", tagger(), within="model_weights")
    counts = [
        n_parameters(
            build_network("pohl-choi", shape=(64, 32), settings={"weights": str(path), "mode": mode})
        )
        for mode in ("frozen", "adapted")
    ]
    assert counts[1] - counts[0] == 37_312


def test_what_was_learned_from_photographs_is_loaded_and_stays(tmp_path: Path) -> None:
    layers = photographs()
    path = write(tmp_path / "xception.h5", layers)
    trunk = build_network("pohl-xception", shape=(64, 32), settings={"weights": str(path)})
    seen = trunk.layers[0][1]
    assert np.array_equal(
        seen.start[0].weight.numpy(), layers["block1_conv1"]["kernel"].transpose(3, 2, 0, 1)
    )
    deep, wide = seen.entry[1].layers[1]
    kernels = layers["block3_sepconv1"]
    assert np.array_equal(deep.weight.numpy()[:, 0], kernels["depthwise_kernel"][..., 0].transpose(2, 0, 1))
    assert np.array_equal(wide.weight.numpy()[..., 0, 0], kernels["pointwise_kernel"][0, 0].T)
    around = seen.entry[2].around
    assert np.array_equal(around[0].weight.numpy()[..., 0, 0], layers["conv2d_3"]["kernel"][0, 0].T)
    assert np.array_equal(around[1].running_mean.numpy(), layers["batch_normalization_3"]["moving_mean"])
    assert np.array_equal(seen.middle[6].layers[-1].bias.numpy(), layers["block11_sepconv3_bn"]["beta"])

    before = {name: values.clone() for name, values in seen.state_dict().items()}
    trunk.train()
    trunk(torch.randn(2, 64, 32)).sum().backward()
    assert all(weights.grad is None for weights in seen.parameters())
    assert all(torch.equal(values, before[name]) for name, values in seen.state_dict().items())
    assert trunk.layers[1][0].weight.grad is not None


def test_a_halved_picture_has_tensorflows_edges() -> None:
    from segue.training.networks.xception import _Halve

    for height, width in ((5, 6), (6, 5), (2, 1)):
        picture = drawn(1, 1, height, width)
        expected = np.empty((-(-height // 2), -(-width // 2)), np.float32)
        # TensorFlow puts what is missing on both sides, the odd one at the end.
        lead = [max(0, (-(-size // 2) - 1) * 2 + 3 - size) // 2 for size in (height, width)]
        for row, column in np.ndindex(*expected.shape):
            top, left = 2 * row - lead[0], 2 * column - lead[1]
            expected[row, column] = picture[0, 0, max(0, top) : top + 3, max(0, left) : left + 3].max()
        assert np.array_equal(_Halve()(torch.from_numpy(picture))[0, 0].numpy(), expected)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    layers = tagger()
    layers["conv2d_3"]["kernel"] = drawn(3, 3, 32, 64)
    path = write(tmp_path / "other.h5", layers, within="model_weights")
    with pytest.raises(UsageError, match=r"holds another network: 'conv2d_3' has .*64, 32, 3, 3"):
        build_network("pohl-choi", shape=(64, 32), settings={"weights": str(path)})
    with pytest.raises(UsageError, match=r"other\.h5 holds another network: 'block1_conv1' is missing"):
        build_network("pohl-xception", shape=(64, 32), settings={"weights": str(path)})
    few = write(tmp_path / "few.h5", {"dense_1": layers["dense_1"]})
    with pytest.raises(UsageError, match=r"few\.h5 holds another network: it has dense_1; needed is"):
        build_network("pohl-choi", shape=(64, 32), settings={"weights": str(few)})


def test_a_file_that_is_missing_or_no_keras_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file of weights; it is here"):
        keras_layers(tmp_path / "none.h5", where="here")
    text = tmp_path / "text.h5"
    text.write_text("not weights")
    with pytest.raises(UsageError, match=r"text\.h5 is not a Keras file of weights"):
        keras_layers(text, where="here")
    with h5py.File(tmp_path / "bare.h5", "w"):
        pass
    with pytest.raises(UsageError, match=r"bare\.h5 is not a Keras file of weights"):
        keras_layers(tmp_path / "bare.h5", where="here")


def test_nothing_is_filled_when_something_does_not_fit(tmp_path: Path) -> None:
    layer = nn.Conv2d(1, 32, 3)
    before = layer.weight.clone()
    arrays = {name: tuple(layer.values()) for name, layer in tagger().items()}
    with pytest.raises(UsageError, match="'missing' is missing"):
        fill(arrays, [("conv2d_1", layer), ("missing", nn.Conv2d(1, 1, 1))], path=tmp_path)
    assert torch.equal(layer.weight, before)
