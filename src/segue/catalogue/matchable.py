"""The columns of the library by which recordings of histories are found in it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.catalogue.connection import Catalogue, snapshot

_COLUMNS = "id, artist, album_artist, title, album, musicbrainz_recording_id, isrc, duration_s"


@dataclass(frozen=True, slots=True)
class MatchTable:
    """The present tracks, one row a track, ordered by key; unknown text is empty.

    Attributes
    ----------
    keys
        ``(n,) int64``.
    artist, album_artist, title, album
        As written.
    mbid, isrc
        As written.
    duration_s
        ``(n,) float64``, in seconds.
    files
        Every file's absolute path, with the key of its track.
    """

    keys: NDArray[np.int64]
    artist: list[str]
    album_artist: list[str]
    title: list[str]
    album: list[str]
    mbid: list[str]
    isrc: list[str]
    duration_s: NDArray[np.float64]
    files: dict[str, int]


def match_table(cat: Catalogue, *, with_files: bool = True) -> MatchTable:
    """The columns of the present tracks. Memory grows with their number.

    Parameters
    ----------
    with_files
        Whether `files` are wanted; else it is empty.
    """
    with snapshot(cat) as connection:
        rows = connection.execute(f"SELECT {_COLUMNS} FROM tracks WHERE +n_files > 0 ORDER BY id").fetchall()
        files = {}
        if with_files:
            folders = dict(connection.execute("SELECT id, path FROM folders"))
            for folder, name, key in connection.execute("SELECT folder_id, name, track_id FROM files"):
                files[os.fsdecode(folders[folder].rstrip(b"/") + b"/" + name)] = key
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    texts = [[value or "" for value in column] for column in columns[1:7]]
    artist, album_artist, title, album, mbid, isrc = texts
    return MatchTable(
        keys=np.array(columns[0], np.int64),
        artist=artist,
        album_artist=album_artist,
        title=title,
        album=album,
        mbid=mbid,
        isrc=isrc,
        duration_s=np.array(columns[7], np.float64),
        files=files,
    )


def match_fingerprint(cat: Catalogue) -> str:
    """Changes when anything changes by which recordings are found in the library, and only then."""
    digest = hashlib.blake2b(digest_size=16)
    with snapshot(cat) as connection:
        for row in connection.execute(f"SELECT {_COLUMNS} FROM tracks WHERE +n_files > 0 ORDER BY id"):
            digest.update(json.dumps(row).encode())
        for folder, name, key in connection.execute(
            "SELECT folder_id, name, track_id FROM files ORDER BY folder_id, name"
        ):
            digest.update(b"%d %b %d\n" % (folder, name, key))
    return digest.hexdigest()
