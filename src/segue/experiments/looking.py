"""Look into a trained network: the filters of its first convolution, and what its layers make of one song."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.model import HearingModel

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d)
_MOST_LAYERS = 4


def first_filters(model: HearingModel) -> NDArray[np.float32] | None:
    """Weights of the first convolution as ``(n_filters, n_bands, n_frames)``; None if there is none.

    One that only mixes channels is passed over; of one over several pictures, the first is taken.
    """
    for layer in model.trunk.modules():
        if isinstance(layer, _CONVOLUTIONS) and max(layer.kernel_size) > 1:
            weights = layer.weight.detach().cpu().numpy().astype(np.float32)
            return weights if weights.ndim == 3 else weights[:, 0]
    return None


def layer_activations(model: HearingModel, window: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """What the convolutions make of one input, by layer.

    Parameters
    ----------
    model
        Evaluated as it is.
    window : (n_frames, n_mels) float32
        In dB.

    Returns
    -------
    dict
        ``(n_channels, n_bands, n_frames)`` float32; of a convolution over one dimension, n_bands is 1. At
        most four layers, spread over all.
    """
    layers = [layer for layer in model.trunk.modules() if isinstance(layer, _CONVOLUTIONS)]
    chosen = (
        [layers[at] for at in sorted(set(np.linspace(0, len(layers) - 1, _MOST_LAYERS).astype(int)))]
        if layers
        else []
    )
    found: dict[str, NDArray[np.float32]] = {}

    def keep(name: str):  # type: ignore[no-untyped-def]
        def hook(module: nn.Module, inputs: object, output: Tensor) -> None:
            found[name] = _as_maps(output[0])

        return hook

    hooks = [layer.register_forward_hook(keep(f"convolution {layers.index(layer) + 1}")) for layer in chosen]
    try:
        model.eval()
        with torch.no_grad():
            model(torch.from_numpy(np.ascontiguousarray(window[None], np.float32)))
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _as_maps(output: Tensor) -> NDArray[np.float32]:
    maps = output.detach().cpu().numpy().astype(np.float32)
    return maps[:, None, :] if maps.ndim == 2 else maps
