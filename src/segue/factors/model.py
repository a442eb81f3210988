"""Factors with the labels they belong to, and how they are kept in a folder."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.errors import SegueError, UsageError
from segue.files import whole_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.int64] | NDArray[np.str_]
    Floats = NDArray[np.float32]

FILE = "factors.npz"
FORMAT = "segue-factors"
VERSION = 1
_ARRAYS = ("listeners", "tracks", "listener_factors", "track_factors")


@dataclass(frozen=True, slots=True)
class Factors:
    """Listeners and tracks in one space; the dot product of two factors is the score.

    Attributes
    ----------
    listeners, tracks
        (n_listeners,) and (n_tracks,): int64 or text, each once.
    listener_factors, track_factors
        (n_listeners, n_factors) and (n_tracks, n_factors), float32, finite.
    settings
        How they were made: names and numbers or words, as JSON can hold them.
    fingerprint
        SHA-256 of the plays they were learned from; empty if not known.
    """

    listeners: Labels
    tracks: Labels
    listener_factors: Floats
    track_factors: Floats
    settings: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""


def save_factors(factors: Factors, folder: Path) -> None:
    """Write ``factors.npz`` in `folder`; whoever reads it sees all of the old or all of the new.

    It holds the four arrays of `Factors` and ``header``, a JSON text with format, version, settings and
    fingerprint. NumPy opens it with ``allow_pickle=False``.

    Raises
    ------
    SegueError
        If the folder cannot be written.
    """
    header = {
        "format": FORMAT,
        "version": VERSION,
        "settings": dict(factors.settings),
        "fingerprint": factors.fingerprint,
    }
    with whole_file(folder / FILE) as out:
        np.savez(
            out,
            header=np.array(json.dumps(header, sort_keys=True)),
            listeners=_plain(factors.listeners),
            tracks=_plain(factors.tracks),
            listener_factors=_plain(factors.listener_factors),
            track_factors=_plain(factors.track_factors),
        )


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind in "iu":
        return array.astype("<i8")
    return array.astype("<f4") if array.dtype.kind == "f" else array.astype(np.str_)


def load_factors(folder: Path) -> Factors:
    """Read what `save_factors` wrote, or any ``factors.npz`` with the four arrays, as `evaluate` writes it.

    Parameters
    ----------
    folder
        The folder, or the file itself.

    Raises
    ------
    UsageError
        If there are no factors there.
    SegueError
        If they are damaged, or of a later version of Segue.
    """
    file = folder / FILE if folder.is_dir() else folder
    if not file.is_file():
        raise UsageError(f"{folder} holds no factors: `segue factors fit` makes them")
    try:
        # Opened here, because NumPy leaves a file open that it cannot read.
        with file.open("rb") as content, np.load(content, allow_pickle=False) as stored:
            missing = [name for name in _ARRAYS if name not in stored]
            if missing:
                raise SegueError(f"{file} holds no factors: {', '.join(missing)} is not in it")
            header = json.loads(str(stored["header"])) if "header" in stored else {}
            arrays = {name: stored[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise SegueError(f"{file} is damaged ({error}): make it again") from error
    if not isinstance(header, dict) or int(header.get("version", VERSION)) > VERSION:
        raise SegueError(f"{file} was written by a later version of Segue: update Segue")
    factors = Factors(
        **arrays, settings=header.get("settings", {}), fingerprint=header.get("fingerprint", "")
    )
    return _checked(factors, file)


def _checked(factors: Factors, file: Path) -> Factors:
    """The factors as this room uses them, or an error that says what does not fit."""
    for labels, rows, what in (
        (factors.listeners, factors.listener_factors, "listeners"),
        (factors.tracks, factors.track_factors, "tracks"),
    ):
        if rows.ndim != 2 or labels.ndim != 1 or len(labels) != len(rows):
            raise SegueError(f"{file}: {len(labels):,} {what} do not fit factors of shape {rows.shape}")
        if rows.dtype.kind != "f" or not np.isfinite(rows).all():
            raise SegueError(f"{file}: the factors of {what} are not all finite numbers")
        if len(np.unique(labels)) != len(labels):
            raise SegueError(f"{file}: some {what} are in it twice")
    if factors.listener_factors.shape[1] != factors.track_factors.shape[1]:
        raise SegueError(f"{file}: factors of listeners and of tracks differ in length")
    return Factors(
        _plain(factors.listeners),
        _plain(factors.tracks),
        factors.listener_factors.astype(np.float32),
        factors.track_factors.astype(np.float32),
        factors.settings,
        factors.fingerprint,
    )
