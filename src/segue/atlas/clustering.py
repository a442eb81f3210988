"""A clustering as it is kept: centres, the scaling they live in, numbers and names that stay."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.atlas.kinds import Curve
from segue.errors import SegueError
from segue.files import whole_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT, VERSION = "segue clustering", 1


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of music.

    Attributes
    ----------
    number
        From 1; never given to another kind of this clustering.
    name
        Differs from the names of all others.
    by_hand
        Whether a person gave the name.
    """

    number: int
    name: str
    by_hand: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """Kinds of music that stay what they are when tracks come and go: each track is of the nearest kind.

    Attributes
    ----------
    encoder
        Whose vectors are clustered.
    kinds
        One a centre.
    centres
        ``(k, dim)`` float32, among scaled vectors of length 1.
    mean, std
        ``(dim,)`` float32: the scaling of the library when they were found.
    asked
        How many kinds were asked for; None where the elbow of `curve` chose.
    seed
        Of everything drawn.
    n_tracks
        How many tracks they were found in.
    next_number
        What a new kind will be called.
    curve
        What other numbers of kinds give; None where nobody asked.
    """

    encoder: str
    kinds: tuple[Kind, ...]
    centres: NDArray[np.float32]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    asked: int | None
    seed: int
    n_tracks: int
    next_number: int
    curve: Curve | None


def save_clustering(clustering: Clustering, file: Path) -> None:
    """Write it to an ``.npz``: arrays ``centres``, ``mean``, ``std``, and ``header``, a JSON text.

    Whoever reads it sees all of the old or all of the new.

    Raises
    ------
    SegueError
        If it cannot be written.
    """
    header = {
        "format": FORMAT,
        "version": VERSION,
        "encoder": clustering.encoder,
        "kinds": [asdict(kind) for kind in clustering.kinds],
        "asked": clustering.asked,
        "seed": clustering.seed,
        "n_tracks": clustering.n_tracks,
        "next_number": clustering.next_number,
        "curve": None if clustering.curve is None else _without_nan(asdict(clustering.curve)),
    }
    with whole_file(file) as out:
        np.savez(
            out,
            header=np.array(json.dumps(header, sort_keys=True)),
            centres=clustering.centres.astype("<f4"),
            mean=clustering.mean.astype("<f4"),
            std=clustering.std.astype("<f4"),
        )


def load_clustering(file: Path) -> Clustering:
    """Read what `save_clustering` wrote.

    Raises
    ------
    SegueError
        If it is missing, damaged, or of a later version of Segue.
    """
    try:
        if not zipfile.is_zipfile(file):  # NumPy would take it for a pickle, and advise to trust it
            raise ValueError("it is no .npz file")
        # Opened here, because NumPy leaves a file open that it cannot read.
        with file.open("rb") as content, np.load(content, allow_pickle=False) as stored:
            header = json.loads(str(stored["header"]))
            arrays = {name: stored[name].astype(np.float32) for name in ("centres", "mean", "std")}
        if header["format"] != FORMAT:
            raise SegueError(f"{file} is not a clustering: delete it")
        if int(header["version"]) > VERSION:
            raise SegueError(f"{file} was written by a later version of Segue: update Segue")
        return _checked(_clustering(header, arrays))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise SegueError(f"{file} is damaged ({error}): delete it to find the kinds anew") from error


def _clustering(header: dict[str, Any], arrays: dict[str, NDArray[np.float32]]) -> Clustering:
    curve = header["curve"]
    return Clustering(
        encoder=str(header["encoder"]),
        kinds=tuple(
            Kind(int(kind["number"]), str(kind["name"]), bool(kind["by_hand"])) for kind in header["kinds"]
        ),
        asked=None if header["asked"] is None else int(header["asked"]),
        seed=int(header["seed"]),
        n_tracks=int(header["n_tracks"]),
        next_number=int(header["next_number"]),
        curve=None if curve is None else Curve(**{name: _with_nan(curve[name]) for name in curve}),
        **arrays,
    )


def _checked(clustering: Clustering) -> Clustering:
    centres, dim = clustering.centres, clustering.mean.size
    if centres.shape != (len(clustering.kinds), dim) or clustering.std.shape != (dim,) or not len(centres):
        raise ValueError(f"{len(clustering.kinds)} kinds do not fit centres of shape {centres.shape}")
    # A dimension without any spread has an infinite one (segue.neighbours.fit_scaling).
    if (
        not np.isfinite(centres).all()
        or not np.isfinite(clustering.mean).all()
        or not (clustering.std > 0).all()
    ):
        raise ValueError("not all numbers are finite")
    numbers = [kind.number for kind in clustering.kinds]
    if len(set(numbers)) != len(numbers) or max(numbers) >= clustering.next_number:
        raise ValueError("a number is there twice")
    return clustering


def _without_nan(curve: dict[str, tuple[float, ...]]) -> dict[str, list[float | None]]:
    """JSON has no NaN."""
    return {name: [None if np.isnan(value) else value for value in values] for name, values in curve.items()}


def _with_nan(values: list[float | None]) -> tuple[float, ...]:
    return tuple(float("nan") if value is None else float(value) for value in values)
