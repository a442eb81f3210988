"""How many trainable parameters a recipe's network has in the size it was published in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segue.experiments.inputs import log_mel_settings, window_settings

if TYPE_CHECKING:
    from segue.experiments.recipe import Choice, Recipe


def published_size(recipe: Recipe) -> int | None:
    """Trainable parameters with the published inputs and outputs; None where these are not known.

    Parameters
    ----------
    recipe
        Of any model; a regression on embeddings is counted with the network that makes these.
    """
    if not recipe.published.outputs:
        return None
    if recipe.model == "network":
        shape: tuple[int, ...] = (window_settings(recipe).n_frames, log_mel_settings(recipe).n_mels)
    elif recipe.published.inputs:
        shape = (recipe.published.inputs,)
    else:
        return None
    stage2 = recipe.stage2
    if stage2 is None or stage2.network is None:
        heads = 0 if recipe.objective.name in _WITHOUT_HEADS else recipe.published.outputs
        return _count(recipe.network, shape, heads)[0]
    first, dim = _count(recipe.network, shape, 0)
    return first + _count(stage2.network, (dim,), recipe.published.outputs)[0]


_WITHOUT_HEADS = ("triplet-offline", "triplet-online", "supervised-contrastive", "self-supervised")


def _count(network: Choice, shape: tuple[int, ...], outputs: int) -> tuple[int, int]:
    """Parameters with a head of so many outputs, and the size of the embedding."""
    import torch

    from segue.training.networks.registry import build_network, n_parameters

    with torch.device("meta"):
        trunk = build_network(network.name, shape=shape, settings=network.settings)
    dim = int(trunk.dim)  # type: ignore[arg-type]
    return n_parameters(trunk) + (dim + 1) * outputs, dim
