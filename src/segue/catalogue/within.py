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
# Not correlated with the row: SQLite makes each of these sets once a question.
_FILES = (
    "SELECT f.track_id FROM folders AS d CROSS JOIN files AS f ON f.folder_id = d.id "
    "WHERE d.path = {whole} OR (d.path > {low} AND d.path < {high})"
)
_OF = "SELECT {column} FROM tracks WHERE id IN ({files}) AND {column} IS NOT NULL"
_INSIDE: Mapping[Kind, str] = {
    "track": _FILES,
    "album": _OF.format(column="album_id", files=_FILES),
    "artist": " UNION ".join(
        _OF.format(column=column, files=_FILES) for column in ("artist_id", "album_artist_id")
    ),
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
    return f"{row} IN ({_INSIDE[kind].format(whole=whole, low=low, high=high)})"


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
