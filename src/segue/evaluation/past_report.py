"""What the past says of each way to recommend, as a table for people and JSON for programs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from segue.evaluation.bootstrap import intervals_of_means
from segue.evaluation.own_past import FIGURES, OwnPast, Row

_FORMAT = "segue-own-past-1"
_PARTS = {"new": "tracks never played before", "repeats": "played tracks that come again"}


@dataclass(frozen=True, slots=True)
class Line:
    """One way to rank, in figures.

    Attributes
    ----------
    row
        Its values at each cut.
    figures
        Mean, low and high end of the 95 % interval by name (cuts are drawn again).
    gain
        The same of the difference in AUC to the default, None for controls and the default itself.
    """

    row: Row
    figures: Mapping[str, tuple[float, float, float]]
    gain: tuple[float, float, float] | None

    @property
    def verdict(self) -> str:
        """Whether an option earns its place: ``better`` or ``worse`` only beyond chance."""
        if self.gain is None or not np.isfinite(self.gain[1]):
            return ""
        if self.gain[1] > 0:
            return "better"
        return "worse" if self.gain[2] < 0 else "no difference"


def past_lines(past: OwnPast) -> list[Line]:
    """Means and intervals of each row, and of each option's difference to the default."""
    lines = []
    for part in _PARTS:
        rows = [row for row in past.rows if row.part == part]
        default = next((row for row in rows if row.kind == "default"), None)
        for row in rows:
            values = np.column_stack([row.values[name] for name in FIGURES])
            gain = None
            if row.kind == "option" and default is not None:
                difference = (row.values["auc"] - default.values["auc"])[:, None]
                gain = _means(difference, past.seed)[0]
            figures = dict(zip(FIGURES, _means(values, past.seed), strict=True))
            lines.append(Line(row, figures, gain))
    return lines


def _means(values: np.ndarray[Any, np.dtype[np.float64]], seed: int) -> list[tuple[float, float, float]]:
    low, high = intervals_of_means(values, seed=seed)
    known = np.isfinite(values)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    return [(float(m), float(a), float(b)) for m, a, b in zip(mean, low, high, strict=True)]


def past_as_table(past: OwnPast) -> str:
    """The figures for people, with what was asked above them."""
    first, last = (time.strftime("%d %B %Y", time.gmtime(past.cuts_s[at])) for at in (0, -1))
    said = [
        f"{past.n_plays:,} plays of {past.n_tracks:,} of the library's {past.n_library:,} tracks; "
        f"judged by the day after {len(past.cuts_s)} times from {first} to {last}",
    ]
    lines = past_lines(past)
    for part, meaning in _PARTS.items():
        n = past.n_new if part == "new" else past.n_repeats
        said += ["", f"{part}: {meaning}, {n:,} to be found"]
        if n == 0:
            continue
        said.append(f"  {'':26}{'':9}{'AUC':>6}  {'95 %':13}{'Recall@50':>10}{'nDCG@50':>9}")
        for line in lines:
            if line.row.part == part:
                said.append(_told(line))
    return "\n".join(said)


def _told(line: Line) -> str:
    (mean, low, high), (recall, *_), (ndcg, *_) = (line.figures[name] for name in FIGURES)
    figures = f"{mean:6.3f}  {f'{low:.3f}-{high:.3f}':13}{recall:10.3f}{ndcg:9.3f}"
    return f"  {line.row.name:26}{line.row.kind:9}{figures}  {line.verdict}".rstrip()


def past_as_json(past: OwnPast) -> str:
    """The same for programs."""
    rows = [
        {
            "part": line.row.part,
            "name": line.row.name,
            "kind": line.row.kind,
            **{name: _figure(value) for name, value in line.figures.items()},
            "auc_gain": None if line.gain is None else _figure(line.gain),
            "verdict": line.verdict or None,
        }
        for line in past_lines(past)
    ]
    about = {
        "format": _FORMAT,
        "seed": past.seed,
        "plays": past.n_plays,
        "tracks": past.n_tracks,
        "library": past.n_library,
        "cuts": [float(cut) for cut in past.cuts_s],
        "new": past.n_new,
        "repeats": past.n_repeats,
        "rows": rows,
    }
    return json.dumps(about, indent=2)


def _figure(values: tuple[float, float, float]) -> dict[str, float | None]:
    names = ("value", "low", "high")
    return {
        name: round(value, 5) if np.isfinite(value) else None
        for name, value in zip(names, values, strict=True)
    }
