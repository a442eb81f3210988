"""A report as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from segue.evaluation.similarity import MEASURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segue.evaluation.similarity import SimilarityReport

_FORMAT = "segue-similarity-1"
_NAMED = 5


def report_as_table(report: SimilarityReport) -> str:
    """Lines of text: one a measure, then what was left out and why.

    Examples
    --------
    >>> from segue.evaluation.similarity import Measure, SimilarityReport
    >>> figure = Measure("hubness", 0.61, 0.42, 0.83, 0.35, 223, 72, "lower")
    >>> print(report_as_table(SimilarityReport("musicnn-msd-1", 200, 223, 72, (figure,), {})))
    musicnn-msd-1: 200 numbers a track, 223 tracks by 72 artists
    <BLANKLINE>
    measure   value   95 % interval    random  tracks  artists
    hubness   0.610   0.420 – 0.830     0.350     223       72  (lower is better)
    """
    width = max((len(MEASURES[measure.name]) for measure in report.measures), default=7)
    lines = [
        f"{report.encoder}: {report.dim} numbers a track, "
        f"{report.n_tracks} tracks by {report.n_artists} artists",
        "",
        f"{'measure':<{width}}   value   95 % interval    random  tracks  artists",
    ]
    for measure in report.measures:
        name = f"{MEASURES[measure.name]:<{width}}"
        figures = f"{measure.value:6.3f}  {measure.low:6.3f} – {measure.high:5.3f}  {measure.control:8.3f}"
        line = f"{name}  {figures}  {measure.n_tracks:6d}  {measure.n_artists:7d}"
        lines.append(line + ("  (lower is better)" if measure.better == "lower" else ""))
    lines += [f"{MEASURES[name]}: left out, {reason}" for name, reason in report.left_out.items()]
    lines += _unmatched("without a row in the table", report.unmatched_vectors)
    lines += _unmatched("without a vector", report.unmatched_tracks)
    return "\n".join(lines)


def _unmatched(what: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return [f"{len(names)} files {what}: {', '.join(names[:_NAMED])}{more}"]


def report_as_json(report: SimilarityReport) -> str:
    """The whole report as a JSON object, indented.

    Keys: ``format``, ``encoder``, ``dim``, ``tracks``, ``artists``, ``seed``, ``moods``, ``measures`` (by
    name: ``value``, ``interval`` [low, high], ``control``, ``tracks``, ``artists``, ``better``), ``left_out``
    (name to reason), ``unmatched_vectors``, ``unmatched_tracks``.
    """
    content: dict[str, Any] = {
        "format": _FORMAT,
        "encoder": report.encoder,
        "dim": report.dim,
        "tracks": report.n_tracks,
        "artists": report.n_artists,
        "seed": report.seed,
        "moods": list(report.moods),
        "measures": {
            measure.name: {
                "value": round(measure.value, 6),
                "interval": [round(measure.low, 6), round(measure.high, 6)],
                "control": round(measure.control, 6),
                "tracks": measure.n_tracks,
                "artists": measure.n_artists,
                "better": measure.better,
            }
            for measure in report.measures
        },
        "left_out": dict(report.left_out),
        "unmatched_vectors": list(report.unmatched_vectors),
        "unmatched_tracks": list(report.unmatched_tracks),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)
