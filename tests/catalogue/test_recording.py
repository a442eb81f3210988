"""Identity: which file belongs to which track, whatever happens to files."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pytest

from segue.catalogue import (
    FileStat,
    add_root,
    check,
    default_encoder,
    file_stat,
    files_without_vectors,
    forget_paths,
    has_vectors,
    keys_of,
    known_files,
    known_folders,
    known_problems,
    load_vectors,
    problem_for,
    problems,
    record_analysis,
    record_problem,
    record_vectors,
    remove_root,
    remove_tracks,
    repeated_tracks,
    replacements,
    revision,
    roots,
    search_tracks,
    set_default_encoder,
    stats,
    track,
    track_by_path,
    track_ids,
    tracks,
    transaction,
    vector_keys,
)
from segue.errors import NothingFound, VectorsError
from segue.types import EncoderId


def test_a_record_comes_back_as_it_went_in(cat, heard):
    tags = {
        "title": "Jóga",
        "artist": "Björk",
        "album": "Homogenic",
        "year": 1997,
        "genres": ("Pop", "Art Pop"),
    }
    numbers = {"bpm": 80.5, "track_number": 2, "has_cover": True, "replaygain_track_gain_db": -7.25}
    analysis = heard("/music/a/1.mp3", 7, **tags, **numbers, composer="Björk")
    name = record_analysis(cat, analysis)
    found = track(cat, name)
    assert found.tags == analysis.tags
    assert (found.id, found.digest, found.paths) == (name, analysis.digest, (analysis.path,))
    assert (found.duration_s, found.sample_rate, found.channels, found.codec, found.bitrate_bps) == (
        200.0, 44_100, 2, "mp3", 256_000,
    )  # fmt: skip
    assert len(name) == 16
    assert track_by_path(cat, analysis.path) == found
    assert file_stat(cat, analysis.path) == analysis.stat


def test_the_id_is_the_payloads_in_every_catalogue(cat, heard, tmp_path):
    from segue.catalogue import open_catalogue
    from segue.settings import DataFolder

    record_analysis(cat, heard("/x/0.mp3", 0))
    first = record_analysis(cat, heard("/x/1.mp3", 1))
    with open_catalogue(DataFolder(tmp_path / "other"), write=True, create=True) as other:
        assert record_analysis(other, heard("/y/z.flac", 1)) == first


def test_same_payload_is_one_track_with_two_files(cat, heard):
    first = record_analysis(cat, heard("/music/a/1.mp3", 1, title="Old"))
    second = record_analysis(cat, heard("/music/b/1.mp3", 1, title="New"))
    assert first == second
    assert track(cat, first).paths == (Path("/music/a/1.mp3"), Path("/music/b/1.mp3"))
    assert track(cat, first).tags.title == "Old"  # the file whose path comes first
    assert repeated_tracks(cat) == [first]
    figures = stats(cat)
    assert (figures.tracks, figures.files) == (1, 2)


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_the_tags_do_not_depend_on_the_order_of_recording(cat, heard, order):
    for folder in order:
        name = record_analysis(
            cat, heard(f"/music/{folder}/1.mp3", 1, title=f"In {folder}", genres=(folder,))
        )
    assert (track(cat, name).tags.title, track(cat, name).tags.genres) == ("In a", ("a",))
    record_analysis(cat, heard("/music/b/1.mp3", 1, title="Retagged"))
    assert track(cat, name).tags.title == "In a"
    forget_paths(cat, [Path("/music/a/1.mp3")])
    assert track(cat, name).tags.title == "Retagged"
    assert search_tracks(cat, "retagged")[0].id == name
    record_analysis(cat, heard("/music/b/1.mp3", 2))  # its sound is another now
    assert track(cat, name).tags.title == "In c"
    record_analysis(cat, heard("/music/c/1.mp3", 1, title="Alone"))
    assert track(cat, name).tags.title == "Alone"


def test_a_moved_file_keeps_id_and_vectors_in_either_order(cat, heard):
    name = record_analysis(cat, heard("/music/a/1.mp3", 1))
    digest = track(cat, name).digest
    assert forget_paths(cat, [Path("/music/a/1.mp3")]) == 1
    assert stats(cat).absent == 1
    assert track(cat, name).paths == ()
    assert has_vectors(cat, digest, ["toy-1"])
    assert len(load_vectors(cat, "toy-1")[0]) == len(vector_keys(cat, "toy-1")) == 0
    assert record_analysis(cat, heard("/music/b/2.mp3", 1, vectors={})) == name
    assert forget_paths(cat, [Path("/music/a/1.mp3")]) == 0
    keys, matrix = load_vectors(cat, "toy-1")
    assert track_ids(cat, keys) == [name]
    np.testing.assert_array_equal(matrix, [[1.0, 1.0]])


def test_retagging_updates_tags_and_keeps_the_rest(cat, heard):
    name = record_analysis(cat, heard("/music/a/1.mp3", 1, title="Wrong", genres=("Pop",)))
    before = track(cat, name)
    record_analysis(
        cat,
        heard("/music/a/1.mp3", 1, title="Right", genres=("Rock", "Folk"), mtime_ns=2, vectors={"x-1": [1]}),
    )
    after = track(cat, name)
    assert (after.key, after.added_at) == (before.key, before.added_at)
    assert (after.tags.title, after.tags.genres) == ("Right", ("Rock", "Folk"))
    assert has_vectors(cat, after.digest, ["toy-1", "x-1"])
    assert known_files(cat, Path("/music/a")) == {"1.mp3": (1_000, 2)}


def test_a_file_with_another_payload_leaves_its_track(cat, heard):
    old = record_analysis(cat, heard("/music/a/1.mp3", 1))
    new = record_analysis(cat, heard("/music/a/1.mp3", 2))
    assert old != new
    assert track(cat, old).paths == ()
    assert track(cat, new).paths == (Path("/music/a/1.mp3"),)
    assert (stats(cat).tracks, stats(cat).absent, stats(cat).files) == (1, 1, 1)


def test_recording_the_same_again_changes_nothing_but_the_revision(cat, heard):
    name = record_analysis(cat, heard())
    before = track(cat, name), stats(cat)
    record_analysis(cat, heard())
    after = track(cat, name), stats(cat)
    assert before[0] == after[0]
    assert after[1].revision == before[1].revision + 1
    assert replacements(cat, "toy-1") == 0


def test_problems_are_counted_until_the_file_changes(cat, heard):
    path = Path("/music/a/broken.mp3")
    for _ in range(2):
        record_problem(cat, FileStat(path, 10, 5), "truncated", "ends early")
    assert problem_for(cat, path).attempts == 2
    record_problem(cat, FileStat(path, 11, 6), "empty", "nothing in it")
    (problem,) = problems(cat)
    assert (problem.path, problem.reason, problem.detail, problem.attempts) == (
        path,
        "empty",
        "nothing in it",
        1,
    )
    assert known_problems(cat, Path("/music/a")) == {"broken.mp3": (11, 6)}
    assert known_files(cat, Path("/music/a")) == {}
    record_analysis(cat, heard(path, 1))
    assert problems(cat) == [] and problem_for(cat, path) is None


def test_a_problem_drops_the_good_record_of_its_path(cat, heard):
    name = record_analysis(cat, heard("/music/a/1.mp3", 1))
    before = revision(cat)
    record_problem(cat, FileStat(Path("/music/a/1.mp3"), 3, 3), "truncated", "ends early")
    assert track(cat, name).paths == ()
    assert revision(cat) == before + 1
    assert known_files(cat, Path("/music/a")) == {}


def test_forgetting_a_problem_and_what_was_never_known(cat):
    path = Path("/music/a/broken.mp3")
    record_problem(cat, FileStat(path, 10, 5), "empty", "")
    assert known_folders(cat, Path("/music")) == [Path("/music/a")]
    assert forget_paths(cat, [path, Path("/nowhere/x.mp3")]) == 0
    assert problems(cat) == [] and known_folders(cat, Path("/music")) == []


def test_known_folders_are_those_under_the_root_and_no_neighbours(cat, heard):
    for number, place in enumerate(
        ["/m/1.mp3", "/m/a/1.mp3", "/m/a/b/1.mp3", "/m2/1.mp3", "/m-x/1.mp3", "/n/1.mp3"]
    ):
        record_analysis(cat, heard(place, number))
    assert known_folders(cat, Path("/m")) == [Path("/m"), Path("/m/a"), Path("/m/a/b")]
    assert known_folders(cat, Path("/m/a")) == [Path("/m/a"), Path("/m/a/b")]
    assert len(known_folders(cat, Path("/"))) == 6


def test_names_that_are_not_utf8(cat, heard):
    path = Path(os.fsdecode(b"/music/\xff\xfe/caf\xe9.mp3"))
    name = record_analysis(cat, heard(path, 1, title="caf\udce9"))
    assert track(cat, name).paths == (path,)
    assert known_files(cat, path.parent) == {path.name: (1_000, 1)}
    assert known_folders(cat, Path("/music")) == [path.parent]
    assert track_by_path(cat, path).id == name
    assert forget_paths(cat, [path]) == 1


def test_tags_no_column_can_hold(cat, heard):
    name = record_analysis(
        cat,
        heard(
            title="x" * 50_000_000, artist="a\0b", genres=("g" * 1_000_000, "", *map(str, range(1000))),
            bpm=float("nan"), year=10**30, track_number=-(10**20), duration_s=float("inf"),
        ),
    )  # fmt: skip
    found = track(cat, name)
    assert len(found.tags.title) == 4_000
    assert found.tags.artist == "a b"
    assert len(found.tags.genres) == 63
    assert (found.tags.bpm, found.tags.year, found.tags.track_number, found.duration_s) == (
        None,
        None,
        None,
        0.0,
    )


def test_bad_calls_store_nothing(cat, heard):
    for bad in (
        heard(vectors={"toy-1": [1.0, float("nan")]}),
        heard(vectors={"toy-1": [[1.0]]}),
        heard(vectors={"toy-1": []}),
        heard(probabilities={"toy-1": [0.5, 1.5]}),
        heard("relative/1.mp3"),
    ):
        with pytest.raises(ValueError):
            record_analysis(cat, bad)
    import dataclasses

    with pytest.raises(ValueError):
        record_analysis(cat, dataclasses.replace(heard(), digest="abc"))
    assert (stats(cat).tracks, stats(cat).files, revision(cat)) == (0, 0, 0)
    record_analysis(cat, heard(vectors={"toy-1": [1.0, 2.0]}))
    with pytest.raises(VectorsError, match="have 2 values in this catalogue, these have 3"):
        record_analysis(cat, heard("/music/b.mp3", 2, vectors={"toy-1": [1.0, 2.0, 3.0]}))
    assert stats(cat).tracks == 1


def test_removed_tracks_are_forgotten_and_their_keys_not_used_again(cat, heard):
    names = [record_analysis(cat, heard(f"/music/{n}/1.mp3", n)) for n in range(3)]
    key = int(keys_of(cat, names)[2])
    assert remove_tracks(cat, [names[2], "unknown"]) == 1
    with pytest.raises(NothingFound, match="no track has the id"):
        track(cat, names[2])
    assert known_folders(cat, Path("/music")) == [Path("/music/0"), Path("/music/1")]
    again = record_analysis(cat, heard("/music/2/1.mp3", 2))
    assert again == names[2]
    assert int(keys_of(cat, [again])[0]) > key
    assert check(cat) == []


def test_roots_and_settings(cat, heard):
    assert roots(cat) == () and default_encoder(cat) is None
    for root in ("/b", "/a", "/a/inner", "/b"):
        add_root(cat, Path(root))
    assert roots(cat) == (Path("/b"), Path("/a"), Path("/a/inner"))
    with pytest.raises(ValueError):
        add_root(cat, Path("a"))
    for number, place in enumerate(["/a/1.mp3", "/a/inner/1.mp3", "/b/1.mp3"]):
        record_analysis(cat, heard(place, number))
    assert remove_root(cat, Path("/a")) == 1
    assert roots(cat) == (Path("/b"), Path("/a/inner"))
    assert known_folders(cat, Path("/")) == [Path("/a/inner"), Path("/b")]
    set_default_encoder(cat, "toy-1")
    set_default_encoder(cat, "toy-2")
    assert default_encoder(cat) == stats(cat).default_encoder == "toy-2"


def test_files_that_lack_vectors_of_a_new_encoder(cat, heard):
    names = [record_analysis(cat, heard(f"/music/{n:04}.mp3", n)) for n in range(3)]
    record_analysis(cat, heard("/music/other.mp3", 1))
    record_analysis(cat, heard("/music/gone.mp3", 9))
    forget_paths(cat, [Path("/music/gone.mp3")])
    assert list(files_without_vectors(cat, ["toy-1"])) == []
    missing = list(files_without_vectors(cat, ["toy-1", "new-1"]))
    assert [stat.path.name for stat in missing] == ["0000.mp3", "0001.mp3", "0002.mp3"]
    record_analysis(cat, heard("/music/0001.mp3", 1, vectors={"new-1": [1, 2, 3]}))
    assert [stat.path.name for stat in files_without_vectors(cat, ["new-1"])] == ["0000.mp3", "0002.mp3"]
    assert [found.id for found in tracks(cat, names[::-1])] == names[::-1]


def test_files_without_vectors_are_read_page_by_page_while_vectors_come(cat, heard):
    with transaction(cat):
        for n in range(1_203):
            record_analysis(cat, heard(f"/music/{n:04}.mp3", n))
    seen = []
    for stat in files_without_vectors(cat, ["new-1"]):
        seen.append(stat.path)
        if len(seen) % 100 == 0:
            record_analysis(cat, heard(stat.path, int(stat.path.stem), vectors={"new-1": [1.0]}))
    assert seen == [Path(f"/music/{n:04}.mp3") for n in range(1_203)]


def test_a_replaced_vector_is_counted(cat, heard):
    record_analysis(cat, heard(vectors={"toy-1": [1.0, 2.0]}))
    record_analysis(cat, heard(vectors={"toy-1": [1.0, 3.0]}))
    assert replacements(cat, "toy-1") == 1
    assert replacements(cat, "never-1") == 0
    np.testing.assert_array_equal(load_vectors(cat, "toy-1")[1], [[1.0, 3.0]])


def test_a_caught_failure_inside_a_transaction_undoes_its_part_only(cat, heard):
    with transaction(cat):
        record_analysis(cat, heard("/music/1.mp3", 1))
        with pytest.raises(ValueError):
            record_analysis(cat, heard("/music/2.mp3", 2, vectors={"toy-1": [float("inf")]}))
        record_analysis(cat, heard("/music/3.mp3", 3))
    assert stats(cat).tracks == 2
    with pytest.raises(RuntimeError), transaction(cat):
        record_analysis(cat, heard("/music/4.mp3", 4))
        raise RuntimeError
    assert stats(cat).tracks == 2


def test_vectors_that_answer_nothing_leave_index_and_files_alone(cat, heard):
    name = record_analysis(cat, heard("/x/1.mp3", 1))
    key, before = int(keys_of(cat, [name])[0]), revision(cat)
    record_vectors(cat, key, {EncoderId("other-1"): np.array([1, 2], np.float32)})
    record_vectors(cat, key + 1, {EncoderId("other-1"): np.array([3, 4], np.float32)})  # gone meanwhile
    keys, vectors = load_vectors(cat, EncoderId("other-1"))
    assert keys.tolist() == [key] and vectors.tolist() == [[1, 2]]
    assert revision(cat) == before
    with pytest.raises(ValueError, match="finite"):
        record_vectors(cat, key, {EncoderId("other-1"): np.array([np.nan, 2], np.float32)})
    assert load_vectors(cat, EncoderId("other-1"))[1].tolist() == [[1, 2]]
