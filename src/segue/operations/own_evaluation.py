"""The evaluation on a listener's own past, kept in the cache."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from segue.files import write_whole
from segue.operations.evaluate_past import evaluate_past, past_as_json
from segue.settings import DataFolder


def write_own_evaluation(data: DataFolder, listener: str) -> None:
    """Measure, and keep the report.

    Raises
    ------
    NothingFound
        If there is no history, or too little of it.
    """
    write_whole(_file(data, listener), past_as_json(evaluate_past(data, listener=listener)) + "\n")


def read_own_evaluation(data: DataFolder, listener: str) -> tuple[dict[str, Any], float] | None:
    """The report and when it was made, UTC epoch seconds; None where there is none."""
    file = _file(data, listener)
    try:
        report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return report, file.stat().st_mtime
    except (OSError, ValueError):
        return None


def _file(data: DataFolder, listener: str) -> Path:
    # A hash: a listener's name may be any text.
    name = hashlib.sha256(listener.encode("utf-8")).hexdigest()[:16]
    return data.cache / "evaluations" / f"{name}.json"
