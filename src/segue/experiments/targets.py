"""Targets that a data set comes without: factors of plays, simulated listeners, kinds, five genres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from segue.errors import NothingFound, UsageError
from segue.experiments.kinds import kinds_by_track
from segue.experiments.simulated import simulate_plays
from segue.experiments.tables import suggestion
from segue.factors import WMFSettings, fit_wmf
from segue.progress import Progress, Silent
from segue.training.datasets.contract import Dataset, Target

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float32]

GENRES_OF_A = ("classical", "country", "hiphop", "metal", "reggae")
"""The five genres of system A, spelled without blanks and hyphens."""
_PLAYS_FILES = ("plays.parquet", "plays.csv", "plays.tsv", "plays.txt", "train_triplets.txt")


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """How targets are made; the defaults are A's factors.

    Attributes
    ----------
    n_factors, confidence, alpha, eps, regularisation, n_iterations, popularity_power, listener_power
        Of `segue.factors.WMFSettings`; the powers of the plain model.
    n_listeners
        How many listeners are simulated.
    n_kinds
        How many kinds of music.
    plays
        File or folder with who played what; by default the one beside the tracks.
    attributes
        The table of attributes that tells the kinds; by default the one in or beside the folder.
    """

    n_factors: int = 50
    confidence: Literal["log", "linear"] = "log"
    alpha: float = 2.0
    eps: float = 1e-6
    regularisation: float | None = None
    n_iterations: int = 15
    popularity_power: float = 0.0
    listener_power: float = 0.0
    n_listeners: int = 2_000
    n_kinds: int = 3
    plays: Path | None = None
    attributes: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """A data set with a target that was made for it.

    Attributes
    ----------
    dataset
        Only the tracks whose target is known, with ``targets[name]``.
    listeners
        (n_listeners, n_factors) float32: whose dot products with the factors are scores; None for classes.
    """

    dataset: Dataset
    listeners: Floats | None = None


def target_names() -> tuple[str, ...]:
    """What `derive_target` can make.

    Examples
    --------
    >>> target_names()
    ('factors', 'simulated', 'kinds', 'genre5')
    """
    return tuple(_MAKERS)


def derive_target(
    dataset: Dataset,
    name: str,
    *,
    folder: Path,
    seed: int,
    settings: TargetSettings | None = None,
    progress: Progress | None = None,
) -> Derived:
    """Make a target, or take one that the data set has.

    A target is a fact about all tracks, made once for all folds: factors come from all plays, those of the
    test tracks too, as in A and C. What learns never sees the targets of test tracks.

    Parameters
    ----------
    dataset
        The tracks.
    name
        One of `target_names`, or of the data set's own targets, which come first.
    folder
        Where the data set is: plays and attributes are looked for there.
    seed
        Of simulation, factors and kinds.
    settings
        How.
    progress
        Told of the work and of what could not be used.

    Returns
    -------
    Derived

    Raises
    ------
    UsageError
        If there is no such target, or the data set lacks what it is made of.
    NothingFound
        If no track has it.
    """
    settings, progress = settings or TargetSettings(), progress or Silent()
    if name in dataset.targets:
        return Derived(only_known(dataset, name))
    if name not in _MAKERS:
        choices = suggestion(name, dict.fromkeys([*dataset.targets, *_MAKERS]))
        raise UsageError(f"{dataset.name} has no target {name!r}: {choices}")
    return _MAKERS[name](dataset, folder, settings, seed, progress)


def only_known(dataset: Dataset, name: str) -> Dataset:
    """The tracks whose target is known.

    Raises
    ------
    NothingFound
        If there is none.
    """
    known = dataset.target(name).known
    if not known.any():
        raise NothingFound(f"no track of {dataset.name} has a known {name}")
    return dataset if known.all() else dataset.take(np.flatnonzero(known))


def _from_plays(
    dataset: Dataset, folder: Path, settings: TargetSettings, seed: int, progress: Progress
) -> Derived:
    from segue.listening import read_plays

    plays, report = read_plays(settings.plays or _plays_file(folder), progress=progress)
    if report.n_bad:
        progress.note(f"{report.n_bad:,} of {report.n_rows:,} rows of plays could not be used")
    place = {str(track): column for column, track in enumerate(plays.tracks.tolist())}
    columns = np.array([place.get(track, -1) for track in dataset.tracks], dtype=np.int64)
    rows = np.flatnonzero(columns >= 0)
    if len(rows) == 0:
        raise NothingFound(f"none of the tracks in the plays is one of {dataset.name}: their names differ")
    if len(rows) < len(dataset):
        progress.note(f"{len(dataset) - len(rows):,} of {len(dataset):,} tracks have no plays: left out")
    dataset = dataset.take(rows)
    return _with_factors(dataset, "factors", plays.matrix[:, columns[rows]], settings, seed, progress)


def _plays_file(folder: Path) -> Path:
    for file in _PLAYS_FILES:
        for path in (folder / file, folder / f"{file}.gz"):
            if path.is_file():
                return path
    raise UsageError(
        f"{folder} has no plays to make factors of (looked for {', '.join(_PLAYS_FILES)}): "
        "say where they are with --set target.plays=FILE, or take the target 'simulated'"
    )


def _from_simulation(
    dataset: Dataset, folder: Path, settings: TargetSettings, seed: int, progress: Progress
) -> Derived:
    plays = simulate_plays(dataset, n_listeners=settings.n_listeners, seed=seed)
    progress.note(
        f"the plays of {settings.n_listeners:,} listeners are simulated: nobody played these tracks"
    )
    return _with_factors(dataset, "simulated", plays, settings, seed, progress)


def _with_factors(
    dataset: Dataset, name: str, plays: csr_array, settings: TargetSettings, seed: int, progress: Progress
) -> Derived:
    """WMF of listeners × the tracks of the data set; tracks without plays have no factors."""
    counts = np.asarray(plays.sum(axis=0), dtype=np.float32)
    played = np.flatnonzero(counts > 0)
    if len(played) == 0:
        raise NothingFound(f"no track of {dataset.name} has plays")
    dataset, plays, counts = dataset.take(played), plays[:, played], counts[played]
    wmf = WMFSettings(
        n_factors=settings.n_factors,
        alpha=settings.alpha,
        eps=settings.eps,
        regularisation=settings.regularisation,
        n_iterations=settings.n_iterations,
        confidence=settings.confidence,
        popularity_power=settings.popularity_power,
        listener_power=settings.listener_power,
    )
    listeners, factors = fit_wmf(plays, wmf, seed=seed, progress=progress)
    names = tuple(f"factor {number}" for number in range(1, factors.shape[1] + 1))
    target = Target("values", names, factors, weights=counts)
    return Derived(_with(dataset, name, target), listeners)


def _kinds(
    dataset: Dataset, folder: Path, settings: TargetSettings, seed: int, progress: Progress
) -> Derived:
    kinds, names = kinds_by_track(
        dataset, folder, table=settings.attributes, n_kinds=settings.n_kinds, seed=seed
    )
    return Derived(only_known(_with(dataset, "kinds", Target("class", names, kinds)), "kinds"))


def _five_genres(
    dataset: Dataset, folder: Path, settings: TargetSettings, seed: int, progress: Progress
) -> Derived:
    genre = dataset.target("genre")
    plain = ["".join(filter(str.isalnum, name.lower())) for name in genre.names]
    missing = [name for name in GENRES_OF_A if name not in plain]
    if genre.kind != "class" or missing:
        raise UsageError(f"{dataset.name} lacks genres of A's five: {', '.join(missing) or 'one a track'}")
    position = np.array([GENRES_OF_A.index(name) if name in GENRES_OF_A else -1 for name in plain])
    values = np.where(genre.values >= 0, position[genre.values], -1).astype(np.int64)
    return Derived(only_known(_with(dataset, "genre5", Target("class", GENRES_OF_A, values)), "genre5"))


def _with(dataset: Dataset, name: str, target: Target) -> Dataset:
    return replace(dataset, targets={**dataset.targets, name: target})


_MAKERS: dict[str, Callable[[Dataset, Path, TargetSettings, int, Progress], Derived]] = {
    "factors": _from_plays,
    "simulated": _from_simulation,
    "kinds": _kinds,
    "genre5": _five_genres,
}
