"""Runs side by side: the figures they share, as rows of a table for terminal, page and report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from segue.experiments.runs import Run, StoredFigure

FIGURES = (
    "accuracy",
    "kappa",
    "macro F1",
    "AUC",
    "average precision",
    *(f"overlap@{k} cosine" for k in (10, 50, 100, 500)),
    *(f"overlap@{k} dot" for k in (10, 50, 100, 500)),
    "test loss",
    "R2",
    "correlation",
    "elbow",
    *(f"adjusted Rand@{k}" for k in range(2, 13)),
)
"""In the order of tables."""
_SHARES = ("accuracy", "overlap@")
_TARGETS = {
    "simulated": "factors of simulated listeners",
    "genre5": "five genres",
    "kinds": "kinds of music",
}


class Comparison(NamedTuple):
    """A table of runs of one task.

    Attributes
    ----------
    figures
        Names of the columns.
    rows
        (name, kind, figure or None of each column); kind is ``model``, or ``control`` for what it must beat.
    """

    figures: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[StoredFigure | None, ...]], ...]


def compared(runs: Sequence[Run]) -> Comparison:
    """One row a run, the best first, then controls and baselines under the same split, then chance.

    Parameters
    ----------
    runs
        Of one task on one split.
    """
    there = {figure.name for run in runs for figure in run.figures}
    figures = tuple(name for name in FIGURES if name in there)
    rows = [(label_of(run, runs), "model", _row(run.figures, figures)) for run in best_first(runs)]
    controls: dict[str, tuple[StoredFigure, ...]] = {}
    for run in runs:
        for name, found in run.controls.items():
            # A shuffled model is another one for each run: the worst luck of one row is not shown for all.
            if name != "shuffled":
                controls.setdefault(name, found)
    rows += [(name, "control", _row(found, figures)) for name, found in controls.items()]
    chance = [
        next((f.chance for run in runs for f in run.figures if f.name == name), None) for name in figures
    ]
    if any(value is not None for value in chance):
        cells = [
            None if value is None else StoredFigure(name, value)
            for name, value in zip(figures, chance, strict=True)
        ]
        rows.append(("chance", "control", tuple(cells)))
    return Comparison(figures, tuple(rows))


def target_text(run: Run) -> str:
    """What was learned, in words that hide nothing."""
    return _TARGETS.get(run.asked.target, run.asked.target)


def label_of(run: Run, among: Sequence[Run]) -> str:
    """The recipe's name, and what else tells the run from others of the same recipe."""
    same = [other for other in among if other.asked.recipe.name == run.asked.recipe.name]
    return run.asked.recipe.name if len(same) == 1 else f"{run.asked.recipe.name} ({run.asked.digest})"


def best_first(runs: Sequence[Run]) -> list[Run]:
    """By accuracy, AUC or overlap@10 by cosine; by name where equal."""

    def key(run: Run) -> tuple[float, str]:
        main = main_figure(run)
        return (-main.value if main else 0.0, run.folder.name)

    return sorted(runs, key=key)


def main_figure(run: Run) -> StoredFigure | None:
    """The figure by which a run is ranked."""
    names = ("accuracy", "AUC", "overlap@10 cosine", "R2", "test loss")
    return next((figure for name in names if (figure := run.figure(name)) is not None), None)


def figure_text(figure: StoredFigure | None, *, interval: bool = True) -> str:
    """A figure and its interval in words: shares in per cent, the rest as it is.

    Examples
    --------
    >>> figure_text(StoredFigure("accuracy", 0.612, 0.55, 0.67))
    '61.2 % (55.0 – 67.0)'
    >>> figure_text(StoredFigure("test loss", 0.9815))
    '0.982'
    """
    if figure is None:
        return "–"
    if figure.name == "elbow":
        return f"k = {figure.value:.0f}"
    share = any(word in figure.name for word in _SHARES)
    text = f"{figure.value * 100:.1f} %" if share else f"{figure.value:.3f}"
    if not interval or figure.low is None or figure.high is None:
        return text
    low, high = (f"{end * 100:.1f}" if share else f"{end:.3f}" for end in (figure.low, figure.high))
    return f"{text} ({low} – {high})"


def duration_text(seconds: float) -> str:
    """
    >>> duration_text(3.2), duration_text(95), duration_text(7260)
    ('3 s', '1.6 min', '2.0 h')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def count_text(count: int) -> str:
    """Parameters or epochs, of which a classifier has none.

    >>> count_text(423888), count_text(0)
    ('423,888', '–')
    """
    return f"{count:,}" if count else "–"


def training_text(run: Run) -> str:
    """How long a run trained, and on what."""
    epochs = f"{run.epochs:.0f} epochs, " if run.epochs else ""
    return f"{epochs}{duration_text(run.seconds)}, {run.device}"


def _row(found: Sequence[StoredFigure], figures: Sequence[str]) -> tuple[StoredFigure | None, ...]:
    by_name = {figure.name: figure for figure in found}
    return tuple(by_name.get(name) for name in figures)
