"""What the tracks of factors are called, kept beside them in the folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.files import whole_file

if TYPE_CHECKING:
    from segue.factors.model import Labels

FILE = "tracks.parquet"
COLUMNS = ("artist", "title", "album", "mbid", "isrc")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of tracks, one of each a track; empty where unknown.

    Attributes
    ----------
    artist, title, album
        As written.
    mbid, isrc
        MusicBrainz recording id and ISRC.
    """

    artist: tuple[str, ...]
    title: tuple[str, ...]
    album: tuple[str, ...]
    mbid: tuple[str, ...]
    isrc: tuple[str, ...]

    def shown(self, row: int) -> str:
        """``Artist - Title``, or as much of it as is known."""
        return " - ".join(name for name in (self.artist[row], self.title[row]) if name)


def names_of_labels(tracks: Labels) -> Names:
    """What labels such as ``Artist - Title`` say; nothing of others.

    >>> names_of_labels(np.array(["Nina Simone - Sinnerman", "17"])).title
    ('Sinnerman', '')
    """
    parts = [text.partition(" - ") for text in tracks.astype(np.str_).tolist()]
    nothing = ("",) * len(parts)
    return Names(
        tuple(artist if dash else "" for artist, dash, _ in parts),
        tuple(title if dash else "" for _, dash, title in parts),
        nothing,
        nothing,
        nothing,
    )


def save_names(tracks: Labels, names: Names, folder: Path) -> None:
    """Write ``tracks.parquet`` with a row for each track; it appears when it is whole.

    Raises
    ------
    SegueError
        If the folder cannot be written.
    """
    import pyarrow
    import pyarrow.parquet

    columns: dict[str, Any] = {"track": tracks.tolist()}
    columns |= {name: list(getattr(names, name)) for name in COLUMNS}
    with whole_file(folder / FILE) as out:
        pyarrow.parquet.write_table(pyarrow.table(columns), out)
