"""How good a genre model is: what it said of tracks that it had not seen, judged whenever it is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from segue.errors import SegueError, UsageError
from segue.evaluation.class_metrics import mcnemar
from segue.files import whole_file
from segue.genres import is_genre_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.experiments.judging import ClassFigures, Figure

HELD_OUT = "held-out.npz"
_FORMAT = 1
_SEED = 0  # of the intervals


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutTracks:
    """What a model said of each track while it had not seen it.

    Attributes
    ----------
    target
        What is told, such as ``genre``.
    tracks, artists
        (n_tracks,) names; an artist may be empty.
    names
        Of the genres.
    truth
        (n_tracks,) int64, or (n_tracks, n_genres) bool where a track may be of several.
    probabilities
        (n_tracks, n_genres) float32.
    told
        (n_tracks, n_genres) bool: by the thresholds; None unless several.
    apart
        What the folds keep apart: artist, album, or only the track.
    n_folds, seed
        Of the folds.
    curve
        Learning curve: share learned from, tracks, accuracy.
    trials
        Classifiers that were tried: name, how good on validation tracks, accuracy on test tracks.
    families
        Of columns: name, how many, accuracy that is lost when they are shuffled.
    notes
        What a reader must know.
    model
        The id of the model.
    """

    target: str
    tracks: tuple[str, ...]
    artists: tuple[str, ...]
    names: tuple[str, ...]
    truth: NDArray[np.int64] | NDArray[np.bool_]
    probabilities: NDArray[np.float32]
    told: NDArray[np.bool_] | None
    apart: str
    n_folds: int
    seed: int
    curve: tuple[tuple[float, int, float], ...] = ()
    trials: tuple[tuple[str, float, float], ...] = ()
    families: tuple[tuple[str, int, float], ...] = ()
    notes: tuple[str, ...] = ()
    model: str = ""


@dataclass(frozen=True, slots=True)
class GenreReport:
    """Figures of a genre model.

    Attributes
    ----------
    folder, model
        Where it is, and its id.
    target
        What is told.
    figures
        Accuracy, kappa and macro F1 with intervals; of several genres AUC, average precision and F1.
    names
        Of the genres.
    confusion
        Row = true genre, column = told one; empty for several genres.
    classes
        Each genre by itself.
    n_tracks, n_artists
        That were judged.
    calibration
        How far probabilities are from shares that are right, on average (expected calibration error).
    apart, n_folds
        How they were judged.
    curve, trials, families, notes
        As in `HeldOutTracks`.
    """

    folder: Path
    model: str
    target: str
    figures: tuple[Figure, ...]
    names: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassFigures, ...]
    n_tracks: int
    n_artists: int
    calibration: float
    apart: str
    n_folds: int
    curve: tuple[tuple[float, int, float], ...]
    trials: tuple[tuple[str, float, float], ...]
    families: tuple[tuple[str, int, float], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two models on the tracks that both were judged on.

    Attributes
    ----------
    n_tracks
        How many these are.
    only_first, only_second
        Tracks that only this model gets right.
    p_value
        Of McNemar's exact test: how often such a difference comes by chance.
    """

    n_tracks: int
    only_first: int
    only_second: int
    p_value: float


def genres_report(folder: Path) -> GenreReport:
    """Judge what a stored model said of tracks that it had not seen.

    Raises
    ------
    UsageError
        If the folder holds no genre model.
    SegueError
        If what it said is missing or damaged.
    """
    return report_of(load_held_out(folder), folder)


def compare_genres(first: Path, second: Path) -> Compared:
    """McNemar's test of two models, on the tracks that both were judged on.

    Raises
    ------
    UsageError
        If one is no model of single genres, they tell other genres, or they share no track.
    """
    one, two = load_held_out(first), load_held_out(second)
    if one.told is not None or two.told is not None:
        raise UsageError("models of several genres a track cannot be compared track by track")
    if set(one.names) != set(two.names):
        raise UsageError(f"{first} and {second} tell other genres: only models of the same can be compared")
    row_of = {track: row for row, track in enumerate(two.tracks)}
    pairs = [(row, row_of[track]) for row, track in enumerate(one.tracks) if track in row_of]
    if not pairs:
        raise UsageError(f"{first} and {second} were judged on no common track")
    rows, others = np.array(pairs, np.int64).T
    right = one.probabilities[rows].argmax(axis=1) == one.truth[rows]
    other_right = two.probabilities[others].argmax(axis=1) == two.truth[others]
    only_first, only_second, p_value = mcnemar(right, other_right)
    return Compared(len(pairs), only_first, only_second, p_value)


def report_of(held: HeldOutTracks, folder: Path | None = None) -> GenreReport:
    """The figures of what was said."""
    from segue.experiments.judging import judge_predictions
    from segue.training.datasets.contract import Dataset, Target

    n_tracks = len(held.tracks)
    several = held.truth.ndim == 2
    truth = held.truth.astype(np.float32) if several else held.truth.astype(np.int64)
    known = Target("tags" if several else "class", held.names, truth)
    nothing = ("",) * n_tracks
    dataset = Dataset(
        "held out", held.tracks, (), nothing, held.artists, nothing, nothing, {held.target: known}
    )
    judged = judge_predictions(known, held.probabilities, np.arange(n_tracks), dataset, seed=_SEED)
    figures = (*judged.figures, *(_f1_of_several(held) if several else ()))
    return GenreReport(
        folder=folder or Path(),
        model=held.model,
        target=held.target,
        figures=figures,
        names=held.names,
        confusion=judged.confusion,
        classes=judged.classes,
        n_tracks=judged.n_tracks,
        n_artists=judged.n_artists,
        calibration=_calibration_error(held),
        apart=held.apart,
        n_folds=held.n_folds,
        curve=held.curve,
        trials=held.trials,
        families=held.families,
        notes=held.notes,
    )


def save_held_out(folder: Path, held: HeldOutTracks) -> None:
    """Keep what was said beside a model."""
    facts = {
        "format": _FORMAT,
        "target": held.target,
        "apart": held.apart,
        "folds": held.n_folds,
        "seed": held.seed,
        "curve": held.curve,
        "trials": held.trials,
        "families": held.families,
        "notes": held.notes,
        "model": held.model,
    }
    with whole_file(folder / HELD_OUT) as out:
        np.savez_compressed(
            out,
            facts=np.array(json.dumps(facts)),
            tracks=np.array(held.tracks),
            artists=np.array(held.artists),
            names=np.array(held.names),
            truth=held.truth,
            probabilities=held.probabilities,
            told=np.zeros(0, bool) if held.told is None else held.told,
        )


def load_held_out(folder: Path) -> HeldOutTracks:
    """What a model said of tracks that it had not seen.

    Raises
    ------
    UsageError
        If the folder holds no genre model.
    SegueError
        If the file is missing, damaged, or of a later version.
    """
    if not is_genre_folder(folder):
        raise UsageError(f"{folder} is not a genre model: there is no genres.json in it")
    path = folder / HELD_OUT
    try:
        with path.open("rb") as stored, np.load(stored, allow_pickle=False) as arrays:
            facts: dict[str, Any] = json.loads(str(arrays["facts"]))
            if facts["format"] > _FORMAT:
                raise SegueError(f"{path} is of a later version of Segue: update Segue")
            return HeldOutTracks(
                target=facts["target"],
                tracks=tuple(arrays["tracks"].tolist()),
                artists=tuple(arrays["artists"].tolist()),
                names=tuple(arrays["names"].tolist()),
                truth=arrays["truth"],
                probabilities=arrays["probabilities"],
                told=arrays["told"] if arrays["told"].size else None,
                apart=facts["apart"],
                n_folds=facts["folds"],
                seed=facts["seed"],
                curve=tuple(tuple(point) for point in facts["curve"]),
                trials=tuple(tuple(trial) for trial in facts["trials"]),
                families=tuple(tuple(family) for family in facts["families"]),
                notes=tuple(facts["notes"]),
                model=facts["model"],
            )
    except FileNotFoundError:
        raise SegueError(f"{path} is missing: train the genres again") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise SegueError(f"{path} is damaged ({error}): train the genres again") from error


def _calibration_error(held: HeldOutTracks, n_bins: int = 10) -> float:
    """Mean difference between how sure the model is and how often it is right, over ten steps of sureness."""
    if held.truth.ndim == 2:
        sure, right = held.probabilities.ravel(), held.truth.ravel()
    else:
        sure = held.probabilities.max(axis=1)
        right = held.probabilities.argmax(axis=1) == held.truth
    step = np.minimum((sure * n_bins).astype(np.int64), n_bins - 1)
    gaps = np.bincount(step, weights=sure - right, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(sure))


def _f1_of_several(held: HeldOutTracks) -> tuple[Figure, ...]:
    from segue.experiments.judging import Figure

    assert held.told is not None
    there = held.truth.astype(bool)
    right = (held.told & there).sum(axis=0)
    total = held.told.sum(axis=0) + there.sum(axis=0)
    f1 = 2 * right[total > 0] / total[total > 0]
    every = (
        2 * there.sum(axis=0) / (len(there) + there.sum(axis=0))
    )  # of who tells every genre of every track
    return (Figure("macro F1", float(f1.mean()), None, None, float(every.mean())),)
