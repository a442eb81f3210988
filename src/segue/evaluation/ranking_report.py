"""Models side by side: figures with intervals over listeners, as a table for people and JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from segue.errors import NothingFound
from segue.evaluation.bootstrap import intervals_of_means
from segue.evaluation.judging import RECALL_AT, judge
from segue.evaluation.list_metrics import coverage, gini
from segue.progress import Progress, Silent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.evaluation.judging import Exam, Judgement
    from segue.evaluation.overlap import Overlap
    from segue.factors.scorers import Scorer

    Floats = NDArray[np.float64]

FORMAT = "segue-ranking-1"
Kind = Literal["model", "baseline", "control", "bound"]
AUC_BINS = 25
"""Columns of the distribution of AUC, from 0 to 1."""
COLUMNS = ("auc", "recall@10", "recall@50", "precision@10", "map@10", "map@500", "ndcg@10", "ndcg@100")
LIST_COLUMNS = ("coverage", "novelty", "serendipity", "diversity", "popularity lift", "gini")
_WITH_INTERVAL = ("auc", "recall@50")


class Entry(NamedTuple):
    """A line of the table before it is measured.

    Attributes
    ----------
    name
        As the reader sees it.
    kind
        What it is there for.
    scorers
        One, or several draws of a control whose figures are averaged listener by listener.
    """

    name: str
    kind: Kind
    scorers: tuple[Scorer, ...]


class Figure(NamedTuple):
    """A mean over listeners.

    Attributes
    ----------
    value, low, high
        Over the listeners who count, with the 95 % interval when they are drawn again.
    over_all
        Over everybody with a test play, however few plays are known.
    """

    value: float
    low: float
    high: float
    over_all: float


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """One line of the table.

    Attributes
    ----------
    name, kind
        As in `Entry`.
    figures
        Mean over listeners by name: ``auc``, ``recall@50``, ``novelty`` and so on.
    coverage, gini
        Of the lists of 50 of all listeners.
    auc_histogram : (AUC_BINS,) int64
        How many listeners have an AUC in each of equal steps from 0 to 1.
    """

    name: str
    kind: Kind
    figures: Mapping[str, Figure]
    coverage: float
    gini: float
    auc_histogram: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RankingReport:
    """All figures of one protocol.

    Attributes
    ----------
    protocol
        ``cold-start``, ``warm`` or another.
    facts
        What was measured on: counts by name.
    models
        The table, the model asked about first.
    chosen
        Which method the validation inside the training part chose; empty where there was no choice.
    choices
        What that validation said of each method.
    settings
        Of the chosen method.
    overlap
        ``cosine`` and ``dot``: lists by predicted against lists by true factors.
    notes
        What was left out and why, and what the names of the table mean.
    min_plays
        How many plays a listener needs in the training part to count.
    seed
        Of splits, controls and intervals.
    """

    protocol: str
    facts: Mapping[str, int]
    models: tuple[ModelFigures, ...]
    chosen: str = ""
    choices: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    overlap: Mapping[str, tuple[Overlap, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    min_plays: int = 5
    seed: int = 0


def compare(
    entries: Iterable[Entry],
    exam: Exam,
    n_known: NDArray[np.int64],
    *,
    min_plays: int,
    seed: int,
    progress: Progress | None = None,
) -> tuple[ModelFigures, ...]:
    """Judge every entry on the same listeners and the same draws of them.

    Parameters
    ----------
    entries
        In the order of the table; taken one by one, so that an iterator can make each when it is needed.
    exam
        What is asked.
    n_known : (n_listeners,) int64
        How many training tracks each listener has.
    min_plays
        Those with fewer count only in `Figure.over_all`.
    seed
        Of the intervals.
    progress
        Told the listeners judged a second.

    Raises
    ------
    NothingFound
        If no listener counts.
    """
    progress = progress or Silent()
    counts = n_known[exam.listeners] >= min_plays
    if not counts.any():
        raise NothingFound(
            f"no listener has both a test play and {min_plays} tracks in the training plays: "
            "give plays of the same listeners, or lower --min-plays"
        )
    lines: list[tuple[str, Kind]] = []
    judgements: list[list[Judgement]] = []
    for entry in entries:
        progress.start(f"judging {entry.name}", len(entry.scorers) * len(exam.listeners))
        judgements.append([judge(scorer, exam, progress=progress) for scorer in entry.scorers])
        lines.append((entry.name, entry.kind))
        progress.finish()
        # A model may be large; the next one is made when this one is gone.
        del entry
    times = [judged.seconds for draws in judgements for judged in draws]
    rate = len(times) * len(exam.listeners) / max(sum(times), 1e-9)
    progress.note(
        f"ranked {exam.relevant.shape[1]:,} tracks for {len(exam.listeners):,} listeners {len(times)} times: "
        f"{rate:,.0f} listeners a second"
    )
    return figures_of(lines, judgements, counts, seed)


def figures_of(
    lines: Sequence[tuple[str, Kind]],
    judgements: Sequence[Sequence[Judgement]],
    counts: NDArray[np.bool_],
    seed: int,
) -> tuple[ModelFigures, ...]:
    """One line a model, with intervals over the listeners who count.

    Parameters
    ----------
    lines
        Name and kind of each.
    judgements
        Of each line, one or several draws.
    counts : (n_asked,) bool
        Which listeners count, in the order of the judgements.
    seed
        Of the intervals.
    """
    names = tuple(judgements[0][0].values)
    tables = [
        np.mean([[judged.values[name] for name in names] for judged in draws], axis=0).T
        for draws in judgements
    ]
    low, high = intervals_of_means(np.hstack([table[counts] for table in tables]), seed=seed)
    models = []
    for at, ((model, kind), draws, table) in enumerate(zip(lines, judgements, tables, strict=True)):
        figures = {
            name: Figure(
                _mean(table[counts, column]),
                float(low[at * len(names) + column]),
                float(high[at * len(names) + column]),
                _mean(table[:, column]),
            )
            for column, name in enumerate(names)
        }
        auc = table[counts, names.index("auc")]
        histogram = np.histogram(auc[np.isfinite(auc)], bins=AUC_BINS, range=(0, 1))[0]
        models.append(
            ModelFigures(
                model,
                kind,
                figures,
                float(np.mean([coverage(judged.counts) for judged in draws])),
                float(np.mean([gini(judged.counts) for judged in draws])),
                histogram,
            )
        )
    return tuple(models)


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def ranking_as_table(report: RankingReport) -> str:
    """Lines of text: what was measured on, one line a model, overlaps, choices, notes."""
    facts = ", ".join(f"{count:,} {name}" for name, count in report.facts.items() if count)
    lines = [f"{report.protocol}: {facts}", ""]
    lines += _columns(
        ["model", *COLUMNS],
        [[model.name, *(_cell(model, name) for name in COLUMNS)] for model in report.models],
    )
    lines += ["", "lists of 50:"]
    lines += _columns(
        ["model", *LIST_COLUMNS],
        [[model.name, *(f"{value_of(model, name):.3f}" for name in LIST_COLUMNS)] for model in report.models],
    )
    for way, overlaps in report.overlap.items():
        found = "  ".join(f"@{one.k} {one.value:.2%} (chance {one.chance:.2%})" for one in overlaps)
        lines += ["", f"overlap of predicted with true factors by {way}: {found}"]
    if report.choices:
        lines += ["", f"chosen by validation inside the training part: {report.chosen}"]
        ordered = sorted(report.choices.items(), key=lambda choice: -choice[1])
        lines += _columns(["method", "validation"], [[name, f"{value:.4f}"] for name, value in ordered])
    lines += ["", *report.notes] if report.notes else []
    return "\n".join(lines)


def value_of(model: ModelFigures, name: str) -> float:
    """A figure of the table by its name, those over all lists included."""
    if name == "coverage":
        return model.coverage
    return model.gini if name == "gini" else model.figures[name].value


def _cell(model: ModelFigures, name: str) -> str:
    figure = model.figures[name]
    interval = f" ({figure.low:.3f} – {figure.high:.3f})" if name in _WITH_INTERVAL else ""
    return f"{figure.value:.3f}{interval}"


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned text, the first column to the left and the others to the right."""
    table = [header, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    return [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def ranking_as_json(report: RankingReport) -> str:
    """The whole report as a JSON object, indented; a figure that could not be taken is null.

    Keys: ``format``, ``protocol``, ``seed``, ``min_plays``, ``facts``, ``models`` (a list: ``name``,
    ``kind``, ``figures`` by name with ``value``, ``interval`` [low, high] and ``over_all``, ``coverage``,
    ``gini``, ``auc_histogram``), ``chosen``, ``choices``, ``settings``, ``overlap`` (``cosine`` and
    ``dot product``: lists of ``k``, ``value``, ``chance``), ``notes``.
    """
    content = {
        "format": FORMAT,
        "protocol": report.protocol,
        "seed": report.seed,
        "min_plays": report.min_plays,
        "facts": dict(report.facts),
        "models": [
            {
                "name": model.name,
                "kind": model.kind,
                "figures": {
                    name: {
                        "value": _number(figure.value),
                        "interval": [_number(figure.low), _number(figure.high)],
                        "over_all": _number(figure.over_all),
                    }
                    for name, figure in model.figures.items()
                },
                "coverage": _number(model.coverage),
                "gini": _number(model.gini),
                "auc_histogram": model.auc_histogram.tolist(),
            }
            for model in report.models
        ],
        "chosen": report.chosen,
        "choices": {name: _number(value) for name, value in report.choices.items()},
        "settings": {name: _plain(value) for name, value in report.settings.items()},
        "overlap": {
            way: [{"k": one.k, "value": _number(one.value), "chance": _number(one.chance)} for one in found]
            for way, found in report.overlap.items()
        },
        "notes": list(report.notes),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def recall_curve(model: ModelFigures) -> list[tuple[int, float]]:
    """Points of recall over the length of the list."""
    return [(k, model.figures[f"recall@{k}"].value) for k in RECALL_AT]


def _number(value: float) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _plain(value: Any) -> Any:
    """A setting as JSON can hold it."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
