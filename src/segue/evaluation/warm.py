"""The warm protocol: some plays of known listeners and known tracks are held out and must be found again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from segue.evaluation.judging import make_exam
from segue.evaluation.ranking_report import Entry, Kind, RankingReport, compare
from segue.evaluation.scorers import RandomScorer, SameForAll
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from segue.evaluation.judging import Exam
    from segue.evaluation.ranking_report import ModelFigures
    from segue.factors import Scorer

    Fit = Callable[[csr_array, int], Scorer]

POPULARITY = "popularity"
"""The name of the model that is a control."""
_SKETCH = 128


def evaluate_warm(
    training: csr_array,
    test: csr_array,
    fits: Mapping[str, Fit],
    *,
    min_plays: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[RankingReport, Scorer]:
    """Rank, for each listener, all tracks that are not among the training plays.

    Parameters
    ----------
    training, test : (n_listeners, n_tracks) csr_array
        Plays of the same listeners and tracks; no pair is in both.
    fits
        ``fit(training, seed)`` by name, such as `segue.factors.warm_models`; the first is the one asked
        about. One fitted model is held at a time, beside the first.
    min_plays
        How many training tracks a listener needs to count.
    seed
        Of models, controls and intervals.
    progress
        Of fitting and judging.

    Returns
    -------
    report, scorer
        The report has the controls too: random order, and popularity in the test part, which nobody can
        know beforehand. The scorer is the first model.
    """
    progress = progress or Silent()
    n_players = np.bincount(training.indices, minlength=training.shape[1])
    exam = make_exam(
        test, played=training, n_players=n_players, likeness=_sketches(training, seed), seed=seed
    )
    first, *others = fits
    scorer = fits[first](training, seed)

    def entries() -> Iterator[Entry]:
        yield Entry(first, _kind(first, "model"), (scorer,))
        for name in others:
            progress.note(f"fitting {name}")
            yield Entry(name, _kind(name, "baseline"), (fits[name](training, seed),))
        later = np.bincount(test.indices, minlength=test.shape[1]).astype(np.float32)
        yield Entry("popularity (test)", "bound", (SameForAll(later),))
        yield Entry("random", "control", (RandomScorer(training.shape[1], seed),))

    n_known = np.diff(training.indptr)
    models = compare(entries(), exam, n_known, min_plays=min_plays, seed=seed, progress=progress)
    counting = int(np.sum(n_known[exam.listeners] >= min_plays))
    return _report(training, exam, counting, models, min_plays, seed), scorer


def _report(
    training: csr_array,
    exam: Exam,
    counting: int,
    models: tuple[ModelFigures, ...],
    min_plays: int,
    seed: int,
) -> RankingReport:
    return RankingReport(
        protocol="warm",
        facts={
            "listeners count": counting,
            "listeners with test plays": len(exam.listeners),
            "tracks": training.shape[1],
            "tracks without a training play": int(np.sum(exam.n_players == 0)),
            "training plays": training.nnz,
            "test plays": exam.relevant.nnz,
        },
        models=models,
        notes=(
            "popularity (test): counts the test plays themselves; nobody can know it beforehand.",
            "diversity: two tracks are alike when the same listeners play them.",
        ),
        min_plays=min_plays,
        seed=seed,
    )


def _kind(name: str, otherwise: Kind) -> Kind:
    return "control" if name == POPULARITY else otherwise


def _sketches(training: csr_array, seed: int) -> NDArray[np.float32]:
    """A short vector for each track whose cosines are about those of the sets of listeners, random projected.

    Johnson and Lindenstrauss 1984: inner products survive a random projection, up to about one in the square
    root of its length.
    """
    listeners = np.random.default_rng(seed).standard_normal((training.shape[0], _SKETCH), dtype=np.float32)
    return np.asarray((training > 0).astype(np.float32).T @ listeners, dtype=np.float32)
