"""Other people's listening for this library: factors kept in the data folder, and whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from segue.catalogue import Catalogue, fold, heard_table, match_table, track_ids
from segue.factors import Factors, Names, Solver, WMFSettings, load_factors
from segue.operations.factors import folder_names
from segue.ranking import Space, Usage
from segue.settings import DataFolder


def factors_folder(data: DataFolder) -> Path:
    """Where the factors are kept that `recommend` uses, as `segue.factors.save_factors` writes them."""
    return data.models / "factors"


def library_usage(catalogue: Catalogue, data: DataFolder, space: Space) -> Usage | None:
    """The factors of the data folder, with the tracks and the recordings of histories that they know.

    Factors are known by their labels (a track's id, a MusicBrainz recording id, an ISRC, a URI, or
    "Artist - Title") and by the names kept beside them, whatever case, accents and punctuation. Where
    ``settings`` holds ``predicted``, they come from content and are not trusted alone.

    Raises
    ------
    SegueError
        If there are factors that cannot be read.
    """
    folder = factors_folder(data)
    if not folder.is_dir():
        return None
    factors = load_factors(folder)
    row_of = _rows(factors, folder_names(folder, factors.tracks))
    table = match_table(catalogue, with_files=False)
    ids = dict(zip(table.keys.tolist(), track_ids(catalogue, table.keys), strict=True))
    of_key = {
        key: row
        for key, mbid, isrc, artist, title in zip(
            table.keys.tolist(), table.mbid, table.isrc, table.artist, table.title, strict=True
        )
        if (row := _first(row_of, (ids[key], mbid, isrc, _name(artist, title)))) >= 0
    }
    heard = heard_table(catalogue)
    of_heard = np.array(
        [
            _first(row_of, (uri, mbid, isrc, _name(artist, title)))
            for uri, mbid, isrc, artist, title in zip(
                heard.uri, heard.mbid, heard.isrc, heard.artist, heard.title, strict=True
            )
        ],
        dtype=np.int64,
    )
    for key, row in zip(heard.track_key.tolist(), of_heard.tolist(), strict=True):
        if key >= 0 and row >= 0:
            of_key.setdefault(key, row)
    known = of_heard >= 0
    return Usage(
        track_factors=factors.track_factors,
        of_library=np.array([of_key.get(key, -1) for key in space.keys.tolist()], dtype=np.int64),
        learned=np.full(len(factors.tracks), not factors.settings.get("predicted", False)),
        heard=heard.ids[known],
        of_heard=of_heard[known],
        fold_in=Solver(factors.track_factors, _settings(factors)),
    )


def _rows(factors: Factors, names: Names) -> Mapping[str, int]:
    """The row of each label and id as written, and of each name folded."""
    rows: dict[str, int] = {}
    labels = factors.tracks.astype(np.str_).tolist()
    for row, (label, *ids, artist, title) in enumerate(
        zip(labels, names.mbid, names.isrc, names.artist, names.title, strict=True)
    ):
        for name in (label, *ids, _name(artist, title)):
            if name:
                rows.setdefault(name, row)
    return rows


def _name(artist: str, title: str) -> str:
    return f"{_folded(artist)}\0{fold(title)}" if artist and title else ""


_folded = lru_cache(maxsize=65_536)(fold)  # artists come again and again


def _first(rows: Mapping[str, int], names: Iterable[str]) -> int:
    return next((rows[name] for name in names if name and name in rows), -1)


def _settings(factors: Factors) -> WMFSettings:
    """Those that the factors were learned with, as far as they are told."""
    known = {field.name for field in fields(WMFSettings)}
    return WMFSettings(**{name: value for name, value in factors.settings.items() if name in known})
