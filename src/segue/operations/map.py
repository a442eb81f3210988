"""A map of the library, or of any vectors, as a page and a picture."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas import (
    MapView,
    StoredMap,
    labels_of,
    map_page,
    map_picture,
    nearest_rows,
    place,
    project,
    read_map,
    write_map,
)
from segue.catalogue import KINDS, Catalogue, Track, iterate_tracks, listen_table, open_catalogue
from segue.errors import NothingFound, SegueError, VectorsError
from segue.files import whole_file, write_whole
from segue.operations.opening import answering_encoder, library_neighbourhood
from segue.progress import Progress, Silent
from segue.settings import DataFolder
from segue.types import EncoderId, TrackId

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

    Positions = NDArray[np.float32]
    Mask = NDArray[np.bool_]

_NEIGHBOURS = 8
_PREFERRED = ("genre", "artist", "year")
"""The first of which anything is known colours the map when nobody says by what."""


@dataclass(frozen=True, slots=True)
class LibraryMap:
    """A map of a library, and what became of the one before.

    Attributes
    ----------
    encoder
        Whose vectors are laid out.
    tracks
        The ids of its rows.
    view
        What is drawn.
    new
        How many of its tracks were not on the map before; all, when it was made anew.
    gone
        How many tracks of the map before have no file now; they come back to their places with it.
    notes
        For the person.
    """

    encoder: EncoderId
    tracks: tuple[TrackId, ...]
    view: MapView
    new: int
    gone: int
    notes: tuple[str, ...]


def library_map(
    data: DataFolder,
    *,
    encoder: str | None = None,
    colour: str = "",
    refit: bool = False,
    seed: int = 0,
    colours: Mapping[str, Mapping[int, str]] | None = None,
    progress: Progress | None = None,
) -> LibraryMap:
    """Lay a library out, or bring its map up to date; the layout is kept in the data folder.

    Tracks that were on the map stay where they were, new ones are placed among them.

    Parameters
    ----------
    encoder
        Whose vectors are laid out (default: the library's); each has a map of its own.
    colour
        What colours the map first: ``genre``, ``artist``, ``album``, ``year``, ``plays``, or a name in
        `colours`.
    refit
        Lay everything out anew, beginning with the map as it was, so that left stays left.
    seed
        Of a new layout.
    colours
        More labels to colour by: by name, the label of each track by its key, such as clusters.
    progress
        Is told how far it is.

    Raises
    ------
    NothingFound
        If the library has no vectors.
    UsageError
        If nothing is known of the colour that was asked for.
    VectorsError
        If the stored map cannot be read.
    """
    progress = progress or Silent()
    answering, tracks, vectors, view = _heard(data, encoder, colours or {})
    view = first_colour(view, colour)
    file = data.maps / f"{answering}.npz"
    before = _before(file, refit)
    progress.start("Finding neighbours", None)
    near = nearest_rows(vectors, _NEIGHBOURS, seed=seed)[0]
    stored, new = _laid_out(tracks, vectors, before, answering, refit, seed, progress)
    progress.finish()
    notes = _notes(stored, len(tracks), refit)
    try:
        write_map(file, _with_absent(stored, before))
    except SegueError as error:
        notes.append(f"{error}: the next map will not know this one")
    view = replace(view, positions=stored.positions, neighbours=near)
    gone = len(set(before.tracks) - set(stored.tracks)) if before else 0
    return LibraryMap(answering, tracks, view, int(new.sum()), gone, tuple(notes))


def _heard(
    data: DataFolder, encoder: str | None, colours: Mapping[str, Mapping[int, str]]
) -> tuple[EncoderId, tuple[TrackId, ...], Matrix, MapView]:
    """Whose vectors are laid out, of which tracks, the vectors, and what is written of the tracks."""
    with open_catalogue(data) as catalogue:
        answering = answering_encoder(catalogue, data, encoder)
        neighbourhood = library_neighbourhood(catalogue, data, answering)
        known = set(neighbourhood.index.ids.tolist())
        found = [track for track in iterate_tracks(catalogue) if track.key in known]
        if not found:
            raise NothingFound(f"no track has vectors of {answering} yet: run `segue scan`")
        keys = np.array([one.key for one in found], np.int64)
        view = _view_of(found, _plays(catalogue, keys), colours)
        view = replace(view, about=f"{len(found):,} tracks as {answering} hears them: near is alike.")
        return answering, tuple(one.id for one in found), neighbourhood.index.vectors_of(keys), view


def _before(file: Path, refit: bool) -> StoredMap | None:
    """The stored map; one that cannot be read is in nobody's way when all is made anew."""
    try:
        return read_map(file)
    except VectorsError:
        if refit:
            return None
        raise


def _laid_out(
    tracks: Sequence[str],
    vectors: Matrix,
    before: StoredMap | None,
    encoder: str,
    refit: bool,
    seed: int,
    progress: Progress,
) -> tuple[StoredMap, Mask]:
    """Where the tracks lie now, and which of them are new."""
    known, positions = _old_places(tracks, before)
    if not known.any():
        positions = project(vectors, seed=seed, progress=progress)
        return StoredMap(encoder, tuple(tracks), positions, np.zeros(len(tracks), np.bool_), seed), ~known
    if not known.all():
        positions[~known] = place(vectors[~known], vectors[known], positions[known], seed=seed)
    if refit:
        positions = project(vectors, seed=seed, start=positions, progress=progress)
        return StoredMap(encoder, tuple(tracks), positions, np.zeros(len(tracks), np.bool_), seed), ~known
    assert before is not None
    placed_before = {track for track, placed in zip(before.tracks, before.placed, strict=True) if placed}
    placed = ~known | np.array([track in placed_before for track in tracks], np.bool_)
    return StoredMap(encoder, tuple(tracks), positions, placed, before.seed), ~known


def _old_places(tracks: Sequence[str], before: StoredMap | None) -> tuple[Mask, Positions]:
    """Which tracks are on the stored map, and where."""
    at = {track: row for row, track in enumerate(before.tracks)} if before else {}
    rows = np.array([at.get(track, -1) for track in tracks], np.int64)
    positions = np.zeros((len(tracks), 2), np.float32)
    if before is not None:
        positions[rows >= 0] = before.positions[rows[rows >= 0]]
    return rows >= 0, positions


def _with_absent(stored: StoredMap, before: StoredMap | None) -> StoredMap:
    """The map to keep: what is drawn, and the places of tracks whose files are gone for now."""
    if before is None or not stored.placed.size:
        return stored
    shown = set(stored.tracks)
    absent = np.array([track not in shown for track in before.tracks], np.bool_)
    return replace(
        stored,
        tracks=(*stored.tracks, *(track for track, gone in zip(before.tracks, absent, strict=True) if gone)),
        positions=np.concatenate([stored.positions, before.positions[absent]]),
        placed=np.concatenate([stored.placed, before.placed[absent]]),
    )


def _notes(stored: StoredMap, n: int, refit: bool) -> list[str]:
    placed = int(stored.placed.sum())
    if refit or 2 * placed <= n:
        return []
    return [f"{placed:,} of {n:,} tracks came after the map was made: `segue map --refit` makes it anew"]


def _plays(catalogue: Catalogue, keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """How often the owner played each track; NaN for all where there is no history.

    A player's counter counts the same plays as a log: the greater of the two is taken.
    """
    listens = listen_table(catalogue)
    most = np.zeros(len(keys), np.float64)
    heard = False
    for kind in ("play", "count"):
        chosen = (listens.kind == KINDS.index(kind)) & (listens.track_key >= 0)
        rows = np.searchsorted(keys, listens.track_key[chosen])
        rows = np.minimum(rows, len(keys) - 1)
        right = keys[rows] == listens.track_key[chosen]
        counts = np.bincount(rows[right], listens.count[chosen][right], len(keys))
        most = np.maximum(most, counts)
        heard |= bool(right.any())
    return most if heard else np.full(len(keys), np.nan)


def _view_of(
    tracks: Sequence[Track], plays: NDArray[np.float64], colours: Mapping[str, Mapping[int, str]]
) -> MapView:
    """What is written of the tracks, still without positions."""
    tags = [track.tags for track in tracks]
    labels = {
        "genre": labels_of([one.genres[0] if one.genres else "" for one in tags]),
        "artist": labels_of([one.artist or "" for one in tags]),
        "album": labels_of([one.album or "" for one in tags]),
        **{
            name: labels_of([by_key.get(track.key, "") for track in tracks])
            for name, by_key in colours.items()
        },
    }
    years = np.array([one.year if one.year else np.nan for one in tags], np.float64)
    return MapView(
        title="Map of the library",
        about="",
        positions=np.zeros((len(tracks), 2), np.float32),
        titles=[one.title or "" for one in tags],
        files=below_common_folder([track.paths[0] for track in tracks]),
        labels=labels,
        numbers={"year": years, "plays": plays},
    )


def below_common_folder(paths: Sequence[PurePath]) -> list[str]:
    """The paths from the folder that all are in: a page shows where a file is, not where its owner lives.

    >>> below_common_folder([PurePath("/home/me/a/b.mp3"), PurePath("/home/me/c.mp3")])
    ['a/b.mp3', 'c.mp3']
    """
    try:
        top = os.path.commonpath([path.parent for path in paths])
    except ValueError:  # some are absolute, others are not
        return [str(path) for path in paths]
    return [str(path.relative_to(top)) for path in paths]


def first_colour(view: MapView, asked: str) -> MapView:
    """The view coloured as asked, or by the first of genre, artist and year that is known.

    Raises
    ------
    UsageError
        If nothing is known of what was asked for.
    """
    if asked:
        return replace(view, colour=view.coloured_by(asked))
    return replace(view, colour=next((name for name in _PREFERRED if name in view.colours), ""))


def write_map_files(view: MapView, *, page: Path | None = None, picture: Path | None = None) -> None:
    """Write the page (HTML), the picture (PNG), or both; each appears when it is whole.

    Raises
    ------
    SegueError
        If one cannot be written.
    """
    if page is not None:
        write_whole(page, map_page(view))
    if picture is not None:
        drawn = map_picture(view)
        with whole_file(picture) as out:
            out.write(drawn)
