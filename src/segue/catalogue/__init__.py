"""The catalogue of a library in one SQLite file: the only room with SQL."""

from __future__ import annotations

from segue.catalogue.browsing import (
    Album,
    AlbumOrder,
    Artist,
    Links,
    album,
    album_tracks,
    albums,
    albums_by_id,
    artist,
    artist_albums,
    artist_tracks,
    artists,
    links,
    n_albums,
)
from segue.catalogue.connection import Catalogue, open_catalogue, snapshot, transaction
from segue.catalogue.copying import check_copy, copy_catalogue, replacing_library
from segue.catalogue.exporting import write_export
from segue.catalogue.figures import check, revision, stats
from segue.catalogue.files import (
    file_stat,
    files_without_vectors,
    known_files,
    known_folders,
    known_problems,
    problem_for,
    problems,
)
from segue.catalogue.finding import find_track
from segue.catalogue.folders import Folder, folder, roots_as_folders
from segue.catalogue.folding import fold
from segue.catalogue.heard import (
    HOW,
    HeardTable,
    correct_matches,
    has_heard,
    heard_table,
    matched_state,
    store_matches,
)
from segue.catalogue.histories import HistorySource, Imported, import_listens
from segue.catalogue.importing import import_vectors
from segue.catalogue.library import add_root, default_encoder, remove_root, roots, set_default_encoder
from segue.catalogue.listens import (
    KINDS,
    ListenTable,
    iterate_listens,
    listen_table,
    listeners,
    plays_of_heard,
)
from segue.catalogue.locking import scan_lock, serve_lock
from segue.catalogue.matchable import MatchTable, match_fingerprint, match_table
from segue.catalogue.opinions import OpinionTable, opinion_table, set_opinion
from segue.catalogue.pages import TrackOrder, tracks_page
from segue.catalogue.probabilities import load_tag_probabilities, set_tag_names, tag_names, track_tags
from segue.catalogue.reading import (
    iterate_tracks,
    keys_of,
    repeated_tracks,
    track,
    track_by_path,
    track_ids,
    tracks,
    tracks_by_key,
)
from segue.catalogue.recommended import recommended, record_recommended
from segue.catalogue.recording import (
    forget_paths,
    record_analysis,
    record_problem,
    record_vectors,
    remove_tracks,
)
from segue.catalogue.records import (
    Analysis,
    FileStat,
    ImportReport,
    Match,
    Problem,
    Stats,
    Track,
    TrackTable,
)
from segue.catalogue.replacing import is_of_library, library_names
from segue.catalogue.search import search_tracks
from segue.catalogue.sources import SourceSummary, forget_history, history_sources
from segue.catalogue.subjects import Composer, Genre, Work, composers, genres, work_tracks, works
from segue.catalogue.table import track_table
from segue.catalogue.vectors import has_vectors, load_vectors, replacements, vector_keys

__all__ = [
    "HOW",
    "KINDS",
    "Album",
    "AlbumOrder",
    "Analysis",
    "Artist",
    "Catalogue",
    "Composer",
    "FileStat",
    "Folder",
    "Genre",
    "HeardTable",
    "HistorySource",
    "ImportReport",
    "Imported",
    "Links",
    "ListenTable",
    "Match",
    "MatchTable",
    "OpinionTable",
    "Problem",
    "SourceSummary",
    "Stats",
    "Track",
    "TrackOrder",
    "TrackTable",
    "Work",
    "add_root",
    "album",
    "album_tracks",
    "albums",
    "albums_by_id",
    "artist",
    "artist_albums",
    "artist_tracks",
    "artists",
    "check",
    "check_copy",
    "composers",
    "copy_catalogue",
    "correct_matches",
    "default_encoder",
    "file_stat",
    "files_without_vectors",
    "find_track",
    "fold",
    "folder",
    "forget_history",
    "forget_paths",
    "genres",
    "has_heard",
    "has_vectors",
    "heard_table",
    "history_sources",
    "import_listens",
    "import_vectors",
    "is_of_library",
    "iterate_listens",
    "iterate_tracks",
    "keys_of",
    "known_files",
    "known_folders",
    "known_problems",
    "library_names",
    "links",
    "listen_table",
    "listeners",
    "load_tag_probabilities",
    "load_vectors",
    "match_fingerprint",
    "match_table",
    "matched_state",
    "n_albums",
    "open_catalogue",
    "opinion_table",
    "plays_of_heard",
    "problem_for",
    "problems",
    "recommended",
    "record_analysis",
    "record_problem",
    "record_recommended",
    "record_vectors",
    "remove_root",
    "remove_tracks",
    "repeated_tracks",
    "replacements",
    "replacing_library",
    "revision",
    "roots",
    "roots_as_folders",
    "scan_lock",
    "search_tracks",
    "serve_lock",
    "set_default_encoder",
    "set_opinion",
    "set_tag_names",
    "snapshot",
    "stats",
    "store_matches",
    "tag_names",
    "track",
    "track_by_path",
    "track_ids",
    "track_table",
    "track_tags",
    "tracks",
    "tracks_by_key",
    "tracks_page",
    "transaction",
    "vector_keys",
    "work_tracks",
    "works",
    "write_export",
]
