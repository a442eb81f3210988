"""A name and a family for every value of an encoder's vectors."""

from __future__ import annotations

from typing import NamedTuple

from segue.encoders.fma518 import FMA518_COLUMNS
from segue.encoders.registry import encoder_names, members, resolve
from segue.encoders.timbre import timbre_names
from segue.types import EncoderId


class ValueName(NamedTuple):
    """What one value of a vector is called, and what it belongs to."""

    name: str
    family: str


def value_names(encoder: str) -> tuple[ValueName, ...]:
    """Names of the values of an encoder's vectors, in their order.

    Those of a network, which mean nothing one by one, are numbered.

    Parameters
    ----------
    encoder
        A name, an id, a folder, or a sum of them.

    Raises
    ------
    UsageError
        If there is no such encoder.

    Examples
    --------
    >>> value_names("fma518")[517]
    ValueName(name='zcr.std.01', family='zcr')
    >>> value_names("timbre")[201]
    ValueName(name='harmony.interval_mean.0', family='harmony')
    >>> value_names("musicnn")[3]
    ValueName(name='musicnn.3', family='musicnn')
    """
    parts = members(encoder)
    return tuple(value for part in parts for value in _of_one(part))


def _of_one(encoder: EncoderId) -> tuple[ValueName, ...]:
    known = resolve(encoder)
    if encoder == "fma518-1":
        return tuple(ValueName(".".join(column), column[0]) for column in FMA518_COLUMNS)
    if encoder == "timbre-1":
        return tuple(ValueName(name, name.partition(".")[0]) for name in timbre_names())
    called = next((name for name in encoder_names() if members(name) == (encoder,)), str(encoder))
    return tuple(ValueName(f"{called}.{at}", called) for at in range(known.dim))
