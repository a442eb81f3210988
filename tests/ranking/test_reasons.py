"""Why two songs are together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from segue.encoders import Scaling
from segue.ranking import ByKey, Descriptors, Filters, Limits, Space, Words, seed_in, seed_outside, similar

BLOCKS = {"timbre": slice(0, 4), "rhythm": slice(4, 8)}


@pytest.fixture
def space(library: Callable[..., Space]) -> Space:
    """Key 2 has the rhythm of key 1 and another timbre, key 3 its timbre and another rhythm, key 4 both."""
    rng = np.random.default_rng(0)
    raw = rng.standard_normal((300, 8)).astype(np.float32) * 4 + 9
    raw[1, 4:], raw[2, :4], raw[3] = raw[0, 4:], raw[0, :4], raw[0]
    raw[1, :4], raw[2, 4:] = 18 - raw[0, :4], 18 - raw[0, 4:]
    words = rng.uniform(0, 0.1, (300, 3)).astype(np.float32)
    words[:, 2] = 0.9  # said of everything, so it explains nothing
    words[0, :2] = [0.5, 0.7]
    words[1, :2] = [0.6, 0.4]
    scaling = Scaling(np.full(8, 9, dtype=np.float32), np.full(8, 4, dtype=np.float32))
    vectors = rng.standard_normal((300, 5))
    vectors[1:4] = vectors[0] + 0.2 * rng.standard_normal((3, 5))
    keys = np.arange(1, 301)
    return library(
        vectors,
        descriptors=Descriptors(ByKey(keys, raw), BLOCKS, scaling),
        words=Words(ByKey(keys[:200], words[:200]), ("jazz", "guitar", "music")),
        speech=ByKey(keys[:200], np.linspace(0, 1, 200, dtype=np.float32)),
    )


def test_what_agrees_is_named(space: Space) -> None:
    reasons = {ranked.key: ranked.reasons for ranked in similar(space, seed_in(space, 1), 20)}
    assert reasons[2] == ("rhythm", "tags: jazz, guitar")
    assert reasons[3] == ("timbre",)
    assert set(reasons[4]) == {"timbre", "rhythm"}
    assert all(reasons.values())


@dataclass(frozen=True)
class Told(ByKey):
    """Genres of some tracks."""

    names: tuple[str, ...] = ("Rock", "Jazz")


def test_a_genre_that_is_told_of_both_is_named(space: Space) -> None:
    told = np.array([[0.1, 0.92], [0.2, 0.8], [0.1, 0.95], [0.4, 0.6], [0, 1], [0.9, 0.1]], dtype=np.float32)
    heard = dataclasses.replace(space, told=Told(np.arange(1, 7), told))
    answer = similar(heard, seed_in(heard, 1), 3)
    reasons = {ranked.key: ranked.reasons for ranked in answer}
    assert reasons[2] == ("rhythm", "tags: jazz, guitar"), "a shared word says it already"
    assert reasons[3] == ("timbre", "both Jazz (92 %)")
    assert set(reasons[4]) == {"timbre", "rhythm"}, "too unsure"
    by_tags = dataclasses.replace(
        space, told=Told(np.arange(1, 7), np.tile([0, 1], (6, 1)).astype(np.float32))
    )
    answer = similar(by_tags, seed_in(by_tags, 1), 3)
    assert not any("both" in why for ranked in answer for why in ranked.reasons), "tags say it already"


def test_single_tracks_can_be_left_out(space: Space) -> None:
    free = Limits(per_artist=0, per_album=0)
    left_out = np.array([2, 4, 299, 10_000])
    answer = similar(space, seed_in(space, 1), 300, filters=Filters(tracks=left_out), limits=free)
    assert {ranked.key for ranked in answer} == set(range(2, 301)) - set(left_out.tolist())


def test_a_seed_from_elsewhere_is_explained_by_what_is_known(space: Space) -> None:
    vector = space.vectors(np.array([0]))[0]
    assert all(ranked.reasons == () for ranked in similar(space, seed_outside(space, vector), 5))
    described = space.descriptors.vectors.values[0] if space.descriptors else None
    seed = seed_outside(space, vector, duration_s=100.0, descriptors=described)
    reasons = {ranked.key: ranked.reasons for ranked in similar(space, seed, 5)}
    assert reasons[2] == ("rhythm",)


def test_speech_can_be_left_out(space: Space) -> None:
    free = Limits(per_artist=0, per_album=0)
    answer = similar(space, seed_in(space, 1), 300, filters=Filters(kinds=("speech",)), limits=free)
    assert {ranked.key for ranked in answer} == set(range(2, 101)) | set(range(201, 301))


def test_without_descriptors_there_are_no_reasons(library: Callable[..., Space]) -> None:
    bare = library(np.random.default_rng(0).standard_normal((20, 4)))
    assert all(ranked.reasons == () for ranked in similar(bare, seed_in(bare, 1), 5))
