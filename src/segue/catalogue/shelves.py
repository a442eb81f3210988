"""Playlists that listeners keep: each is changed whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean, fold
from segue.catalogue.reading import keys_of, read_tracks
from segue.catalogue.records import Track
from segue.catalogue.rows import new_id, now
from segue.catalogue.sources import made_listener
from segue.errors import Conflict, NotAllowed, NothingFound, UsageError
from segue.types import TrackId

_LIST = """
    SELECT p.public_id, p.name, p.comment, coalesce(a.name, l.name), p.is_public, p.created_at, p.changed_at,
        p.version, count(t.id), coalesce(sum(t.duration_s), 0.0)
    FROM playlists AS p JOIN listeners AS l ON l.id = p.listener_id
        LEFT JOIN accounts AS a ON a.listener_id = l.id
        LEFT JOIN playlist_tracks AS e ON e.playlist_id = p.id
        LEFT JOIN tracks AS t ON t.public_id = e.track AND t.n_files > 0
    WHERE {} GROUP BY p.id
"""
_PRESENT = (
    "SELECT e.position, e.track, t.id FROM playlist_tracks AS e "
    "LEFT JOIN tracks AS t ON t.public_id = e.track AND t.n_files > 0 "
    "WHERE e.playlist_id = ? ORDER BY e.position"
)


@dataclass(frozen=True, slots=True)
class SavedPlaylist:
    """A playlist that a listener keeps.

    Attributes
    ----------
    owner
        The name of the account, or else of the listener, whose list it is; empty for the owner of the
        library without an account.
    is_public
        Whether other listeners see it.
    created_at, changed_at
        UTC epoch seconds.
    version
        Raised by every change.
    n_tracks, duration_s
        Of the tracks that are present; in seconds.
    """

    id: str
    name: str
    comment: str
    owner: str
    is_public: bool
    created_at: float
    changed_at: float
    version: int
    n_tracks: int
    duration_s: float


def playlists_of(cat: Catalogue, listener: str) -> list[SavedPlaylist]:
    """A listener's own playlists by name, then the public ones of others."""
    with snapshot(cat) as connection:
        who = _known(connection, listener)
        groups = [
            connection.execute(_LIST.format(whose), (who,)).fetchall()
            for whose in ("p.listener_id = ?", "p.is_public AND p.listener_id <> ?")
        ]
    return [
        one
        for rows in groups
        for one in sorted(map(_playlist, rows), key=lambda one: (fold(one.name), one.created_at))
    ]


def playlist(cat: Catalogue, listener: str, id: str) -> SavedPlaylist:
    """A playlist that a listener may see.

    Raises
    ------
    NothingFound
        If there is none of this id, or it is somebody else's own.
    """
    with snapshot(cat) as connection:
        number, _ = _seen(connection, listener, id)
        return _playlist(connection.execute(_LIST.format("p.id = ?"), (number,)).fetchone())


def playlist_tracks(cat: Catalogue, id: str) -> list[Track]:
    """The tracks of a playlist in their order, without those that are gone.

    Who may see it says `playlist`.

    Raises
    ------
    NothingFound
        If there is no playlist of this id.
    """
    with snapshot(cat) as connection:
        row = connection.execute("SELECT id FROM playlists WHERE public_id = ?", (id,)).fetchone()
        if row is None:
            raise NothingFound(f"there is no playlist {id}")
        rows = connection.execute(_PRESENT, row).fetchall()
        return read_tracks(connection, (key for *_, key in rows if key is not None))


def create_playlist(
    cat: Catalogue,
    listener: str,
    name: str,
    track_ids: Sequence[TrackId],
    *,
    comment: str = "",
    is_public: bool = False,
) -> SavedPlaylist:
    """Keep a new playlist.

    Raises
    ------
    UsageError
        If the name is empty.
    NothingFound
        If no track has one of the ids.
    """
    with transaction(cat) as connection:
        keys_of(cat, track_ids)
        id, at = new_id(), now()
        number = connection.execute(
            "INSERT INTO playlists "
            "(public_id, listener_id, name, comment, is_public, created_at, changed_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                id,
                made_listener(connection, listener),
                _named(name),
                clean(comment) or "",
                int(is_public),
                at,
                at,
            ),
        ).lastrowid
        _write(connection, int(number or 0), track_ids)
        return playlist(cat, listener, id)


def change_playlist(
    cat: Catalogue,
    listener: str,
    id: str,
    *,
    name: str | None = None,
    comment: str | None = None,
    is_public: bool | None = None,
    track_ids: Sequence[TrackId] | None = None,
    version: int | None = None,
) -> SavedPlaylist:
    """Change what is given of a listener's own playlist.

    Parameters
    ----------
    track_ids
        All tracks in their new order. Those that are gone now, and so could not be seen, stay behind the
        track that they followed.
    version
        The one that was changed; without it, whatever is there is changed.

    Raises
    ------
    NothingFound
        If the listener sees no such playlist, or no track has one of the ids.
    NotAllowed
        If it is somebody else's public one.
    Conflict
        If it was changed since `version`.
    UsageError
        If the name is empty.
    """
    with transaction(cat) as connection:
        number = _own(connection, listener, id, version)
        if track_ids is not None:
            old = connection.execute(_PRESENT, (number,)).fetchall()
            stored = {track for _, track, _ in old}
            keys_of(cat, [track for track in track_ids if track not in stored])
            _write(connection, number, _with_the_gone(old, track_ids))
        shown = None if name is None else _named(name)
        said = None if comment is None else clean(comment) or ""
        _count_change(connection, number, shown, said, None if is_public is None else int(is_public))
        return playlist(cat, listener, id)


def append_and_remove(
    cat: Catalogue,
    listener: str,
    id: str,
    add_ids: Sequence[TrackId],
    remove_positions: Sequence[int],
    *,
    version: int | None = None,
) -> SavedPlaylist:
    """Take tracks out of a listener's own playlist, by their places in `playlist_tracks`, and append others.

    Raises
    ------
    UsageError
        If there is no such place.
    NothingFound, NotAllowed, Conflict
        As `change_playlist` does.
    """
    with transaction(cat) as connection:
        number = _own(connection, listener, id, version)
        keys_of(cat, add_ids)
        old = connection.execute(_PRESENT, (number,)).fetchall()
        seen = [position for position, _, key in old if key is not None]
        wrong = next((place for place in remove_positions if not 0 <= place < len(seen)), None)
        if wrong is not None:
            raise UsageError(f"the playlist has {len(seen)} tracks, none at place {wrong} (the first is 0)")
        dropped = {seen[place] for place in remove_positions}
        kept = [track for position, track, _ in old if position not in dropped]
        _write(connection, number, [*kept, *add_ids])
        _count_change(connection, number, None, None, None)
        return playlist(cat, listener, id)


def delete_playlist(cat: Catalogue, listener: str, id: str) -> None:
    """Delete a listener's own playlist.

    Raises
    ------
    NothingFound, NotAllowed
        As `change_playlist` does.
    """
    with transaction(cat) as connection:
        connection.execute("DELETE FROM playlists WHERE id = ?", (_own(connection, listener, id, None),))


def _known(connection: sqlite3.Connection, listener: str) -> int:
    """The row of a listener, -1 for one of whom nothing is known yet."""
    row = connection.execute("SELECT id FROM listeners WHERE name = ?", (clean(listener) or "",)).fetchone()
    return -1 if row is None else int(row[0])


def _seen(connection: sqlite3.Connection, listener: str, id: str) -> tuple[int, bool]:
    """The row of a playlist that a listener may see, and whether it is the listener's own."""
    row = connection.execute(
        "SELECT id, listener_id = ?1 FROM playlists WHERE public_id = ?2 AND (is_public OR listener_id = ?1)",
        (_known(connection, listener), id),
    ).fetchone()
    if row is None:
        raise NothingFound(f"there is no playlist {id}")
    return int(row[0]), bool(row[1])


def _own(connection: sqlite3.Connection, listener: str, id: str, version: int | None) -> int:
    """The row of a playlist that a listener may change, still in the version that was changed."""
    number, is_own = _seen(connection, listener, id)
    name, stored = connection.execute(
        "SELECT name, version FROM playlists WHERE id = ?", (number,)
    ).fetchone()
    if not is_own:
        raise NotAllowed(f"the playlist {name!r} is somebody else's: copy it to change it")
    if version is not None and version != stored:
        raise Conflict(f"the playlist {name!r} was changed meanwhile: load it again (version {stored} now)")
    return number


def _with_the_gone(old: Sequence[tuple[int, str, int | None]], wanted: Sequence[str]) -> list[str]:
    """The wanted tracks, and those that are gone behind the track that they followed.

    >>> _with_the_gone([(0, "gone", None), (1, "a", 1), (2, "gone too", None), (3, "b", 2)], ["b", "a"])
    ['gone', 'b', 'a', 'gone too']
    """
    after: dict[str | None, list[str]] = {}
    before: str | None = None
    for _, track, key in old:
        if key is not None:
            before = track
        elif track not in wanted:
            after.setdefault(before, []).append(track)
    found = after.pop(None, [])
    for track in wanted:
        found += [track, *after.pop(track, [])]
    return found + [track for rest in after.values() for track in rest]


def _write(connection: sqlite3.Connection, number: int, track_ids: Sequence[str]) -> None:
    connection.execute("DELETE FROM playlist_tracks WHERE playlist_id = ?", (number,))
    connection.execute(
        "INSERT INTO playlist_tracks (playlist_id, position, track) SELECT ?, key, value FROM json_each(?)",
        (number, json.dumps(list(track_ids))),
    )


def _count_change(
    connection: sqlite3.Connection, number: int, name: str | None, comment: str | None, is_public: int | None
) -> None:
    connection.execute(
        "UPDATE playlists SET name = coalesce(?, name), comment = coalesce(?, comment), "
        "is_public = coalesce(?, is_public), changed_at = ?, version = version + 1 WHERE id = ?",
        (name, comment, is_public, now(), number),
    )


def _named(name: str) -> str:
    shown = " ".join((clean(name) or "").split())
    if not shown:
        raise UsageError("a playlist needs a name")
    return shown


def _playlist(row: tuple[str, str, str, str, int, float, float, int, int, float]) -> SavedPlaylist:
    id, name, comment, owner, is_public, created_at, changed_at, version, n_tracks, duration_s = row
    return SavedPlaylist(
        id, name, comment, owner, bool(is_public), created_at, changed_at, version, n_tracks, duration_s
    )
