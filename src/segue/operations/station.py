"""Endless play around tracks, an album, an artist, a kind of music or a region of the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import Catalogue, keys_of, load_vectors, opinion_table
from segue.encoders import TRAITS, traits
from segue.errors import NothingFound
from segue.operations.answers import Recommendation, recommendations
from segue.operations.resident import Library, opened
from segue.operations.space import EXPLAINS
from segue.operations.taste import history_of
from segue.ranking import ByKey, Course, Happened, Space, go_on
from segue.types import TrackId

# A track played so often is as well known as any.
_WELL_KNOWN_PLAYS = 5.0
_FAST = TRAITS.index(("fast", "slow"))
# Energy: rhythmic, bright, dense rather than clear.
_ENERGY = {("rhythmic", "flowing"): 1.0, ("bright", "dark"): 1.0, ("clear", "dense"): -1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What a listener did since endless play began: ids of tracks, oldest first."""

    played: Sequence[TrackId] = ()
    liked: Sequence[TrackId] = ()
    disliked: Sequence[TrackId] = ()
    skipped: Sequence[TrackId] = ()


def station(
    library: Library,
    seeds: Sequence[TrackId],
    n: int,
    *,
    course: Course | None = None,
    events: Events | None = None,
    listener: str = "",
) -> list[Recommendation]:
    """The next tracks of endless play, see `segue.ranking.go_on`.

    Parameters
    ----------
    seeds
        Where it began.
    listener
        Whose plays say what is familiar, and whose dislikes are left out for good.

    Raises
    ------
    NothingFound
        If there is no seed, or none has been heard by the library's encoder.
    """
    if not seeds:
        raise NothingFound("endless play needs something to begin with: this has no tracks")
    course, events = course or Course(), events or Events()
    with opened(library) as at_hand, at_hand.turn:
        catalogue = at_hand.catalogue
        space = at_hand.space(at_hand.encoder())
        said = opinion_table(catalogue, listener)
        disliked = said.track_key[(said.track_key >= 0) & (said.value < 0)]
        happened = Happened(
            played=keys_of(catalogue, events.played),
            liked=keys_of(catalogue, events.liked),
            disliked=np.concatenate([disliked, keys_of(catalogue, events.disliked)]),
            skipped=keys_of(catalogue, events.skipped),
        )
        ranked = go_on(
            space,
            keys_of(catalogue, seeds),
            n,
            course=course,
            happened=happened,
            # Counting a long history takes longer than all the rest.
            known=_known(catalogue, space, listener) if course.familiar else None,
            drive=_Driving(catalogue),
        )
        return recommendations(catalogue, ranked)


def _known(catalogue: Catalogue, space: Space, listener: str) -> NDArray[np.float32]:
    """How well a listener knows each row of the space, from 0 to 1."""
    known = np.zeros(len(space), dtype=np.float32)
    try:
        listens, opinions = history_of(catalogue, listener)
    except NothingFound:
        return known
    plays = (listens.track >= 0) & (listens.skipped != 1)
    for keys, worth in ((listens.track[plays], listens.count[plays]), (opinions.track, opinions.value > 0)):
        rows = space.neighbourhood.index.positions(keys)
        here = rows >= 0
        np.add.at(known, rows[here], worth[here].astype(np.float32))
    share: NDArray[np.float32] = np.minimum(1.0, known / _WELL_KNOWN_PLAYS)
    return share


@dataclass(frozen=True, slots=True)
class _Driving:
    """Tempo and energy from the timbre vectors of the catalogue; see `segue.ranking.go_on`."""

    catalogue: Catalogue

    def rows(self, keys: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """``(n, 2)`` float32, NaN for tracks without a vector; and which have one."""
        found, vectors = load_vectors(self.catalogue, EXPLAINS, keys=np.unique(keys))
        told = traits(vectors) if len(found) else np.empty((0, len(TRAITS)), dtype=np.float32)
        energy = sum(sign * told[:, TRAITS.index(names)] for names, sign in _ENERGY.items())
        both = np.stack([told[:, _FAST], np.asarray(energy) / len(_ENERGY)], axis=1)
        return ByKey(found, both).rows(keys)
