"""Judge what listeners play next from what they played before: a table of plays in time in, reports out."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.files import whole_file, write_whole
from segue.operations.usage_tables import rows_left_out
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from segue.evaluation import RankingReport
    from segue.evaluation.in_time import Cut, Items
    from segue.factors import FactorScorer, Scorer
    from segue.listening import RowReport

FORMAT = "segue-in-time-1"
LIST_LENGTH = 500
# Item neighbours compare every item with every other; with more items that takes minutes.
_COMPARED = 30_000


@dataclass(frozen=True, slots=True)
class RankedLists:
    """What the model expects of each listener, so that anybody can compute figures of it.

    Attributes
    ----------
    listeners : (n,)
        Those who were asked, as the table calls them.
    items : (n, LIST_LENGTH)
        The best first, those played before among them: tracks as the table calls them, or numbers of artists
        in the order in which the table first names them.
    """

    listeners: NDArray[np.int64] | NDArray[np.str_]
    items: NDArray[np.int64] | NDArray[np.str_]

    def save(self, path: Path) -> None:
        """Write an ``.npz`` with the arrays by their names here."""
        with whole_file(path) as out:
            np.savez_compressed(out, listeners=self.listeners, items=self.items)


@dataclass(frozen=True, slots=True)
class InTime:
    """Both ways to ask what comes next.

    Attributes
    ----------
    repeats
        What was played before is a candidate too.
    new
        Only what the listener did not play before is; None where nobody plays anything new.
    lists
        Of the model, for `repeats`.
    """

    repeats: RankingReport
    new: RankingReport | None
    lists: RankedLists


def evaluate_history(
    events: Path,
    *,
    items: Items = "tracks",
    cut: Cut = "session",
    seed: int = 0,
    progress: Progress | None = None,
) -> InTime:
    """Fit a model and baselines to earlier plays, rank everything for each listener, judge by later plays.

    Parameters
    ----------
    events
        A table with listener, track and time; artist and session if known.
    items
        Whether tracks or artists are to be told.
    cut
        ``session``: the last session of each listener from all else; ``time``: everything after a moment
        from everything before it.
    seed
        Of all that is drawn.
    progress
        Of reading, fitting and judging.

    Raises
    ------
    UsageError
        If the table cannot be read or used.
    NothingFound
        If no listener can be asked.
    """
    from segue.evaluation import evaluate_in_time, ranked_lists, split_in_time
    from segue.factors import fit_next
    from segue.factors.next_evidence import play_counts
    from segue.listening import read_events

    progress = progress or Silent()
    plays, rows = read_events(events, progress=progress)
    split = split_in_time(plays, items=items, cut=cut)
    model = fit_next(split.past, session=split.session, seed=seed, progress=progress)
    wmf, baselines = _baselines(play_counts(split.past), seed, progress)
    reports = [
        evaluate_in_time(
            split,
            model,
            baselines,
            likeness=wmf.track_factors,
            repeats=repeats,
            seed=seed,
            progress=progress,
        )
        for repeats in (True, False)
        if repeats or split.has_new
    ]
    notes = _notes(events, rows, split.past.n_items)
    reports = [replace(report, notes=(*notes, *report.notes)) for report in reports]
    asked, ranked = ranked_lists(model, split, length=LIST_LENGTH)
    lists = RankedLists(plays.listeners[asked], split.labels[ranked])
    return InTime(reports[0], reports[1] if len(reports) > 1 else None, lists)


def in_time_as_table(result: InTime) -> str:
    """Both reports for people."""
    from segue.evaluation import ranking_as_table

    weights = result.repeats.settings["weights"]
    learned = ", ".join(f"{name} {weight:.2f}" for name, weight in weights.items() if weight >= 0.005)
    parts = [ranking_as_table(report) for report in (result.repeats, result.new) if report is not None]
    return "\n\n".join([*parts, f"what comes next adds up: {learned}"])


def in_time_as_json(result: InTime) -> str:
    """Both reports as a JSON object: ``format``, ``repeats``, ``new`` (null where there is none)."""
    from segue.evaluation import ranking_as_json

    content = {
        "format": FORMAT,
        "repeats": json.loads(ranking_as_json(result.repeats)),
        "new": None if result.new is None else json.loads(ranking_as_json(result.new)),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def write_in_time(result: InTime, folder: Path) -> None:
    """Write ``report.json``, ``repeats.html``, ``new.html`` and ``lists.npz`` into a folder."""
    from segue.evaluation import ranking_as_page

    write_whole(folder / "report.json", in_time_as_json(result) + "\n")
    write_whole(folder / "repeats.html", ranking_as_page(result.repeats))
    (folder / "new.html").unlink(missing_ok=True)
    if result.new is not None:
        write_whole(folder / "new.html", ranking_as_page(result.new))
    result.lists.save(folder / "lists.npz")


def _baselines(counts: csr_array, seed: int, progress: Progress) -> tuple[FactorScorer, dict[str, Scorer]]:
    """The plain WMF, and all baselines by name."""
    from segue.factors import FactorScorer, WMFSettings, fit_item_knn, fit_wmf

    plain = WMFSettings(
        n_factors=64,
        alpha=40.0,
        regularisation=0.1,
        n_iterations=15,
        confidence="linear",
        popularity_power=0.0,
        listener_power=0.0,
    )
    wmf = FactorScorer(*fit_wmf(counts, plain, seed=seed, progress=progress))
    if counts.shape[1] > _COMPARED:
        return wmf, {"ALS": wmf}
    return wmf, {"ALS": wmf, "item neighbours": fit_item_knn(counts)}


def _notes(events: Path, rows: RowReport, n_items: int) -> list[str]:
    notes = rows_left_out(events, rows)
    if n_items > _COMPARED:
        notes.append(f"item neighbours are left out: they take minutes with more than {_COMPARED:,} items")
    return notes
