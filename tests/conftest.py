"""Fixtures that every room's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests that need it skip where it is missing."""
    if not (_SHARED / "data").is_dir():
        pytest.skip("the real data (../shared/data beside the project) is not here")
    return _SHARED
