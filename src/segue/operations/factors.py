"""Factors from plays: learn them, ask what is similar, and predict tracks that nobody played."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.catalogue import fold
from segue.errors import NothingFound, UsageError
from segue.factors import (
    Factors,
    Names,
    Tuning,
    WMFSettings,
    checked,
    fingerprint_of,
    fit_wmf,
    load_factors,
    names_of_labels,
    save_factors,
    save_names,
    settled,
    tune,
)
from segue.factors.content.artists import fit_artists
from segue.factors.content.inputs import Content
from segue.factors.content.regression import fit_content
from segue.factors.names import COLUMNS, FILE
from segue.files import check_folder
from segue.listening import RowReport, read_plays
from segue.operations.evaluate_similarity import read_vectors
from segue.operations.track_tables import positions
from segue.progress import Progress, Silent
from segue.training.datasets.columns import labels_of, read_table

if TYPE_CHECKING:
    import pyarrow
    from numpy.typing import NDArray

    from segue.factors.model import Labels

_NAMED = 5
# Under which other names tables have these columns, the better one first.
_ALSO = {
    "artist": ("artist", "artist_name", "artist_id"),
    "title": ("title", "name", "track_name"),
    "album": ("album", "album_name", "album_id"),
    "mbid": ("mbid", "recording_mbid", "musicbrainz_recording_id"),
    "isrc": ("isrc",),
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learned, and from what.

    Attributes
    ----------
    factors
        As saved.
    report
        The rows of the plays that could not be used.
    tuning
        What was tried; None if nothing was.
    n_named
        How many tracks have a name.
    """

    factors: Factors
    report: RowReport
    tuning: Tuning | None
    n_named: int


@dataclass(frozen=True, slots=True)
class Near:
    """A track near another one by factors.

    Attributes
    ----------
    track
        Its label.
    artist, title
        Empty where unknown.
    cosine
        Of the two factors.
    """

    track: int | str
    artist: str
    title: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Predicted:
    """How many tracks were predicted, from how many.

    Attributes
    ----------
    n_content
        Tracks with content: so many factors were predicted.
    n_matched
        Those that have learned factors too.
    method
        How, as validation chose it.
    explained
        Share of the variance of learned factors that content explains, on artists left out.
    """

    n_content: int
    n_matched: int
    method: str
    explained: float


def fit_factors(
    plays: Path,
    output: Path,
    *,
    settings: WMFSettings,
    tuned: bool = False,
    sizes: Sequence[int] = (),
    tracks: Path | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Fitted:
    """Learn factors of listeners and tracks from plays, and save them in a folder.

    Parameters
    ----------
    plays
        Anything that `segue.listening.read_plays` reads.
    output
        A folder; factors that it holds are replaced.
    settings
        Of WMF.
    tuned
        Look for better ones on plays held out, among them the numbers of factors in `sizes`.
    tracks
        A table with the column track and names.

    Raises
    ------
    UsageError
        If the plays or the table cannot be used.
    """
    progress = progress or Silent()
    check_folder(output)
    names_of = names_of_labels if tracks is None else names_by_table(tracks)
    usage, report = read_plays(plays, progress=progress)
    matrix = checked(usage.matrix)
    tuning = None
    if tuned:
        tuning = tune(matrix, settings, n_factors=sizes, seed=seed, progress=progress)
    chosen = settled(matrix, tuning.settings if tuning else settings)
    learned = fit_wmf(matrix, chosen, seed=seed, progress=progress)
    fingerprint = fingerprint_of(usage.listeners, usage.tracks, matrix)
    names = names_of(usage.tracks)
    known = {"method": "wmf", "seed": seed, **asdict(chosen)}
    factors = Factors(usage.listeners, usage.tracks, *learned, known, fingerprint)
    save_names(usage.tracks, names, output)
    save_factors(factors, output)
    n_named = sum(1 for title in names.title if title)
    return Fitted(factors, report, tuning, n_named)


def similar_by_factors(folder: Path, words: str, *, number: int = 20, per_artist: int = 2) -> list[Near]:
    """The tracks whose factors point the same way as those of one.

    Parameters
    ----------
    words
        A track's label, "Artist - Title", or part of it.
    per_artist
        At most so many by one artist, 0 for any number: factors know who made a song, and a list of one
        artist helps nobody.

    Raises
    ------
    UsageError
        If several tracks fit; it names some.
    NothingFound
        If none does, or nobody played the one that does.
    """
    factors = load_factors(folder)
    names = folder_names(folder, factors.tracks)
    seed = _row_of(words, factors.tracks, names)
    lengths = np.linalg.norm(factors.track_factors, axis=1)
    if lengths[seed] == 0:
        raise NothingFound(f"{words!r} has no plays, so nothing is known to be like it")
    products = factors.track_factors @ factors.track_factors[seed]
    cosines = np.where(lengths > 0, products / np.maximum(lengths * lengths[seed], 1e-12), -1)
    found: list[Near] = []
    by_artist: dict[str, int] = {}
    for row in np.argsort(-cosines, kind="stable").tolist():
        artist = fold(names.artist[row])
        full = per_artist > 0 and artist and by_artist.get(artist, 0) >= per_artist
        if row == seed or full or lengths[row] == 0:
            continue
        by_artist[artist] = by_artist.get(artist, 0) + 1
        label = factors.tracks[row].item()
        found.append(Near(label, names.artist[row], names.title[row], float(cosines[row])))
        if len(found) == number:
            break
    return found


def predict_factors(folder: Path, content: Path, output: Path, *, seed: int = 0) -> Predicted:
    """Give factors to all tracks that have content, in the space of the factors in a folder.

    Parameters
    ----------
    content
        An ``.npz`` of ``names`` (labels of tracks as text) and ``vectors``.
    output
        A folder: factors of the tracks with content, and the listeners of `folder`.

    Raises
    ------
    UsageError
        If no track has both, or too few; or if a track has two vectors.
    """
    check_folder(output)
    factors = load_factors(folder)
    given = read_vectors(content)
    labels = np.array(given.names, dtype=np.str_)
    unique, times = np.unique(labels, return_counts=True)
    if (repeated := unique[times > 1]).size:
        raise UsageError(f"{content} has more than one vector of {str(repeated[0])!r}: give one a track")
    at = positions(labels, factors.tracks)
    played = np.linalg.norm(factors.track_factors, axis=1) > 0
    both = np.flatnonzero((at >= 0) & played[np.maximum(at, 0)])
    if not len(both):
        raise UsageError(
            f"none of the {len(labels):,} names of {content} is a track of {folder}: "
            f"they must be its labels as text, such as {str(factors.tracks[0])!r}"
        )
    every = Content(given.vectors.astype(np.float64))
    artists = _artists_of(folder, labels)
    known_factors = factors.track_factors[at[both]]
    groups = np.unique(artists[both], return_inverse=True)[1].astype(np.int64)
    model = fit_content(every.rows(both), known_factors, groups=groups, seed=seed)
    predicted_factors, _ = model.predict(every)
    # A track with plays is predicted from its content alone: its own factors are in its artist's mean.
    new = np.setdiff1d(np.arange(len(labels)), both)
    means = fit_artists(every.rows(both), known_factors, artists[both], method=model.method, seed=seed)
    predicted_factors[new] = means.shrunk(predicted_factors[new], artists[new])
    tracks: Labels = labels
    if factors.tracks.dtype.kind == "i" and all(_is_number(label) for label in labels.tolist()):
        tracks = labels.astype(np.int64)
    settings = {**factors.settings, "predicted": True, "content_method": model.method}
    predicted = Factors(
        factors.listeners,
        tracks,
        factors.listener_factors,
        predicted_factors,
        settings,
        factors.fingerprint,
    )
    save_names(tracks, folder_names(folder, tracks), output)
    save_factors(predicted, output)
    return Predicted(len(labels), len(both), model.method, model.choices[model.method])


def _artists_of(folder: Path, labels: NDArray[np.str_]) -> NDArray[np.str_]:
    """The artist of each track by the folder's table; a track of an unknown artist is one of its own."""
    names = folder_names(folder, labels)
    texts = [fold(artist) or f"\0{row}" for row, artist in enumerate(names.artist)]
    return np.array(texts, dtype=np.str_)


def folder_names(folder: Path, tracks: Labels) -> Names:
    """Names of tracks by the table in a folder of factors, or by their labels where it has none."""
    for file in (folder / FILE, folder / "tracks.csv"):
        if file.is_file():
            return _names(_table_with_tracks(file), tracks)
    return names_of_labels(tracks)


def names_by_table(path: Path) -> Callable[[Labels], Names]:
    """What a table with the column track calls tracks; their labels say it where it does not.

    Raises
    ------
    UsageError
        If it is no such table.
    """
    table = _table_with_tracks(path)
    return lambda tracks: _names(table, tracks)


def _table_with_tracks(path: Path) -> pyarrow.Table:
    table, _ = read_table(path)
    if "track" not in table.column_names:
        raise UsageError(f"{path} has no column 'track', but {', '.join(table.column_names) or 'nothing'}")
    return table


def _names(table: pyarrow.Table, tracks: Labels) -> Names:
    labels, known = labels_of(table["track"])
    rows = positions(tracks, labels)
    rows_of_table = np.flatnonzero(known)[np.maximum(rows, 0)] if len(labels) else rows
    by_label = names_of_labels(tracks)

    def texts(column: str) -> tuple[str, ...]:
        found = next((name for name in _ALSO[column] if name in table.column_names), None)
        if found is None:
            return tuple(getattr(by_label, column))
        cells = table[found].to_pylist()
        return tuple(
            "" if row < 0 or cells[at] is None else str(cells[at]).strip()
            for row, at in zip(rows.tolist(), rows_of_table.tolist(), strict=True)
        )

    return Names(**{column: texts(column) for column in COLUMNS})


def _row_of(words: str, tracks: Labels, names: Names) -> int:
    """The one track that words mean: its label, its name, or part of its name."""
    exact = np.flatnonzero(tracks.astype(np.str_) == words)
    if len(exact):
        return int(exact[0])
    wanted = fold(words)
    folded = [fold(names.shown(row)) for row in range(len(tracks))]
    rows = [row for row, name in enumerate(folded) if wanted and name == wanted]
    rows = rows or [row for row, name in enumerate(folded) if wanted and f" {wanted} " in f" {name} "]
    if not rows:
        raise NothingFound(f"no track of these factors is called {words!r}: give its id or part of its name")
    if len(rows) > 1:
        shown = "; ".join(f"{tracks[row]} {names.shown(row)}".strip() for row in rows[:_NAMED])
        more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        raise UsageError(f"{words!r} fits {len(rows)} tracks: give more of the name, or an id: {shown}{more}")
    return rows[0]


def _is_number(text: str) -> bool:
    return len(text) < 19 and text.isascii() and text.removeprefix("-").isdigit() and str(int(text)) == text
