"""A library ready to be asked: its index, scaling, hub statistics and calibration, kept together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.encoders import Scaling
from segue.errors import VectorsError
from segue.neighbours.building import build_index, index_of_parts
from segue.neighbours.calibration import Calibration, similarity_quantiles
from segue.neighbours.contract import Floats, Ids, Index
from segue.neighbours.hubs import HubStatistics, fit_hubs, mutual_proximity
from segue.neighbours.rows import Rows
from segue.neighbours.scaling import standardise
from segue.neighbours.storage import Parts, read_parts, write_parts

if TYPE_CHECKING:
    from segue.types import Matrix

_HUBS_FROM = 100
_OUTGROWN = 1.25
_SMALL = {"quantiles", "scaling_mean", "scaling_std", "hub_mean", "hub_std", "hub_references"}


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """One encoder's vectors of one library, with all that was learned from them.

    Attributes
    ----------
    index
        The unit vectors by id.
    scaling
        How raw vectors become comparable, or None when they come as unit rows (sums of encoders do).
    hubs
        Statistics in the order of ``index.ids``, or None in a library under 100 tracks, where they would
        be noise.
    calibration
        Of `similarity`.
    fitted_on
        How many tracks the scaling, the references and the calibration were learned from.
    """

    index: Index
    scaling: Scaling | None
    hubs: HubStatistics | None
    calibration: Calibration
    fitted_on: int

    @property
    def outgrown(self) -> bool:
        """Whether so much came or went since that it should be fitted again (a quarter)."""
        now = max(1, len(self.index))
        return not 1 / _OUTGROWN <= now / max(1, self.fitted_on) <= _OUTGROWN

    def unit(self, raw: Matrix) -> Matrix:
        """Raw vectors ``(n, dim)`` as unit rows that can be compared with the library's."""
        if self.scaling is not None:
            return standardise(raw, self.scaling)
        return Rows.checked(np.arange(len(raw)), raw).vectors

    def similarity(self, query: Matrix, vectors: Matrix, positions: Ids) -> Floats:
        """What songs are ranked by: the cosine with hubs corrected, ``(n,)`` (plain without `hubs`).

        Parameters
        ----------
        query
            ``(1, dim)`` unit row.
        vectors
            ``(n, dim)`` unit rows of the library.
        positions
            ``(n,)`` where these stand in ``index.ids``.
        """
        cosines: Floats = np.einsum("ij,j->i", vectors, query[0])
        if self.hubs is None:
            return cosines
        mean, std = self.hubs.of(query)
        return mutual_proximity(cosines, mean, std, self.hubs.mean[positions], self.hubs.std[positions])


def fit_neighbourhood(ids: Ids, raw: Matrix, *, scaling: Scaling | None, seed: int = 0) -> Neighbourhood:
    """Learn all that questions need from a library's vectors.

    Parameters
    ----------
    ids
        ``(n,)`` int64.
    raw
        ``(n, dim)`` float32.
    scaling
        `fit_scaling` of them, or the encoder's published one in a small library; None when the rows are of
        length 1 already.
    seed
        Of all that is drawn.

    Raises
    ------
    VectorsError
        If they do not fit together.
    """
    unit = raw if scaling is None else standardise(raw, scaling)
    index = build_index(ids, unit, seed=seed)
    hubs = fit_hubs(unit, seed=seed) if len(unit) >= _HUBS_FROM else None
    calibration = similarity_quantiles(unit, seed=seed, hubs=hubs)
    return Neighbourhood(index, scaling, hubs, calibration, len(index))


def add_tracks(neighbourhood: Neighbourhood, ids: Ids, raw: Matrix) -> Neighbourhood:
    """The neighbourhood with more tracks, without learning anything again; known ids are replaced."""
    ids = np.asarray(ids, dtype=np.int64)
    unit = neighbourhood.unit(raw)
    kept = remove_tracks(neighbourhood, ids)
    index = index_of_parts(kept.index.parts())
    index.add(ids, unit)
    hubs = kept.hubs
    if hubs is not None:
        mean, std = hubs.of(unit)
        hubs = replace(hubs, mean=np.concatenate([hubs.mean, mean]), std=np.concatenate([hubs.std, std]))
    return replace(kept, index=index, hubs=hubs)


def remove_tracks(neighbourhood: Neighbourhood, ids: Ids) -> Neighbourhood:
    """The neighbourhood without these tracks; unknown ids are no error."""
    keep = ~np.isin(neighbourhood.index.ids, np.asarray(ids, dtype=np.int64))
    if keep.all():
        return neighbourhood
    index = index_of_parts(neighbourhood.index.parts())
    index.remove(ids)
    hubs = neighbourhood.hubs
    if hubs is not None:
        hubs = replace(hubs, mean=hubs.mean[keep], std=hubs.std[keep])
    return replace(neighbourhood, index=index, hubs=hubs)


def save_neighbourhood(folder: Path, neighbourhood: Neighbourhood, *, revision: int) -> None:
    """Store all of it in one folder, replacing atomically what was there.

    Raises
    ------
    DiskFull, VectorsError
        If the folder cannot be written; what was there stays.
    """
    stored = neighbourhood.index.parts()
    arrays = {**stored.arrays, "quantiles": neighbourhood.calibration.quantiles}
    if neighbourhood.scaling is not None:
        arrays |= {"scaling_mean": neighbourhood.scaling.mean, "scaling_std": neighbourhood.scaling.std}
    if neighbourhood.hubs is not None:
        hubs = neighbourhood.hubs
        arrays |= {"hub_mean": hubs.mean, "hub_std": hubs.std, "hub_references": hubs.references}
    about = {**stored.about, "fitted_on": neighbourhood.fitted_on}
    write_parts(folder, Parts(stored.kind, about, arrays, revision))


def open_neighbourhood(folder: Path, *, revision: int | None = None) -> Neighbourhood:
    """Open what `save_neighbourhood` stored; the vectors are mapped, not read.

    Parameters
    ----------
    revision
        The catalogue's now; None to open whatever is there (and then bring it up to date).

    Raises
    ------
    VectorsError
        If there is none, it is damaged or of another revision: fit it again.
    """
    parts = read_parts(folder, revision=revision)
    index = index_of_parts(parts)
    # All but the rows and their codes is small, and read at once.
    small = {name: np.array(array) for name, array in parts.arrays.items() if name in _SMALL}
    try:
        scaling = None
        if "scaling_mean" in small:
            scaling = Scaling(small["scaling_mean"], small["scaling_std"])
        hubs = None
        if "hub_mean" in small:
            hubs = HubStatistics(small["hub_mean"], small["hub_std"], small["hub_references"])
        calibration = Calibration(small["quantiles"])
        fitted_on = int(parts.about["fitted_on"])
    except KeyError as error:
        raise VectorsError(f"{folder}: {error} is missing: the index has to be made again") from error
    if hubs is not None and hubs.mean.shape != (len(index),):
        raise VectorsError(f"{folder}: its parts do not fit together: the index has to be made again")
    return Neighbourhood(index, scaling, hubs, calibration, fitted_on)


def stored_revision(folder: Path) -> int | None:
    """The revision of the catalogue that a stored index was made for, None when there is none to use."""
    try:
        return read_parts(folder).revision
    except VectorsError:
        return None
