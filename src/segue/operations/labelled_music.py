"""The music that something is taught from: a folder with labels, or the library with its tags."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segue.catalogue import iterate_tracks, open_catalogue
from segue.errors import UsageError
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.training.datasets.contract import Dataset


def labelled_music(folder: Path | None, labels: Path | None, data: DataFolder) -> Dataset:
    """The data set in a folder; without one, the tracks of the library.

    Parameters
    ----------
    folder
        In a shape that `segue.training.datasets.opening.open_dataset` knows, or any with `labels`.
    labels
        A table with the column file and others that say something about each.
    data
        The library.

    Raises
    ------
    UsageError
        If it is no data set, or `labels` come without a folder.
    """
    from segue.training.datasets.library import dataset_of_library
    from segue.training.datasets.opening import open_dataset

    if folder is not None:
        return open_dataset(folder, labels=labels)
    if labels is not None:
        raise UsageError(f"{labels} names files in a folder: say with --data in which")
    with open_catalogue(data) as catalogue:
        return dataset_of_library(iterate_tracks(catalogue))


def learned_target(dataset: Dataset, asked: str | None) -> str:
    """What is learned: as asked, else genre, else the first that is known.

    Raises
    ------
    UsageError
        If nothing is known about the tracks, or nothing under the name that was asked for.
    """
    if asked is not None:
        dataset.target(asked)
        return asked
    if not dataset.targets:
        raise UsageError(f"nothing is known about the tracks of {dataset.name}: give a table with --labels")
    return "genre" if "genre" in dataset.targets else next(iter(dataset.targets))
