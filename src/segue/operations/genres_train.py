"""Teach a genre model on a folder with labels, or on the library's own tags."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.catalogue import open_catalogue, track_ids
from segue.encoders import DEFAULT_ENCODER, encoder_names, members, resolve
from segue.encoders.naming import value_names
from segue.errors import UsageError
from segue.files import check_folder
from segue.genres import (
    Draft,
    GenreTask,
    Selection,
    Trial,
    check_selection,
    check_voters,
    family_importance,
    fit_trial,
    genre_labels,
    is_genre_folder,
    learning_curve,
    save_model,
    thresholds_of,
    try_classifier,
    up_the_tree,
    vote_of,
    voters,
)
from segue.operations.genre_card import card_facts, card_page
from segue.operations.genres_report import GenreReport, HeldOutTracks, report_of, save_held_out
from segue.operations.labelled_music import labelled_music, learned_target
from segue.operations.opening import answering_encoder, covered_keys, raw_vectors
from segue.operations.own_encoders import keep_own_encoders, know_own_encoders
from segue.progress import Progress, Silent
from segue.settings import DataFolder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from segue.training.contract import Split
    from segue.training.datasets.contract import Dataset
    from segue.types import Matrix

_SHARES = (0.1, 0.25, 0.5, 1.0)
_TRIALS = "trials"


@dataclass(frozen=True, slots=True)
class WantedGenres:
    """What is to be learned, and how.

    Attributes
    ----------
    labels
        A table with the column file and others that say something about each; None: the folder says it.
    target
        The column that is learned; None: genre, else the first that is known.
    encoder
        Whose vectors are learned from; None: the library's, or the default.
    classifiers
        Names; of several, the one that is best on validation tracks is kept.
    selection
        Of columns, see `segue.genres.Selection`.
    balanced
        Rare genres weigh as much as common ones.
    tree
        A table of genres and their parents, for tracks of several genres.
    folds
        Of the cross-validation.
    seed
        Of folds and of what is drawn.
    workers
        Processes that hear; None: one a core.
    """

    labels: Path | None = None
    target: str | None = None
    encoder: str | None = None
    classifiers: tuple[str, ...] = ("logistic",)
    selection: Selection = "all"
    balanced: bool = False
    tree: Path | None = None
    folds: int = 5
    seed: int = 0
    workers: int | None = None


def train_genres(
    folder: Path | None,
    output: Path,
    wanted: WantedGenres,
    *,
    data: DataFolder,
    progress: Progress | None = None,
) -> GenreReport:
    """Teach a genre model, and say how good it is on tracks that it had not seen.

    Every track is judged once, by a classifier of the other folds; artists are kept apart where they are
    known. The model that is written learns from all tracks.

    Parameters
    ----------
    folder
        The audio, in a shape that `segue.training.datasets.opening.open_dataset` knows; None: the tracks of
        the library, with the genres of their tags.
    output
        The folder to write; a model in it is replaced. What was tried on the same task is read from it.
    wanted
        What is learned, and how.
    data
        The library; its cache keeps vectors.
    progress
        Is told how far it is.

    Raises
    ------
    UsageError
        If folder, labels, target, encoder or classifier are none, there are fewer than two genres to tell or
        too few artists, or `output` holds other things.
    """
    progress = progress or Silent()
    _check(wanted, output)
    know_own_encoders(data)
    dataset, target = _labelled(labelled_music(folder, wanted.labels, data), wanted, progress)
    encoder, vectors, dataset = _heard(folder, dataset, wanted, data, progress)
    task, splits = _task(dataset, target, vectors, wanted, progress)
    trials = _tried(task, wanted, output / _TRIALS, progress)
    best = max(trials, key=lambda trial: trial.choice)
    held = _held_out(target, dataset, task, splits, trials, best, encoder, wanted)
    report = report_of(held)
    if encoder not in dataset.vectors:
        keep_own_encoders(data, members(encoder))  # the model is asked with it from now on
    model = _written(output, encoder, task, best, report, dataset, wanted)
    save_held_out(output, replace(held, model=model))
    return replace(report, folder=output, model=model)


def _held_out(
    target: str,
    dataset: Dataset,
    task: GenreTask,
    splits: Sequence[Split],
    trials: Sequence[Trial],
    best: Trial,
    encoder: str,
    wanted: WantedGenres,
) -> HeldOutTracks:
    """What the best trial said of tracks that it had not seen, and what the others were worth."""
    curve = (
        []
        if task.several
        else learning_curve(best, task, selection=wanted.selection, balanced=wanted.balanced, shares=_SHARES)
    )
    return HeldOutTracks(
        target=target,
        tracks=dataset.tracks,
        artists=dataset.artists,
        names=task.names,
        truth=task.truth,
        probabilities=best.probabilities.astype(np.float32),
        told=best.told,
        apart=splits[0].apart,
        n_folds=len(splits),
        seed=wanted.seed,
        curve=tuple(curve),
        trials=tuple((trial.name, trial.choice, _share_right(trial, task)) for trial in trials),
        families=_families(encoder, best, task, wanted),
        notes=dataset.notes,
    )


def _check(wanted: WantedGenres, output: Path) -> None:
    check_selection(wanted.selection)
    for name in wanted.classifiers:
        check_voters(name, balanced=wanted.balanced)
    check_folder(output)
    others = [path.name for path in output.iterdir()] if output.is_dir() else []
    if others and not is_genre_folder(output) and others != [_TRIALS]:
        raise UsageError(
            f"{output} holds other things, such as {min(others)}: give a new folder with --output"
        )


def _labelled(dataset: Dataset, wanted: WantedGenres, progress: Progress) -> tuple[Dataset, str]:
    """The tracks whose genre is known and common enough, and what is learned."""
    from segue.training.datasets.contract import Target

    name = learned_target(dataset, wanted.target)
    known = dataset.target(name)
    if known.kind == "values":
        raise UsageError(f"{name} is numbers, not genres: choose another --target")
    if known.kind == "class":
        labels = genre_labels([known.names[at] if at >= 0 else None for at in known.values])
        target, notes = Target("class", labels.names, labels.classes), labels.notes
    else:
        common = np.flatnonzero((known.values == 1).sum(axis=0) >= 2)
        rare = len(known.names) - len(common)
        notes = (f"{rare:,} genres have fewer than two tracks: left out",) if rare else ()
        target = Target("tags", tuple(known.names[at] for at in common), known.values[:, common])
    kept = replace(dataset, targets={name: target}, notes=(*dataset.notes, *notes))
    for note in kept.notes:
        progress.note(note)
    there = (
        target.known if known.kind == "class" else target.known & np.asarray(target.values == 1).any(axis=1)
    )
    return kept.take(np.flatnonzero(there)), name


def _heard(
    folder: Path | None, dataset: Dataset, wanted: WantedGenres, data: DataFolder, progress: Progress
) -> tuple[str, Matrix, Dataset]:
    """The encoder, and the vectors of the tracks that have them."""
    if folder is None:
        return _of_library(dataset, wanted, data, progress)
    from segue.training.content_vectors import content_vectors

    encoder = wanted.encoder or DEFAULT_ENCODER
    if encoder in dataset.vectors:  # the data set brings them, as FMA does
        return (
            resolve(encoder).id if encoder in encoder_names() else encoder,
            dataset.vectors[encoder],
            dataset,
        )
    heard = content_vectors(
        dataset,
        encoder,
        folder=data.cache / "vectors",
        workers=wanted.workers or os.cpu_count() or 1,
        progress=progress,
    )
    rows = np.flatnonzero(heard.available)
    return resolve(encoder).id, heard.matrix[rows], dataset.take(rows)


def _of_library(
    dataset: Dataset, wanted: WantedGenres, data: DataFolder, progress: Progress
) -> tuple[str, Matrix, Dataset]:
    with open_catalogue(data) as catalogue:
        encoder = answering_encoder(catalogue, data, wanted.encoder)
        keys = covered_keys(catalogue, encoder)
        ids = track_ids(catalogue, keys)
        row_of = {id_: row for row, id_ in enumerate(ids)}
        rows = np.array([at for at, track in enumerate(dataset.tracks) if track in row_of], np.int64)
        wanted_keys = keys[[row_of[dataset.tracks[at]] for at in rows]]
        order = np.argsort(wanted_keys)  # the catalogue gives vectors by key
        vectors = raw_vectors(catalogue, encoder, wanted_keys[order])
    missing = len(dataset) - len(rows)
    if missing:
        progress.note(f"{missing:,} tracks have no vector of {encoder}: left out")
    return encoder, vectors, dataset.take(rows[order])


def _task(
    dataset: Dataset, target: str, vectors: Matrix, wanted: WantedGenres, progress: Progress
) -> tuple[GenreTask, Sequence[Split]]:
    from segue.training.splits import apart_notes, fold_splits

    for note in (*apart_notes(dataset, "artist"), *_of_one_artist(dataset, target)):
        progress.note(note)
    splits = fold_splits(dataset, target, n_folds=wanted.folds, seed=wanted.seed, valid=0.15)
    known = dataset.target(target)
    parents = _parents(wanted.tree, known.names)
    truth = (
        known.values.astype(np.int64)
        if known.kind == "class"
        else _up(known.values == 1, known.names, parents)
    )
    return GenreTask(vectors, known.names, truth, splits, parents, wanted.seed), splits


def _of_one_artist(dataset: Dataset, target: str) -> tuple[str, ...]:
    """Which genres cannot be judged while artists are kept apart."""
    known = dataset.target(target)
    if known.kind != "class" or not any(dataset.artists):
        return ()
    by = [
        {dataset.artists[row] or row for row in np.flatnonzero(known.values == at)}
        for at in range(len(known.names))
    ]
    alone = [name for name, artists in zip(known.names, by, strict=True) if len(artists) == 1]
    some = ", ".join(alone[:5])
    said = f"{len(alone):,} genres are by one artist each ({some}): learned, but no other artist's are told"
    return (said,) if alone else ()


def _parents(tree: Path | None, names: tuple[str, ...]) -> Mapping[str, str]:
    if tree is None:
        return {}
    from segue.training.datasets.genre_tree import read_genre_tree

    return read_genre_tree(tree, names)


def _up(there: NDArray[np.bool_], names: tuple[str, ...], parents: Mapping[str, str]) -> NDArray[np.bool_]:
    """A track of a genre is also of the genres above it."""
    return np.asarray(up_the_tree(there.astype(np.float64), names, parents) > 0)


def _tried(task: GenreTask, wanted: WantedGenres, kept: Path, progress: Progress) -> list[Trial]:
    n_steps = len(task.folds) * sum(len(voters(name)) for name in wanted.classifiers)
    progress.start("cross-validating, folds", n_steps)
    trials = [
        try_classifier(
            name, task, selection=wanted.selection, balanced=wanted.balanced, kept=kept, progress=progress
        )
        for name in wanted.classifiers
    ]
    progress.finish()
    return trials


def _families(
    encoder: str, best: Trial, task: GenreTask, wanted: WantedGenres
) -> tuple[tuple[str, int, float], ...]:
    """What each family of columns adds; nothing where there is one family, or none is known."""
    try:
        families = [value.family for value in value_names(encoder)]
    except UsageError:
        return ()
    if task.several or len(set(families)) < 2:
        return ()
    return tuple(family_importance(best, task, families, balanced=wanted.balanced))


def _share_right(trial: Trial, task: GenreTask) -> float:
    if task.several:
        return float(np.mean(np.asarray(trial.told) == task.truth))
    return float(np.mean(trial.probabilities.argmax(axis=1) == task.truth))


def _written(
    output: Path,
    encoder: str,
    task: GenreTask,
    best: Trial,
    report: GenreReport,
    dataset: Dataset,
    wanted: WantedGenres,
) -> str:
    from segue.training.export import encoder_name

    fitted = fit_trial(best, task, selection=wanted.selection, balanced=wanted.balanced)
    facts = card_facts(report, dataset, classifier=best.name, selection=wanted.selection)
    draft = Draft(
        name=encoder_name(output.absolute().name),
        encoder=encoder,
        dim=task.vectors.shape[1],
        classes=task.names,
        members=tuple(zip(voters(best.name), fitted, best.temperatures, strict=True)),
        vote=vote_of(best.name),
        several=task.several,
        thresholds=thresholds_of(best, task),
        parents=task.parents,
        card=facts,
    )
    return save_model(output, draft, card_page(draft))
