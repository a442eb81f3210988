"""What of the library lies in one folder, at any depth."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.places import below

Kind: TypeAlias = Literal["track", "album", "artist"]

_TABLES: Mapping[Kind, str] = {"track": "tracks", "album": "albums", "artist": "artists"}
_HAS_FILE = "EXISTS (SELECT 1 FROM files AS f WHERE f.track_id = {row} AND f.folder_id IN {folders})"
_HAS_TRACK = (
    "EXISTS (SELECT 1 FROM tracks AS o CROSS JOIN files AS f ON f.track_id = o.id "
    "WHERE o.n_files > 0 AND {theirs} = {row} AND f.folder_id IN {folders})"
)
_HAS: Mapping[Kind, str] = {
    "track": _HAS_FILE,
    "album": _HAS_TRACK.replace("{theirs}", "o.album_id"),
    "artist": f"({_HAS_TRACK.replace('{theirs}', 'o.artist_id')} OR "
    f"{_HAS_TRACK.replace('{theirs}', 'o.album_artist_id IS NOT o.artist_id AND o.album_artist_id')})",
}


def lies_in(folder: Path | None, kind: Kind, row: str) -> str:
    """A condition, without values to bind: whether what `row` names has a file in a folder or below.

    Parameters
    ----------
    folder
        None for no folder in particular: then all is meant.
    row
        The column with the row's number.
    """
    if folder is None:
        return "1"
    whole, low, high = (f"x'{bound.hex()}'" for bound in below(os.fsencode(folder)))
    folders = f"(SELECT id FROM folders WHERE path = {whole} OR (path > {low} AND path < {high}))"
    return _HAS[kind].format(row=row, folders=folders)


def ids_within(cat: Catalogue, kind: Kind, ids: Sequence[str], folder: Path | None) -> list[str]:
    """Those of the ids of which something lies in a folder (None: anywhere), in their order."""
    if folder is None:
        return list(ids)
    table = _TABLES[kind]
    with snapshot(cat) as connection:
        rows = connection.execute(
            f"SELECT public_id FROM {table} WHERE public_id IN (SELECT value FROM json_each(?)) "
            f"AND {lies_in(folder, kind, f'{table}.id')}",
            (json.dumps(list(ids)),),
        )
        there = {id for (id,) in rows}
    return [id for id in ids if id in there]
