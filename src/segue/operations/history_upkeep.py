"""Correct what a history was taken for, say what one likes, and forget it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from segue.catalogue import (
    Catalogue,
    HeardTable,
    SourceSummary,
    correct_matches,
    fold,
    forget_history,
    heard_table,
    history_sources,
    judge_track,
    listen_table,
    listeners,
    open_catalogue,
    opinion_table,
    set_opinion,
    track,
    track_ids,
    tracks,
)
from segue.errors import AmbiguousTrack, NothingFound
from segue.operations.forwarding_opinions import passing_on_opinions
from segue.operations.history import Coverage, coverage, match_history, plays_of, refresh_matches
from segue.operations.seeds import find_seed
from segue.progress import Progress
from segue.settings import DataFolder
from segue.types import TrackId


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A recording of the history that was not found in the library.

    Attributes
    ----------
    id
        By which it is corrected.
    plays
        Plays and places in playlists of all listeners.
    near_id, near_name, score
        The track that nearly fits, and how well, 0 to 100; None, empty and 0 without one.
    by_hand
        Whether a person said that it is not in the library.
    """

    id: int
    artist: str
    title: str
    album: str
    plays: int
    near_id: TrackId | None
    near_name: str
    score: float
    by_hand: bool


def unmatched(
    data: DataFolder,
    *,
    number: int,
    only_near: bool = False,
    listener: str | None = None,
    progress: Progress | None = None,
) -> tuple[Coverage, list[Unmatched]]:
    """What the library has of the history, and the recordings it does not have, most played first.

    Parameters
    ----------
    number
        How many at most.
    only_near
        Only those with a near miss.
    listener
        Only what this one heard; None for all.
    """
    refresh_matches(data, progress=progress)
    with open_catalogue(data) as catalogue:
        heard = heard_table(catalogue)
        plays = plays_of(catalogue, listener)[heard.ids]
        wanted = (heard.track_key < 0) & ((plays > 0) | (listener is None))
        if only_near:
            wanted &= heard.near_key >= 0
        rows = np.flatnonzero(wanted)
        rows = rows[np.lexsort((heard.ids[rows], -plays[rows]))][:number]
        near = {int(key) for key in heard.near_key[rows] if key >= 0}
        name_of = _names_of(catalogue, near)
        found = []
        for row in rows.tolist():
            near_id, near_name = name_of.get(int(heard.near_key[row]), (None, ""))
            found.append(
                Unmatched(
                    id=int(heard.ids[row]),
                    artist=heard.artist[row],
                    title=heard.title[row] or Path(heard.path[row]).name or heard.uri[row] or heard.mbid[row],
                    album=heard.album[row],
                    plays=int(plays[row]),
                    near_id=near_id,
                    near_name=near_name,
                    score=float(heard.score[row]) if near_id else 0.0,
                    by_hand=int(heard.how[row]) == 2,
                )
            )
        return coverage(catalogue, listener), found


def _names_of(catalogue: Catalogue, keys: set[int]) -> dict[int, tuple[TrackId, str]]:
    """Id and name of tracks by key; those that were forgotten are left out."""
    found: dict[int, tuple[TrackId, str]] = {}
    for key in keys:
        with suppress(NothingFound):
            one = track(catalogue, track_ids(catalogue, np.array([key]))[0])
            found[key] = one.id, " - ".join(filter(None, (one.tags.artist, one.tags.title)))
    return found


def accept_near(data: DataFolder, recordings: Sequence[str]) -> int:
    """Say that recordings are the tracks that nearly fit them.

    Returns
    -------
    How many recordings were matched so.

    Raises
    ------
    NothingFound
        If there is no such recording, or it has no near miss.
    """
    with open_catalogue(data, write=True) as catalogue:
        heard = heard_table(catalogue)
        chosen: dict[int, TrackId | None] = {}
        for words in recordings:
            for row in _rows_named(heard, words):
                if heard.track_key[row] >= 0:
                    continue
                name = _names_of(catalogue, {int(heard.near_key[row])} - {-1})
                if not name:
                    raise NothingFound(
                        f"{words}: no track nearly fits it; say which one it is with `--track {words} TRACK`"
                    )
                chosen[int(heard.ids[row])] = next(iter(name.values()))[0]
        correct_matches(catalogue, chosen)
    return len(chosen)


def correct(data: DataFolder, recording: str, seed: str | None) -> int:
    """Say by hand which track a recording of the history is, or with None that the library lacks it.

    Parameters
    ----------
    recording
        Its id, or "Artist - Title": then all that bear this name.
    seed
        A track, as in `segue.operations.similar`.

    Returns
    -------
    How many recordings were corrected.

    Raises
    ------
    AmbiguousTrack, NothingFound
        If `seed` fits several tracks or none, or there is no such recording.
    """
    with open_catalogue(data, write=True) as catalogue:
        name = None if seed is None else find_seed(catalogue, seed)
        heard = heard_table(catalogue)
        rows = _rows_named(heard, recording)
        correct_matches(catalogue, {int(heard.ids[row]): name for row in rows})
    return len(rows)


def _rows_named(heard: HeardTable, words: str) -> list[int]:
    """The rows of the recordings that a person means."""
    if words.isascii() and words.isdecimal():
        rows = np.flatnonzero(heard.ids == int(words)).tolist() if len(words) < 19 else []
    else:
        name = fold(words)
        names = zip(heard.artist, heard.title, strict=True)
        rows = [row for row, (artist, title) in enumerate(names) if fold(f"{artist} - {title}") == name]
    if not rows:
        raise NothingFound(f"the history has no recording {words!r}: see the ids of `segue history match`")
    return rows


def say_opinion(data: DataFolder, seed: str, value: float | None, *, listener: str = "") -> str:
    """Store that a listener likes (1) or dislikes (-1) a track, or take it back (None).

    A name "Artist - Title" that the library does not have is stored too: it shapes the taste all the same.

    Returns
    -------
    What was meant: artist and title.

    Raises
    ------
    AmbiguousTrack, NothingFound
        If `seed` fits several tracks, or none and is no "Artist - Title".
    """
    with open_catalogue(data, write=True) as catalogue:
        try:
            meant = tracks(catalogue, [find_seed(catalogue, seed)])[0]
        except AmbiguousTrack:
            raise
        except NothingFound:
            artist, dash, title = seed.partition(" - ")
            if not (dash and artist.strip() and title.strip()):
                raise
            set_opinion(catalogue, artist.strip(), title.strip(), value, listener=listener)
            match_history(catalogue)
            return f"{artist.strip()} - {title.strip()} (not in the library)"
        with passing_on_opinions(catalogue, listener, [meant.id]):
            judge_track(catalogue, listener, meant.id, value)
    name = meant.tags.title or (meant.paths[0].name if meant.paths else "")
    return " - ".join(filter(None, (meant.tags.artist, name)))


def chosen_sources(data: DataFolder, source: str) -> list[SourceSummary]:
    """The imported sources that a person means: a file, a folder that holds it, or a format.

    Raises
    ------
    NothingFound
        If there is none; the message lists the formats.
    """
    place = os.path.realpath(os.path.expanduser(source))  # noqa: PTH111
    with open_catalogue(data) as catalogue:
        known = history_sources(catalogue)
    found = [
        one
        for one in known
        if source == one.format or (one.path and f"{one.path}/".startswith(f"{place.rstrip('/')}/"))
    ]
    if not found:
        formats = ", ".join(sorted({one.format for one in known})) or "nothing yet"
        raise NothingFound(f"nothing was imported from {source!r}; known are files, folders and: {formats}")
    return found


def forget(data: DataFolder, *, listener: str | None = None, source: str | None = None) -> int:
    """Forget the history of a listener or from a source, or all of it; how many rows were forgotten.

    Raises
    ------
    NothingFound
        If there is no such listener or source.
    """
    numbers = None if source is None else [one.id for one in chosen_sources(data, source)]
    with open_catalogue(data, write=True) as catalogue:
        return forget_history(catalogue, listener=listener, sources=numbers)


def history_stats(data: DataFolder, *, listener: str = "") -> dict[str, Any]:
    """The history of one listener in figures, ready to be printed.

    Raises
    ------
    NothingFound
        If there is no such listener.
    """
    with open_catalogue(data) as catalogue:
        listens = listen_table(catalogue, listener)
        plays = listens.kind == 0
        times = listens.time_s[plays]
        counted = int(listens.count[plays].sum())
        in_library = int(listens.count[plays & (listens.track_key >= 0)].sum())
        opinions = opinion_table(catalogue, listener).value
        return {
            "listener": listener or "the owner",
            "plays": counted,
            "plays_in_library": in_library,
            "skips": int((listens.skipped == 1).sum()),
            "first_play_s": float(times.min()) if len(times) else None,
            "last_play_s": float(times.max()) if len(times) else None,
            "recordings": len(np.unique(listens.heard)),
            "recordings_in_library": len(np.unique(listens.track_key[listens.track_key >= 0])),
            "recordings_with_counts": int((listens.kind == 1).sum()),
            "recordings_in_playlists": int((listens.kind == 2).sum()),
            "liked": int((opinions > 0).sum()),
            "disliked": int((opinions < 0).sum()),
            "other_listeners": len(listeners(catalogue)) - 1,
            "sources": [
                {"format": one.format, "path": one.path, "plays": one.plays, "others": one.others}
                for one in history_sources(catalogue)
            ],
        }
