"""From the catalogue to something that can be asked: which encoder answers, and its index, kept fresh."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import (
    Catalogue,
    default_encoder,
    load_vectors,
    replacements,
    revision,
    stats,
    vector_keys,
)
from segue.encoders import (
    DEFAULT_ENCODER,
    Combination,
    Scaling,
    internal_encoders,
    members,
    published_scaling,
    resolve,
)
from segue.errors import DiskFull, NothingFound, UsageError, VectorsError
from segue.neighbours import (
    Neighbourhood,
    add_tracks,
    fit_neighbourhood,
    fit_scaling,
    open_neighbourhood,
    remove_tracks,
    save_neighbourhood,
)
from segue.operations.own_encoders import know_own_encoders
from segue.settings import DataFolder
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Matrix

SCALED_BY_ITSELF_FROM = 200
"""Tracks from which a library's own mean and spread are better known than the published ones fit."""
_WORTH_SAVING = 0.01
_SAVED_ALWAYS_BELOW = 50_000


def answering_encoder(catalogue: Catalogue, data: DataFolder, asked: str | None) -> EncoderId:
    """Whose vectors answer: the encoder asked for, else the library's.

    While a scan brings a new default to a library, the encoder that most tracks have answers.

    Raises
    ------
    NothingFound
        If no track has the vectors that were asked for, or the library is empty.
    UsageError
        If there is no such encoder.
    """
    know_own_encoders(data)
    counts = stats(catalogue).encoders
    if asked is not None:
        answers = asked in counts and asked not in internal_encoders()
        wanted = EncoderId(asked) if answers else resolve(asked).id
        if not _covered(catalogue, wanted):
            raise NothingFound(f"no track has vectors of {wanted} yet: run `segue scan --encoder {asked}`")
        return wanted
    if not counts:
        raise NothingFound("the library is empty: fill it with `segue scan FOLDER`")
    default = default_encoder(catalogue) or members(DEFAULT_ENCODER)[0]
    ranking = [encoder for encoder in counts if encoder not in internal_encoders()]
    best = max(ranking, key=lambda encoder: counts[encoder], default=default)
    return default if _covered(catalogue, default) >= counts.get(best, 0) else best


def _covered(catalogue: Catalogue, encoder: EncoderId) -> int:
    return len(answering_keys(catalogue, encoder))


def library_neighbourhood(catalogue: Catalogue, data: DataFolder, encoder: EncoderId) -> Neighbourhood:
    """The index of an encoder's vectors, brought up to date with the catalogue, and stored if that was much.

    Raises
    ------
    NothingFound
        If no track has a vector of this encoder.
    """
    now = revision(catalogue)
    folder = _index_folder(catalogue, data, encoder)
    with contextlib.suppress(VectorsError):
        return open_neighbourhood(folder, revision=now)
    keys = answering_keys(catalogue, encoder)
    if not len(keys):
        raise NothingFound(f"no track has vectors of {encoder} yet: run `segue scan`")
    known, changed = _updated(catalogue, folder, encoder, keys) or (
        _fitted(catalogue, encoder, keys),
        len(keys),
    )
    if len(keys) < _SAVED_ALWAYS_BELOW or changed >= _WORTH_SAVING * len(keys):
        _save(data, folder, encoder, known, now)
    return known


def _index_folder(catalogue: Catalogue, data: DataFolder, encoder: EncoderId) -> Path:
    """Where an index is kept; vectors that were replaced by others make its name another."""
    replaced = sum(replacements(catalogue, member) for member in _stored_parts(catalogue, encoder))
    return data.index / f"{encoder}.{replaced}"


def _stored_parts(catalogue: Catalogue, encoder: EncoderId) -> Sequence[EncoderId]:
    """The encoders whose vectors are stored for `encoder`: itself, or the members of a sum."""
    # Only the name of a sum needs a look: counting all vectors takes a tenth of a second in a large library.
    if "+" not in encoder or encoder in stats(catalogue).encoders:
        return (encoder,)
    return members(encoder)


def answering_keys(catalogue: Catalogue, encoder: EncoderId) -> NDArray[np.int64]:
    """The keys of the tracks with vectors of an encoder, or of all members of a sum, ``(n,) int64``."""
    parts = [vector_keys(catalogue, part) for part in _stored_parts(catalogue, encoder)]
    return reduce(np.intersect1d, parts)


def raw_vectors(catalogue: Catalogue, encoder: EncoderId, keys: NDArray[np.int64] | None = None) -> Matrix:
    """The vectors ``(n, dim)`` of tracks that have them, by key; a sum is put together from its members."""
    parts = _stored_parts(catalogue, encoder)
    if len(parts) == 1:
        return load_vectors(catalogue, parts[0], keys=keys)[1]
    sum_of = resolve(encoder)
    assert isinstance(sum_of, Combination)
    wanted = answering_keys(catalogue, encoder) if keys is None else keys
    return sum_of.combine([load_vectors(catalogue, part, keys=wanted)[1] for part in parts])


def _updated(
    catalogue: Catalogue, folder: Path, encoder: EncoderId, keys: NDArray[np.int64]
) -> tuple[Neighbourhood, int] | None:
    """The stored index with what came and went, and how much that was; None when it is to be made again."""
    try:
        known = open_neighbourhood(folder)
        gone = np.setdiff1d(known.index.ids, keys)
        new = np.setdiff1d(keys, known.index.ids)
        known = remove_tracks(known, gone)
        if len(new):
            known = add_tracks(known, new, raw_vectors(catalogue, encoder, new))
    except VectorsError:
        return None
    return None if known.outgrown else (known, len(gone) + len(new))


def _fitted(catalogue: Catalogue, encoder: EncoderId, keys: NDArray[np.int64]) -> Neighbourhood:
    raw = raw_vectors(catalogue, encoder, keys)
    return fit_neighbourhood(keys, raw, scaling=library_scaling(encoder, raw))


def library_scaling(encoder: EncoderId, raw: Matrix) -> Scaling | None:
    """The scaling of a library's vectors: its own or, while it is small, the published one; None for sums."""
    try:
        known = resolve(encoder)
    except UsageError:
        return fit_scaling(raw)  # vectors made elsewhere: nothing is published of them
    if isinstance(known, Combination):
        return None
    return fit_scaling(raw) if len(raw) >= SCALED_BY_ITSELF_FROM else published_scaling(known.id)


def _save(data: DataFolder, folder: Path, encoder: EncoderId, known: Neighbourhood, now: int) -> None:
    """Store the index; a folder that cannot be written costs time at the next question, not the answer."""
    with contextlib.suppress(VectorsError, DiskFull, OSError):
        save_neighbourhood(folder, known, revision=now)
        for old in data.index.glob(f"{encoder}.*"):
            if old != folder and old.name.removeprefix(f"{encoder}.").isdigit():
                shutil.rmtree(old, ignore_errors=True)
