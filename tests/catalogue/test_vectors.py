"""Arrays out of the catalogue: vectors, tag probabilities and the table of columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.catalogue import (
    forget_paths,
    has_vectors,
    keys_of,
    load_tag_probabilities,
    load_vectors,
    record_analysis,
    set_tag_names,
    tag_names,
    track,
    track_ids,
    track_table,
    track_tags,
    transaction,
    vector_keys,
)
from segue.errors import NothingFound


def test_vectors_come_back_exactly_by_key_without_the_absent(cat, heard):
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((5_000, 7), dtype=np.float32)
    with transaction(cat):
        for n, row in enumerate(matrix):
            record_analysis(
                cat,
                heard(
                    f"/m/{n}.mp3", n, vectors={"toy-1": row, "odd-1": row[:3]} if n % 2 else {"toy-1": row}
                ),
            )
    keys, loaded = load_vectors(cat, "toy-1")
    assert (keys.dtype, loaded.dtype, loaded.flags.c_contiguous) == (np.int64, np.float32, True)
    np.testing.assert_array_equal(loaded, matrix)
    assert (np.diff(keys) > 0).all()
    np.testing.assert_array_equal(load_vectors(cat, "odd-1")[1], matrix[1::2, :3])
    forget_paths(cat, [Path(f"/m/{n}.mp3") for n in range(0, 5_000, 3)])
    present = np.arange(5_000) % 3 != 0
    fewer, loaded = load_vectors(cat, "toy-1")
    np.testing.assert_array_equal(fewer, keys[present])
    np.testing.assert_array_equal(loaded, matrix[present])
    np.testing.assert_array_equal(vector_keys(cat, "toy-1"), fewer)
    some, loaded = load_vectors(cat, "odd-1", keys=keys[[9, 1, 4, 5, 5]])  # 9 is absent, 4 lacks the vector
    np.testing.assert_array_equal(some, keys[[1, 5]])
    np.testing.assert_array_equal(loaded, matrix[[1, 5], :3])


def test_nothing_is_arrays_of_nothing(cat):
    keys, matrix = load_vectors(cat, "toy-1")
    assert keys.shape == (0,) and matrix.shape == (0, 0)
    assert vector_keys(cat, "toy-1").dtype == keys.dtype == np.int64
    assert load_tag_probabilities(cat, "toy-1")[1].shape == (0, 0)
    table = track_table(cat)
    assert (len(table.keys), table.titles, table.genres) == (0, [], [])
    assert table.duration_s.dtype == np.float64


def test_has_vectors_needs_the_track_and_every_encoder(cat, heard):
    analysis = heard(vectors={"a-1": [1.0], "b-1": [2.0]})
    assert not has_vectors(cat, analysis.digest, ["a-1"])
    assert not has_vectors(cat, analysis.digest, [])
    record_analysis(cat, analysis)
    assert has_vectors(cat, analysis.digest, ["a-1", "b-1", "a-1"])
    assert has_vectors(cat, analysis.digest, [])
    assert not has_vectors(cat, analysis.digest, ["a-1", "c-1"])
    with pytest.raises(ValueError):
        has_vectors(cat, "no digest", ["a-1"])


def test_keys_and_ids_are_each_others_inverse_in_any_order(cat, heard):
    names = [record_analysis(cat, heard(f"/m/{n}.mp3", n)) for n in range(5)]
    mixed = [names[3], names[0], names[3], names[4]]
    assert track_ids(cat, keys_of(cat, mixed)) == mixed
    assert track_ids(cat, np.empty(0, np.int64)) == []
    with pytest.raises(NothingFound, match="index is older"):
        track_ids(cat, np.array([99]))
    with pytest.raises(NothingFound):
        keys_of(cat, ["nobody"])


def test_probabilities_keep_their_names_and_three_digits(cat, heard):
    set_tag_names(cat, "toy-1", ["rock", "sad"])
    set_tag_names(cat, "toy-1", ["rock", "female vocalists", "sad"])
    assert tag_names(cat, "toy-1") == ("rock", "female vocalists", "sad")
    values = [[0.0, 1.0, 0.12345], [0.9, -0.0, 0.5]]
    names = [
        record_analysis(cat, heard(f"/m/{n}.mp3", n, probabilities={"toy-1": row}))
        for n, row in enumerate(values)
    ]
    keys, matrix = load_tag_probabilities(cat, "toy-1")
    assert track_ids(cat, keys) == names
    np.testing.assert_allclose(matrix, values, rtol=6e-4)
    np.testing.assert_allclose(load_tag_probabilities(cat, "toy-1", keys=keys[1:])[1], values[1:], rtol=6e-4)
    assert track_tags(cat, names[1]) == [("rock", pytest.approx(0.9, rel=1e-3)), ("sad", 0.5)]
    assert track_tags(cat, names[0], least=0.2) == [("female vocalists", 1.0)]
    forget_paths(cat, [Path("/m/0.mp3")])
    assert track_ids(cat, load_tag_probabilities(cat, "toy-1")[0]) == names[1:]


def test_the_table_codes_names_as_people_read_them(cat, heard):
    rows: list[dict[str, Any]] = [
        {"title": "One", "artist": "Björk", "album": "Debut", "year": 1993, "genres": ("Pop", "Dance")},
        {"title": "Two", "artist": "BJORK ft. A", "album": "debut!", "album_artist": "Bjork"}
        | {"duration_s": 99.5},
        {"title": None, "artist": None, "album": None},
        {"title": "Three", "artist": "Air", "album": "Hits", "album_artist": "Various Artists"},
        {"title": "Four", "artist": "Björk ft. Air", "album": "Hits", "album_artist": "Various Artists"},
        {"title": "Gone"},
    ]  # fmt: skip
    names = [record_analysis(cat, heard(f"/m/{n}.mp3", n, **row)) for n, row in enumerate(rows)]
    forget_paths(cat, [Path("/m/5.mp3")])
    table = track_table(cat)
    assert track_ids(cat, table.keys) == names[:5]
    assert table.artist_code.tolist() == [0, 0, -1, 1, 0]
    assert table.album_code.tolist() == [0, 0, -1, 1, 1]
    assert table.year.tolist() == [1993, 0, 0, 0, 0]
    assert table.duration_s.tolist() == [200, 99.5, 200, 200, 200]
    assert table.titles == ["One", "Two", "", "Three", "Four"]
    assert table.genres == [("Pop", "Dance"), (), (), (), ()]
    part = track_table(cat, keys=table.keys[[3, 0]])
    np.testing.assert_array_equal(part.keys, table.keys[[0, 3]])
    assert part.genres == [("Pop", "Dance"), ()]
    assert track(cat, names[2]).tags.title is None
