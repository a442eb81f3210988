"""What goes into the catalogue and what comes out, as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from segue.audio import AudioInfo, Tags
from segue.types import EncoderId, TrackId

if TYPE_CHECKING:
    from segue.types import Vector


@dataclass(frozen=True, slots=True)
class FileStat:
    """A file as the file system shows it without reading it.

    Attributes
    ----------
    path
        Absolute.
    size
        In bytes.
    mtime_ns
        Time of the last change, in nanoseconds since the epoch.
    """

    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was heard and read in one file.

    Attributes
    ----------
    path
        The file, absolute; the same as ``stat.path``.
    stat
        The file as it was before it was read.
    digest
        SHA-256 of the audio payload, 64 hexadecimal digits: the track's identity.
    tags, info
        As read from the file.
    vectors
        One embedding an encoder, ``(dim,) float32``, finite; empty when all are known already.
    tag_probabilities
        One array an encoder, ``(n_tags,)`` in [0, 1], in the order given to `set_tag_names`.
    """

    path: Path
    stat: FileStat
    digest: str
    tags: Tags
    info: AudioInfo
    vectors: Mapping[EncoderId, Vector] = field(default_factory=dict)
    tag_probabilities: Mapping[EncoderId, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Track:
    """One recording of the library.

    Attributes
    ----------
    id
        Opaque; the same audio payload has the same id in every catalogue.
    key
        The track's row in this catalogue, as in `load_vectors` and `track_table`.
    digest
        SHA-256 of the audio payload, 64 hexadecimal digits.
    tags
        Those of the file whose path comes first.
    duration_s
        In seconds.
    sample_rate
        In Hz.
    paths
        All its files, by folder and name; empty when they are gone.
    added_at
        UTC epoch seconds.
    """

    id: TrackId
    key: int
    digest: str
    tags: Tags
    duration_s: float
    sample_rate: int
    channels: int
    codec: str
    bitrate_bps: int | None
    paths: tuple[Path, ...]
    added_at: float


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be heard.

    Attributes
    ----------
    reason
        A short stable word (`segue.errors.AudioError`).
    seen_at
        UTC epoch seconds of the last attempt.
    attempts
        How often this state of the file (size and time) was tried.
    """

    path: Path
    size: int
    mtime_ns: int
    reason: str
    detail: str
    seen_at: float
    attempts: int


@dataclass(frozen=True, slots=True)
class Match:
    """The tracks that a person's words may mean, best first.

    Attributes
    ----------
    ids
        Public ids.
    exact
        Whether the words name the track (an id, a path, a whole title) rather than fit it.
    kind
        What in the words was recognised.
    """

    ids: tuple[TrackId, ...]
    exact: bool
    kind: Literal["id", "path", "artist-title", "title", "title-part", "words", "nothing"]


@dataclass(frozen=True, slots=True)
class TrackTable:
    """Columns of the present tracks, one row a track, ordered by key.

    Attributes
    ----------
    keys
        ``(n,) int64``.
    artist_code, album_code
        ``(n,) int64``: equal for equal names whatever their case, accents and punctuation; -1 where there is
        no name. The artist is the track's own, an album that of its album artist.
    year
        ``(n,) int64``, 0 where unknown.
    duration_s
        ``(n,) float64``, in seconds.
    titles
        As written; empty where there is none.
    genres
        As written, in the order of the tags.
    """

    keys: NDArray[np.int64]
    artist_code: NDArray[np.int64]
    album_code: NDArray[np.int64]
    year: NDArray[np.int64]
    duration_s: NDArray[np.float64]
    titles: list[str]
    genres: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stats:
    """The catalogue in figures.

    Attributes
    ----------
    tracks
        Recordings with at least one file.
    files, problems
        Files that were heard, and that could not be.
    absent
        Recordings whose files are gone.
    artists, albums
        Different names among the present tracks.
    duration_s, size_bytes
        Sums over the present tracks, and over their files.
    encoders
        Vectors of present tracks, by encoder.
    default_encoder
        Which encoder answers, or None before the first scan.
    version
        Of the catalogue's schema.
    """

    tracks: int
    files: int
    problems: int
    absent: int
    artists: int
    albums: int
    duration_s: float
    size_bytes: int
    encoders: dict[EncoderId, int]
    roots: tuple[Path, ...]
    default_encoder: EncoderId | None
    revision: int
    version: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of vectors made elsewhere.

    Attributes
    ----------
    matched
        Tracks that received a vector.
    unmatched
        Rows that name no track of the catalogue.
    refused
        Rows of a known track whose vector is not finite, is zero throughout, or has another length.
    """

    encoder: EncoderId
    dim: int
    matched: int
    unmatched: int
    refused: int
