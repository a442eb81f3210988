"""What the tests of the readers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from segue.listening import read_history
from segue.types import BadRow, Listen

Reading = Callable[[Path], tuple[list[Listen], list[BadRow]]]


@pytest.fixture
def read() -> Reading:
    """Reads a history whole: the listens, and the bad rows."""

    def reading(path: Path) -> tuple[list[Listen], list[BadRow]]:
        listens: list[Listen] = []
        bad: list[BadRow] = []
        for row in read_history(path):
            if isinstance(row, BadRow):
                bad.append(row)
            else:
                listens.append(row)
        return listens, bad

    return reading
