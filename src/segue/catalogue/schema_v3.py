"""Version 3 of the catalogue: artists and albums, accounts, playlists, stars and queues."""

from __future__ import annotations

# By whom an album is: without an album artist, by each track's artist.
_BY = "coalesce(nullif({row}.album_artist_fold, ''), {row}.artist_fold)"
_NAMES = ("artist", "album_artist", "album")
_NEW_ID = "lower(hex(randomblob(8)))"


def _made_names(row: str) -> str:
    """Statements that give the artists and the album of a row of `tracks` their own rows."""
    artists = "".join(
        f"INSERT INTO artists (public_id, fold) SELECT {_NEW_ID}, {row}.{name} WHERE {row}.{name} <> '' "
        f"AND NOT EXISTS (SELECT 1 FROM artists WHERE fold = {row}.{name}); "
        for name in ("artist_fold", "album_artist_fold")
    )
    by = _BY.format(row=row)
    return (
        f"{artists} INSERT INTO albums (public_id, artist_fold, fold, name) "
        f"SELECT {_NEW_ID}, {by}, {row}.album_fold, {row}.album WHERE {row}.album_fold <> '' AND NOT EXISTS "
        f"(SELECT 1 FROM albums WHERE artist_fold = {by} AND fold = {row}.album_fold);"
    )


_POINT = f"""
    UPDATE tracks SET
        artist_id = (SELECT id FROM artists WHERE fold = artist_fold),
        album_artist_id = (SELECT id FROM artists WHERE fold = album_artist_fold),
        album_id = (SELECT a.id FROM albums AS a
            WHERE a.artist_fold = {_BY.format(row="tracks")} AND a.fold = tracks.album_fold)
"""


def _most_used(column: str) -> str:
    return (
        f"(SELECT {column} FROM tracks WHERE album_id = albums.id AND n_files > 0 AND {column} IS NOT NULL "
        f"GROUP BY {column} ORDER BY count(*) DESC, {column} LIMIT 1)"
    )


_LATEST = "(SELECT max(added_at) FROM tracks WHERE album_id = albums.id AND n_files > 0)"
_COUNT_ALBUM = f"""
    UPDATE albums SET
        n_tracks = (SELECT count(*) FROM tracks WHERE album_id = albums.id AND n_files > 0),
        added_at = {_LATEST},
        year = {_most_used("year")},
        name = coalesce({_most_used("album")}, name)
"""
# One step a track. Whole counts only in albums of usual size: what all of thousands of tracks bear is known
# from the first, and a folder of samples that are one "album" must not slow a scan down.
_USUAL = "n_tracks <= 500"


def _counted(change: str, added_at: str) -> str:
    return (
        f"UPDATE albums SET n_tracks = n_tracks {change}, added_at = {added_at}, "
        f"year = CASE WHEN {_USUAL} THEN {_most_used('year')} ELSE year END, "
        f"name = CASE WHEN {_USUAL} THEN coalesce({_most_used('album')}, name) ELSE name END"
    )


_SPELLED = """
    INSERT INTO spellings (artist_id, name, n_tracks)
        SELECT {name}_id, {name}, 1 FROM tracks WHERE id = NEW.id AND n_files > 0
            AND {name}_id IS NOT NULL AND {name} IS NOT NULL
        ON CONFLICT (artist_id, name) DO UPDATE SET n_tracks = n_tracks + 1;
"""
_ENTER = f"""
    {_SPELLED.format(name="artist")} {_SPELLED.format(name="album_artist")}
    INSERT INTO album_genres (album_id, genre_id, n_tracks)
        SELECT coalesce(t.album_id, 0), g.genre_id, 1
        FROM tracks AS t JOIN track_genres AS g ON g.track_id = t.id WHERE t.id = NEW.id AND t.n_files > 0
        ON CONFLICT (album_id, genre_id) DO UPDATE SET n_tracks = n_tracks + 1;
    {_counted("+ 1", "max(coalesce(added_at, 0), NEW.added_at)")}
        WHERE id = (SELECT album_id FROM tracks WHERE id = NEW.id AND n_files > 0);
"""
_LEAVE = f"""
    UPDATE spellings SET n_tracks = n_tracks - 1
        WHERE OLD.n_files > 0 AND artist_id = OLD.artist_id AND name = OLD.artist;
    UPDATE spellings SET n_tracks = n_tracks - 1
        WHERE OLD.n_files > 0 AND artist_id = OLD.album_artist_id AND name = OLD.album_artist;
    DELETE FROM spellings WHERE artist_id IN (OLD.artist_id, OLD.album_artist_id) AND n_tracks = 0;
    UPDATE album_genres SET n_tracks = n_tracks - 1 WHERE OLD.n_files > 0
        AND album_id = coalesce(OLD.album_id, 0)
        AND genre_id IN (SELECT genre_id FROM track_genres WHERE track_id = OLD.id);
    DELETE FROM album_genres WHERE album_id = coalesce(OLD.album_id, 0) AND n_tracks = 0
        AND genre_id IN (SELECT genre_id FROM track_genres WHERE track_id = OLD.id);
    {_counted("- 1", f"CASE WHEN {_USUAL} THEN {_LATEST} ELSE added_at END")}
        WHERE OLD.n_files > 0 AND id = OLD.album_id;
"""
_RENAMED = " OR ".join(
    f"OLD.{name} IS NOT NEW.{name}" for name in (*_NAMES, *(f"{name}_fold" for name in _NAMES), "year")
)

_BROWSING = (
    # Names of artists and albums as folded in `tracks`; their public ids stay while the catalogue does. An
    # album is what bears one name by one album artist. Rows are never removed: what they name may come back.
    """
    CREATE TABLE artists (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        fold TEXT NOT NULL UNIQUE
    )
    """,
    # The name and the year that most of its present tracks bear, and when the latest of them came.
    """
    CREATE TABLE albums (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        artist_fold TEXT NOT NULL,
        fold TEXT NOT NULL,
        name TEXT NOT NULL,
        n_tracks INTEGER NOT NULL DEFAULT 0,
        added_at REAL,
        year INTEGER,
        UNIQUE (artist_fold, fold)
    )
    """,
    # How the present tracks spell an artist; and in which albums a genre is (0: tracks without an album).
    # Counted by triggers, one step a track, so that lists of a large library cost milliseconds.
    """
    CREATE TABLE spellings (
        artist_id INTEGER NOT NULL REFERENCES artists (id),
        name TEXT NOT NULL,
        n_tracks INTEGER NOT NULL,
        PRIMARY KEY (artist_id, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE album_genres (
        album_id INTEGER NOT NULL,
        genre_id INTEGER NOT NULL,
        n_tracks INTEGER NOT NULL,
        PRIMARY KEY (album_id, genre_id)
    ) WITHOUT ROWID
    """,
    "ALTER TABLE tracks ADD COLUMN artist_id INTEGER REFERENCES artists (id)",
    "ALTER TABLE tracks ADD COLUMN album_artist_id INTEGER REFERENCES artists (id)",
    "ALTER TABLE tracks ADD COLUMN album_id INTEGER REFERENCES albums (id)",
    f"INSERT INTO artists (public_id, fold) SELECT {_NEW_ID}, name FROM "
    "(SELECT artist_fold AS name FROM tracks UNION SELECT album_artist_fold FROM tracks) WHERE name <> ''",
    f"INSERT INTO albums (public_id, artist_fold, fold, name) SELECT {_NEW_ID}, by, album_fold, max(album) "
    f"FROM (SELECT {_BY.format(row='tracks')} AS by, album_fold, album FROM tracks) "
    "WHERE album_fold <> '' GROUP BY by, album_fold",
    _POINT,
    # Indices to count by end with the column of their condition, without which SQLite reads the wide rows
    # too; those to sort by must not.
    "CREATE INDEX tracks_by_album ON tracks (album_id, disc_number, track_number, n_files) WHERE n_files > 0",
    "CREATE INDEX tracks_by_artist ON tracks (artist_id, album_id, n_files) WHERE n_files > 0",
    "CREATE INDEX tracks_by_album_artist ON tracks (album_artist_id, album_id, artist_id, n_files) "
    "WHERE n_files > 0 AND album_artist_id IS NOT artist_id",
    "CREATE INDEX tracks_in_order ON tracks "
    "(artist_fold, album_fold, disc_number, track_number, title_fold) WHERE n_files > 0",
    "CREATE INDEX tracks_in_order_of_title ON tracks (title_fold) WHERE n_files > 0",
    "CREATE INDEX tracks_by_added ON tracks (added_at) WHERE n_files > 0",
    "CREATE INDEX tracks_by_year ON tracks (year) WHERE n_files > 0",
    "CREATE INDEX tracks_by_composer ON tracks (composer, work, n_files) WHERE n_files > 0",
    f"{_COUNT_ALBUM}",
    "CREATE INDEX albums_by_name ON albums (fold, artist_fold, n_tracks) WHERE n_tracks > 0",
    "CREATE INDEX albums_by_artist ON albums (artist_fold, fold, n_tracks) WHERE n_tracks > 0",
    "CREATE INDEX albums_by_added ON albums (added_at) WHERE n_tracks > 0",
    "CREATE INDEX albums_by_year ON albums (year) WHERE n_tracks > 0",
    "INSERT INTO spellings (artist_id, name, n_tracks) SELECT artist_id, name, count(*) FROM "
    "(SELECT artist_id, artist AS name FROM tracks WHERE n_files > 0 "
    "UNION ALL SELECT album_artist_id, album_artist FROM tracks WHERE n_files > 0) "
    "WHERE artist_id IS NOT NULL AND name IS NOT NULL GROUP BY artist_id, name",
    "INSERT INTO album_genres (album_id, genre_id, n_tracks) "
    "SELECT coalesce(t.album_id, 0), g.genre_id, count(*) FROM track_genres AS g "
    "JOIN tracks AS t ON t.id = g.track_id WHERE t.n_files > 0 GROUP BY 1, 2",
    "CREATE INDEX album_genres_by_genre ON album_genres (genre_id, album_id, n_tracks)",
    # The words of their names; the tokenizer has only to part them, as in track_words.
    *(
        f"CREATE VIRTUAL TABLE {table}_words USING fts5 ({columns}, content = '', "
        "tokenize = \"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\", prefix = '1 2 3')"
        for table, columns in (("artist", "name"), ("album", "name, artist"))
    ),
    "INSERT INTO artist_words (rowid, name) SELECT id, fold FROM artists",
    "INSERT INTO album_words (rowid, name, artist) SELECT id, fold, artist_fold FROM albums",
    "CREATE TRIGGER artist_made AFTER INSERT ON artists BEGIN "
    "INSERT INTO artist_words (rowid, name) VALUES (NEW.id, NEW.fold); END",
    "CREATE TRIGGER album_made AFTER INSERT ON albums BEGIN "
    "INSERT INTO album_words (rowid, name, artist) VALUES (NEW.id, NEW.fold, NEW.artist_fold); END",
    # A track comes without files; it counts from its first file to its last.
    f"CREATE TRIGGER track_named AFTER INSERT ON tracks BEGIN {_made_names('NEW')} "
    f"{_POINT} WHERE id = NEW.id; END",
    f"CREATE TRIGGER track_came AFTER UPDATE OF n_files ON tracks "
    f"WHEN OLD.n_files = 0 AND NEW.n_files > 0 BEGIN {_ENTER} END",
    f"CREATE TRIGGER track_went AFTER UPDATE OF n_files ON tracks "
    f"WHEN OLD.n_files > 0 AND NEW.n_files = 0 BEGIN {_LEAVE} END",
    f"CREATE TRIGGER track_renamed AFTER UPDATE OF artist, album_artist, album, artist_fold, "
    f"album_artist_fold, album_fold, year ON tracks WHEN {_RENAMED} "
    f"BEGIN {_made_names('NEW')} {_POINT} WHERE id = NEW.id; {_LEAVE} {_ENTER} END",
    # While the row is still there to say which album its genres were in.
    "CREATE TRIGGER track_to_be_removed BEFORE DELETE ON tracks BEGIN "
    "DELETE FROM track_genres WHERE track_id = OLD.id; END",
    f"CREATE TRIGGER track_removed AFTER DELETE ON tracks WHEN OLD.n_files > 0 BEGIN {_LEAVE} END",
    """
    CREATE TRIGGER genre_added AFTER INSERT ON track_genres BEGIN
        INSERT INTO album_genres (album_id, genre_id, n_tracks)
            SELECT coalesce(album_id, 0), NEW.genre_id, 1 FROM tracks WHERE id = NEW.track_id AND n_files > 0
            ON CONFLICT (album_id, genre_id) DO UPDATE SET n_tracks = n_tracks + 1;
    END
    """,
    """
    CREATE TRIGGER genre_dropped AFTER DELETE ON track_genres BEGIN
        UPDATE album_genres SET n_tracks = n_tracks - 1 WHERE genre_id = OLD.genre_id AND album_id =
            (SELECT coalesce(album_id, 0) FROM tracks WHERE id = OLD.track_id AND n_files > 0);
        DELETE FROM album_genres WHERE n_tracks = 0 AND genre_id = OLD.genre_id AND album_id =
            (SELECT coalesce(album_id, 0) FROM tracks WHERE id = OLD.track_id);
    END
    """,
    # For what was meant by a word that no track has: the words of all tracks, also backwards (near words
    # begin or end alike), and how many tracks have each.
    "CREATE TABLE vocabulary (word TEXT PRIMARY KEY, backwards TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX vocabulary_backwards ON vocabulary (backwards)",
    "CREATE VIRTUAL TABLE words USING fts5vocab(track_words, 'row')",
    """
    INSERT INTO vocabulary (word, backwards) SELECT term, (
        WITH RECURSIVE turned(at, text) AS (
            SELECT length(term), ''
            UNION ALL SELECT at - 1, text || substr(term, at, 1) FROM turned WHERE at > 0
        ) SELECT text FROM turned WHERE at = 0
    ) FROM words WHERE length(term) BETWEEN 3 AND 40
    """,
)

_ACCOUNTS = (
    # Everything of one person hangs on the listener: an account is only how the person comes in.
    """
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY,
        listener_id INTEGER NOT NULL UNIQUE REFERENCES listeners (id),
        name TEXT NOT NULL,
        name_fold TEXT NOT NULL UNIQUE,
        password TEXT NOT NULL,
        is_admin INTEGER NOT NULL,
        created_at REAL NOT NULL,
        settings TEXT NOT NULL DEFAULT '{}'
    )
    """,
    # `secret` is the SHA-256 of a random key or session token; of an app password (which the token login of
    # Subsonic wants in clear) it is the sealed text.
    """
    CREATE TABLE credentials (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('session', 'api-key', 'app-password')),
        label TEXT NOT NULL,
        secret BLOB NOT NULL,
        created_at REAL NOT NULL,
        used_at REAL,
        expires_at REAL
    )
    """,
    "CREATE UNIQUE INDEX credentials_by_secret ON credentials (secret)",
    "CREATE INDEX credentials_by_account ON credentials (account_id, kind)",
    # What a listener lets Segue ask elsewhere (Spotify, ListenBrainz); the text is sealed.
    """
    CREATE TABLE connections (
        listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
        service TEXT NOT NULL,
        sealed BLOB NOT NULL,
        changed_at REAL NOT NULL,
        PRIMARY KEY (listener_id, service)
    ) WITHOUT ROWID
    """,
    # Listens that wait to be passed on, oldest first.
    """
    CREATE TABLE forwards (
        id INTEGER PRIMARY KEY,
        listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
        service TEXT NOT NULL,
        listen TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        not_before REAL NOT NULL
    )
    """,
)

_PLAYING = (
    "CREATE INDEX corrections_by_track ON corrections (public_id)",
    """
    CREATE TABLE playlists (
        id INTEGER PRIMARY KEY,
        public_id TEXT NOT NULL UNIQUE,
        listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        comment TEXT NOT NULL DEFAULT '',
        is_public INTEGER NOT NULL DEFAULT 0,
        created_at REAL NOT NULL,
        changed_at REAL NOT NULL,
        version INTEGER NOT NULL DEFAULT 1
    )
    """,
    "CREATE INDEX playlists_by_listener ON playlists (listener_id)",
    # By public id: a track that is forgotten and scanned again is in its place again.
    """
    CREATE TABLE playlist_tracks (
        playlist_id INTEGER NOT NULL REFERENCES playlists (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        track TEXT NOT NULL,
        PRIMARY KEY (playlist_id, position)
    ) WITHOUT ROWID
    """,
    # `item` is the public id of a track, an album or an artist.
    """
    CREATE TABLE stars (
        listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('track', 'album', 'artist')),
        item TEXT NOT NULL,
        starred_at REAL,
        rating INTEGER CHECK (rating BETWEEN 1 AND 5),
        PRIMARY KEY (listener_id, kind, item)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE play_queues (
        listener_id INTEGER PRIMARY KEY REFERENCES listeners (id) ON DELETE CASCADE,
        tracks TEXT NOT NULL,
        place INTEGER,
        position_ms INTEGER NOT NULL,
        changed_at REAL NOT NULL,
        changed_by TEXT NOT NULL
    )
    """,
    # Blind listening tests: which of two unnamed lists a listener liked better; 0 for neither.
    """
    CREATE TABLE votes (
        listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
        time REAL NOT NULL,
        seed TEXT NOT NULL,
        first TEXT NOT NULL,
        second TEXT NOT NULL,
        preferred INTEGER NOT NULL CHECK (preferred IN (0, 1, 2)),
        PRIMARY KEY (listener_id, time)
    ) WITHOUT ROWID
    """,
)

STATEMENTS = (*_BROWSING, *_ACCOUNTS, *_PLAYING)
"""Lead from version 2 to version 3."""
