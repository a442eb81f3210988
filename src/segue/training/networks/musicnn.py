"""The encoder that ships with Segue, as layers that can be trained further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from segue.encoders.artefacts import PACKAGE_DATA, read_artefact, read_graph
from segue.errors import SegueError, UsageError
from segue.training.networks.trunk import Trunk

_CARD = PACKAGE_DATA / "musicnn-msd-1.json"
_N_MELS = 96
_DIM = 200
# The timbral filters of the front end are 7 frames long, and 38 or 67 bands wide.
_TIMBRAL_BANDS = (38, 67)
# The temporal ones are one band wide; the graph has them once for each of several frames.
_TEMPORAL_FRAMES = (128, 64, 32)
_MIDDLE_CHANNELS = 64

Array = NDArray[np.float32]


def musicnn(shape: tuple[int, ...], *, mode: Literal["frozen", "adapted"] = "adapted") -> Trunk:
    """The living filters of musicnn as published, after J. Pons, X. Serra, ISMIR 2019 (late-breaking demo).

    Agrees with the encoder ``musicnn-msd-1`` within rounding, as long as it is not trained.

    Parameters
    ----------
    shape
        ``(n_frames, 96)`` of levels in dB, as they are; the encoder's is (187, 96).
    mode
        ``frozen``: nothing learns but the heads; ``adapted``: all learns on from the published weights.

    Raises
    ------
    UsageError
        If the input has other bands.
    SegueError
        If onnx, which reads the weights, is not installed.
    """
    if shape[1] != _N_MELS:
        raise UsageError(f"it hears {_N_MELS} bands of its own front end, not {shape[1]}")
    network = _Musicnn(_weights())
    network.requires_grad_(mode != "frozen")
    return Trunk(network, _DIM, own_scale=True)


@dataclass(frozen=True, slots=True)
class _Weights:
    """Constants of the graph, by what they do; a bend is factor and shift after rectification."""

    silence: float
    timbral: Sequence[Array]  # n, 7, bands
    temporal: Sequence[Array]  # n, frames
    sign: Array  # 65, 1
    bias: Array  # 65, 1
    middle: Sequence[tuple[Array, Array]]  # weights, bias
    bends: Sequence[tuple[Array, Array]]  # of the front end and the three convolutions
    dense: tuple[Array, Array]  # 426 x 200, 200
    dense_bend: tuple[Array, Array]


class _Musicnn(nn.Module):
    """Levels of mel bands in dB, (n, n_frames, 96), to embeddings (n, 200)."""

    sign: Tensor

    def __init__(self, weights: _Weights) -> None:
        super().__init__()
        self.silence = weights.silence
        self.timbral = nn.ParameterList([torch.from_numpy(filters) for filters in weights.timbral])
        self.temporal = nn.ParameterList([torch.from_numpy(filters) for filters in weights.temporal])
        self.register_buffer("sign", torch.from_numpy(weights.sign))
        self.bias = nn.Parameter(torch.from_numpy(weights.bias))
        self.bend = _Bend(*weights.bends[0])
        self.middle = nn.ModuleList(_convolution(*arrays) for arrays in weights.middle)
        self.middle_bends = nn.ModuleList(_Bend(*arrays) for arrays in weights.bends[1:])
        kernel, bias = weights.dense
        self.dense = nn.Linear(*kernel.shape)
        self.dense.weight = nn.Parameter(torch.from_numpy(kernel.T.copy()))
        self.dense.bias = nn.Parameter(torch.from_numpy(bias))
        self.dense_bend = _Bend(*weights.dense_bend)

    def forward(self, levels: Tensor) -> Tensor:
        bands = torch.log10(1 + 10000 * 10 ** (levels / 10))  # n, 187, 96
        front = self.bend(self._front(bands) * self.sign + self.bias)  # n, 65, 187
        first = self._middle(0, front)  # n, 20, 187
        # Channels that are dead in the first convolution come last: the second has more.
        missing = _MIDDLE_CHANNELS - first.shape[1]
        second = self._middle(1, first) + nn.functional.pad(first, (0, 0, 0, missing))  # n, 64, 187
        third = self._middle(2, second) + second  # n, 64, 187
        channels = torch.cat([front, first, second, third], dim=1)  # n, 213, 187
        pooled = torch.cat([channels.amax(dim=2), channels.mean(dim=2)], dim=1)  # n, 426
        embedding: Tensor = self.dense_bend(self.dense(pooled))  # n, 200
        return embedding

    def _front(self, bands: Tensor) -> Tensor:
        """For each filter, the largest over all bands, (n, 65, n_frames)."""
        pictures = bands.unsqueeze(1)  # n, 1, 187, 96
        largest = []
        for filters in self.timbral:
            frames = filters.shape[1]
            heard = nn.functional.conv2d(self._padded(pictures, frames), filters.unsqueeze(1))
            largest.append(heard.amax(dim=3))
        for filters in self.temporal:
            kernel = filters[:, None, :, None]
            heard = nn.functional.conv2d(self._padded(pictures, filters.shape[1]), kernel)
            largest.append(heard.amax(dim=3))
        return torch.cat(largest, dim=1)

    def _padded(self, pictures: Tensor, frames: int) -> Tensor:
        """With what counts as silence before and after, so that as many frames come out."""
        before = (frames - 1) // 2
        return nn.functional.pad(pictures, (0, 0, before, frames - 1 - before), value=self.silence)

    def _middle(self, layer: int, channels: Tensor) -> Tensor:
        """A convolution over time; one channel of ones brings in what the dead channels put out."""
        with_ones = torch.cat([channels, torch.ones_like(channels[:, :1])], dim=1)
        bent: Tensor = self.middle_bends[layer](self.middle[layer](with_ones))
        return bent


class _Bend(nn.Module):
    """Rectification, then a factor and a shift for each channel: batch normalisation as it was learned."""

    def __init__(self, factor: Array, shift: Array) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.from_numpy(factor))
        self.shift = nn.Parameter(torch.from_numpy(shift))

    def forward(self, channels: Tensor) -> Tensor:
        return channels.relu() * self.factor + self.shift


def _convolution(weights: Array, bias: Array) -> nn.Conv1d:
    after, before, frames = weights.shape
    layer = nn.Conv1d(before, after, frames, padding=frames // 2)
    layer.weight = nn.Parameter(torch.from_numpy(weights))
    layer.bias = nn.Parameter(torch.from_numpy(bias))
    return layer


def _weights() -> _Weights:
    """The constants of the shipped graph, its rearrangements for speed undone."""
    nodes = _constants()
    kernels, factors, shifts = nodes["Conv"], nodes["Mul"], nodes["Add"]
    # A product of complex numbers as rows of real ones: the even of each pair give the real part.
    timbral = [
        _filters(kernel[0], bands) for kernel, bands in zip(kernels[0:4:2], _TIMBRAL_BANDS, strict=True)
    ]
    temporal = [
        kernel[0][:: kernel[0].shape[2] - frames + 1, 0, :frames, 0]
        for kernel, frames in zip(kernels[4:7], _TEMPORAL_FRAMES, strict=True)
    ]
    (dense, *_), (bias, *_) = zip(*nodes["Gemm"], strict=True)
    return _Weights(
        silence=float(nodes["Pad"][0][0].item()),
        timbral=timbral,
        temporal=[np.ascontiguousarray(filters) for filters in temporal],
        sign=factors[0][0],
        bias=shifts[0][0],
        middle=[(kernel[0], kernel[1]) for kernel in kernels[7:10]],
        bends=[(factors[i][0], shifts[i][0]) for i in range(1, 5)],
        dense=(dense, bias),
        dense_bend=(factors[5][0], shifts[5][0]),
    )


def _filters(kernel: Array, n_bands: int) -> Array:
    """Filters (n, 7, n_bands) from their Fourier transform over 96 bands, counted from the middle."""
    bins = np.arange(_N_MELS // 2 + 1)
    pairs = kernel.reshape(bins.size, -1, 2, kernel.shape[3]).astype(np.float64)  # 49, n, 2, 7
    middle = (_N_MELS - n_bands) / 2
    turned = np.exp(-2j * np.pi * bins * middle / _N_MELS)[:, None, None]
    spectrum = (pairs[:, :, 0] - 1j * pairs[:, :, 1]) * turned  # 49, n, 7
    filters = np.fft.irfft(spectrum.conj(), _N_MELS, axis=0)[:n_bands]  # bands, n, 7
    return np.ascontiguousarray(filters.transpose(1, 2, 0), dtype=np.float32)


def _constants() -> dict[str, list[list[Array]]]:
    """Of each node of the graph that has some, its constants, by the kind of node, in order."""
    try:
        import onnx
        from onnx import numpy_helper
    except ModuleNotFoundError as error:
        raise SegueError("the weights of musicnn need onnx: pip install 'segue[train]'") from error
    graph: Any = onnx.load_from_string(read_graph(read_artefact(_CARD))).graph
    arrays = {
        constant.name: numpy_helper.to_array(constant).copy()
        for constant in graph.initializer
        if constant.data_type == onnx.TensorProto.FLOAT
    }
    found: dict[str, list[list[Array]]] = {}
    for node in graph.node:
        if constants := [arrays[name] for name in node.input if name in arrays]:
            found.setdefault(node.op_type, []).append(constants)
    return found
