"""Ids, units and the few small records that travel through every room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, NewType, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples: TypeAlias = NDArray[np.float32]
    """Mono samples in [-1, 1], shape ``(n_samples,)``."""
    Vector: TypeAlias = NDArray[np.float32]
    """One embedding, shape ``(dim,)``, finite."""
    Matrix: TypeAlias = NDArray[np.float32]
    """Embeddings, shape ``(n_tracks, dim)``, C order, finite."""

TrackId = NewType("TrackId", str)
"""A track's opaque public id; the same audio payload always has the same id."""

EncoderId = NewType("EncoderId", str)
"""Names one definition of a vector, such as ``timbre-1``; vectors of two ids are never compared."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, in seconds."""

    start_s: float
    length_s: float


class Listen(NamedTuple):
    """One thing that a history says: a play, a count of plays, a place in a playlist, or an opinion.

    A tuple, because a history holds millions. Text that is not known is empty; numbers that are not known
    are None.

    Attributes
    ----------
    artist, title, album
        As the history writes them.
    time_s
        UTC epoch seconds when the play began or ended, whichever the history tells.
    played_s
        How long it was played, in seconds.
    skipped
        Whether the listener skipped it.
    count
        How many plays this stands for (1 for one play; 0 where it is no play but an opinion).
    opinion
        -1 disliked to 1 liked; 5 stars are 1, 1 star is -1.
    kind
        ``play``, ``count``, ``playlist`` or ``opinion``.
    listener
        Who, where the history holds several; empty for the one whose history it is.
    recording_mbid, isrc, uri, path
        Other names of the recording: a MusicBrainz id, an ISRC, ``spotify:track:…``, a file.
    duration_s
        Of the whole recording.
    """

    artist: str
    title: str
    album: str = ""
    time_s: float | None = None
    played_s: float | None = None
    skipped: bool | None = None
    count: int = 1  # type: ignore[assignment]  # hides tuple.count, which nobody asks of a listen
    opinion: float | None = None
    kind: str = "play"
    listener: str = ""
    recording_mbid: str = ""
    isrc: str = ""
    uri: str = ""
    path: str = ""
    duration_s: float | None = None


class BadRow(NamedTuple):
    """A row of a history or table that could not be used: where it stands, a short stable word, and words."""

    where: str
    reason: str
    detail: str
