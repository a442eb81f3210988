"""Content as numbers that a model can compare: columns on one scale, tags as places in a space of tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]

_N_QUANTILES = 512
_FARTHEST = 3.0  # standard deviations
# More columns than this are an embedding, whose columns mean nothing each by itself.
_MOST_ATTRIBUTES = 64
# Whole numbers with at most this many values are names (a key, a mode), not amounts.
_MOST_NAMES = 24
_N_TAG_COLUMNS = 128
_FEWEST_TRACKS = 3  # with a tag, for it to count
_NUMBER_OF_TAGS_WEIGHT = 0.25
# Attributes beside tags: what people write says more than twelve numbers, which many tracks lack.
_BESIDE_TAGS = 0.1


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of tracks without any listener's plays, one row a track.

    Attributes
    ----------
    numeric : (n_tracks, n_columns) float64
        Attributes or an embedding; NaN where missing; no columns where there is none.
    tags : (n_tracks, n_tags) csr_array or None
        How many people gave each tag.
    """

    numeric: Floats
    tags: csr_array | None = None

    def known(self) -> NDArray[np.bool_]:
        """Which tracks have any content, ``(n_tracks,)``."""
        known = np.asarray(np.isfinite(self.numeric).any(axis=1))
        return known if self.tags is None else np.asarray(known | (np.diff(self.tags.indptr) > 0))

    def rows(self, chosen: NDArray[np.int64] | NDArray[np.bool_]) -> Content:
        """The content of some of the tracks."""
        return Content(self.numeric[chosen], None if self.tags is None else self.tags[chosen])


@dataclass(frozen=True, slots=True)
class _Column:
    """One attribute: quantiles of an amount, or the values of a name."""

    quantiles: Floats | None
    names: Floats | None


@dataclass(frozen=True, slots=True)
class _TagSpace:
    """Inverse document frequencies and the directions in which tracks differ by their tags."""

    weights: NDArray[np.float32]
    directions: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Turns content into rows of numbers, as learned from the tracks that have plays; see `fit_inputs`."""

    columns: tuple[_Column, ...]
    centre: Floats | None
    scale: Floats | None
    fill: bool
    tags: _TagSpace | None

    def of(self, content: Content) -> NDArray[np.float32]:
        """Rows of inputs, ``(n_tracks, n_inputs) float32``; each row depends on that track's content alone.

        Raises
        ------
        UsageError
            If the content has other columns than that of training.
        """
        blocks = [self._numbers(content.numeric)] if content.numeric.shape[1] else []
        if self.tags is not None:
            if content.tags is None or content.tags.shape[1] != len(self.tags.weights):
                raise UsageError("the tags are not those of training: give the same table of tags")
            blocks = [*(_BESIDE_TAGS * block for block in blocks), _placed(self.tags, content.tags)]
        return np.concatenate(blocks, axis=1).astype(np.float32)

    def _numbers(self, numeric: Floats) -> Floats:
        n_known = len(self.columns) if self.centre is None else len(self.centre)
        if numeric.shape[1] != n_known:
            raise UsageError(f"content has {numeric.shape[1]} columns where training had {n_known}")
        missing = ~np.isfinite(numeric)
        if self.centre is not None and self.scale is not None:
            scaled = np.where(missing, 0.0, (numeric - self.centre) / self.scale)
        else:
            parts = [_scaled(column, numeric[:, at]) for at, column in enumerate(self.columns)]
            scaled = np.concatenate(parts, axis=1)
        return np.column_stack([scaled, missing.mean(axis=1)]) if self.fill else scaled


def fit_inputs(content: Content) -> Inputs:
    """Learn the scales of content.

    Amounts become normally distributed by their ranks (so that no outlier rules), whole numbers with few
    values become one column a value, an embedding's columns are standardised, missing numbers become the
    middle and a column says how many were missing. Tags are counted, weighted by their rarity and reduced
    to the directions in which tracks differ most.

    Parameters
    ----------
    content
        Of the training tracks.

    Raises
    ------
    UsageError
        If there is neither a number nor a tag.
    """
    numeric = content.numeric
    finite = np.isfinite(numeric)
    if not finite.any() and (content.tags is None or not content.tags.nnz):
        raise UsageError("no training track has content: nothing can be learned from it")
    embedding = numeric.shape[1] > _MOST_ATTRIBUTES
    columns = (
        () if embedding else tuple(_column(numeric[finite[:, at], at]) for at in range(numeric.shape[1]))
    )
    centre = scale = None
    if embedding:
        with np.errstate(invalid="ignore"):
            masked = np.ma.masked_invalid(numeric)
            centre = np.asarray(masked.mean(axis=0).filled(0.0))
            deviation = np.asarray(masked.std(axis=0).filled(1.0))
        scale = np.where(deviation > 1e-9, deviation, 1.0)
    return Inputs(columns, centre, scale, bool((~finite).any()), _tag_space(content.tags))


def _column(values: Floats) -> _Column:
    names = np.unique(values)
    if 1 < len(names) <= _MOST_NAMES and len(values) > 10 * len(names) and np.all(names == np.round(names)):
        return _Column(None, names)
    points = np.linspace(0, 1, min(_N_QUANTILES, max(2, len(values))))
    return _Column(np.quantile(values, points) if len(values) else np.zeros(2), None)


def _scaled(column: _Column, values: Floats) -> Floats:
    """One or more columns for one attribute, ``(n_tracks, m)``; 0 where it is missing."""
    missing = ~np.isfinite(values)
    if column.names is not None:
        share = (values[:, None] == column.names).astype(np.float64)
        return np.where(missing[:, None], 0.0, share / np.sqrt(2))
    from scipy.special import ndtri

    assert column.quantiles is not None
    points = np.linspace(0, 1, len(column.quantiles))
    # The mean of both ways round: a value that many tracks share stands in the middle of its ranks.
    known = np.where(missing, column.quantiles[0], values)
    rank = np.interp(known, column.quantiles, points)
    mirrored = 1 - np.interp(-known, -column.quantiles[::-1], points)
    normal = np.clip(ndtri((rank + mirrored) / 2), -_FARTHEST, _FARTHEST)
    return np.where(missing, 0.0, normal)[:, None]


def _tag_space(tags: csr_array | None) -> _TagSpace | None:
    if tags is None or not tags.nnz:
        return None
    from scipy.sparse.linalg import svds

    n_tracks_with = np.bincount(tags.indices, minlength=tags.shape[1])
    n_tagged = max(int(np.sum(np.diff(tags.indptr) > 0)), 1)
    rarity = np.log(1 + n_tagged / np.maximum(n_tracks_with, 1))
    weights = np.where(n_tracks_with >= min(_FEWEST_TRACKS, n_tagged), rarity, 0.0).astype(np.float32)
    weighed = _weighed(tags, weights)
    rank = min(_N_TAG_COLUMNS, min(weighed.shape) - 1)
    if rank < 1:
        raise UsageError("tags need at least two tracks and two tags")
    _, _, directions = svds(weighed.astype(np.float64), k=rank, random_state=0)
    kept = directions[::-1].T.astype(np.float32)
    spread = (weighed @ kept).std(axis=0)
    # Half-way to equal spread: rare directions tell tastes apart, the rarest are noise.
    scale = 1 / np.sqrt(np.maximum(spread * spread.max(), 1e-12))
    return _TagSpace(weights, kept * scale)


def _weighed(tags: csr_array, weights: NDArray[np.float32]) -> csr_array:
    """Logarithms of counts times rarity, each row of length 1."""
    weighed = tags.astype(np.float32)
    weighed.data = np.log1p(weighed.data) * weights[weighed.indices]
    lengths = np.sqrt(np.add.reduceat(np.append(weighed.data**2, 0.0), weighed.indptr[:-1]))
    lengths[np.diff(weighed.indptr) == 0] = 0.0
    weighed.data /= np.repeat(np.maximum(lengths, 1e-9), np.diff(weighed.indptr)).astype(np.float32)
    return weighed


def _placed(space: _TagSpace, tags: csr_array) -> Floats:
    n_tags = np.asarray(tags.sum(axis=1)).ravel()
    places = np.asarray(_weighed(tags, space.weights) @ space.directions, dtype=np.float64)
    return np.column_stack([places, _NUMBER_OF_TAGS_WEIGHT * np.log1p(n_tags)])
