"""Ways to place unplayed tracks among the tastes of listeners: factors of listeners, and of content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from segue.factors.content.kernel import KernelRidge, choose_kernel, fit_kernel_ridge
from segue.factors.content.nearest import Nearest
from segue.factors.content.network import Network, NetworkSettings, fit_network
from segue.factors.content.objectives import list_objective
from segue.factors.content.ridge import fit_ridge
from segue.factors.content.tastes import Tastes
from segue.progress import Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float32]
    Settings = dict[str, Callable[[], "Placement"]]

_WIDTHS = (0.35, 1.4)
_PENALTIES = (1.0, 3.0, 10.0, 30.0)
_SHARINGS = (10.0, 60.0)
_LINEAR_PENALTIES = (1.0, 30.0, 1_000.0)
_NEIGHBOURS = (30, 100)
_N_SHARED = 128
_MOST_OWN_OUTPUTS = 5_000
_N_NETWORKS = 3
_BATCHES = 40  # an epoch, where tracks allow
_SMALLEST, _LARGEST = 128, 512


@dataclass(frozen=True, slots=True)
class Placement:
    """Scores as dot products, one method fitted.

    Attributes
    ----------
    listeners : (n_listeners, n_factors) float32
        One row a listener.
    place
        Takes inputs ``(n, n_inputs)`` and gives track factors ``(n, n_factors)``.
    """

    listeners: Floats
    place: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Training:
    """What every method learns from.

    Attributes
    ----------
    inputs : (n_tracks, n_inputs) float32
        Content of the tracks that have any.
    matrix : (n_listeners, n_tracks) csr_array
        Who plays them.
    tastes
        Of the same listeners, from all their plays.
    seed
        Of everything drawn.
    progress
        Of what takes long.
    """

    inputs: Floats
    matrix: csr_array
    tastes: Tastes
    seed: int
    progress: Progress


def _ridge(training: Training) -> Settings:
    """Linear in the inputs, onto tastes."""
    targets = training.tastes.targets(training.matrix, sharing=_SHARINGS[0])

    def fitted(penalty: float) -> Placement:
        (model,) = fit_ridge(training.inputs, targets, (penalty,))
        return Placement(training.tastes.listeners, model.predict)

    return {f"penalty {penalty:g}": partial(fitted, penalty) for penalty in _LINEAR_PENALTIES}


def _nearest(training: Training) -> Settings:
    """The mean of the nearest tracks in content."""
    targets = training.tastes.targets(training.matrix, sharing=_SHARINGS[0])
    even = np.ones(len(targets), np.float32)  # a popular track's targets are long already

    def fitted(k: int) -> Placement:
        return Placement(training.tastes.listeners, Nearest(training.inputs, targets, even, k).predict)

    return {f"{k} nearest": partial(fitted, k) for k in _NEIGHBOURS}


def _kernel(training: Training) -> Settings:
    """Kernel ridge over tracks and over listeners."""
    tastes = training.tastes

    @cache
    def regressions(width: float) -> dict[float, KernelRidge]:
        kernel = choose_kernel(training.inputs, width=width, seed=training.seed)
        raw = tastes.targets(training.matrix, sharing=0.0)
        return {model.penalty: model for model in fit_kernel_ridge(kernel, training.inputs, raw, _PENALTIES)}

    def fitted(width: float, penalty: float, sharing: float) -> Placement:
        model = regressions(width)[penalty]
        # Linear in the targets, so that sharing among listeners may come last.
        shared = replace(model, coefficients=model.coefficients * tastes.kept(sharing))
        return Placement(tastes.listeners, shared.predict)

    return {
        f"width {width:g}, penalty {penalty:g}, sharing {sharing:g}": partial(fitted, width, penalty, sharing)
        for width, penalty, sharing in product(_WIDTHS, _PENALTIES, _SHARINGS)
    }


def _network(training: Training) -> Settings:
    """Networks that learn to put each listener's plays above other tracks; the mean of several."""
    settings: Settings = {"tastes": partial(_onto_tastes, training)}
    if training.matrix.shape[0] <= _MOST_OWN_OUTPUTS:
        settings["listeners"] = partial(_onto_listeners, training)
    return settings


def _onto_tastes(training: Training) -> Placement:
    """Outputs are factors; the listeners' are their shared tastes."""
    tastes = training.tastes
    listeners = tastes.listeners[:, :_N_SHARED] * np.sqrt(tastes.spectrum[:_N_SHARED])
    listeners /= np.float32(np.sqrt((listeners**2).sum(axis=1).mean()))
    networks = _trained(training, listeners.shape[1], listeners, (256, 256))
    return Placement(listeners, lambda rows: _mean_outputs(networks, rows))


def _onto_listeners(training: Training) -> Placement:
    """Outputs are scores, one a listener: the last layer's weights are the listeners' factors."""
    networks = _trained(training, training.matrix.shape[0], None, (512, 256, 256))
    listeners = np.concatenate([network.weights[-1].T for network in networks], axis=1)

    def place(rows: Floats) -> Floats:
        hidden = [Network(network.weights[:-1], network.biases[:-1]).outputs(rows) for network in networks]
        return np.maximum(np.concatenate(hidden, axis=1), 0)

    return Placement(np.ascontiguousarray(listeners), place)


def _trained(
    training: Training, n_outputs: int, listeners: Floats | None, hidden: tuple[int, ...]
) -> list[Network]:
    from scipy.sparse import csr_array

    tracks = csr_array(training.matrix.T, dtype=np.float32)
    tracks.data[:] = 1
    batch = int(np.clip(len(training.inputs) // _BATCHES, _SMALLEST, _LARGEST))
    settings = NetworkSettings(hidden=hidden, batch=batch, rate=1e-3 * np.sqrt(batch / _SMALLEST))
    return [
        fit_network(
            training.inputs,
            n_outputs,
            list_objective(tracks, listeners),
            settings,
            seed=training.seed * _N_NETWORKS + at,
            progress=training.progress,
        )
        for at in range(_N_NETWORKS)
    ]


def _mean_outputs(networks: list[Network], rows: Floats) -> Floats:
    return np.asarray(np.mean([network.outputs(rows) for network in networks], axis=0))


def blend(parts: list[Placement], inputs: Floats) -> Placement:
    """Several placements added up, each listener's scores of equal spread.

    Parameters
    ----------
    parts
        Of the same listeners.
    inputs : (n, n_inputs) float32
        Tracks over which the spread is taken.
    """
    scaled = []
    for part in parts:
        tracks = part.place(inputs)
        centred = tracks - tracks.mean(axis=0)
        spread = np.sqrt(
            np.maximum(((part.listeners @ (centred.T @ centred)) * part.listeners).sum(axis=1), 0)
        )
        scaled.append(part.listeners / np.maximum(spread / np.sqrt(len(inputs)), 1e-9)[:, None])
    return Placement(
        np.concatenate(scaled, axis=1),
        lambda rows: np.concatenate([part.place(rows) for part in parts], axis=1),
    )


WAYS: Mapping[str, Callable[[Training], Settings]] = {
    "ridge": _ridge,
    "nearest": _nearest,
    "kernel": _kernel,
    "network": _network,
}
"""Every way: name → of(training) → setting → what fits that setting when it is called."""
