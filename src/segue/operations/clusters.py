"""Kinds of music in a library: found once, kept, and brought up to date without new numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from segue.atlas import (
    Clustering,
    Evidence,
    Kind,
    check_number,
    draw_curve,
    evidence,
    find_clusters,
    load_clustering,
    match_clusters,
    named,
    nearest_centres,
    save_clustering,
)
from segue.catalogue import Catalogue, Track, open_catalogue, track_ids, track_table, tracks
from segue.encoders import Scaling
from segue.errors import UsageError
from segue.neighbours import fit_scaling, standardise
from segue.operations.cluster_words import library_words
from segue.operations.opening import answering_encoder, answering_keys, library_scaling, raw_vectors
from segue.progress import Progress, Silent
from segue.settings import DataFolder
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.catalogue import TrackTable
    from segue.types import Matrix

Ids = NDArray[np.int64]
NumberOfKinds = int | Literal["auto"] | None
"""How many kinds; ``"auto"`` takes the elbow, None what is kept, and the elbow where nothing is."""

_EXAMPLES = 3
# A name that Segue gave stays while what bears it mostly does: tracks in both, divided by tracks in either.
_SAME_KIND = 0.6
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class KindOfMusic:
    """One kind.

    Attributes
    ----------
    number, name, by_hand
        See `segue.atlas.Kind`.
    centre
        ``(dim,)`` float32, unit length.
    keys
        Of its tracks, ``(n,)`` int64.
    apart
        What sets it apart, most telling first.
    examples
        The tracks nearest to its centre, by different artists.
    """

    number: int
    name: str
    by_hand: bool
    centre: NDArray[np.float32]
    keys: Ids
    apart: tuple[Evidence, ...]
    examples: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class KindsOfMusic:
    """The kinds of a library.

    Attributes
    ----------
    encoder
        Whose vectors were clustered.
    clustering
        As it is kept.
    kinds
        By number.
    n_tracks
        How many tracks the library has now.
    found_now
        Whether the kinds were found just now.
    dropped
        Kinds of before that are no more.
    """

    encoder: EncoderId
    clustering: Clustering
    kinds: tuple[KindOfMusic, ...]
    n_tracks: int
    found_now: bool
    dropped: tuple[Kind, ...] = ()


def kinds_of_music(
    data: DataFolder,
    *,
    k: NumberOfKinds = None,
    encoder: str | None = None,
    seed: int | None = None,
    refit: bool = False,
    names: Mapping[int, str] | None = None,
    progress: Progress | None = None,
) -> KindsOfMusic:
    """The kinds of music in a library, found once by K-means and kept in the data folder.

    From then on a track, also one that comes later, is of the kind whose centre is nearest, until another
    number or seed is asked for, or `refit`: then they are found anew, and each goes on with number and name
    of the old one that shares most tracks with it.

    Parameters
    ----------
    data
        The library.
    k
        How many.
    encoder
        Whose vectors (default: the library's); each encoder has kinds of its own.
    seed
        Of everything drawn (default: that of the kept ones, else 0).
    refit
        Find them anew although they are kept.
    names
        Names that a person gives to kinds, by number; an empty one is taken back. They stay.
    progress
        Is told what is being done.

    Raises
    ------
    NothingFound
        If the library is empty, or no track has vectors of the encoder.
    UsageError
        If there are fewer tracks than kinds, or a name cannot be given.
    SegueError
        If what is kept is damaged, or cannot be written.
    """
    with open_catalogue(data) as catalogue:
        answering = answering_encoder(catalogue, data, encoder)
        file = clustering_file(data, answering)
        keys = answering_keys(catalogue, answering)
        raw = raw_vectors(catalogue, answering, keys)
        kept = load_clustering(file) if file.exists() else None
        table = track_table(catalogue)
        anew = refit or kept is None or kept.mean.size != raw.shape[1] or _asks_for_others(kept, k, seed)
        found, dropped = (
            _found(answering, raw, kept, k, seed, progress or Silent())
            if anew or kept is None
            else (kept, ())
        )
        unit, labels = _placed(raw, found)
        words = library_words(catalogue, keys, _genres(table, keys))
        apart = evidence(words, labels, len(found.kinds))
        found = _with_names(found, apart, names or {})
        if found is not kept:
            save_clustering(found, file)
        kinds = tuple(
            _kind(catalogue, table, found, place, keys[labels == place], unit[labels == place], apart[place])
            for place in np.argsort([kind.number for kind in found.kinds])
        )
    return KindsOfMusic(answering, found, kinds, len(keys), anew, dropped)


def clustering_file(data: DataFolder, encoder: EncoderId) -> Path:
    """Where the kinds are kept that an encoder hears."""
    return data.clusters / f"{encoder}.npz"


def _asks_for_others(kept: Clustering, k: NumberOfKinds, seed: int | None) -> bool:
    if seed is not None and seed != kept.seed:
        return True
    if k == "auto":
        return kept.asked is not None
    return k is not None and k != len(kept.kinds)


def _found(
    encoder: EncoderId,
    raw: Matrix,
    kept: Clustering | None,
    k: NumberOfKinds,
    seed: int | None,
    progress: Progress,
) -> tuple[Clustering, tuple[Kind, ...]]:
    """A new clustering that goes on from the one that is kept, still without new names; and what it drops."""
    seed = seed if seed is not None else kept.seed if kept is not None else 0
    asked = kept.asked if k is None and kept is not None else k if isinstance(k, int) else None
    scaling = library_scaling(encoder, raw) or fit_scaling(raw)
    unit = standardise(raw, scaling)
    if asked is not None:
        check_number(unit, asked)
    progress.start("Finding kinds", None)
    curve = draw_curve(unit, seed=seed) if asked is None else None
    number = asked if curve is None else curve.elbow
    assert number is not None
    clusters = find_clusters(unit, number, seed=seed)
    progress.finish()
    by_size = np.argsort(-np.bincount(clusters.labels, minlength=number), kind="stable")
    fresh = Clustering(
        encoder=encoder,
        kinds=tuple(Kind(place + 1, "") for place in range(number)),
        centres=clusters.centres[by_size].astype(np.float32),
        mean=scaling.mean,
        std=scaling.std,
        asked=asked,
        seed=seed,
        n_tracks=len(raw),
        next_number=number + 1,
        curve=curve,
    )
    if kept is None or kept.mean.size != raw.shape[1]:
        return fresh, ()
    return _numbered(fresh, kept, raw)


def _numbered(fresh: Clustering, kept: Clustering, raw: Matrix) -> tuple[Clustering, tuple[Kind, ...]]:
    """The new kinds with the numbers of the old ones that they go on from, and names where they stay."""
    (_, old), (_, new) = _placed(raw, kept), _placed(raw, fresh)
    match = match_clusters(old, new, len(kept.kinds), len(fresh.kinds))
    kinds, next_number = [], kept.next_number
    for place, share in zip(match.old.tolist(), match.kept.tolist(), strict=True):
        if place < 0:
            kinds.append(Kind(next_number, ""))
            next_number += 1
            continue
        kind = kept.kinds[place]
        kinds.append(kind if kind.by_hand or share >= _SAME_KIND else replace(kind, name=""))
    stayed = {kind.number for kind in kinds}
    dropped = tuple(kind for kind in kept.kinds if kind.number not in stayed)
    return replace(fresh, kinds=tuple(kinds), next_number=next_number), dropped


def _placed(raw: Matrix, clustering: Clustering) -> tuple[Matrix, Ids]:
    """The tracks as the clustering scales them, unit rows, and the kind of each, by place."""
    unit = standardise(raw, Scaling(clustering.mean, clustering.std))
    return unit, nearest_centres(unit, clustering.centres)


def _with_names(
    clustering: Clustering, apart: list[tuple[Evidence, ...]], names: Mapping[int, str]
) -> Clustering:
    """The clustering with the names that a person gives, and a name for each kind that has none."""
    kinds = {kind.number: kind for kind in clustering.kinds}
    for number, name in names.items():
        if number not in kinds:
            numbers = ", ".join(map(str, sorted(kinds)))
            raise UsageError(f"there is no kind {number} to be called {name!r}: there are {numbers}")
        plain = " ".join(name.split())
        if len(plain) > _LONGEST_NAME:
            raise UsageError(f"the name for kind {number} is longer than {_LONGEST_NAME} characters")
        kinds[number] = Kind(number, plain, bool(plain))
    given = [kinds[kind.number].name or None for kind in clustering.kinds]
    folded = [name.casefold() for name in given if name is not None]
    twice = next(
        (name for name in names.values() if folded.count(" ".join(name.split()).casefold()) > 1), None
    )
    if twice is not None:
        raise UsageError(f"two kinds would be called {twice!r}: give another name")
    called = named(apart, given=given)
    new = tuple(
        replace(kinds[kind.number], name=name) for kind, name in zip(clustering.kinds, called, strict=True)
    )
    return clustering if new == clustering.kinds else replace(clustering, kinds=new)


def _genres(table: TrackTable, keys: Ids) -> list[tuple[str, ...]]:
    rows = np.searchsorted(table.keys, keys)
    return [table.genres[row] for row in rows.tolist()]


def _kind(
    catalogue: Catalogue,
    table: TrackTable,
    clustering: Clustering,
    place: int,
    keys: Ids,
    unit: Matrix,
    apart: tuple[Evidence, ...],
) -> KindOfMusic:
    kind, centre = clustering.kinds[place], clustering.centres[place]
    length = float(np.linalg.norm(centre))
    direction = (centre / length if length > 0 else centre).astype(np.float32)
    nearest = keys[np.lexsort((keys, -(unit @ direction)))]
    examples: list[int] = []
    artists: set[int] = set()
    for key in nearest.tolist():
        artist = int(table.artist_code[np.searchsorted(table.keys, key)])
        if artist not in artists:
            examples.append(key)
            artists.update({artist} - {-1})
        if len(examples) == _EXAMPLES:
            break
    shown = tuple(tracks(catalogue, track_ids(catalogue, np.array(examples, dtype=np.int64))))
    return KindOfMusic(kind.number, kind.name, kind.by_hand, direction, keys, apart, shown)
