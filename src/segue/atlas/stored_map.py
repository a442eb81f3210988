"""The file that keeps a map, so that tracks stay where a person has learned to find them."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.errors import VectorsError
from segue.files import whole_file

VERSION = 1


@dataclass(frozen=True, slots=True)
class StoredMap:
    """Where each track lies.

    Attributes
    ----------
    encoder
        Whose vectors were laid out.
    tracks
        Public ids, each once.
    positions
        ``(n, 2)`` float32.
    placed
        ``(n,)`` bool: which tracks came later and were placed among the others.
    seed
        Of the layout.
    """

    encoder: str
    tracks: tuple[str, ...]
    positions: NDArray[np.float32]
    placed: NDArray[np.bool_]
    seed: int


def write_map(path: Path, stored: StoredMap) -> None:
    """Write ``version``, ``encoder``, ``tracks``, ``positions``, ``placed`` and ``seed`` to an ``.npz``.

    Raises
    ------
    SegueError
        If it cannot be written; what was there stays.
    """
    with whole_file(path) as out:
        np.savez_compressed(
            out,
            version=np.array(VERSION),
            encoder=np.array(stored.encoder, np.str_),
            tracks=np.array(stored.tracks, np.str_),
            positions=np.asarray(stored.positions, np.float32),
            placed=np.asarray(stored.placed, np.bool_),
            seed=np.array(stored.seed),
        )


def read_map(path: Path) -> StoredMap | None:
    """Read what `write_map` wrote; None where there is no such file.

    Raises
    ------
    VectorsError
        If it is damaged, or of a later version of Segue.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            version = int(content["version"])
            if version > VERSION:
                raise VectorsError(f"{path} is of a later Segue (version {version}): update Segue")
            stored = StoredMap(
                str(content["encoder"]),
                tuple(content["tracks"].tolist()),
                np.ascontiguousarray(content["positions"], np.float32),
                np.ascontiguousarray(content["placed"], np.bool_),
                int(content["seed"]),
            )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise VectorsError(f"{path} is damaged: make the map anew with --refit") from error
    if not _fits(stored):
        raise VectorsError(f"{path} is damaged: make the map anew with --refit")
    return stored


def _fits(stored: StoredMap) -> bool:
    n = len(stored.tracks)
    shapes = stored.positions.shape == (n, 2) and stored.placed.shape == (n,)
    return shapes and len(set(stored.tracks)) == n and bool(np.isfinite(stored.positions).all())
