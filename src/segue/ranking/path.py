"""`path`: a way from one song to another in small steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.ranking.answers import Ranked
from segue.ranking.candidates import Pool, gather
from segue.ranking.filters import Filters, allowed
from segue.ranking.reasons import Explainer
from segue.ranking.recordings import Repeats
from segue.ranking.space import Floats, Ids, Seed, Space, seed_in

_WAYPOINTS = 16
_POOL_A_STEP = 6
_LEAST_POOL = 400
_MOST_POOL = 3_000
# Steps count by their cube, so that one leap costs more than several paces; walking on the spot and two
# songs by one artist in a row cost as much as a middling and a long step.
_STEP_POWER = 3.0
_PACE_WEIGHT = 0.1
_ARTIST_COST = 100.0


def path(space: Space, start: Seed, end: Seed, n: int, *, filters: Filters | None = None) -> list[Ranked]:
    """A way of `n` tracks from `start` to `end`, both included.

    Candidates lie along the arc between the two. Ordered by how far along they are, they form a graph without
    circles, in which the cheapest way of exactly `n` tracks is found: it always moves on, repeats no
    recording and no song, and has an artist twice in a row only when there is no other way.

    Parameters
    ----------
    start, end
        Two tracks of the library.
    n
        How many tracks; fewer come back only when the library has no more.
    filters
        For the tracks between.

    Returns
    -------
    way
        `Ranked.similarity`, `Ranked.match` are with the start (100 for the start itself), `Ranked.reasons`
        with the track before.

    Raises
    ------
    UsageError
        If `n` is below 2, or start and end are one track or not of the library.
    """
    if n < 2:
        raise UsageError(f"a way has at least 2 tracks, not {n}")
    if start.position is None or end.position is None:
        raise UsageError("a way begins and ends with tracks of the library: scan the folder first")
    if start.position == end.position:
        raise UsageError("start and end are the same track: give two, or ask for similar ones")
    rows, vectors = _along(space, start, end, n, allowed(space, filters or Filters()))
    chosen = _cheapest_way(vectors, space.artist[rows], min(n, len(rows)))
    return _told(space, start, rows[chosen])


def _along(space: Space, start: Seed, end: Seed, n: int, mask: NDArray[np.bool_]) -> tuple[Ids, Floats]:
    """Rows from start to end by how far along they are, each song once, and their vectors."""
    points = [Seed(point) for point in _arc(start.vector, end.vector)]
    ends = [row for row in (start.position, end.position) if row is not None]
    size = min(_MOST_POOL, max(_LEAST_POOL, _POOL_A_STEP * n)) // 2
    rows = np.empty(0, dtype=np.int64)
    while True:
        pool = gather(space, [start, *points, end], mask, max(2, size * 2 // len(points)))
        # Nearest to the arc first, so that of a song's versions the one on the way is kept.
        order = np.argsort(-pool.cosines.max(axis=0), kind="stable")
        once = order[_each_song_once(space, pool, order)]
        rows, vectors = pool.positions[once], pool.sounds.vectors[once]
        if len(rows) + 2 >= min(n + n // 2, len(space)) or pool.exhausted:
            break
        size *= 4
    progress = _progress(vectors, start.vector, end.vector)
    order = np.lexsort((space.keys[rows], progress))
    ordered = np.concatenate([[ends[0]], rows[order], [ends[1]]]).astype(np.int64)
    return ordered, space.vectors(ordered)


def _arc(a: Floats, b: Floats) -> Floats:
    """Points ``(16, dim)`` of length 1 between two unit vectors (spherical interpolation)."""
    angle = float(np.arccos(np.clip(a @ b, -1.0, 1.0)))
    shares = np.linspace(0.0, 1.0, _WAYPOINTS + 2)[1:-1, None]
    if np.sin(angle) < 1e-4:
        points = (1 - shares) * a + shares * b
    else:
        points = (np.sin((1 - shares) * angle) * a + np.sin(shares * angle) * b) / np.sin(angle)
    lengths = np.linalg.norm(points, axis=1, keepdims=True)
    # Opposite vectors have no middle: there the start stands in for it.
    points = np.where(lengths > 1e-3, points / np.maximum(lengths, 1e-3), a)
    return np.ascontiguousarray(points, dtype=np.float32)


def _each_song_once(space: Space, pool: Pool, order: Ids) -> NDArray[np.bool_]:
    """Which of the candidates in this order are not the recording or song of an earlier one."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    keep = np.ones(len(order), dtype=np.bool_)
    repeats = Repeats(space, pool.positions, pool.sounds)
    for place in order.tolist():
        if keep[place]:
            keep &= ~(repeats.of(place) & (rank > rank[place]))
    return keep[order]


def _progress(vectors: Floats, a: Floats, b: Floats) -> Floats:
    """How far along each row is: 0 at the start, 1 at the end, by its angles to both."""
    from_a = np.arccos(np.clip(vectors @ a, -1.0, 1.0))
    to_b = np.arccos(np.clip(vectors @ b, -1.0, 1.0))
    progress: Floats = from_a / np.maximum(from_a + to_b, 1e-9)
    return progress


def _cheapest_way(vectors: Floats, artists: Ids, n: int) -> Ids:
    """Places of exactly `n` rows, ascending, from the first to the last: dynamic programming by steps."""
    m = len(vectors)
    band = min(m - 1, 8 + 8 * m // n)
    progress = _progress(vectors, vectors[0], vectors[-1])
    progress[0], progress[-1] = 0.0, 1.0
    # costs[j, d]: of the step to row j from row j - 1 - d.
    back = np.arange(m)[:, None] - 1 - np.arange(band)[None]
    possible = back >= 0
    before = np.maximum(back, 0)
    costs = np.full((m, band), np.inf, dtype=np.float64)
    for place in range(1, m):
        steps = np.maximum(1.0 - vectors[before[place]] @ vectors[place], 0.0) ** _STEP_POWER
        pace = (n - 1) * (progress[place] - progress[before[place]]) - 1.0
        same = (artists[before[place]] == artists[place]) & (artists[place] >= 0)
        costs[place] = steps + _PACE_WEIGHT / n * pace**2 + _ARTIST_COST * same
    costs[~possible] = np.inf
    best = np.full(m, np.inf)
    best[0] = 0.0
    came_from = np.zeros((n, m), dtype=np.int64)
    for step in range(1, n):
        through = best[before] + costs
        choice = np.argmin(through, axis=1)
        best = through[np.arange(m), choice]
        came_from[step] = before[np.arange(m), choice]
    way = [m - 1]
    for step in range(n - 1, 0, -1):
        way.append(int(came_from[step, way[-1]]))
    return np.array(way[::-1], dtype=np.int64)


def _told(space: Space, start: Seed, rows: Ids) -> list[Ranked]:
    """The way with its figures."""
    vectors = space.vectors(rows)
    scores = space.neighbourhood.similarity(start.vector[None], vectors, rows)
    matches = space.neighbourhood.calibration.match(scores)
    explainer = Explainer(space, space.keys[rows])
    way = [Ranked(int(space.keys[rows[0]]), 1.0, 100.0, ())]
    for before, row, vector, match in zip(rows[:-1], rows[1:], vectors[1:], matches[1:], strict=True):
        key = int(space.keys[row])
        reasons = explainer.reasons(seed_in(space, int(space.keys[before])), key)
        way.append(Ranked(key, float(vector @ start.vector), float(match), reasons))
    return way
