"""The header of a folder of factors; ``golden/factors-1.json`` is what version 1 wrote, never made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from segue.errors import SegueError
from segue.spark.factor_files import FactorHeader, header_as_json, header_of_json

GOLDEN = Path(__file__).parent / "golden" / "factors-1.json"
HEADER = FactorHeader(
    "0123456789abcdef", 3, 2, 4, 5, {"method": "mllib-als", "confidence": "log", "regularisation": 0.1}
)


def test_the_golden_header_is_read_and_written() -> None:
    assert header_of_json(GOLDEN.read_bytes(), "factors.json") == HEADER
    assert header_as_json(HEADER) == GOLDEN.read_text()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"version": 2}, "later version"),
        ({"format": "segue-factors"}, "its format is 'segue-factors'"),
        ({"pairs": None}, "damaged"),
        ({"tracks": "many"}, "damaged"),
        ({"run": "../../etc/passwords"}, "folders are not those of its run"),
        ({"track_factors": "../other"}, "folders are not those of its run"),
        ({"factors": 0}, "damaged"),
        ({"settings": 3}, "damaged"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused_in_one_line(changed: dict[str, Any], words: str) -> None:
    said = json.loads(GOLDEN.read_text()) | changed
    with pytest.raises(SegueError, match=words) as refused:
        header_of_json(json.dumps(said), "x/factors.json")
    assert "\n" not in str(refused.value) and "x/factors.json" in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"segue"', "{}", '{"format": 1}'])
def test_what_is_no_header_is_damaged(text: str) -> None:
    with pytest.raises(SegueError, match="is damaged"):
        header_of_json(text, "factors.json")


def test_half_a_header_is_refused() -> None:
    whole = GOLDEN.read_text().rstrip()
    for length in range(len(whole)):
        with pytest.raises(SegueError):
            header_of_json(whole[:length], "factors.json")
