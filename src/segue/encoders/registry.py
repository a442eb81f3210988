"""Which encoders there are: those that ship, by name and by id, and a person's own, also by folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from segue.encoders.artefacts import PACKAGE_DATA, read_artefact
from segue.encoders.combination import Combination
from segue.encoders.contract import Encoder, Scaling
from segue.encoders.fma518 import Fma518Encoder
from segue.encoders.folders import is_encoder_folder, read_folder
from segue.encoders.onnx_encoder import OnnxEncoder, network_encoder
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


def _transition() -> Encoder:
    from segue.encoders.transition import TransitionEncoder

    return TransitionEncoder()


# Short name → (id, how it is made), in the order in which sums name them.
_ENCODERS: dict[str, tuple[EncoderId, Callable[[], Encoder]]] = {
    "musicnn": (EncoderId("musicnn-msd-1"), _network("musicnn-msd-1")),
    "timbre": (EncoderId("timbre-1"), TimbreEncoder),
    "fma518": (EncoderId("fma518-1"), Fma518Encoder),
}

# These do not say what sounds alike, so they are neither offered nor part of a sum: one tells recordings
# apart, the other how one track goes over into the next.
_INTERNAL: dict[str, tuple[EncoderId, Callable[[], Encoder]]] = {
    "fingerprint": (EncoderId("fingerprint-1"), _fingerprint),
    "transition": (EncoderId("transition-1"), _transition),
}


@dataclass(frozen=True, slots=True, eq=False)
class _Own:
    """An encoder that a person trained."""

    folder: Path
    encoder: OnnxEncoder
    scaling: Scaling


# An id holds a digest of what makes the vectors: the same id is the same encoder, wherever its folder is.
_OWN: dict[EncoderId, _Own] = {}


def know_encoder(folder: Path) -> EncoderId:
    """Make the encoder in a folder known to this process, by its id and its name.

    Raises
    ------
    UsageError
        If the folder holds no encoder.
    SegueError
        If its header is damaged or of a later format.
    """
    folder = folder.absolute()
    artefact, scaling = read_folder(folder)
    id_ = artefact.card.id
    for other in [other for other, own in _OWN.items() if own.folder == folder and other != id_]:
        del _OWN[other]  # it was trained again
    if id_ not in _OWN or _OWN[id_].folder != folder:
        _OWN[id_] = _Own(folder, network_encoder(artefact), scaling)
    return id_


def encoder_folders(ids: Iterable[str]) -> dict[EncoderId, Path]:
    """Where those of some encoders are that a person trained; what ships is not among them."""
    return {EncoderId(id_): _OWN[EncoderId(id_)].folder for id_ in ids if id_ in _OWN}


def encoder_names() -> tuple[str, ...]:
    """The short names of what ships, to be asked for alone or as sums such as ``musicnn+timbre``.

    Examples
    --------
    >>> encoder_names()
    ('musicnn', 'timbre', 'fma518')
    """
    return tuple(_ENCODERS)


def internal_encoders() -> tuple[EncoderId, ...]:
    """The ids of encoders that Segue uses for itself, and that never answer what sounds alike."""
    return tuple(id_ for id_, _ in _INTERNAL.values())


def members(name: str) -> tuple[EncoderId, ...]:
    """The ids of the encoders behind a name, an id, a folder, or a sum of them, in the order of all sums.

    An encoder in a folder is known from then on by its id and its name, too.

    Raises
    ------
    UsageError
        If it is none of these; the message names the choices.
    SegueError
        If the header in a folder is damaged or of a later format.

    Examples
    --------
    >>> members("musicnn")
    ('musicnn-msd-1',)
    >>> members("timbre-1+musicnn")
    ('musicnn-msd-1', 'timbre-1')
    """
    whole = _is_folder(name)
    asked = {name.strip() if whole else part.strip() for part in ([name] if whole else name.split("+"))}
    if len(asked) == 1:
        for short, (id_, _) in _INTERNAL.items():
            if asked <= {short, id_}:
                return (id_,)
    found = {id_: {short, id_} & asked for short, (id_, _) in _ENCODERS.items() if asked & {short, id_}}
    rest = asked.difference(*found.values())
    return (*found, *sorted({_own(part) for part in rest}))


def _is_folder(name: str) -> bool:
    return bool(name.strip()) and is_encoder_folder(Path(name))


def _own(part: str) -> EncoderId:
    """The id behind a folder, an id or a name of an encoder that does not ship."""
    if _is_folder(part):
        return know_encoder(Path(part))
    fitting = [id_ for id_, own in _OWN.items() if part in (id_, own.encoder.describe().name)]
    if len(fitting) > 1:
        raise UsageError(f"several encoders are called {part!r}: choose from {', '.join(sorted(fitting))}")
    if fitting:
        return fitting[0]
    if "/" in part or (part and os.path.isdir(part)):  # noqa: PTH112 - pathlib's raises for some words
        return know_encoder(Path(part))  # and say what is wrong with it
    raise UsageError(f"there is no encoder {part!r}: choose {_choices()}")


def _choices() -> str:
    names = (*encoder_names(), *sorted({own.encoder.describe().name for own in _OWN.values()}))
    return f"from {', '.join(names)}, a sum such as musicnn+timbre, or the folder of one that you trained"


def load_encoder(name: str) -> Encoder:
    """The encoder of a short name, an id or a folder; the same object for the rest of the process.

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


def resolve(name: str) -> Encoder | Combination:
    """The encoder of a name, an id or a folder, or the combination that a sum of them means.

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
    if any(ids == (id_,) for id_, _ in _INTERNAL.values()):
        raise UsageError(f"{name!r} does not say what sounds alike: choose {_choices()}")
    return _made(ids[0]) if len(ids) == 1 else _combined(ids)


@lru_cache(maxsize=32)
def _combined(ids: tuple[EncoderId, ...]) -> Combination:
    dim = sum(_made(id_).dim for id_ in ids)
    return Combination(EncoderId("+".join(ids)), ids, dim, tuple(published_scaling(id_) for id_ in ids))


def published_scaling(name: str) -> Scaling:
    """Mean and spread of an encoder's vectors over real music, for libraries too small to have their own.

    Of an encoder that a person trained it is that over the tracks it was trained on; of a combination, whose
    rows need no scaling, it is mean 0 and spread 1.

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
    if encoder.id in _OWN:
        return _OWN[encoder.id].scaling
    return read_scaling(encoder.id, encoder.dim)


def _made(encoder: EncoderId) -> Encoder:
    return _OWN[encoder].encoder if encoder in _OWN else _shipped(encoder)


@lru_cache(maxsize=32)
def _shipped(encoder: EncoderId) -> Encoder:
    known = (*_ENCODERS.values(), *_INTERNAL.values())
    return next(make() for id_, make in known if id_ == encoder)
