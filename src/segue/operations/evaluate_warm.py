"""Judge how well plays held out of a table are found again: files in, a report out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segue.errors import NothingFound, UsageError
from segue.operations.track_tables import positions
from segue.operations.usage_tables import WrittenFactors, read_usage
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from segue.evaluation import RankingReport
    from segue.listening import Plays
    from segue.training.datasets.columns import Labels

    Ints = NDArray[np.int64]


def evaluate_warm(
    plays: Path,
    *,
    test_plays: Path | None = None,
    held_out: float = 0.2,
    models: Sequence[str] = (),
    min_plays: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[RankingReport, WrittenFactors | None]:
    """Fit models to the training plays, rank all other tracks for each listener, and judge.

    Parameters
    ----------
    plays
        Who played what.
    test_plays
        Further plays of the same listeners; without it a share of `plays` is held out at random.
    held_out
        That share.
    models
        Names of models, the first being the one asked about; all by default.
    min_plays
        How many training tracks a listener needs to count.
    seed
        Of everything drawn.
    progress
        Of reading, fitting and judging.

    Returns
    -------
    report, factors
        Factors of the first model whose scores are dot products of factors; None where it has none.

    Raises
    ------
    UsageError
        If a file cannot be read, a model is not known, or the parts do not fit each other.
    NothingFound
        If no listener can be judged.
    """
    from segue.evaluation import evaluate_warm as judge_warm
    from segue.factors import FactorScorer, warm_models

    progress = progress or Silent()
    known = warm_models()
    for name in models:
        if name not in known:
            raise UsageError(f"no model is called {name!r}, but {'; '.join(known)}")
    fits = {name: known[name] for name in models or known}
    parts = _parts(plays, test_plays, held_out, seed, progress)
    report, scorer = judge_warm(
        parts.training, parts.test, fits, min_plays=min_plays, seed=seed, progress=progress
    )
    report = replace(report, notes=(*parts.notes, *report.notes))
    if not isinstance(scorer, FactorScorer):
        return report, None
    factors = (parts.listeners, scorer.listener_factors, parts.tracks, scorer.track_factors)
    return report, WrittenFactors(*factors)


class _Parts(NamedTuple):
    """Both parts in the same rows and columns, the labels of these, and what was left out."""

    training: csr_array
    test: csr_array
    listeners: Labels
    tracks: Labels
    notes: list[str]


def _parts(plays: Path, test_plays: Path | None, held_out: float, seed: int, progress: Progress) -> _Parts:
    from segue.factors import checked, hold_out

    whole, notes = read_usage(plays, progress)
    checked(whole.matrix)
    if test_plays is None:
        training, test = hold_out(whole.matrix, share=held_out, seed=seed)
        if test.nnz == 0 or training.nnz == 0:
            raise UsageError(f"{held_out:g} of {whole.matrix.nnz} plays leave a part empty: give more")
        return _Parts(training, test, whole.listeners, whole.tracks, notes)
    further, said = read_usage(test_plays, progress)
    tracks = _all_labels(whole.tracks, further.tracks)
    training, test, left_out = _aligned(whole, further, tracks)
    return _Parts(training, test, whole.listeners, tracks, [*notes, *said, *left_out])


def _aligned(training: Plays, further: Plays, tracks: Labels) -> tuple[csr_array, csr_array, list[str]]:
    """Both parts in the rows of the training listeners and the columns of all tracks."""
    from scipy.sparse import coo_array

    shape = (len(training.listeners), len(tracks))
    rows, columns, plays = _pairs(training, training.listeners, tracks)
    matrix = coo_array((plays, (rows, columns)), shape=shape).tocsr()
    later_rows, later_columns, later = _pairs(further, training.listeners, tracks)
    known = later_rows >= 0
    seen = known & np.isin(later_rows * shape[1] + later_columns, rows * shape[1] + columns)
    notes = []
    for left_out, why in (
        (~known, "of listeners without training plays"),
        (seen, "in the training plays too"),
    ):
        if n := int(left_out.sum()):
            notes.append(f"{n:,} test plays are {why}: left out")
    new = known & ~seen
    if not new.any():
        raise NothingFound("no test play is new and of a listener of the training plays")
    test = coo_array((later[new], (later_rows[new], later_columns[new])), shape=shape).tocsr()
    return matrix, test, notes


def _pairs(plays: Plays, listeners: Labels, tracks: Labels) -> tuple[Ints, Ints, NDArray[np.float32]]:
    """Rows, columns and plays of all pairs; -1 for a listener who is not among these."""
    pairs = plays.matrix.tocoo()
    rows = positions(plays.listeners, listeners)[pairs.row]
    return rows, positions(plays.tracks, tracks)[pairs.col], pairs.data


def _all_labels(one: Labels, other: Labels) -> Labels:
    """The labels of both, sorted, each once; text if either is."""
    if one.dtype.kind != other.dtype.kind:
        one, other = one.astype(np.str_), other.astype(np.str_)
    return np.union1d(one, other)
