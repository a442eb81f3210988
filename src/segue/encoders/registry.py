"""Which encoders there are, by name and by id."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from segue.encoders.artefacts import PACKAGE_DATA, read_artefact
from segue.encoders.combination import Combination
from segue.encoders.contract import Encoder, Scaling
from segue.encoders.fma518 import Fma518Encoder
from segue.encoders.onnx_encoder import network_encoder
from segue.encoders.scaling import read_scaling
from segue.encoders.timbre import TimbreEncoder
from segue.errors import UsageError
from segue.types import EncoderId

DEFAULT_ENCODER = "musicnn"
"""What a scan computes when nothing else is asked for."""


def _network(id_: str) -> Callable[[], Encoder]:
    return lambda: network_encoder(read_artefact(PACKAGE_DATA / f"{id_}.json"))


def _fingerprint() -> Encoder:
    from segue.encoders.fingerprint import FingerprintEncoder

    return FingerprintEncoder()


# Short name → (id, how it is made), in the order in which sums name them.
_ENCODERS: dict[str, tuple[EncoderId, Callable[[], Encoder]]] = {
    "musicnn": (EncoderId("musicnn-msd-1"), _network("musicnn-msd-1")),
    "timbre": (EncoderId("timbre-1"), TimbreEncoder),
    "fma518": (EncoderId("fma518-1"), Fma518Encoder),
}

# Tells recordings apart instead of saying what sounds alike, so it is neither offered nor part of a sum.
_IDENTIFIES: dict[str, tuple[EncoderId, Callable[[], Encoder]]] = {
    "fingerprint": (EncoderId("fingerprint-1"), _fingerprint),
}


def encoder_names() -> tuple[str, ...]:
    """The short names that can be asked for, alone or as sums such as ``musicnn+timbre``.

    Examples
    --------
    >>> encoder_names()
    ('musicnn', 'timbre', 'fma518')
    """
    return tuple(_ENCODERS)


def members(name: str) -> tuple[EncoderId, ...]:
    """The ids of the encoders behind a name, an id, or a sum of either, in the order in which sums name them.

    Raises
    ------
    UsageError
        If it is none of these; the message names the choices.

    Examples
    --------
    >>> members("musicnn")
    ('musicnn-msd-1',)
    >>> members("timbre-1+musicnn")
    ('musicnn-msd-1', 'timbre-1')
    """
    asked = {part.strip() for part in name.split("+")}
    if len(asked) == 1:
        for short, (id_, _) in _IDENTIFIES.items():
            if asked <= {short, id_}:
                return (id_,)
    found = {}
    for short, (id_, _) in _ENCODERS.items():
        if asked & {short, id_}:
            found[id_] = {short, id_}
    unknown = asked.difference(*found.values())
    if unknown:
        raise UsageError(f"there is no encoder {min(unknown)!r}: choose {_choices()}")
    return tuple(found)


def _choices() -> str:
    return f"from {', '.join(encoder_names())}, or a sum such as musicnn+timbre"


def load_encoder(name: str) -> Encoder:
    """The encoder of a short name or an id; the same object for the rest of the process.

    Raises
    ------
    UsageError
        If there is none of that name, or it is a sum; the message names the choices.
    SegueError
        If the card of a network is missing or damaged.

    Examples
    --------
    >>> load_encoder("musicnn").dim
    200
    """
    ids = members(name)
    if len(ids) > 1:
        raise UsageError(f"{name!r} is a sum of encoders: load {' and '.join(ids)} one by one")
    return _made(ids[0])


@lru_cache(maxsize=32)
def resolve(name: str) -> Encoder | Combination:
    """The encoder of a name or an id, or the combination that a sum of them means.

    Raises
    ------
    UsageError
        If a name is unknown; the message names the choices.

    Examples
    --------
    >>> resolve("timbre+musicnn").id
    'musicnn-msd-1+timbre-1'
    """
    ids = members(name)
    if any(ids == (id_,) for id_, _ in _IDENTIFIES.values()):
        raise UsageError(f"{name!r} tells recordings apart, not what sounds alike: choose {_choices()}")
    if len(ids) == 1:
        return load_encoder(ids[0])
    dim = sum(load_encoder(id_).dim for id_ in ids)
    return Combination(EncoderId("+".join(ids)), ids, dim, tuple(published_scaling(id_) for id_ in ids))


def published_scaling(name: str) -> Scaling:
    """Mean and spread of an encoder's vectors over real music, for libraries too small to have their own.

    Of a combination, whose rows need no scaling, it is mean 0 and spread 1.

    Raises
    ------
    UsageError
        If the name is unknown.
    SegueError
        If the scaling's file is missing or damaged.
    """
    encoder = resolve(name)
    if isinstance(encoder, Combination):
        return Scaling(np.zeros(encoder.dim, np.float32), np.ones(encoder.dim, np.float32))
    return read_scaling(encoder.id, encoder.dim)


@lru_cache(maxsize=32)
def _made(encoder: EncoderId) -> Encoder:
    known = (*_ENCODERS.values(), *_IDENTIFIES.values())
    return next(make() for id_, make in known if id_ == encoder)
