"""Networks by name: look one up, build it, count its parameters."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from segue.errors import UsageError
from segue.training.networks.specs import SPECS, NetworkSpec

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "NetworkSpec",
    "build_network",
    "n_parameters",
    "network_names",
    "network_settings",
    "network_spec",
]

_BY_NAME = {spec.name: spec for spec in SPECS}


def network_names() -> tuple[str, ...]:
    """Of every network.

    Examples
    --------
    >>> "carranza-factor-cnn" in network_names()
    True
    """
    return tuple(_BY_NAME)


def network_spec(name: str) -> NetworkSpec:
    """What is known about a network before it is built; torch is not imported.

    Raises
    ------
    UsageError
        If there is none of the name.

    Examples
    --------
    >>> network_spec("carranza-factor-cnn").n_frames
    130
    >>> network_spec("caranza-factor-cnn")
    Traceback (most recent call last):
    segue.errors.UsageError: there is no network 'caranza-factor-cnn': did you mean 'carranza-factor-cnn'?
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UsageError(f"there is no network {name!r}: {_near(name, _BY_NAME)}") from None


def network_settings(name: str) -> tuple[str, ...]:
    """What can be set of a network, by name; torch is imported.

    Raises
    ------
    UsageError
        If there is none of the name.

    Examples
    --------
    >>> "filters" in network_settings("carranza-factor-cnn")
    True
    """
    return tuple(_arguments(network_spec(name).build))


def build_network(name: str, *, shape: tuple[int, ...], settings: Mapping[str, object] = {}) -> nn.Module:
    """A new trunk, its weights drawn by torch's generator.

    Parameters
    ----------
    name
        Of the network.
    shape
        Of one input: ``(n_frames, n_mels)`` or ``(dim,)``.
    settings
        Other values for keyword arguments of its builder, such as ``{"filters": 256}``.

    Returns
    -------
    trunk
        From (n, *shape) float32 to (n, dim) or, if its ``per_step`` is true, (n, n_steps, dim). It has
        ``dim``, ``per_step``, ``zero_head`` (whether heads begin with zeros) and ``own_scale`` (whether it
        takes levels as they are).

    Raises
    ------
    UsageError
        If the name, a setting or the shape does not fit.
    SegueError
        If torch is not installed.
    """
    spec = network_spec(name)
    wanted = "vectors" if spec.hears is None else "spectra of frames and bands"
    if len(shape) != (1 if spec.hears is None else 2):
        raise UsageError(f"{name} takes {wanted}, not inputs of shape {shape}")
    build = spec.build
    chosen = {**spec.preset, **_checked(name, build, settings)}
    try:
        return build(shape, **chosen)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def n_parameters(module: nn.Module) -> int:
    """How many numbers training would change.

    Of a trunk that is built under ``torch.device("meta")`` they are counted without taking memory, and files
    of weights are not asked for.
    """
    return sum(weights.numel() for weights in module.parameters() if weights.requires_grad)


def _checked(name: str, build: Callable[..., nn.Module], settings: Mapping[str, object]) -> dict[str, object]:
    """The settings, refused where the builder has no such argument or wants another kind of value."""
    known = _arguments(build)
    checked = {}
    for key, value in settings.items():
        if key not in known:
            hint = _near(key, known) if known else "it has none"
            raise UsageError(f"{name} has no setting {key!r}: {hint}")
        checked[key] = _value(f"{name}: {key}", value, known[key])
    return checked


def _arguments(build: Callable[..., nn.Module]) -> dict[str, inspect.Parameter]:
    return {
        argument.name: argument
        for argument in inspect.signature(build, eval_str=True).parameters.values()
        if argument.kind is inspect.Parameter.KEYWORD_ONLY
    }


def _value(where: str, value: Any, argument: inspect.Parameter) -> object:
    """The value, refused where it is of another kind than the default, or none of the choices."""
    choices = getattr(argument.annotation, "__args__", ()) if isinstance(argument.default, str) else ()
    default = argument.default
    if isinstance(default, bool):
        fits, wanted = isinstance(value, bool), "true or false"
    elif isinstance(default, int):
        least = min(default, 1)
        fits, wanted = _whole(value, least), f"a whole number from {least}"
    elif isinstance(default, float):  # all of them are of dropout
        fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1
        wanted = "a share from 0 to below 1"
    elif isinstance(default, str):
        fits = isinstance(value, str) and (not choices or value in choices)
        wanted = f"one of {', '.join(choices)}" if choices else "text"
    else:
        fits = isinstance(value, Sequence) and not isinstance(value, str) and bool(value)
        fits = fits and all(_whole(size, 1) for size in value)
        wanted = "sizes such as [1024, 512]"
    if not fits:
        raise UsageError(f"{where} must be {wanted}, not {value!r}")
    return value


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _near(name: str, choices: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(choices)}"
