"""Tracks around a point of the space: near, spread, and none twice."""

from __future__ import annotations

import numpy as np

from segue.ranking import Limits, around

FREE = Limits(per_artist=0, per_album=0)


def test_the_nearest_come_first_and_only_from_the_rows_asked_for(library, arc):
    space = library(arc)
    rows = space.positions(np.arange(40, 102))
    chosen = around(space, np.array([1.0, 0.0], np.float32), rows, 5, limits=FREE)
    nearness = space.vectors(chosen) @ np.array([1.0, 0.0])
    assert (np.diff(nearness) <= 0).all()
    assert set(space.keys[chosen]) == set(
        sorted(space.keys[rows], key=lambda key: -space.vectors(space.positions(np.array([key])))[0, 0])[:5]
    )


def test_limits_hold_and_the_pool_grows_until_they_can(library, two_kinds):
    artists = np.where(np.arange(120) < 110, 0, np.arange(120))
    space = library(np.repeat(two_kinds, 3, axis=0), artist_code=np.repeat(artists, 3))
    centre = space.vectors(space.positions(np.array([1])))[0]
    chosen = around(space, centre, np.arange(len(space)), 8, limits=Limits(per_artist=2, per_album=0))
    assert len(chosen) == 8
    assert np.bincount(space.artist[chosen]).max() == 2


def test_one_song_comes_once(library, two_kinds):
    titles = ["The same song"] * 60 + [f"Song of {chr(97 + i // 10)}{chr(97 + i % 10)}" for i in range(60)]
    space = library(two_kinds, titles=titles, artist_code=np.zeros(120, np.int64))
    centre = space.vectors(space.positions(np.array([1])))[0]
    chosen = around(space, centre, np.arange(120), 120, limits=FREE)
    assert sum(space.titles[row] == "The same song" for row in chosen) == 1
    assert len(chosen) == 61


def test_nothing_is_chosen_from_nothing(library, two_kinds):
    space = library(two_kinds)
    nothing = np.empty(0, dtype=np.int64)
    assert len(around(space, np.ones(20, np.float32), nothing, 5)) == 0


def test_variety_spreads_the_answer(library, two_kinds):
    space = library(two_kinds)
    centre = two_kinds[:60].mean(axis=0).astype(np.float32)
    centre /= np.linalg.norm(centre)
    rows = space.positions(np.arange(1, 61))

    def alike(variety):
        vectors = space.vectors(around(space, centre, rows, 8, limits=Limits(per_artist=0, variety=variety)))
        return float((vectors @ vectors.T).mean())

    assert alike(1.0) < alike(0.0)
