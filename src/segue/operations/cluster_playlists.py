"""A playlist for each kind of music: tracks around its centre, in an order with smooth transitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas import smooth_order, step_costs
from segue.catalogue import Track, track_ids, tracks
from segue.errors import UsageError
from segue.files import check_folder
from segue.operations.answers import entry_of
from segue.operations.clusters import KindOfMusic, KindsOfMusic
from segue.operations.resident import opened
from segue.operations.transitions import hear_transitions, known_transitions
from segue.playlists import PLAYLIST_SUFFIXES, OwnPlaylist, write_own_playlists
from segue.progress import Progress, Silent
from segue.ranking import Limits, around
from segue.scanning import ProblemSeen
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.ranking import Space
    from segue.types import Matrix

DEFAULT_LENGTH_S = 3600.0
# A playlist may be so much longer than wished, as a share; one that is so much shorter takes another track.
_TOLERANCE = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistWishes:
    """What the playlists shall be like.

    Attributes
    ----------
    length_s
        About how long each is, in seconds; an hour where neither this nor `n_tracks` is given.
    n_tracks
        At most this many tracks in each.
    per_artist
        At most this many by one artist in each; 0 for no limit.
    variety
        0 takes the tracks nearest to the centre of the kind, 1 the most different from each other near it.
    suffix
        Of the format, with the dot.
    relative
        Whether paths are relative to the folder.
    """

    length_s: float | None = None
    n_tracks: int | None = None
    per_artist: int = 2
    variety: float = 0.5
    suffix: str = ".m3u8"
    relative: bool = False


@dataclass(frozen=True, slots=True)
class KindPlaylist:
    """The playlist of one kind: its file and its tracks, in order."""

    number: int
    file: Path
    tracks: tuple[Track, ...]


def write_kind_playlists(
    data: DataFolder,
    found: KindsOfMusic,
    folder: Path,
    *,
    wishes: PlaylistWishes | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[tuple[KindPlaylist, ...], tuple[ProblemSeen, ...]]:
    """Write a playlist for each kind that has tracks.

    The chosen tracks are heard once for their tempo, key and loudness; one that cannot be heard stands where
    what is known of it fits best.

    Parameters
    ----------
    folder
        Made if it is missing. Only playlists that Segue wrote there, and nobody changed, are replaced.
    workers
        Processes that hear at once (default: one a core).

    Returns
    -------
    playlists
        By number of the kind; a kind without tracks has none.
    problems
        Files that could not be heard.

    Raises
    ------
    UsageError
        If the wishes make no sense.
    SegueError
        If the folder cannot be written.
    """
    wishes, progress = wishes or PlaylistWishes(), progress or Silent()
    _check(wishes)
    check_folder(folder)
    chosen = _chosen(data, found, wishes)
    together = [track for some, _ in chosen.values() for track in some]
    problems = hear_transitions(data, together, workers=workers, progress=progress)
    ordered = {
        number: _ordered(data, some, vectors, found.clustering.seed)
        for number, (some, vectors) in chosen.items()
    }
    names = {kind.number: kind.name for kind in found.kinds}
    files = write_own_playlists(
        folder,
        [
            OwnPlaylist(f"{found.encoder}/{number}", names[number], [entry_of(track) for track in some])
            for number, some in ordered.items()
        ],
        group=f"{found.encoder}/",
        suffix=wishes.suffix,
        relative=wishes.relative,
    )
    playlists = tuple(
        KindPlaylist(number, files[f"{found.encoder}/{number}"], tuple(some))
        for number, some in ordered.items()
    )
    return playlists, problems


def _check(wishes: PlaylistWishes) -> None:
    if wishes.length_s is not None and wishes.length_s <= 0:
        raise UsageError("a playlist must be longer than nothing")
    if wishes.n_tracks is not None and wishes.n_tracks < 1:
        raise UsageError(f"a playlist has 1 track or more, not {wishes.n_tracks}")
    if wishes.suffix.lower() not in PLAYLIST_SUFFIXES:
        raise UsageError(f"{wishes.suffix} is no playlist: take {', '.join(sorted(PLAYLIST_SUFFIXES))}")


def _chosen(
    data: DataFolder, found: KindsOfMusic, wishes: PlaylistWishes
) -> dict[int, tuple[list[Track], Matrix]]:
    """The tracks of each kind's playlist with their unit rows, in no order yet."""
    with opened(data) as at_hand:
        catalogue, space = at_hand.catalogue, at_hand.space(found.encoder, told=False)
        chosen = {}
        for kind in found.kinds:
            rows = _rows(space, kind, wishes)
            some = [
                track for track in tracks(catalogue, track_ids(catalogue, space.keys[rows])) if track.paths
            ]
            if some:
                keys = np.array([track.key for track in some], dtype=np.int64)
                chosen[kind.number] = (some, space.vectors(space.positions(keys)))
    return chosen


def _rows(
    space: Space, kind: KindOfMusic, wishes: PlaylistWishes
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    rows = space.positions(kind.keys)
    length_s = wishes.length_s
    if length_s is None and wishes.n_tracks is None:
        length_s = DEFAULT_LENGTH_S
    n = wishes.n_tracks or len(rows)
    if length_s is not None and len(rows):
        # Half as many again as usually fit: long ones may have to be passed over.
        usual_s = max(float(np.median(space.duration_s[rows])), 1.0)
        n = min(n, int(1.5 * length_s / usual_s) + 5)
    limits = Limits(per_artist=wishes.per_artist, per_album=0, variety=wishes.variety)
    near = around(space, kind.centre, rows, n, limits=limits)
    return near if length_s is None else near[_fitting(space.duration_s[near], length_s)]


def _fitting(
    durations_s: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]], length_s: float
) -> list[int]:
    """The first ones that together last about as long as wished; at least one."""
    taken: list[int] = []
    total = 0.0
    for place, duration in enumerate(durations_s):
        if total >= length_s * (1 - _TOLERANCE):
            break
        if not taken or total + duration <= length_s * (1 + _TOLERANCE):
            taken.append(place)
            total += duration
    return taken


def _ordered(data: DataFolder, some: list[Track], vectors: Matrix, seed: int) -> list[Track]:
    order = smooth_order(step_costs(known_transitions(data, some, vectors)), seed=seed)
    return [some[place] for place in order.tolist()]
