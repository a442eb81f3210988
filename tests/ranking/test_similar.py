"""`similar`: what is never in an answer, what is, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import NothingFound, UsageError
from segue.neighbours import fit_neighbourhood
from segue.ranking import Filters, Limits, Space, make_space, seed_in, seed_outside, similar

FREE = Limits(per_artist=0, per_album=0)
Build = Callable[..., Space]


def keys(answer: object) -> list[int]:
    return [ranked.key for ranked in answer]  # type: ignore[attr-defined]


def test_neighbours_are_of_the_seeds_kind(library: Build, two_kinds: np.ndarray) -> None:
    space = library(two_kinds)
    assert all(key <= 60 for key in keys(similar(space, seed_in(space, 7), 30)))
    assert all(key > 60 for key in keys(similar(space, seed_in(space, 77), 30)))


def test_the_nearest_come_first(library: Build, arc: np.ndarray) -> None:
    space = library(arc[:50])  # under 100 tracks, so without hub correction
    answer = similar(space, seed_in(space, 10), 6)
    assert [set(pair) for pair in np.reshape(keys(answer), (3, 2)).tolist()] == [{9, 11}, {8, 12}, {7, 13}]
    assert answer[0].similarity == pytest.approx(np.cos(np.pi / 200), abs=1e-4)
    matches = [ranked.match for ranked in answer]
    assert matches == sorted(matches, reverse=True)
    assert 90 < matches[0] <= 100


def test_equal_ones_come_in_the_order_of_keys(library: Build) -> None:
    space = library(np.repeat(np.eye(2), 20, axis=0)[:, :])
    assert keys(similar(space, seed_in(space, 5), 4, limits=FREE)) == [1, 2, 3, 4]


def test_the_seed_and_its_copies_are_not_in_the_answer(library: Build, two_kinds: np.ndarray) -> None:
    vectors = two_kinds.copy()
    vectors[1] = vectors[0] + 1e-3
    lengths = 100.0 + 3 * np.arange(120)
    lengths[1] = lengths[0] + 0.3
    space = library(vectors, duration_s=lengths)
    assert not {1, 2} & set(keys(similar(space, seed_in(space, 1), 118)))
    outside = seed_outside(space, space.vectors(np.array([0]))[0], duration_s=100.1)
    assert not {1, 2} & set(keys(similar(space, outside, 118)))
    # Of unknown length a seed has no copies: what sounds the same may be another piece.
    unknown = seed_outside(space, space.vectors(np.array([0]))[0])
    assert keys(similar(space, unknown, 1)) == [1]


def test_the_same_song_comes_once_and_never_for_itself(library: Build, two_kinds: np.ndarray) -> None:
    titles = [f"Song {chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(120)]
    titles[0], titles[1] = "Yesterday", "Yesterday (Live at Home) [2009 Remaster]"
    titles[2], titles[3] = "Tomorrow", "Tomorrow - Live"
    artists = np.arange(120)
    artists[:4] = 500
    space = library(two_kinds, titles=titles, artist_code=artists)
    limits = Limits(per_artist=0, per_album=0)
    answer = keys(similar(space, seed_in(space, 1), 118, limits=limits))
    assert not {1, 2} & set(answer)
    assert len({3, 4} & set(answer)) == 1


def test_titles_without_a_song_are_no_repeats(library: Build, two_kinds: np.ndarray) -> None:
    space = library(
        two_kinds, titles=["Track 01"] * 60 + [""] * 60, artist_code=np.zeros(120, dtype=np.int64)
    )
    assert len(similar(space, seed_in(space, 1), 119, limits=FREE)) == 119


@pytest.mark.parametrize("per", [1, 2, 5])
def test_floods_are_held_back(library: Build, two_kinds: np.ndarray, per: int) -> None:
    space = library(two_kinds, artist_code=np.arange(120) // 20, album_code=np.arange(120) // 10)
    by_artist = keys(similar(space, seed_in(space, 1), 119, limits=Limits(per_artist=per, per_album=0)))
    assert set(Counter((key - 1) // 20 for key in by_artist).values()) == {per}
    by_album = keys(similar(space, seed_in(space, 1), 119, limits=Limits(per_artist=0, per_album=per)))
    assert set(Counter((key - 1) // 10 for key in by_album).values()) == {per}


def test_unknown_artists_are_not_one_artist(library: Build, two_kinds: np.ndarray) -> None:
    nobody = np.full(120, -1)
    space = library(two_kinds, artist_code=nobody, album_code=nobody)
    assert len(similar(space, seed_in(space, 1), 119)) == 119


_FILTERS = {
    "genres": (Filters(genres=("Jazz",)), lambda i: i % 3 != 0),
    "shortest": (Filters(min_duration_s=200.0), lambda i: 100 + 3 * i >= 200),
    "longest": (Filters(max_duration_s=200.0), lambda i: 100 + 3 * i <= 200),
    "years": (Filters(years=(1990, 1999)), lambda i: 1990 <= 1900 + i <= 1999),
    "from": (Filters(years=(2005, None)), lambda i: 1900 + i >= 2005),
    "until": (Filters(years=(None, 1950)), lambda i: i > 0 and 1900 + i <= 1950),
    "live": (Filters(kinds=("live",)), lambda i: i % 4 != 0),
}


@pytest.mark.parametrize("name", _FILTERS)
def test_filters_apply_before_the_cut(library: Build, two_kinds: np.ndarray, name: str) -> None:
    filters, stays = _FILTERS[name]
    space = library(
        two_kinds,
        genres=[("pop", "jazz") if i % 3 == 0 else ("pop",) for i in range(120)],
        year=np.array([0, *range(1901, 2020)]),
        titles=[f"{chr(97 + i % 26)}{chr(97 + i // 26)} e" + " (Live)" * (i % 4 == 0) for i in range(120)],
    )
    answer = keys(similar(space, seed_in(space, 2), 200, filters=filters, limits=FREE))
    expected = {i + 1 for i in range(120) if stays(i)} - {2}
    assert set(answer) == expected
    plain = keys(similar(space, seed_in(space, 2), 119, limits=FREE))
    assert answer == [key for key in plain if key in expected]


def test_batches_grow_until_the_answer_is_full(library: Build) -> None:
    # The 1,500 nearest are of one artist: the first batches hold next to nobody else.
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((2_000, 8)) * 0.1
    vectors[:1_500, 0] = 1
    vectors[1_500:, 1] = 1
    space = library(vectors, artist_code=np.array([0] * 1_500 + list(range(1, 501))))
    answer = similar(space, seed_in(space, 1), 40)
    assert len(answer) == 40
    assert sum(ranked.key <= 1_500 for ranked in answer) == 2


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 30),
    per_artist=st.integers(0, 3),
    per_album=st.integers(0, 3),
    variety=st.sampled_from([0.0, 0.2, 0.7, 1.0]),
)
def test_promises_hold(seed: int, n: int, per_artist: int, per_album: int, variety: float) -> None:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(2, 150))
    vectors = rng.standard_normal((size, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    columns = SimpleNamespace(
        keys=np.arange(size) * 3 + 1,
        artist_code=rng.integers(-1, 8, size),
        album_code=rng.integers(-1, 15, size),
        year=rng.integers(1960, 2020, size),
        duration_s=rng.uniform(60, 400, size),
        titles=[f"{chr(97 + int(i))}{chr(97 + int(j))}" for i, j in rng.integers(0, 26, (size, 2))],
        genres=[()] * size,
    )
    space = make_space(fit_neighbourhood(columns.keys, vectors, scaling=None), columns)
    start = seed_in(space, 1)
    limits = Limits(per_artist=per_artist, per_album=per_album, variety=variety)
    filters = Filters(years=(1980, None), max_duration_s=300)
    answer = similar(space, start, n, filters=filters, limits=limits)
    assert answer == similar(space, start, n, filters=filters, limits=limits)
    rows = (np.array(keys(answer), dtype=np.int64) - 1) // 3
    assert len(set(rows.tolist())) == len(rows) <= n
    assert 0 not in rows
    assert np.all(columns.year[rows] >= 1980)
    assert np.all(columns.duration_s[rows] <= 300)
    for codes, limit in ((columns.artist_code, per_artist), (columns.album_code, per_album)):
        counts = Counter(code for code in codes[rows].tolist() if code >= 0)
        assert not limit or all(count <= limit for count in counts.values())
    songs = [(columns.artist_code[row], columns.titles[row]) for row in rows if columns.artist_code[row] >= 0]
    assert len(set(songs)) == len(songs)
    if variety == 0:
        matches = [ranked.match for ranked in answer]
        assert matches == sorted(matches, reverse=True)


def test_variety_spreads_the_answer(library: Build) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((400, 10))
    vectors[:, 0] += 3
    space = library(vectors)

    def alike(variety: float) -> tuple[float, float]:
        answer = similar(space, seed_in(space, 1), 10, limits=Limits(variety=variety))
        rows = space.vectors(space.positions(np.array(keys(answer))))
        pairs = (rows @ rows.T)[np.triu_indices(10, 1)]
        return float(pairs.mean()), float(np.mean([ranked.similarity for ranked in answer]))

    plain, some, much = (alike(variety) for variety in (0.0, 0.5, 1.0))
    assert plain[0] > some[0] > much[0]
    assert plain[1] >= some[1] >= much[1]
    first = [similar(space, seed_in(space, 1), 10, limits=Limits(variety=v))[0].key for v in (0.0, 1.0)]
    assert first[0] == first[1]


def test_a_hub_is_not_everywhere(library: Build) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((600, 200)) + 0.4
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[0] = vectors.mean(axis=0)  # the wallpaper: near to all
    space = library(vectors)
    among = sum(1 in keys(similar(space, seed_in(space, key), 10)) for key in range(2, 102))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    plain = sum(1 in np.argsort(-(unit @ unit[key - 1]))[1:11] + 1 for key in range(2, 102))
    assert plain > 90
    assert among < 40


def test_tracks_that_the_columns_do_not_know_are_in_no_answer(two_kinds: np.ndarray) -> None:
    vectors = (two_kinds / np.linalg.norm(two_kinds, axis=1, keepdims=True)).astype(np.float32)
    known = fit_neighbourhood(np.arange(120)[::-1].copy(), vectors[::-1].copy(), scaling=None)
    n = 80
    columns = SimpleNamespace(
        keys=np.arange(10, 10 + n),
        artist_code=np.arange(n),
        album_code=np.arange(n),
        year=np.arange(n) + 1900,
        duration_s=np.arange(n) * 5.0,
        titles=[f"x{i}y" for i in range(n)],
        genres=[()] * n,
    )
    space = make_space(known, columns)
    assert set(keys(similar(space, seed_in(space, 12), 119, limits=FREE))) == set(range(10, 90)) - {12}
    row = space.positions(np.array([15]))[0]
    assert (space.titles[row], space.year[row]) == ("x5y", 1905)
    nothing = make_space(known, SimpleNamespace(**{k: v[:0] for k, v in vars(columns).items()}))
    assert similar(nothing, seed_in(nothing, 12), 5) == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda space, seed: similar(space, seed, 0),
        lambda space, seed: similar(space, seed, 1, filters=Filters(kinds=("polka",))),
        lambda space, seed: Limits(variety=1.5),
        lambda space, seed: Limits(per_artist=-1),
    ],
)
def test_questions_without_sense(library: Build, arc: np.ndarray, ask: Callable[..., object]) -> None:
    space = library(arc)
    with pytest.raises(UsageError):
        ask(space, seed_in(space, 1))


def test_an_unknown_key(library: Build, arc: np.ndarray) -> None:
    with pytest.raises(NothingFound):
        seed_in(library(arc), 4711)
