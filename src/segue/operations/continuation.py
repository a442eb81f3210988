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
    Track,
    match_table,
    track_by_path,
    tracks_by_key,
)
from segue.errors import NothingFound, UsageError
from segue.listening import match_recordings
from segue.operations.answers import Choices, Recommendation
from segue.operations.reasons import Advice, advice
from segue.operations.resident import AtHand, Library, opened
from segue.operations.told_genres import genre_filters
from segue.playlists import Entry, Playlist, read_playlist
from segue.progress import Progress
from segue.ranking import Space
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
    playlist = _read(file)
    with opened(library) as at_hand:
        space = _space(at_hand, choices)
        keys = _keys_of(at_hand.catalogue, playlist.entries)
        known = np.isin(keys, space.keys)
        missing = tuple(_name(playlist.entries[place]) for place in np.flatnonzero(~known))
        if not known.any():
            raise NothingFound(f"none of the {len(missing)} entries of {file} is in the library")
        found = tracks_by_key(at_hand.catalogue, keys[known].tolist())
        shown = [Recommendation(found[key], 100.0, ("playlist",)) for key in keys[known].tolist()]
        answers = _followed(at_hand, space, keys[known], choices, progress)
        return Continuation(playlist.title or "", tuple(shown), tuple(answers), missing)


def continue_tracks(
    library: Library,
    first: Sequence[Track],
    *,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> list[Advice]:
    """Tracks that follow these; the last ones weigh more, and none of them comes again.

    Raises
    ------
    UsageError
        If there are none.
    NothingFound
        If none of them has been heard.
    """
    choices = choices or Choices()
    with opened(library) as at_hand:
        space = _space(at_hand, choices)
        keys = np.array([track.key for track in first], dtype=np.int64)
        known = np.isin(keys, space.keys)
        if len(keys) and not known.any():
            raise NothingFound("none of these tracks has been heard yet: scan the library")
        return _followed(at_hand, space, keys[known], choices, progress)


def _space(at_hand: AtHand, choices: Choices) -> Space:
    return at_hand.space(at_hand.encoder(choices.encoder), speech="speech" in choices.kinds)


def _followed(
    at_hand: AtHand, space: Space, keys: NDArray[np.int64], choices: Choices, progress: Progress | None
) -> list[Advice]:
    """What follows the tracks with these keys."""
    filters = genre_filters(
        space,
        choices,
        catalogue=at_hand.catalogue,
        data=at_hand.data,
        told=at_hand.told,
        progress=progress,
    )
    chosen = follow(space, keys, choices.number, filters=filters, limits=choices.limits)
    return advice(at_hand.catalogue, chosen)


def tracks_of_file(library: Library, file: Path) -> tuple[str, list[Track], list[str]]:
    """The title of a playlist, its tracks that are in the library, and the names of the others.

    Raises
    ------
    UsageError
        If the file is not a playlist, or is empty.
    """
    playlist = _read(file)
    with opened(library) as at_hand:
        keys = _keys_of(at_hand.catalogue, playlist.entries).tolist()
        found = tracks_by_key(at_hand.catalogue, [key for key in keys if key >= 0])
    missing = [_name(entry) for key, entry in zip(keys, playlist.entries, strict=True) if key not in found]
    return playlist.title or "", [found[key] for key in keys if key in found], missing


def _read(file: Path) -> Playlist:
    playlist = read_playlist(file)
    if not playlist.entries:
        raise UsageError(f"{file} has no entries")
    return playlist


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
