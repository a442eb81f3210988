"""Splits keep apart what they say, share classes out and are the same again."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.training.contract import Split
from segue.training.datasets import Dataset, open_dataset
from segue.training.datasets.assembling import Entry, Listing, assemble
from segue.training.splits import (
    apart_notes,
    fold_splits,
    heard_split,
    split_as_json,
    split_from_json,
    split_tracks,
)


def _dataset(n_tracks: int = 120, n_artists: int = 30, *, albums: bool = False) -> Dataset:
    entries = tuple(
        Entry(
            track=f"t{row}",
            artist=f"artist {row % n_artists}" if n_artists else "",
            album=f"album {row % 40}" if albums else "",
            classes={"genre": ("rock", "pop", "jazz")[row % 3]},
            tags={"tags": ["slow", "loud"][: row % 3]},
            values={"mood": {"calm": float(row)}},
        )
        for row in range(n_tracks)
    )
    return assemble(Listing("made", entries))


def _parts(split: Split) -> list[set[int]]:
    return [set(rows.tolist()) for rows in (split.train, split.valid, split.test)]


def _apart(split: Split, names: tuple[str, ...]) -> bool:
    sides = [{names[row] for row in part if names[row]} for part in _parts(split)]
    return not any(one & other for one, other in combinations(sides, 2))


def test_every_track_is_in_one_part() -> None:
    dataset = _dataset()
    split = split_tracks(dataset, "genre", seed=1)
    assert sorted(row for part in _parts(split) for row in part) == list(range(120))
    assert split.apart == "artist" and _apart(split, dataset.artists)
    assert abs(len(split.test) - 18) <= 4 and abs(len(split.valid) - 18) <= 4


@pytest.mark.parametrize("target", ["genre", "tags", "mood", None])
def test_seeds_decide(target: str | None) -> None:
    dataset = _dataset()
    one, same, other = (split_tracks(dataset, target, seed=seed) for seed in (1, 1, 2))
    assert _parts(one) == _parts(same) != _parts(other)
    assert all(np.array_equal(rows, np.sort(rows)) for rows in (one.train, one.valid, one.test))


def test_a_random_split_has_each_class_in_proportion() -> None:
    dataset = _dataset(300)
    split = split_tracks(dataset, "genre", seed=0, apart="track")
    classes = dataset.target("genre").values
    assert np.bincount(classes[split.test]).tolist() == [15, 15, 15]
    assert not _apart(split, dataset.artists)


def test_tags_are_shared_out() -> None:
    dataset = _dataset(300)
    split = split_tracks(dataset, "tags", seed=0, apart="track")
    tags = dataset.target("tags").values
    assert np.abs(tags[split.test].sum(axis=0) / tags.sum(axis=0) - 0.15).max() < 0.02


def test_equal_recordings_stay_together_also_over_artists() -> None:
    entries = [
        Entry(f"t{row}", artist=f"artist {row}", classes={"genre": "ab"[row % 2]}) for row in range(40)
    ]
    twins = [
        Entry(f"cover {row}", artist=f"cover band {row}", recording=f"r{row}", classes={"genre": "a"})
        for row in range(10)
    ]
    originals = [
        Entry(f"original {row}", artist=f"artist {row}", recording=f"r{row}", classes={"genre": "b"})
        for row in range(10)
    ]
    dataset = assemble(Listing("made", (*entries, *twins, *originals)))
    for split in fold_splits(dataset, "genre", n_folds=4, seed=0):
        assert _apart(split, dataset.artists) and _apart(split, dataset.recordings)
        for part in _parts(split):  # a cover band goes where the artist's other track is
            for row in range(10):
                assert (row in part) == (40 + row in part)


def test_names_differ_by_more_than_case_and_spaces() -> None:
    entries = tuple(Entry(f"t{row}", artist=("The  Band", "the band ")[row % 2]) for row in range(4))
    others = tuple(Entry(f"o{row}", artist=f"x{row}") for row in range(20))
    dataset = assemble(Listing("made", (*entries, *others)))
    for seed in range(5):
        sides = [part & {0, 1, 2, 3} for part in _parts(split_tracks(dataset, None, seed=seed))]
        assert sum(map(bool, sides)) == 1


def test_albums_and_then_tracks_where_no_artist_is_known() -> None:
    dataset = _dataset(n_artists=0, albums=True)
    split = split_tracks(dataset, "genre", seed=0)
    assert split.apart == "album" and _apart(split, dataset.albums)
    assert apart_notes(dataset, "artist") == (
        "warning: no artist is known: albums are kept apart instead, and figures may be too good",
    )
    bare = _dataset(n_artists=0)
    assert split_tracks(bare, "genre", seed=0).apart == "track"
    assert "nothing is kept apart" in apart_notes(bare, "album")[0]
    assert apart_notes(bare, "track") == ()


def test_unknown_artists_are_counted() -> None:
    entries = (Entry("a", artist="X"), Entry("b"), Entry("c"))
    notes = apart_notes(assemble(Listing("made", entries)), "artist")
    assert notes[0].startswith("warning: the artist of 2 of 3 tracks is not known")


def test_each_track_is_judged_in_one_fold() -> None:
    dataset = _dataset()
    splits = fold_splits(dataset, "genre", n_folds=5, seed=3)
    assert sorted(np.concatenate([split.test for split in splits]).tolist()) == list(range(120))
    assert [split.fold for split in splits] == [(fold, 5) for fold in range(5)]
    assert all(_apart(split, dataset.artists) and len(split.valid) for split in splits)
    again = fold_splits(dataset, "genre", n_folds=5, seed=3)
    assert [_parts(split) for split in splits] == [_parts(split) for split in again]


def test_what_cannot_be_split_is_refused() -> None:
    dataset = _dataset()
    single = assemble(Listing("made", tuple(Entry(f"t{row}", classes={"g": "x"}) for row in range(9))))
    with pytest.raises(UsageError, match="made has only 'x' as g: there is nothing to tell apart"):
        split_tracks(single, "g", seed=0)
    with pytest.raises(UsageError, match="has 30 artists that can be kept apart: too few for 31 folds"):
        fold_splits(dataset, "genre", n_folds=31, seed=0)
    with pytest.raises(UsageError, match="has 9 tracks that can be kept apart: too few for 10 folds"):
        fold_splits(single, None, n_folds=10, seed=0)
    with pytest.raises(UsageError, match="give at least 2"):
        fold_splits(dataset, "genre", n_folds=1, seed=0)
    with pytest.raises(UsageError, match="leave nothing to learn from"):
        split_tracks(dataset, "genre", seed=0, valid=0.5, test=0.5)
    with pytest.raises(UsageError, match="choose artist, album, track"):
        split_tracks(dataset, "genre", seed=0, apart="composer")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="too few artists for a part of 15%"):
        split_tracks(_dataset(30, 2), "mood", seed=0)


def test_a_split_is_stored_by_names() -> None:
    dataset = _dataset()
    split = fold_splits(dataset, "genre", n_folds=3, seed=5)[1]
    text = split_as_json(split, dataset.tracks)
    shuffled = dataset.tracks[::-1]
    again = split_from_json(text, shuffled)
    assert {shuffled[row] for row in again.test} == {dataset.tracks[row] for row in split.test}
    assert (again.seed, again.apart, again.fold) == (5, "artist", (1, 3))
    with pytest.raises(UsageError, match=r"does not fit the data: 't[0-9]+' is missing"):
        split_from_json(text, dataset.tracks[:50])
    for broken in ("", "[]", "{}", '{"format": 1, "train": 3}', '{"format": 9}'):
        with pytest.raises(UsageError, match="stored"):
            split_from_json(broken, dataset.tracks)


def test_tracks_that_cannot_be_heard_leave_a_split() -> None:
    split = split_tracks(_dataset(), "genre", seed=0)
    available = np.ones(120, bool)
    available[split.train[0]] = False
    assert len(heard_split(split, available).train) == len(split.train) - 1


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 12), st.integers(0, 2)), min_size=3, max_size=60),
    st.integers(0, 5),
)
def test_nothing_is_ever_on_two_sides(tracks: list[tuple[int, int, int]], seed: int) -> None:
    entries = tuple(
        Entry(str(row), artist=f"a{artist}" * bool(artist), recording=f"r{key}" * bool(key))
        for row, (artist, key, _) in enumerate(tracks)
    )
    dataset = assemble(Listing("made", entries))
    try:
        split = split_tracks(dataset, None, seed=seed)
    except UsageError:
        return
    assert sorted(row for part in _parts(split) for row in part) == list(range(len(tracks)))
    if split.apart == "artist":
        assert _apart(split, dataset.artists) and _apart(split, dataset.recordings)


def test_gtzan_with_artists_apart(shared: Path) -> None:
    dataset = open_dataset(shared / "data/gtzan")
    classes = dataset.target("genre").values
    for split in fold_splits(dataset, "genre", n_folds=5, seed=0):
        assert _apart(split, dataset.artists) and _apart(split, dataset.recordings)
        assert len(np.unique(classes[split.train])) == 10 and 95 <= len(split.test) <= 105
