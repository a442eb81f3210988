"""Measure recommending on real usage and write the tables of docs/quality.md.

    python benchmarks/taste_quality.py ../shared/data --work /tmp/taste-quality [--only warm-taste-profile]

The figures are what ``segue evaluate warm``, ``cold-start`` and ``history`` say; their reports stay in the
work folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from quality import PAGE, write_table

COLUMNS = {
    "auc": "AUC",
    "recall@50": "Recall@50",
    "map@10": "mAP@10",
    "ndcg@10": "nDCG@10",
    "novelty": "novelty",
}
QUICK_MODELS = (
    *("wmf", "wmf, 64 factors", "wmf as van den Oord"),
    *("bpr", "item neighbours, cosine", "popularity"),
)
"""Judged on the large set in minutes; EASE and listener neighbours take the better part of an hour there."""
_WITH_INTERVAL = ("auc", "recall@50")


def commands(data: Path) -> dict[str, list[str]]:
    """What is measured: the name of a table and the arguments of `segue evaluate`."""

    def tables(name: str) -> list[str]:
        return [
            "--plays",
            f"{data / name / 'plays.parquet'}",
            "--tracks",
            f"{data / name / 'tracks.parquet'}",
        ]

    def warm(name: str) -> list[str]:
        return ["warm", "--plays", str(data / name / "plays.parquet")]

    events = ["history", "--events", str(data / "history" / "events.parquet")]
    return {
        "cold-playlists": ["cold-start", *tables("playlists")],
        "cold-artists": ["cold-start", *tables("artists")],
        "cold-artists-tags": [
            *("cold-start", *tables("artists")),
            *("--tags", str(data / "artists" / "tags.parquet")),
        ],
        "warm-taste-profile": warm("taste-profile"),
        "warm-playlists-large": [*warm("playlists-large"), *(f"--model={name}" for name in QUICK_MODELS)],
        "history-artists": [*events, "--items", "artists"],
        "history-tracks": [*events, "--items", "tracks"],
    }


def measured(arguments: list[str], work: Path) -> dict[str, Any]:
    """The report of one command, from the work folder if it is there."""
    file = work / "report.json"
    if not file.exists():
        command = [sys.executable, "-m", "segue", "evaluate", *arguments, "--report", str(work)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return report


def tables_of(report: dict[str, Any]) -> str:
    """Markdown for one report: of a history in time, one table a question."""
    if "models" in report:
        return table(report)
    return "\n\n".join(
        f"{name}:\n\n{table(part)}"
        for name, part in report.items()
        if isinstance(part, dict) and "models" in part
    )


def table(report: dict[str, Any]) -> str:
    """Counts, then one row a model."""
    facts = ", ".join(f"{value:,} {name}" for name, value in report["facts"].items() if value)
    lines = [
        facts + ".",
        "",
        f"| model | {' | '.join(COLUMNS.values())} |",
        f"| --- |{' --- |' * len(COLUMNS)}",
    ]
    for model in report["models"]:
        name = f"**{model['name']}**" if model["kind"] == "model" else model["name"]
        lines.append(f"| {name} | {' | '.join(_cell(model['figures'], column) for column in COLUMNS)} |")
    for way, points in report.get("overlap", {}).items():
        said = ", ".join(f"{one['value']:.1%} at {one['k']} (chance {one['chance']:.1%})" for one in points)
        lines += ["", f"Overlap of lists by predicted and by true factors, {way}: {said}."]
    return "\n".join(lines)


def _cell(figures: dict[str, Any], name: str) -> str:
    figure = figures.get(name)
    if figure is None or figure["value"] is None:
        return "–"
    if name == "novelty":
        return f"{figure['value']:.1f}"
    low, high = figure["interval"]
    return f"{figure['value']:.3f}" + (f" ({low:.3f} – {high:.3f})" if name in _WITH_INTERVAL else "")


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="folder with playlists, artists, taste-profile, …")
    parser.add_argument("--work", type=Path, required=True, help="where reports are kept between runs")
    parser.add_argument("--only", action="append", help="measure this table alone")
    given = parser.parse_args()
    for name, arguments in commands(given.data).items():
        if given.only and name not in given.only:
            continue
        report = measured(arguments, given.work / name)
        write_table(PAGE, name, tables_of(report))
        print(name, "written", flush=True)


if __name__ == "__main__":
    main()
