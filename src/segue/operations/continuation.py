"""Carry a playlist on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from segue.catalogue import Catalogue, Track, find_track, open_catalogue, track_by_path, tracks
from segue.errors import NothingFound, UsageError
from segue.operations.answers import Choices, Recommendation
from segue.operations.opening import answering_encoder
from segue.operations.reasons import Advice, advice
from segue.operations.space import library_space
from segue.playlists import Entry, read_playlist
from segue.ranking import continue_playlist as follow
from segue.settings import DataFolder


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


def continue_playlist(data: DataFolder, file: Path, *, choices: Choices | None = None) -> Continuation:
    """Tracks that carry a playlist on; its last tracks weigh more, and none of its tracks comes again.

    Parameters
    ----------
    data
        The library.
    file
        An M3U8, M3U, XSPF or JSPF playlist. Its entries are found by their files, else by artist and title.
    choices
        How many, and which.

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
    with open_catalogue(data) as catalogue:
        encoder = answering_encoder(catalogue, choices.encoder)
        found = [_track_of(catalogue, entry) for entry in playlist.entries]
        space = library_space(catalogue, data, encoder, speech="speech" in choices.kinds)
        analysed = set(space.keys.tolist())
        here = [track for track in found if track is not None and track.key in analysed]
        missing = tuple(
            _name(entry)
            for entry, track in zip(playlist.entries, found, strict=True)
            if track is None or track.key not in analysed
        )
        if not here:
            raise NothingFound(f"none of the {len(missing)} entries of {file} is in the library")
        keys = np.array([track.key for track in here], dtype=np.int64)
        chosen = follow(space, keys, choices.number, filters=choices.filters, limits=choices.limits)
        first = tuple(Recommendation(track, 100.0, ("playlist",)) for track in here)
        return Continuation(playlist.title or "", first, tuple(advice(catalogue, chosen)), missing)


def _track_of(catalogue: Catalogue, entry: Entry) -> Track | None:
    """The track of the library that an entry means, None where there is none."""
    if entry.path is not None:
        by_path = track_by_path(catalogue, entry.path)
        if by_path is not None:
            return by_path
    if not (entry.artist and entry.title):
        return None
    found = find_track(catalogue, f"{entry.artist} - {entry.title}")
    if found.kind != "artist-title":
        return None
    return _nearest_in_length(tracks(catalogue, found.ids), entry.duration_s)


def _nearest_in_length(candidates: Sequence[Track], duration_s: float | None) -> Track:
    if duration_s is None:
        return candidates[0]
    return min(candidates, key=lambda track: abs(track.duration_s - duration_s))


def _name(entry: Entry) -> str:
    """What a person knows an entry by."""
    if entry.artist or entry.title:
        return " - ".join(filter(None, (entry.artist, entry.title)))
    return str(entry.path or entry.location or "an entry without a name")
