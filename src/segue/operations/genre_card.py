"""What a genre model says of itself: facts in its header, and a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segue.training.card import cell

if TYPE_CHECKING:
    from segue.genres import Draft
    from segue.operations.genres_report import GenreReport
    from segue.training.datasets.contract import Dataset


def card_facts(report: GenreReport, dataset: Dataset, *, classifier: str, selection: str) -> dict[str, Any]:
    """What goes into the header beside what makes the answers."""
    from segue.experiments.runs import fingerprint

    return {
        "target": report.target,
        "classifier": classifier,
        "selection": selection,
        "data": {
            "name": dataset.name,
            "fingerprint": fingerprint(dataset, targets=(report.target,)),
            "tracks": report.n_tracks,
            "artists": report.n_artists,
            "apart": report.apart,
            "folds": report.n_folds,
        },
        "metrics": {
            figure.name: figure.value if figure.low is None else [figure.value, figure.low, figure.high]
            for figure in report.figures
        }
        | {"calibration error": report.calibration},
        "notes": list(report.notes),
        "licence": "NOASSERTION",
        "licence_notes": "Learned from labels and music of whoever trained it; their terms may bind it.",
    }


def card_page(draft: Draft) -> str:
    """The page that lies beside a model; ``{id}`` in it becomes the id."""
    facts = draft.card
    data = facts["data"]
    lines = [
        f"# {draft.name}",
        "",
        f"Tells the {facts['target']} of a recording by its vector.",
        "",
        "| | |",
        "| --- | --- |",
        "| id | `{id}` |",
        f"| takes | vectors of `{draft.encoder}`, {draft.dim} numbers |",
        f"| tells | {cell(', '.join(draft.classes))} |",
        f"| classifier | {facts['classifier']}, columns: {facts['selection']} |",
        f"| learned from | {cell(data['name'])}: {data['tracks']:,} tracks by {data['artists']:,} artists |",
        f"| judged | by classifiers of other folds ({data['folds']} folds, {data['apart']}s apart) |",
        f"| licence | {facts['licence']}. {facts['licence_notes']} |",
        "",
        "## How good it is",
        "",
        "| figure | value |",
        "| --- | --- |",
        *(f"| {name} | {_value(value)} |" for name, value in facts["metrics"].items()),
        "",
        *(f"- {note}" for note in facts["notes"]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _value(value: object) -> str:
    """
    >>> _value(0.5), _value([0.5, 0.25, 0.75])
    ('0.500', '0.500 (0.250 to 0.750)')
    """
    if isinstance(value, list):
        first, low, high = value
        return f"{first:.3f} ({low:.3f} to {high:.3f})"
    return f"{value:.3f}"


def card_metrics(card: Mapping[str, Any]) -> str:
    """The first figure of a card in words, such as ``accuracy 0.730 (0.600 to 0.840)``; empty if none."""
    return next((f"{name} {_value(value)}" for name, value in card.get("metrics", {}).items()), "")
