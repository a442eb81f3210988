"""Carry a playlist on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import (
    Catalogue,
    HeardTable,
    match_table,
    track_by_path,
    track_ids,
    tracks,
)
from segue.errors import NothingFound, UsageError
from segue.listening import match_recordings
from segue.operations.answers import Choices, Recommendation
from segue.operations.reasons import Advice, advice
from segue.operations.resident import Library, opened
from segue.operations.told_genres import genre_filters
from segue.playlists import Entry, read_playlist
from segue.progress import Progress
from segue.ranking import continue_playlist as follow


@dataclass(frozen=True, slots=True)
class Continuation:
    """A playlist and what follows it.

    Attributes
    ----------
    title
        The playlist's name, empty where it has none.
    playlist
        Its tracks that are in the library, in order.
    answers
        The tracks that follow.
    missing
        The entries that are not in the library, as the playlist names them.
    """

    title: str
    playlist: tuple[Recommendation, ...]
    answers: tuple[Advice, ...]
    missing: tuple[str, ...]


def continue_playlist(
    library: Library, file: Path, *, choices: Choices | None = None, progress: Progress | None = None
) -> Continuation:
    """Tracks that carry a playlist on; its last tracks weigh more, and none of its tracks comes again.

    Parameters
    ----------
    library
        What is asked.
    file
        An M3U8, M3U, XSPF or JSPF playlist. Its entries are found by their files, else as recordings of
        histories are, see `segue.listening.match_recordings`.
    choices
        How many, and which.
    progress
        Is told what genres told by ear have left out.

    Raises
    ------
    UsageError
        If the file is not a playlist, or is empty.
    NothingFound
        If none of its entries is in the library.
    """
    choices = choices or Choices()
    playlist = read_playlist(file)
    if not playlist.entries:
        raise UsageError(f"{file} has no entries")
    with opened(library) as at_hand:
        catalogue, encoder = at_hand.catalogue, at_hand.encoder(choices.encoder)
        keys = _keys_of(catalogue, playlist.entries)
        space = at_hand.space(encoder, speech="speech" in choices.kinds)
        known = np.isin(keys, space.keys)
        missing = tuple(_name(playlist.entries[place]) for place in np.flatnonzero(~known))
        if not known.any():
            raise NothingFound(f"none of the {len(missing)} entries of {file} is in the library")
        keys = keys[known]
        filters = genre_filters(
            space, choices, catalogue=catalogue, data=at_hand.data, told=at_hand.told, progress=progress
        )
        chosen = follow(space, keys, choices.number, filters=filters, limits=choices.limits)
        first = tuple(
            Recommendation(track, 100.0, ("playlist",))
            for track in tracks(catalogue, track_ids(catalogue, keys))
        )
        return Continuation(playlist.title or "", first, tuple(advice(catalogue, chosen)), missing)


def _keys_of(catalogue: Catalogue, entries: Sequence[Entry]) -> NDArray[np.int64]:
    """The track that each entry means, -1 where the library has none: by its file, else as in a history."""
    here = [None if one.path is None else track_by_path(catalogue, one.path) for one in entries]
    keys = np.array([-1 if track is None else track.key for track in here], dtype=np.int64)
    others = np.flatnonzero(keys < 0).tolist()
    if others:
        heard = _as_heard([entries[place] for place in others])
        keys[others] = match_recordings(heard, match_table(catalogue)).track_key
    return keys


def _as_heard(entries: Sequence[Entry]) -> HeardTable:
    n, nowhere = len(entries), np.full(len(entries), -1, dtype=np.int64)
    return HeardTable(
        ids=np.arange(n),
        artist=[one.artist or "" for one in entries],
        title=[one.title or "" for one in entries],
        album=[one.album or "" for one in entries],
        mbid=[one.musicbrainz_recording_id or "" for one in entries],
        isrc=[""] * n,
        uri=[one.location or "" for one in entries],
        path=[str(one.path or "") for one in entries],
        duration_s=np.array([np.nan if one.duration_s is None else one.duration_s for one in entries]),
        track_key=nowhere,
        how=np.zeros(n, dtype=np.int8),
        score=np.zeros(n),
        near_key=nowhere,
    )


def _name(entry: Entry) -> str:
    """What a person knows an entry by."""
    if entry.artist or entry.title:
        return " - ".join(filter(None, (entry.artist, entry.title)))
    return str(entry.path or entry.location or "an entry without a name")
