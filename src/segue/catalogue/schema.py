"""The tables of the catalogue, one migration a version; a released migration is never edited."""

from __future__ import annotations

from dataclasses import dataclass

APPLICATION_ID = 0x53454755
"""``SEGU``: tells a catalogue from any other SQLite file."""


@dataclass(frozen=True, slots=True)
class Migration:
    """The statements that lead from version `number` - 1 to version `number`."""

    number: int
    statements: tuple[str, ...]


_TRACKS = (
    # AUTOINCREMENT: a key is never used twice, so a search index that still holds a removed key cannot
    # name another track. Nothing points at text: the folded columns answer "which track is meant".
    """
    CREATE TABLE tracks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        public_id TEXT NOT NULL UNIQUE,
        digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
        n_files INTEGER NOT NULL DEFAULT 0 CHECK (n_files >= 0),
        artist_fold TEXT NOT NULL,
        album_artist_fold TEXT NOT NULL,
        album_fold TEXT NOT NULL,
        title_fold TEXT NOT NULL,
        year INTEGER,
        duration_s REAL NOT NULL,
        added_at REAL NOT NULL,
        title TEXT, artist TEXT, album_artist TEXT, album TEXT,
        track_number INTEGER, disc_number INTEGER, date TEXT, bpm REAL, isrc TEXT,
        musicbrainz_recording_id TEXT, musicbrainz_artist_id TEXT,
        musicbrainz_release_id TEXT, musicbrainz_release_group_id TEXT,
        replaygain_track_gain_db REAL, replaygain_track_peak REAL,
        replaygain_album_gain_db REAL, replaygain_album_peak REAL,
        has_cover INTEGER NOT NULL,
        composer TEXT, conductor TEXT, work TEXT, movement TEXT,
        sample_rate INTEGER NOT NULL, channels INTEGER NOT NULL, codec TEXT NOT NULL, bitrate_bps INTEGER
    )
    """,
    "CREATE INDEX tracks_by_title ON tracks (title_fold)",
    # Two narrow lists of keys: counting and masking need not read the wide rows.
    "CREATE INDEX tracks_present ON tracks (id) WHERE n_files > 0",
    "CREATE INDEX tracks_absent ON tracks (id) WHERE n_files = 0",
    "CREATE TABLE genres (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, fold TEXT NOT NULL)",
    """
    CREATE TABLE track_genres (
        track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        genre_id INTEGER NOT NULL REFERENCES genres (id),
        PRIMARY KEY (track_id, position)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX track_genres_by_genre ON track_genres (genre_id, track_id)",
    # The words come folded (folding.py): the tokenizer has only to part them.
    """
    CREATE VIRTUAL TABLE track_words USING fts5 (
        title, artist, album, more,
        tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'", prefix = '2 3'
    )
    """,
)

_FILES = (
    "CREATE TABLE roots (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, added_at REAL NOT NULL)",
    # A folder's path is kept once; a scan asks for one folder after the other.
    "CREATE TABLE folders (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE)",
    """
    CREATE TABLE files (
        folder_id INTEGER NOT NULL REFERENCES folders (id),
        name BLOB NOT NULL,
        track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        PRIMARY KEY (folder_id, name)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX files_by_track ON files (track_id)",
    # Only of tracks with several files (tagging.py); apart from `files`, whose rows are read at every scan.
    """
    CREATE TABLE file_tags (
        folder_id INTEGER NOT NULL,
        name BLOB NOT NULL,
        tags TEXT NOT NULL,
        PRIMARY KEY (folder_id, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE problems (
        folder_id INTEGER NOT NULL REFERENCES folders (id),
        name BLOB NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        seen_at REAL NOT NULL,
        attempts INTEGER NOT NULL,
        PRIMARY KEY (folder_id, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER file_added AFTER INSERT ON files BEGIN
        UPDATE tracks SET n_files = n_files + 1 WHERE id = NEW.track_id;
    END
    """,
    """
    CREATE TRIGGER file_forgotten AFTER DELETE ON files BEGIN
        UPDATE tracks SET n_files = n_files - 1 WHERE id = OLD.track_id;
        DELETE FROM file_tags WHERE folder_id = OLD.folder_id AND name = OLD.name;
    END
    """,
    """
    CREATE TRIGGER file_replaced AFTER UPDATE OF track_id ON files WHEN OLD.track_id <> NEW.track_id BEGIN
        UPDATE tracks SET n_files = n_files - 1 WHERE id = OLD.track_id;
        UPDATE tracks SET n_files = n_files + 1 WHERE id = NEW.track_id;
        DELETE FROM file_tags WHERE folder_id = OLD.folder_id AND name = OLD.name;
    END
    """,
)

_VECTORS = (
    # `replaced` counts vectors overwritten by other values: an index that follows keys alone must be
    # made again when it changes.
    """
    CREATE TABLE encoders (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        dim INTEGER,
        replaced INTEGER NOT NULL DEFAULT 0
    )
    """,
    # Clustered by encoder: one encoder's vectors are read in one sweep. Values: little-endian float32.
    """
    CREATE TABLE vectors (
        encoder_id INTEGER NOT NULL REFERENCES encoders (id),
        track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
        value BLOB NOT NULL,
        PRIMARY KEY (encoder_id, track_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX vectors_by_track ON vectors (track_id, encoder_id)",
    """
    CREATE TABLE tag_names (
        encoder_id INTEGER NOT NULL REFERENCES encoders (id),
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        fold TEXT NOT NULL,
        PRIMARY KEY (encoder_id, position)
    ) WITHOUT ROWID
    """,
    # Big-endian float16: the bytes of two such numbers in [0, 1] sort as the numbers do, so one tag can be
    # compared and sorted by SQLite itself with substr().
    """
    CREATE TABLE tag_probabilities (
        encoder_id INTEGER NOT NULL REFERENCES encoders (id),
        track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
        value BLOB NOT NULL,
        PRIMARY KEY (encoder_id, track_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX tag_probabilities_by_track ON tag_probabilities (track_id)",
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "INSERT INTO settings (name, value) VALUES ('revision', 0)",
)

_HISTORY = (
    "CREATE TABLE listeners (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    # The one whose library it is has the empty name.
    "INSERT INTO listeners (id, name) VALUES (1, '')",
    # A recording as a history names it. `identity` is a hash of its folded names and its ids (heard.py).
    # `how` says how `track_id` was found (0: not looked for yet); `near_id` is a track that nearly fits.
    """
    CREATE TABLE heard (
        id INTEGER PRIMARY KEY,
        identity INTEGER NOT NULL UNIQUE,
        artist TEXT NOT NULL, title TEXT NOT NULL, album TEXT NOT NULL,
        mbid TEXT NOT NULL, isrc TEXT NOT NULL, uri TEXT NOT NULL, path BLOB NOT NULL,
        duration_s REAL,
        track_id INTEGER REFERENCES tracks (id) ON DELETE SET NULL,
        how INTEGER NOT NULL DEFAULT 0,
        score REAL NOT NULL DEFAULT 0,
        near_id INTEGER
    )
    """,
    "CREATE INDEX heard_by_track ON heard (track_id) WHERE track_id IS NOT NULL",
    "CREATE INDEX heard_not_matched ON heard (id) WHERE how = 0",
    # By public id, so that it outlives a track that is forgotten and scanned again; NULL: in no library.
    """
    CREATE TABLE corrections (
        heard_id INTEGER PRIMARY KEY REFERENCES heard (id) ON DELETE CASCADE,
        public_id TEXT
    )
    """,
    """
    CREATE TABLE sources (
        id INTEGER PRIMARY KEY, format TEXT NOT NULL, path BLOB NOT NULL, imported_at REAL NOT NULL,
        UNIQUE (format, path)
    )
    """,
    # Millions of rows, mostly appended: clustered by time, whole seconds, and without an index or a foreign
    # key on `heard_id`, which would cost more room and time than all the rest; `check` looks instead.
    """
    CREATE TABLE listens (
        listener_id INTEGER NOT NULL,
        time INTEGER NOT NULL,
        heard_id INTEGER NOT NULL,
        count INTEGER NOT NULL,
        skipped INTEGER,
        played_ms INTEGER,
        source_id INTEGER NOT NULL,
        PRIMARY KEY (listener_id, time, heard_id)
    ) WITHOUT ROWID
    """,
    # What a source says without a time: counts, places in playlists, opinions. A source imported again
    # replaces its rows.
    """
    CREATE TABLE evidence (
        source_id INTEGER NOT NULL,
        listener_id INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        heard_id INTEGER NOT NULL,
        count INTEGER NOT NULL,
        value REAL,
        time INTEGER,
        PRIMARY KEY (source_id, listener_id, kind, heard_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE recommended (
        listener_id INTEGER NOT NULL REFERENCES listeners (id) ON DELETE CASCADE,
        time INTEGER NOT NULL,
        list TEXT NOT NULL,
        track_id INTEGER NOT NULL REFERENCES tracks (id) ON DELETE CASCADE,
        PRIMARY KEY (listener_id, time, list, track_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX recommended_by_track ON recommended (track_id)",
)

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


_COUNT_ALBUM = f"""
    UPDATE albums SET
        n_tracks = (SELECT count(*) FROM tracks WHERE album_id = albums.id AND n_files > 0),
        added_at = (SELECT max(added_at) FROM tracks WHERE album_id = albums.id AND n_files > 0),
        year = {_most_used("year")},
        name = coalesce({_most_used("album")}, name)
"""
_SPELLED = """
    INSERT INTO spellings (artist_id, name, n_tracks)
        SELECT {name}_id, {name}, 1 FROM tracks WHERE id = NEW.id AND n_files > 0 AND {name}_id IS NOT NULL
        ON CONFLICT (artist_id, name) DO UPDATE SET n_tracks = n_tracks + 1;
"""
_ENTER = f"""
    {_SPELLED.format(name="artist")} {_SPELLED.format(name="album_artist")}
    INSERT INTO album_genres (album_id, genre_id, n_tracks)
        SELECT coalesce(t.album_id, 0), g.genre_id, 1
        FROM tracks AS t JOIN track_genres AS g ON g.track_id = t.id WHERE t.id = NEW.id AND t.n_files > 0
        ON CONFLICT (album_id, genre_id) DO UPDATE SET n_tracks = n_tracks + 1;
    {_COUNT_ALBUM} WHERE id = (SELECT album_id FROM tracks WHERE id = NEW.id);
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
    {_COUNT_ALBUM} WHERE id = OLD.album_id;
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
    "CREATE INDEX tracks_by_album ON tracks (album_id, disc_number, track_number) WHERE n_files > 0",
    "CREATE INDEX tracks_by_artist ON tracks (artist_id, album_id) WHERE n_files > 0",
    "CREATE INDEX tracks_by_album_artist ON tracks (album_artist_id, album_id) "
    "WHERE n_files > 0 AND album_artist_id IS NOT artist_id",
    "CREATE INDEX tracks_in_order ON tracks "
    "(artist_fold, album_fold, disc_number, track_number, title_fold) WHERE n_files > 0",
    "CREATE INDEX tracks_in_order_of_title ON tracks (title_fold) WHERE n_files > 0",
    "CREATE INDEX tracks_by_added ON tracks (added_at) WHERE n_files > 0",
    "CREATE INDEX tracks_by_year ON tracks (year) WHERE n_files > 0",
    "CREATE INDEX tracks_by_composer ON tracks (composer, work) WHERE n_files > 0",
    f"{_COUNT_ALBUM}",
    "CREATE INDEX albums_by_name ON albums (fold, artist_fold) WHERE n_tracks > 0",
    "CREATE INDEX albums_by_artist ON albums (artist_fold, fold) WHERE n_tracks > 0",
    "CREATE INDEX albums_by_added ON albums (added_at) WHERE n_tracks > 0",
    "CREATE INDEX albums_by_year ON albums (year) WHERE n_tracks > 0",
    "INSERT INTO spellings (artist_id, name, n_tracks) SELECT artist_id, name, count(*) FROM "
    "(SELECT artist_id, artist AS name FROM tracks WHERE n_files > 0 "
    "UNION ALL SELECT album_artist_id, album_artist FROM tracks WHERE n_files > 0) "
    "WHERE artist_id IS NOT NULL GROUP BY artist_id, name",
    "INSERT INTO album_genres (album_id, genre_id, n_tracks) "
    "SELECT coalesce(t.album_id, 0), g.genre_id, count(*) FROM track_genres AS g "
    "JOIN tracks AS t ON t.id = g.track_id WHERE t.n_files > 0 GROUP BY 1, 2",
    "CREATE INDEX album_genres_by_genre ON album_genres (genre_id, album_id, n_tracks)",
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

MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, (*_TRACKS, *_FILES, *_VECTORS)),
    Migration(2, _HISTORY),
    Migration(3, (*_BROWSING, *_ACCOUNTS, *_PLAYING)),
)
