"""Weights that others published as Keras files (HDF5), put into layers of the same shapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segue.errors import UsageError
from segue.training.torch_here import require_installed

Arrays = tuple[NDArray[np.float32], ...]


def chosen_weights(weights: str, *, mode: str, where: str) -> tuple[Path, dict[str, Arrays]]:
    """The file that a network's mode asks for, and its layers.

    Parameters
    ----------
    weights
        What the user gave; empty: nothing.
    mode
        That needs them, for the message.
    where
        As for `keras_layers`.

    Raises
    ------
    UsageError
        If nothing was given, or as for `keras_layers`.
    """
    if not weights:
        raise UsageError(f"mode {mode!r} needs weights=FILE, or mode='untrained'; the file is {where}")
    path = Path(weights).expanduser()
    return path, keras_layers(path, where=where)


def keras_layers(path: Path, *, where: str) -> dict[str, Arrays]:
    """The layers of a Keras file that have weights, in the file's order.

    Parameters
    ----------
    path
        A whole model or only its weights.
    where
        Where a user gets the file, for the message.

    Returns
    -------
    layers
        By name: kernel (height, width, before, after) and perhaps bias (after) of a convolution; the two
        kernels of a separable one; factor, shift, mean and variance of a batch normalisation.

    Raises
    ------
    UsageError
        If there is no such file, or it is not a Keras file.
    SegueError
        If h5py is not installed.
    """
    require_installed("h5py")
    import h5py

    if not path.is_file():
        raise UsageError(f"{path}: there is no such file of weights; it is {where}")
    try:
        with h5py.File(path, "r") as file:
            return dict(_read(file.get("model_weights", file)))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is not a Keras file of weights ({error}); it is {where}") from error


def _read(group: Any) -> Iterator[tuple[str, Arrays]]:
    for layer in (_text(name) for name in group.attrs["layer_names"]):
        names = [_text(name) for name in group[layer].attrs["weight_names"]]
        if names:
            yield layer, tuple(np.asarray(group[layer][name], dtype=np.float32) for name in names)


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def numbered(layers: Mapping[str, Arrays], prefixes: Iterable[str]) -> list[str]:
    """Names of one of the prefixes and a number, such as ``conv2d_3``, by the number.

    Examples
    --------
    >>> numbered({"conv2d_10": (), "conv2d_9": (), "dense_1": ()}, ["conv2d", "convolution2d"])
    ['conv2d_9', 'conv2d_10']
    """
    pattern = re.compile(f"(?:{'|'.join(prefixes)})_([0-9]+)")
    found = [(int(match[1]), name) for name in layers if (match := pattern.fullmatch(name))]
    return [name for _, name in sorted(found)]


def convolutions_and_norms(
    layers: Mapping[str, Arrays], n_kernels: int, n_norms: int, *, path: Path, where: str
) -> tuple[list[str], list[str]]:
    """Names of the first numbered convolutions and batch normalisations of a file.

    Raises
    ------
    UsageError
        If there are fewer: the weights are of another network.
    """
    kernels = numbered(layers, ("conv2d", "convolution2d"))[:n_kernels]
    norms = numbered(layers, ("batch_normalization", "batchnormalization"))[:n_norms]
    if len(kernels) < n_kernels or len(norms) < n_norms:
        raise UsageError(f"{path} holds another network: it has {', '.join(layers)}; needed is {where}")
    return kernels, norms


def fill(layers: Mapping[str, Arrays], wanted: Sequence[tuple[str, nn.Module]], *, path: Path) -> None:
    """Put weights into convolutions and batch normalisations, all of them or none.

    Parameters
    ----------
    layers
        As `keras_layers` reads them.
    wanted
        Name of a layer of the file, and the module that gets its weights. A separable convolution is a
        sequence of two.
    path
        Of the file, for the message.

    Raises
    ------
    UsageError
        Naming the first layer that is missing or has another shape: the weights are of another network.
    """
    placed: list[tuple[Tensor, NDArray[np.float32]]] = []
    for name, module in wanted:
        places, arrays = _places(module), [_as_torch(array) for array in layers.get(name, ())]
        ours = [tuple(place.shape) for place in places]
        theirs = [array.shape for array in arrays]
        if ours != theirs:
            there = f"has {theirs}" if name in layers else "is missing"
            raise UsageError(f"{path} holds another network: {name!r} {there}, expected {ours}")
        placed += zip(places, arrays, strict=True)
    with torch.no_grad():
        for place, array in placed:
            place.copy_(torch.from_numpy(np.ascontiguousarray(array)))


def _places(module: nn.Module) -> list[Tensor]:
    """Where the arrays of a Keras layer go, in its order."""
    if isinstance(module, nn.Sequential):
        return [place for part in module for place in _places(part)]
    if isinstance(module, nn.BatchNorm2d):
        assert module.running_mean is not None and module.running_var is not None
        return [module.weight, module.bias, module.running_mean, module.running_var]
    assert isinstance(module, nn.Conv2d)
    return [module.weight] if module.bias is None else [module.weight, module.bias]


def _as_torch(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """A kernel with its axes in torch's order; of a depthwise one, each channel is a group."""
    if array.ndim != 4:
        return array
    if array.shape[3] == 1 and array.shape[2] > 1:
        return array.transpose(2, 3, 0, 1)  # channels, 1, height, width
    return array.transpose(3, 2, 0, 1)  # after, before, height, width
