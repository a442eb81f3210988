"""Which tracks are learned from and which judge: stratified, seeded, with artists or albums kept apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from segue.errors import UsageError
from segue.training.contract import Split
from segue.training.datasets.contract import Dataset

if TYPE_CHECKING:
    from numpy.typing import NDArray

Apart = Literal["artist", "album", "track"]
"""What is never on two sides: an artist or an album (and no recording either), or only the single track."""

_FORMAT = 1
_WEIGHT_OF_TRACKS = 0.05  # decides where labels do not


def split_tracks(
    dataset: Dataset,
    target: str | None,
    *,
    seed: int,
    valid: float = 0.15,
    test: float = 0.15,
    apart: Apart = "artist",
) -> Split:
    """One split in three parts.

    With artists apart, tracks that share an artist or a recording are in one part, and so are those that are
    linked over others; an unknown artist is like no other. Large artists tend to be learned from. ``track``
    is the usual random split: equal recordings may be on two sides. Where no artist is known, albums are
    kept apart instead, else nothing is: `apart_notes` says so, and `Split.apart` what was done.

    Parameters
    ----------
    dataset
        The tracks.
    target
        Its classes or tags are shared out evenly, as far as artists allow; None: only the tracks are.
    seed
        Equal seeds, equal splits.
    valid, test
        Shares of the tracks.
    apart
        What is never on two sides.

    Raises
    ------
    UsageError
        If the target has only one class, the shares are none, or there is too little for three parts.
    """
    if not (0 <= valid < 1 and 0 <= test < 1 and valid + test < 1):
        raise UsageError(f"shares of {valid} and {test} leave nothing to learn from: give less than 1 in all")
    kept = _resolved(dataset, apart)
    shares = np.array([1 - valid - test, valid, test])
    part = _share_out(_labels(dataset, target), _groups(dataset, kept), shares, np.random.default_rng(seed))
    train, chosen, judged = (np.flatnonzero(part == number) for number in range(3))
    for name, share, rows in (("valid", valid, chosen), ("test", test, judged)):
        if share > 0 and not rows.size:
            raise UsageError(
                f"{dataset.name} has too few {kept}s for a part of {share:.0%} ({name}): give more tracks"
                + ("" if kept == "track" else f" of other {kept}s")
            )
    return Split(train=train, valid=chosen, test=judged, seed=seed, apart=kept)


def fold_splits(
    dataset: Dataset,
    target: str | None,
    *,
    n_folds: int,
    seed: int,
    valid: float = 0.1,
    apart: Apart = "artist",
) -> tuple[Split, ...]:
    """As many splits as folds, in which each track is judged once.

    Parameters
    ----------
    dataset, target, seed, apart
        As for `split_tracks`.
    n_folds
        At least 2.
    valid
        Share of the tracks that are not judged.

    Raises
    ------
    UsageError
        If the target has only one class, or there are fewer tracks (or artists) than folds.
    """
    if n_folds < 2:
        raise UsageError(f"{n_folds} folds are none: give at least 2")
    if not 0 <= valid < 1:
        raise UsageError(f"a share of {valid} leaves nothing to learn from: give less than 1")
    kept = _resolved(dataset, apart)
    labels, groups = _labels(dataset, target), _groups(dataset, kept)
    n_groups = len(np.unique(groups))
    if n_groups < n_folds:
        raise UsageError(
            f"{dataset.name} has {n_groups} {kept}s that can be kept apart: too few for {n_folds} folds"
        )
    fold_of = _share_out(labels, groups, np.full(n_folds, 1 / n_folds), np.random.default_rng(seed))
    return tuple(
        _fold(labels, groups, fold_of, fold, n_folds, seed=seed, valid=valid, apart=kept)
        for fold in range(n_folds)
    )


def apart_notes(dataset: Dataset, apart: Apart) -> tuple[str, ...]:
    """What a split cannot promise, for the reader of a report."""
    kept = _resolved(dataset, apart)
    notes = []
    if kept != apart:
        instead = f"{kept}s are kept apart instead" if kept == "album" else "nothing is kept apart"
        notes.append(f"warning: no {apart} is known: {instead}, and figures may be too good")
    elif kept != "track":
        names = dataset.artists if kept == "artist" else dataset.albums
        unknown = sum(not name for name in names)
        if unknown:
            notes.append(
                f"warning: the {kept} of {unknown} of {len(dataset)} tracks is not known; each of them is "
                "taken for one by itself"
            )
    return tuple(notes)


def heard_split(split: Split, available: NDArray[np.bool_]) -> Split:
    """The same without tracks that cannot be heard.

    Parameters
    ----------
    split
        Of a data set.
    available : (n_tracks,) bool
        Such as `segue.training.log_mels.LogMels.available`.
    """
    return replace(
        split,
        train=split.train[available[split.train]],
        valid=split.valid[available[split.valid]],
        test=split.test[available[split.test]],
    )


def split_as_json(split: Split, tracks: Sequence[str]) -> str:
    """A split in words: which tracks, by id, are in which part.

    Parameters
    ----------
    split
        Of the data set.
    tracks
        Its ids (`Dataset.tracks`).
    """
    parts = {name: [tracks[row] for row in rows] for name, rows in _parts(split)}
    header = {"format": _FORMAT, "seed": split.seed, "apart": split.apart, "fold": list(split.fold)}
    return json.dumps(header | parts, indent=1, ensure_ascii=False) + "\n"


def split_from_json(text: str, tracks: Sequence[str]) -> Split:
    """The split that `split_as_json` wrote.

    Raises
    ------
    UsageError
        If it is no split, of a later version, or names tracks that the data set does not have.
    """
    row_of = {track: row for row, track in enumerate(tracks)}
    try:
        stored = json.loads(text)
        if stored["format"] > _FORMAT:
            raise UsageError("the stored split is of a later version of Segue: update Segue")
        rows = {
            name: np.array(sorted(row_of[track] for track in stored[name]), np.int64)
            for name in ("train", "valid", "test")
        }
        fold, n_folds = map(int, stored["fold"])
        return Split(**rows, seed=int(stored["seed"]), apart=str(stored["apart"]), fold=(fold, n_folds))
    except KeyError as error:
        raise UsageError(f"the stored split does not fit the data: {error.args[0]!r} is missing") from None
    except (ValueError, TypeError) as error:
        raise UsageError(f"what is stored is no split: {error}") from None


def _parts(split: Split) -> tuple[tuple[str, NDArray[np.int64]], ...]:
    return (("train", split.train), ("valid", split.valid), ("test", split.test))


def _fold(
    labels: NDArray[np.float32],
    groups: NDArray[np.int64],
    fold_of: NDArray[np.int64],
    fold: int,
    n_folds: int,
    *,
    seed: int,
    valid: float,
    apart: Apart,
) -> Split:
    rest = np.flatnonzero(fold_of != fold)
    chance = np.random.default_rng([seed, fold])
    part = _share_out(labels[rest], groups[rest], np.array([1 - valid, valid]), chance)
    return Split(
        train=rest[part == 0],
        valid=rest[part == 1],
        test=np.flatnonzero(fold_of == fold),
        seed=seed,
        apart=apart,
        fold=(fold, n_folds),
    )


def _share_out(
    labels: NDArray[np.float32],
    groups: NDArray[np.int64],
    shares: NDArray[np.float64],
    chance: np.random.Generator,
) -> NDArray[np.int64]:
    """A part for each track: groups stay whole and go, large ones first, where their labels lack most.

    Equal groups come in random order. What a part lacks of a label is counted relative to how frequent the
    label is; tracks as such are one more label, of little weight.
    """
    _, member = np.unique(groups, return_inverse=True)
    counts = np.zeros((int(member.max(initial=-1)) + 1, labels.shape[1]))
    np.add.at(counts, member, labels)
    totals = np.maximum(counts.sum(axis=0), 1)
    weights = 1 / np.sqrt(totals)
    weights[-1] *= _WEIGHT_OF_TRACKS
    lacking = shares[:, None] * totals
    part_of = np.empty(len(counts), np.int64)
    shuffled = chance.permutation(len(counts))
    for group in shuffled[np.argsort(-counts[shuffled, -1], kind="stable")]:
        need = (lacking / totals) @ (weights * counts[group])
        part_of[group] = int(np.argmax(np.where(shares > 0, need, -np.inf)))
        lacking[part_of[group]] -= counts[group]
    return part_of[member]


def _labels(dataset: Dataset, target: str | None) -> NDArray[np.float32]:
    """``(n_tracks, n_names + 1)``: 1 where a track has the class or tag; a last column of ones."""
    every = np.ones((len(dataset), 1), np.float32)
    if target is None or dataset.target(target).kind == "values":
        return every
    known = dataset.target(target)
    if known.kind == "tags":
        return np.hstack([np.nan_to_num(known.values, nan=0), every]).astype(np.float32)
    present = np.unique(known.values[known.known])
    if len(present) < 2:
        only = f"only {known.names[present[0]]!r}" if len(present) else "no class at all"
        raise UsageError(f"{dataset.name} has {only} as {target}: there is nothing to tell apart")
    return np.hstack([known.values[:, None] == present, every]).astype(np.float32)


def _resolved(dataset: Dataset, apart: str) -> Apart:
    """What can be kept apart: artists, else albums, else nothing."""
    if apart not in get_args(Apart):
        raise UsageError(f"{apart!r} cannot be kept apart: choose {', '.join(get_args(Apart))}")
    if apart == "artist" and any(dataset.artists):
        return "artist"
    if apart != "track" and any(dataset.albums):
        return "album"
    return "track"


def _groups(dataset: Dataset, apart: Apart) -> NDArray[np.int64]:
    """A number for each track, equal for tracks that must stay together."""
    rows = np.arange(len(dataset), dtype=np.int64)
    if apart == "track":
        return rows
    keys: list[tuple[tuple[str, ...], int]] = []
    for row, (artist, album, recording) in enumerate(
        zip(dataset.artists, dataset.albums, dataset.recordings, strict=True)
    ):
        if apart == "artist" and artist:
            keys.append((("artist", _folded(artist)), row))
        if apart == "album" and album:
            keys.append((("album", _folded(artist), _folded(album)), row))
        if recording:
            keys.append((("recording", recording), row))
    return _joined(len(dataset), keys)


def _joined(n_tracks: int, keys: Sequence[tuple[tuple[str, ...], int]]) -> NDArray[np.int64]:
    """Connected components of tracks that share a key."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers: dict[tuple[str, ...], int] = {}
    nodes = [numbers.setdefault(key, n_tracks + len(numbers)) for key, _ in keys]
    size = n_tracks + len(numbers)
    links = coo_array((np.ones(len(keys), np.int8), ([row for _, row in keys], nodes)), shape=(size, size))
    _, component = connected_components(links, directed=False)
    return np.asarray(component[:n_tracks], np.int64)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
