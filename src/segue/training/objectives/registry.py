"""The objectives by name, with the kinds of target that each is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from inspect import signature
from typing import TYPE_CHECKING

from segue.errors import UsageError

if TYPE_CHECKING:
    from segue.training.datasets.contract import Kind, Target
    from segue.training.objectives.objective import Objective

_WANTS: Mapping[str, frozenset[Kind]] = {
    "mse": frozenset({"values"}),
    "weighted-mse": frozenset({"values"}),
    "cosine": frozenset({"values"}),
    "mcos": frozenset({"values"}),
    "cross-entropy": frozenset({"class"}),
    "weighted-cross-entropy": frozenset({"class"}),
    "balanced-cross-entropy": frozenset({"class"}),
    "binary-cross-entropy": frozenset({"tags"}),
    "triplet-offline": frozenset({"values", "class"}),
    "triplet-online": frozenset({"values", "class"}),
    "supervised-contrastive": frozenset({"values", "class", "tags"}),
    "self-supervised": frozenset(),
}


def objective_names() -> tuple[str, ...]:
    """The names that `make_objective` knows."""
    return tuple(_WANTS)


def objective_settings(name: str) -> tuple[str, ...]:
    """What can be set of an objective, by name; torch is imported.

    Raises
    ------
    UsageError
        If there is none of the name.
    """
    return tuple(_possible(_maker(name)))


def make_objective(
    name: str,
    targets: Mapping[str, Target],
    *,
    weights: Mapping[str, float] | None = None,
    settings: Mapping[str, object] | None = None,
) -> Objective:
    """An objective for some targets.

    Parameters
    ----------
    name
        One of `objective_names`. It is for one kind of target; targets of other kinds may be beside it, and
        then classes are judged by cross-entropy, tags by binary cross-entropy, and values by squared error.
    targets
        By name, one value a track of the data set. ``self-supervised`` needs none.
    weights
        How much each target counts, by name; 1 where not given.
    settings
        Of the objective, such as ``{"margin": 0.4}``: numbers above 0.

    Raises
    ------
    UsageError
        For an unknown name, setting or target, or if no target is of a kind that the objective is for.
    """
    weights, settings = weights or {}, settings or {}
    make = _maker(name)
    if unknown := next((given for given in weights if given not in targets), None):
        there = ", ".join(targets) or "none"
        raise UsageError(f"a weight is given for {unknown!r}, which is no target: there is {there}")
    wants = _WANTS[name]
    if wants and not any(target.kind in wants for target in targets.values()):
        there = ", ".join(f"{known} ({target.kind})" for known, target in targets.items()) or "none"
        raise UsageError(f"{name} learns {' or '.join(sorted(wants))}, but the targets are: {there}")
    _check(name, make, settings)
    objective = make(targets, weights, **settings)
    objective.settings = {"name": name, **settings}
    return objective


def _check(name: str, make: Callable[..., Objective], settings: Mapping[str, object]) -> None:
    """Settings are known, and numbers above 0; whole ones where the usual value is whole."""
    possible = _possible(make)
    for given, value in settings.items():
        if given not in possible:
            choices = ", ".join(possible) or "none"
            raise UsageError(f"{name} has no setting {given!r}{_near(given, possible)}: it has {choices}")
        whole = isinstance(possible[given], int)
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not 0 < value < float("inf"):
            wanted = "a whole number" if whole else "a number"
            raise UsageError(f"{name}: {given} is {value!r}, but it must be {wanted} above 0")


def _possible(make: Callable[..., Objective]) -> dict[str, object]:
    """Usual values by the name of the setting."""
    return {
        known: parameter.default
        for known, parameter in signature(make).parameters.items()
        if known not in {"targets", "weights"}
    }


def _near(given: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(given, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _maker(name: str) -> Callable[..., Objective]:
    if name not in _WANTS:
        raise UsageError(
            f"there is no objective {name!r}{_near(name, _WANTS)}: choose of {', '.join(_WANTS)}"
        )
    return _makers()[name]


def _makers() -> dict[str, Callable[..., Objective]]:
    """What makes each objective; torch is loaded here, not with the names."""
    from segue.training.objectives import contrast, heads, triplets

    return {
        "mse": heads.mse,
        "weighted-mse": heads.weighted_mse,
        "cosine": heads.cosine,
        "mcos": heads.mcos,
        "cross-entropy": heads.cross_entropy,
        "weighted-cross-entropy": heads.weighted_cross_entropy,
        "balanced-cross-entropy": heads.balanced_cross_entropy,
        "binary-cross-entropy": heads.cross_entropy,
        "triplet-offline": triplets.OfflineTriplets,
        "triplet-online": triplets.OnlineTriplets,
        "supervised-contrastive": contrast.Contrast,
        "self-supervised": contrast.self_supervised,
    }
