"""An empty catalogue, and analyses made up without any audio."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.audio import AudioInfo, Tags
from segue.catalogue import Analysis, Catalogue, FileStat, open_catalogue
from segue.settings import DataFolder
from segue.types import EncoderId

_EMPTY: dict[str, Any] = {field.name: None for field in dataclasses.fields(Tags)}
_EMPTY |= {"genres": (), "has_cover": False}

Maker = Callable[..., Analysis]


def _analysis(
    path: str | Path = "/music/a/1.mp3",
    payload: object = 1,
    *,
    size: int = 1_000,
    mtime_ns: int = 1,
    duration_s: float = 200.0,
    vectors: Mapping[str, Any] | None = None,
    probabilities: Mapping[str, Any] | None = None,
    **tags: Any,
) -> Analysis:
    place = Path(path)
    if vectors is None:
        vectors = {"toy-1": (payload, 1.0)} if isinstance(payload, int) else {}
    return Analysis(
        path=place,
        stat=FileStat(place, size, mtime_ns),
        digest=hashlib.sha256(repr(payload).encode()).hexdigest(),
        tags=Tags(**(_EMPTY | {"title": f"Title {payload}", "artist": "Somebody"} | tags)),
        info=AudioInfo(duration_s, 44_100, 2, "mp3", 256_000),
        vectors=_arrays(vectors),
        tag_probabilities=_arrays(probabilities or {}),
    )


def _arrays(values: Mapping[str, Any]) -> dict[EncoderId, Any]:
    return {EncoderId(name): np.asarray(value, np.float32) for name, value in values.items()}


@pytest.fixture(scope="session")
def heard() -> Maker:
    """Makes an analysis: ``heard(path, payload, title=…)``; a number as payload brings a ``toy-1`` vector."""
    return _analysis


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def cat(folder: DataFolder) -> Iterator[Catalogue]:
    with open_catalogue(folder, write=True, create=True) as catalogue:
        yield catalogue
