"""How well recommending would have done on one listener's own past: rolling cuts in time.

At each cut everything before is known and the day after is to be found in the whole library: tracks that
were never played before, and played ones that come again, are judged apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import NothingFound
from segue.evaluation.metrics import TrackLists, auc, ndcg_at_k, rank_relevant, recall_at_k
from segue.progress import Progress, Silent
from segue.ranking import HYBRIDS, Evidence, Listens, Manner, Space, Usage, Weighing, weigh
from segue.ranking.affinity import affinities
from segue.ranking.evidence import DAY_S
from segue.ranking.hybrids import combine, ranks
from segue.ranking.profile import Profile, fit_scores, profile_of, refused_scores
from segue.ranking.tastes import taste_weights
from segue.ranking.usage import confident, rows_of, usage_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

K = 50
"""Length of the lists of Recall@k and nDCG@k."""
FIGURES = ("auc", f"recall@{K}", f"ndcg@{K}")

_FIRST = 0.4
_LEAST_PLAYS = 100
_LEAST_TRACKS = 20
_BY_SOUND = "several tastes"
_WITH_USAGE = "several tastes and usage"
_REPEATS_DEFAULT = "habit"
_WEIGHINGS: Mapping[str, Weighing] = {
    "half-life of 30 days": Weighing(half_life_days=30),
    "half-life of 180 days": Weighing(half_life_days=180),
    "last session weighs half": Weighing(session=0.5),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One way to rank, over all cuts.

    Attributes
    ----------
    part
        ``new`` or ``repeats``.
    name
        As the reader sees it.
    kind
        ``control``, ``default`` or ``option``.
    values
        Figure by name, ``(n_cuts,)`` float64, NaN where a cut has nothing to find.
    """

    part: str
    name: str
    kind: str
    values: Mapping[str, Doubles]


@dataclass(frozen=True, slots=True)
class OwnPast:
    """What was asked and what came of it.

    Attributes
    ----------
    rows
        New tracks first, controls before options.
    n_plays, n_tracks
        Plays with a time of tracks of the library, and how many tracks those are.
    n_library
        How many tracks were ranked.
    cuts_s
        ``(n_cuts,)`` UTC epoch seconds.
    n_new, n_repeats
        Tracks to be found over all cuts.
    seed
        Of cuts, controls and intervals.
    """

    rows: tuple[Row, ...]
    n_plays: int
    n_tracks: int
    n_library: int
    cuts_s: Doubles
    n_new: int
    n_repeats: int
    seed: int


def evaluate_own_past(
    space: Space,
    listens: Listens,
    *,
    usage: Usage | None = None,
    n_cuts: int = 40,
    seed: int = 0,
    progress: Progress | None = None,
) -> OwnPast:
    """Rank the library at `n_cuts` times of the past by what was known then, and look at the day after.

    Parameters
    ----------
    listens
        Only those with a time count, and plays only.
    usage
        Factors from other people's plays, if there are any: the hybrids are compared then.
    n_cuts
        At most so many, evenly over the plays after the first two fifths.

    Raises
    ------
    NothingFound
        If there are fewer than 100 plays with times, or of fewer than 20 tracks of the library, or all are
        of one moment.
    """
    progress = progress or Silent()
    positions = space.neighbourhood.index.positions(listens.track)
    usable = np.isfinite(listens.time_s) & (positions >= 0) & (listens.count > 0) & (listens.skipped != 1)
    times = np.sort(listens.time_s[usable])
    n_tracks = len(np.unique(positions[usable]))
    if len(times) < _LEAST_PLAYS or n_tracks < _LEAST_TRACKS:
        raise NothingFound(
            f"the history has {len(times)} plays with times, of {n_tracks} tracks of the library: "
            f"at least {_LEAST_PLAYS} of {_LEAST_TRACKS} are needed to judge by the past"
        )
    cuts = _cuts(times, n_cuts)
    gathered: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    found = np.zeros(2, dtype=np.int64)
    progress.start("judging by the past", len(cuts))
    rng = np.random.default_rng(seed)
    judged = []
    for cut in cuts:
        past = listens.at(np.isfinite(listens.time_s) & (listens.time_s < cut))
        after = usable & (listens.time_s >= cut) & (listens.time_s < cut + DAY_S)
        # Before the first play that was liked there is nothing to recommend by.
        with suppress(NothingFound):
            found += _judge_cut(space, past, np.unique(positions[after]), cut, usage, rng, seed, gathered)
            judged.append(cut)
        progress.advance()
    progress.finish()
    if not judged:
        raise NothingFound("all plays are of one moment: there is no past to judge by")
    n_new, n_repeats = map(int, found)
    defaults = (_BY_SOUND if usage is None else _WITH_USAGE, _REPEATS_DEFAULT)
    return OwnPast(
        _rows(gathered, defaults), len(times), n_tracks, len(space), np.array(judged), n_new, n_repeats, seed
    )


def _rows(
    gathered: Mapping[tuple[str, str], list[tuple[float, ...]]], defaults: tuple[str, str]
) -> tuple[Row, ...]:
    return tuple(
        Row(part, name, _kind(name, defaults), dict(zip(FIGURES, np.array(values).T, strict=True)))
        for (part, name), values in gathered.items()
    )


def _cuts(times: Doubles, n: int) -> Doubles:
    """Just before plays at even steps through the later part of the history, at least a day apart."""
    places = np.linspace(_FIRST * len(times), len(times) - 1, n + 1)[:-1].astype(np.int64)
    kept: list[float] = []
    for cut in times[places]:
        if not kept or cut >= kept[-1] + DAY_S:
            kept.append(float(cut))
    return np.array(kept)


def _kind(name: str, defaults: tuple[str, str]) -> str:
    """What `recommend` does is the default."""
    if name in defaults:
        return "default"
    return "control" if name in ("random", "most played artists", "most played", "most recent") else "option"


def _judge_cut(
    space: Space,
    past: Listens,
    after: Ids,
    cut: float,
    usage: Usage | None,
    rng: np.random.Generator,
    seed: int,
    gathered: dict[tuple[str, str], list[tuple[float, ...]]],
) -> Ids:
    """Add the figures of one cut to `gathered`; returns how many new tracks and repeats were to be found."""
    evidence = weigh(past, now_s=cut)
    manner = Manner()
    profile = profile_of(space, evidence, most_tastes=manner.most_tastes, seed=seed)
    met = np.unique(profile.positions[profile.positions >= 0])
    others = np.setdiff1d(np.arange(len(space)), met)
    new, repeats = np.setdiff1d(after, met), np.intersect1d(after, met)
    chance = rng.random(len(space), dtype=np.float32)
    parts: tuple[tuple[str, Ids, Ids, Callable[[], dict[str, Floats]]], ...] = (
        ("new", new, met, lambda: _for_new(space, past, evidence, profile, cut, usage, manner)),
        ("repeats", repeats, others, lambda: _for_repeats(space, past, evidence, profile, cut)),
    )
    for part, relevant, excluded, columns in parts:
        for name, scores in {"random": chance, **columns()}.items():
            gathered.setdefault((part, name), []).append(_figures(scores, relevant, excluded, chance))
    return np.array([len(new), len(repeats)])


def _figures(scores: Floats, relevant: Ids, excluded: Ids, chance: Floats) -> tuple[float, ...]:
    """AUC, recall and nDCG; NaN where there is nothing to find."""
    if len(relevant) == 0:
        return (np.nan,) * len(FIGURES)
    filled = np.where(np.isfinite(scores), scores, -np.finfo(np.float32).max)[None]
    ranked = rank_relevant(
        filled,
        TrackLists(np.array([0, len(relevant)]), relevant),
        excluded=TrackLists(np.array([0, len(excluded)]), excluded),
        tie_order=np.argsort(np.argsort(chance)),
    )
    return tuple(float(figure[0]) for figure in (auc(ranked), recall_at_k(ranked, K), ndcg_at_k(ranked, K)))


def _for_new(
    space: Space,
    past: Listens,
    evidence: Evidence,
    profile: Profile,
    cut: float,
    usage: Usage | None,
    manner: Manner,
) -> dict[str, Floats]:
    """Scores ``(n,)`` of each way to find new tracks."""
    carried = profile.liked
    rows = profile.positions[carried]
    options = {"one taste": evidence.liking}
    options |= {name: weigh(past, now_s=cut, weighing=how).liking for name, how in _weighings(cut).items()}
    weights = np.column_stack(
        [taste_weights(profile.taste, evidence.liking[carried]), *(one[carried] for one in options.values())]
    )
    sums = affinities(space, profile.near, rows, weights)
    against = refused_scores(space, evidence, profile)
    tastes = np.stack([ranks(column - against) for column in sums[: len(profile.shares)]])
    mean = space.vectors(rows).T @ evidence.liking[carried].astype(np.float32)
    scores = {
        "most played artists": _by_artist(space, rows, evidence.plays[carried]),
        "mean of the played": space.vectors(np.arange(len(space))) @ mean,
        _BY_SOUND: tastes.max(axis=0),
    }
    options_at = sums[len(profile.shares) :]
    scores |= {name: column - against for name, column in zip(options, options_at, strict=True)}
    if against.any():
        liked = np.stack([ranks(column) for column in sums[: len(profile.shares)]])
        scores["without skips"] = liked.max(axis=0)
    if usage is not None:
        fits, _ = fit_scores(
            space, evidence, profile, usage, hybrid=manner.hybrid, usage_share=manner.usage_share
        )
        scores[_WITH_USAGE] = fits.max(axis=0)
        scores |= _by_usage(usage, evidence, profile, options_at[0] - against, manner)
    return scores


def _by_usage(
    usage: Usage, evidence: Evidence, profile: Profile, sound: Floats, manner: Manner
) -> dict[str, Floats]:
    rows = rows_of(usage, evidence, profile.positions)
    trusted = confident(usage, evidence, rows)
    everything = np.ones(len(evidence), dtype=np.bool_)
    plain = usage_scores(usage, evidence, rows, everything)
    boosted = usage_scores(usage, evidence, rows, everything, sound)
    scores = {"usage alone": plain}
    for kind in HYBRIDS:
        column = boosted if kind == "boosted" else plain
        scores[f"hybrid: {kind}"] = combine(kind, sound, column, trusted, manner.usage_share)
    return scores


def _for_repeats(
    space: Space, past: Listens, evidence: Evidence, profile: Profile, cut: float
) -> dict[str, Floats]:
    """Scores ``(n,)`` of each way to find what is played again."""
    here = np.flatnonzero(profile.positions >= 0)

    def column(values: Doubles) -> Floats:
        scores = np.full(len(space), -np.inf, dtype=np.float32)
        scores[profile.positions[here]] = ranks(values.astype(np.float32))[here]
        return scores

    scores = {
        "most played": column(evidence.plays),
        "most recent": column(np.nan_to_num(evidence.last_s, nan=-np.inf)),
        _REPEATS_DEFAULT: column(evidence.habit),
    }
    return scores | {
        name: column(weigh(past, now_s=cut, weighing=how).liking) for name, how in _weighings(cut).items()
    }


def _weighings(cut: float) -> dict[str, Weighing]:
    return {**_WEIGHINGS, "time of day": Weighing(hour=cut / 3_600.0 % 24.0)}


def _by_artist(space: Space, rows: Ids, plays: Doubles) -> Floats:
    """How often each track's artist was played."""
    artists = space.artist
    counts = np.bincount(artists[rows] + 1, plays, int(artists.max(initial=-1)) + 2)
    counts[0] = 0.0
    return np.asarray(counts[artists + 1], dtype=np.float32)
