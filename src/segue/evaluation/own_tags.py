"""Tags of new tracks without a listener's own: who tagged a track has heard it, which would give it away.

A new track's factors are predicted from everybody's tags. For a listener u who tagged track i they are
predicted again without u's tags on i, and the change of score goes into factors of their own, in which only
u and i meet. Scores stay dot products, and every listener's score is what it would be had that listener never
tagged the track.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Ints = NDArray[np.int64]
    Factors = NDArray[np.floating]

# Rows predicted together.
_BATCH = 8_192


@dataclass(frozen=True, slots=True)
class GivenTags:
    """Who gave which tag to which track; each triple once.

    Attributes
    ----------
    listeners : (n,) int64
        Rows of the listeners; -1 for people who are not among them.
    tracks : (n,) int64
        Rows of the tracks.
    tags : (n,) int64
        Columns of the tags.
    """

    listeners: Ints
    tracks: Ints
    tags: Ints

    def counts(self, n_tracks: int, n_tags: int) -> csr_array:
        """How many people gave each tag to each track, ``(n_tracks, n_tags) float32``."""
        from scipy.sparse import coo_array

        ones = np.ones(len(self.tags), dtype=np.float32)
        return coo_array((ones, (self.tracks, self.tags)), shape=(n_tracks, n_tags)).tocsr()


def without_own_tags(
    predict: Callable[[Ints, csr_array], Factors],
    listener_factors: Factors,
    given: GivenTags,
    n_tracks: int,
    n_tags: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Factors whose dot products score each track without the tags that the listener gave it.

    Parameters
    ----------
    predict
        Takes rows of tracks ``(n,) int64`` and their tags ``(n, n_tags) csr_array``, and returns their
        factors ``(n, n_factors)``, each row from its own content alone.
    listener_factors : (n_listeners, n_factors) float32
        One row a listener.
    given
        The tags of the new tracks.
    n_tracks, n_tags
        How many tracks and tags there are.

    Returns
    -------
    listener_factors, track_factors : (n_listeners, m), (n_tracks, m) float64
        The first columns are the listeners' factors and the tracks' by all tags; one more column follows for
        each listener who tagged one of the tracks, or for each tagged track, whichever are fewer. float64,
        so that the parts that cancel leave nothing of a listener's own tags behind.
    """
    counts = given.counts(n_tracks, n_tags)
    listeners = listener_factors.astype(np.float64)
    tracks = _predicted(predict, np.arange(n_tracks), counts).astype(np.float64)
    own = given.listeners >= 0
    if not own.any():
        return listeners, tracks
    pair_of = given.listeners[own] * n_tracks + given.tracks[own]
    pairs, place = np.unique(pair_of, return_inverse=True)
    who, what = pairs // n_tracks, pairs % n_tracks
    change = _changes(predict, listeners, tracks, counts, (who, what), (place, given.tags[own]))
    taggers, tagger = np.unique(who, return_inverse=True)
    tagged, tagged_at = np.unique(what, return_inverse=True)
    if len(taggers) <= len(tagged):
        more_listeners = np.zeros((len(listeners), len(taggers)))
        more_tracks = np.zeros((n_tracks, len(taggers)))
        more_listeners[taggers, np.arange(len(taggers))] = 1
        more_tracks[what, tagger] = change
    else:
        more_listeners = np.zeros((len(listeners), len(tagged)))
        more_tracks = np.zeros((n_tracks, len(tagged)))
        more_tracks[tagged, np.arange(len(tagged))] = 1
        more_listeners[who, tagged_at] = change
    return np.hstack([listeners, more_listeners]), np.hstack([tracks, more_tracks])


def _changes(
    predict: Callable[[Ints, csr_array], Factors],
    listeners: NDArray[np.float64],
    tracks: NDArray[np.float64],
    counts: csr_array,
    pairs: tuple[Ints, Ints],
    theirs: tuple[Ints, Ints],
) -> NDArray[np.float64]:
    """How the score of each (listener, track) changes when the listener's own tags are taken away."""
    from scipy.sparse import coo_array

    who, what = pairs
    place, tags = theirs
    order = np.argsort(place, kind="stable")
    place, tags = place[order], tags[order]
    change = np.empty(len(who))
    for start in range(0, len(who), _BATCH):
        stop = min(len(who), start + _BATCH)
        first, last = np.searchsorted(place, (start, stop))
        entries = (np.ones(last - first, dtype=np.float32), (place[first:last] - start, tags[first:last]))
        taken = coo_array(entries, shape=(stop - start, counts.shape[1])).tocsr()
        left = (counts[what[start:stop]] - taken).tocsr()
        left.eliminate_zeros()
        without = predict(what[start:stop], left).astype(np.float64)
        with_all = tracks[what[start:stop]]
        change[start:stop] = np.einsum("pd,pd->p", listeners[who[start:stop]], without - with_all)
    return change


def _predicted(predict: Callable[[Ints, csr_array], Factors], rows: Ints, tags: csr_array) -> Factors:
    parts = [
        predict(rows[start : start + _BATCH], tags[start : start + _BATCH])
        for start in range(0, len(rows), _BATCH)
    ]
    return np.concatenate(parts)
