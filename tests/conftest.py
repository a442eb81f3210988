"""Fixtures that every room's tests share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

from segue.operations.demo_pieces import DemoPiece, make_demo
from segue.operations.scan import scan_library
from segue.settings import DataFolder

# How long an example takes says more of what else the machine does than of the code.
hypothesis.settings.register_profile("segue", deadline=None)
hypothesis.settings.load_profile("segue")

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests that need it skip where it is missing."""
    if not (_SHARED / "data").is_dir():
        pytest.skip("the real data (../shared/data beside the project) is not here")
    return _SHARED


@dataclass(frozen=True)
class Demo:
    """The demo library, scanned once; tests that change it copy it first."""

    music: Path
    data: Path
    pieces: tuple[DemoPiece, ...]

    def piece(self, title: str) -> DemoPiece:
        return next(piece for piece in self.pieces if piece.title == title)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Generated pieces whose right neighbours are known, in a library of their own."""
    place = tmp_path_factory.mktemp("demo")
    pieces = make_demo(place / "music")
    scan_library(DataFolder(place / "data"), [place / "music"], nice=0)
    return Demo(place / "music", place / "data", tuple(pieces))
