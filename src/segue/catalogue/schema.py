"""The tables of the catalogue, one migration a version; a released migration is never edited."""

from __future__ import annotations

from dataclasses import dataclass

from segue.catalogue import schema_v3

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

MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, (*_TRACKS, *_FILES, *_VECTORS)),
    Migration(2, _HISTORY),
    Migration(3, schema_v3.STATEMENTS),
)
