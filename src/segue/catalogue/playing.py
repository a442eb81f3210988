"""What is played and judged in Segue itself, stored as imported histories are: taste sees it at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from segue.catalogue.connection import Catalogue, snapshot, transaction
from segue.catalogue.folding import clean
from segue.catalogue.heard import BY_HAND, OWN_URI, identity
from segue.catalogue.listens import BY_HAND as SAID_BY_HAND
from segue.catalogue.listens import OPINION
from segue.catalogue.rows import now
from segue.catalogue.sources import made_listener, made_source
from segue.errors import NothingFound, UsageError
from segue.types import Listen

SEGUE = "segue"
"""The format of the source that holds what was played here."""
# A shorter play does not count as one, as players everywhere count; a short track must be heard by half.
_LEAST_S = 30.0
_LATEST_S, _LONGEST_S = 1e11, 1e7
_OF_TRACK = (
    "(SELECT id FROM heard WHERE track_id = ?1 UNION SELECT heard_id FROM corrections WHERE public_id = ?2)"
)


def record_play(
    cat: Catalogue,
    listener: str,
    track_key: int,
    *,
    time_s: float,
    played_s: float | None = None,
    skipped: bool | None = None,
) -> bool:
    """Store that a listener played a track; the same track in the same second is one play.

    Parameters
    ----------
    time_s
        UTC epoch seconds when the play began.
    played_s
        How long it was played, in seconds; below 30 s, and below half of the track, it is kept but does not
        count as a play.
    skipped
        Whether the listener skipped it.

    Returns
    -------
    Whether it was new.

    Raises
    ------
    NothingFound
        If no track has this key.
    UsageError
        If a time is not a number of seconds that can be.
    """
    if not 0 <= time_s < _LATEST_S or not (played_s is None or 0 <= played_s < _LONGEST_S):
        raise UsageError(f"a play at {time_s} s of {played_s} s cannot be")
    with transaction(cat) as connection:
        heard, duration_s = _made_heard(connection, track_key)
        who, second = made_listener(connection, listener), int(time_s)
        known = connection.execute(
            "SELECT 1 FROM listens AS e JOIN heard AS h ON h.id = e.heard_id "
            "WHERE e.listener_id = ? AND e.time = ? AND h.track_id = ?",
            (who, second, track_key),
        ).fetchone()
        if known is not None:
            return False
        short = played_s is not None and played_s < min(_LEAST_S, duration_s / 2)
        connection.execute(
            "INSERT INTO listens (listener_id, time, heard_id, count, skipped, played_ms, source_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                who,
                second,
                heard,
                0 if short else 1,
                None if skipped is None else int(skipped),
                None if played_s is None else round(played_s * 1_000),
                made_source(connection, SEGUE, ""),
            ),
        )
        return True


def plays_known(cat: Catalogue, listener: str, listens: Iterable[Listen]) -> list[bool]:
    """Whether each play is stored: the listener heard this artist and title in the same second."""
    with snapshot(cat) as connection:
        return [
            listen.time_s is not None
            and connection.execute(
                "SELECT 1 FROM listens AS e JOIN heard AS h ON h.id = e.heard_id "
                "WHERE e.listener_id = (SELECT id FROM listeners WHERE name = ?) AND e.time = ? "
                "AND h.artist = ? COLLATE NOCASE AND h.title = ? COLLATE NOCASE",
                (clean(listener) or "", int(listen.time_s), listen.artist, listen.title),
            ).fetchone()
            is not None
            for listen in listens
        ]


def store_opinion(connection: sqlite3.Connection, who: int, track_id: str, value: float | None) -> None:
    """Put a listener's opinion of a track in place of all that was said of it by hand; None: of none.

    A track that is gone has no new opinion, but an old one can be taken back.
    """
    row = connection.execute("SELECT id FROM tracks WHERE public_id = ?", (track_id,)).fetchone()
    source = made_source(connection, SAID_BY_HAND, "")
    connection.execute(
        f"DELETE FROM evidence WHERE source_id = ?3 AND listener_id = ?4 AND kind = {OPINION} "
        f"AND heard_id IN {_OF_TRACK}",
        (-1 if row is None else row[0], track_id, source, who),
    )
    if value is not None and row is not None:
        connection.execute(
            "INSERT INTO evidence (source_id, listener_id, kind, heard_id, count, value, time) "
            "VALUES (?, ?, ?, ?, 0, ?, ?)",
            (source, who, OPINION, _made_heard(connection, row[0])[0], value, int(now())),
        )


def _made_heard(connection: sqlite3.Connection, key: int) -> tuple[int, float]:
    """The recording of a track as Segue itself names it, made if need be, and the track's length in seconds.

    Its id is among its names, so that two tracks of one title are two recordings, and the match is stored as
    one made by hand: it needs no search, and none changes it.
    """
    row = connection.execute(
        "SELECT public_id, duration_s, coalesce(artist, ''), coalesce(title, ''), coalesce(album, ''), "
        "coalesce(musicbrainz_recording_id, ''), coalesce(isrc, '') FROM tracks WHERE id = ?",
        (key,),
    ).fetchone()
    if row is None:
        raise NothingFound(f"no track has the key {key}")
    public_id, duration_s, artist, title, album, mbid, isrc = row
    names = (artist, title, album, mbid, isrc, f"{OWN_URI}{public_id}")
    number = identity(*names, "")
    heard = connection.execute("SELECT id FROM heard WHERE identity = ?", (number,)).fetchone()
    if heard is None:
        heard = connection.execute(
            "INSERT INTO heard (identity, artist, title, album, mbid, isrc, uri, path, duration_s, track_id, "
            "how, score) VALUES (?, ?, ?, ?, ?, ?, ?, x'', ?, ?, ?, 100) RETURNING id",
            (number, *names, duration_s, key, BY_HAND),
        ).fetchone()
    connection.execute(
        "INSERT INTO corrections (heard_id, public_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (heard[0], public_id),
    )
    # Known from an import of Segue's own export, or from before the track was forgotten and scanned again.
    connection.execute(
        "UPDATE heard SET track_id = ?, how = ?, score = 100, near_id = NULL "
        "WHERE id = ? AND track_id IS NULL "
        "AND (SELECT public_id FROM corrections WHERE heard_id = heard.id) = ?",
        (key, BY_HAND, heard[0], public_id),
    )
    return int(heard[0]), float(duration_s)
