"""What a study found as JSON and as tables for other programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segue.atlas.study.distributions import QUANTILES

if TYPE_CHECKING:
    from segue.atlas.study.whole import Study

FORMAT = 1
"""Version of `study_as_json`."""


@dataclass(frozen=True, slots=True)
class TrialFigure:
    """How right a classifier is with some of the columns.

    Attributes
    ----------
    name
        Which columns.
    n_columns
        How many, mean over the folds.
    accuracy, low, high
        Share of tracks that are right, and its 95 % interval.
    kappa
        Cohen's.
    gain, gain_low, gain_high
        Accuracy less that of all columns on the same tracks, and its interval.
    """

    name: str
    n_columns: float
    accuracy: float
    low: float
    high: float
    kappa: float
    gain: float
    gain_low: float
    gain_high: float


def study_as_json(study: Study, trials: Sequence[TrialFigure]) -> dict[str, Any]:
    """The findings by name, as what `json.dumps` takes; what is not known is None.

    Parameters
    ----------
    study
        Of a table.
    trials
        What dropping costs, where it was judged.
    """
    table, correlations = study.table, study.correlations
    drops = {drop.column: drop for drop in study.drops}
    return {
        "format": FORMAT,
        "source": table.name,
        "tracks": len(table),
        "columns": len(table.columns),
        "target": table.target or None,
        "classes": dict(zip(study.names, study.counts, strict=True)),
        "grouped_by": table.grouped_by or None,
        "seed": study.seed,
        "notes": list(study.notes),
        "attributes": [_attribute(study, at, at in drops) for at in range(len(table.columns))],
        "correlated_groups": [[table.columns[at] for at in group] for group in correlations.groups],
        "correlation_threshold": correlations.threshold,
        "drop": [
            {
                "column": table.columns[drop.column],
                "instead": None if drop.instead is None else table.columns[drop.instead],
                "correlation": None if drop.instead is None else _known(drop.correlation),
                "why": "separates nothing" if drop.instead is None else "copy",
            }
            for drop in study.drops
        ],
        "classifier": [{name: _known(value) for name, value in _fields(trial).items()} for trial in trials],
        "outliers": [
            {
                "track": table.tracks[odd.row],
                "class": _class_of(study, odd.row) or None,
                "columns_far_out": odd.n_far,
                "furthest": {
                    table.columns[at]: score for at, score in zip(odd.columns, odd.scores, strict=True)
                },
            }
            for odd in study.outliers.tracks
        ],
        "typical": {
            (study.names[place] if study.names else "all"): table.tracks[row]
            for place, row in enumerate(study.typical)
        },
    }


def study_tables(study: Study) -> dict[str, str]:
    """CSV by file name: attributes, pairs of correlated columns, outliers."""
    table, correlations = study.table, study.correlations
    dropped = {drop.column for drop in study.drops}
    attributes = [_attribute(study, at, at in dropped) for at in range(len(table.columns))]
    pairs = [
        (
            table.columns[one],
            table.columns[other],
            f"{correlations.pearson[one, other]:.6f}",
            f"{correlations.spearman[one, other]:.6f}",
        )
        for one, other in correlations.pairs()
    ]
    odd = [
        (
            table.tracks[track.row],
            _class_of(study, track.row),
            track.n_far,
            " ".join(table.columns[at] for at in track.columns),
        )
        for track in study.outliers.tracks
    ]
    return {
        "attributes.csv": _csv(list(attributes[0]), ([*row.values()] for row in attributes)),
        "correlated-pairs.csv": _csv(["column", "other", "pearson", "spearman"], pairs),
        "outliers.csv": _csv(["track", "class", "columns_far_out", "furthest"], odd),
    }


def table_as_csv(study: Study) -> Iterable[str]:
    """The studied table itself, line by line: file, class, what folds keep together, descriptors."""
    table = study.table
    known: dict[str, Sequence[object]] = {"file": table.tracks}
    if table.classes:
        known[table.target] = table.classes
    if table.groups is not None:
        known["group"] = table.groups.tolist()
    yield _csv([*known, *table.columns], [])
    for *cells, row in zip(*known.values(), table.values, strict=True):
        numbers = [f"{value:.9g}" if math.isfinite(value) else "" for value in row.tolist()]
        yield _csv([*cells, *numbers], [])


def _attribute(study: Study, at: int, dropped: bool) -> dict[str, Any]:
    spread, separation = study.spread, study.separation
    facts: dict[str, Any] = {
        "column": study.table.columns[at],
        "family": study.table.families[at],
        "missing": int(study.missing[at]),
        "mean": _known(spread.mean[at]),
        "deviation": _known(spread.deviation[at]),
        "skewness": _known(spread.skewness[at]),
    }
    for place, share in enumerate(QUANTILES):
        facts[f"q{share * 100:g}"] = _known(spread.quantiles[place, at])
    facts["far_out"] = int(study.outliers.far[at])
    facts["unusual"] = int(study.outliers.unusual[at])
    if separation is not None:
        facts |= {
            "f": _known(separation.f[at]),
            "eta_squared": _known(separation.eta_squared[at]),
            "f_q": _known(separation.f_q[at]),
            "h": _known(separation.h[at]),
            "epsilon_squared": _known(separation.epsilon_squared[at]),
            "h_q": _known(separation.h_q[at]),
        }
    facts["drop"] = dropped
    return facts


def _class_of(study: Study, row: int) -> str:
    return study.table.classes[row] if study.table.classes else ""


def _fields(trial: TrialFigure) -> dict[str, Any]:
    return {name: getattr(trial, name) for name in TrialFigure.__dataclass_fields__}


def _known(value: Any) -> Any:
    """A number as JSON has it: six digits, None where there is none; text as it is."""
    if isinstance(value, str):
        return value
    number = float(value)
    return float(f"{number:.6g}") if math.isfinite(number) else None


def _csv(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return out.getvalue()
