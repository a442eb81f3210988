"""Kinds of music: found, kept, brought up to date without new numbers; names that stay."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.atlas import load_clustering
from segue.audio import AudioInfo, Tags
from segue.catalogue import (
    Analysis,
    FileStat,
    keys_of,
    open_catalogue,
    record_analysis,
    remove_tracks,
    vector_keys,
)
from segue.errors import NothingFound, SegueError, UsageError
from segue.operations import transitions
from segue.operations.cluster_playlists import PlaylistWishes, write_kind_playlists
from segue.operations.clusters import KindsOfMusic, clustering_file, kinds_of_music
from segue.playlists import read_playlist
from segue.settings import DataFolder
from segue.types import EncoderId, TrackId

TOY = EncoderId("toy-1")
GENRES = ("Rock", "Jazz", "Folk", "Techno")
# Four points of which every two differ in half of the 32 dimensions.
CORNERS = np.tile([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]], 8)
_EMPTY: dict[str, Any] = {field.name: None for field in dataclasses.fields(Tags)}

Add = Callable[..., list[TrackId]]


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def add(data: DataFolder) -> Add:
    """Puts tracks of some styles into the library: ``add([20, 10])`` is 20 of the first, 10 of the second."""
    rng = np.random.default_rng(0)
    made = 0

    def put(counts: Sequence[int], *, spread: float = 0.4, **tags: Any) -> list[TrackId]:
        nonlocal made
        ids = []
        with open_catalogue(data, write=True, create=True) as catalogue:
            for style, count in enumerate(counts):
                for _ in range(count):
                    made += 1
                    ids.append(record_analysis(catalogue, _track(made, style, spread, rng, tags)))
        return ids

    return put


def _track(
    number: int, style: int, spread: float, rng: np.random.Generator, tags: dict[str, Any]
) -> Analysis:
    place = Path(f"/music/{number}.mp3")
    said = {"title": f"Title {'abcdefghij'[number % 10]} {number}", "artist": f"Artist {number // 3}"}
    vector = CORNERS[style] + rng.normal(0, spread, 32)
    return Analysis(
        path=place,
        stat=FileStat(place, 1000, 1),
        digest=hashlib.sha256(str(number).encode()).hexdigest(),
        tags=Tags(**{**_EMPTY, "genres": (GENRES[style],), "has_cover": False, **said, **tags}),
        info=AudioInfo(100.0 + 7 * number, 44_100, 2, "mp3", 256_000),
        vectors={TOY: vector.astype(np.float32)},
    )


def by_number(found: KindsOfMusic) -> dict[int, set[int]]:
    return {kind.number: set(kind.keys.tolist()) for kind in found.kinds}


def names(found: KindsOfMusic) -> dict[int, str]:
    return {kind.number: kind.name for kind in found.kinds}


def test_kinds_are_found_numbered_by_size_and_named(data: DataFolder, add: Add) -> None:
    add([20, 30, 15])
    found = kinds_of_music(data)
    assert [(kind.number, len(kind.keys), kind.name) for kind in found.kinds] == [
        (1, 30, "jazz"), (2, 20, "rock"), (3, 15, "folk"),
    ]  # fmt: skip
    assert found.encoder == TOY and found.n_tracks == 65 and found.found_now
    assert found.clustering.curve is not None and found.clustering.curve.elbow == 3
    (jazz,) = found.kinds[0].apart
    assert (jazz.word, jazz.source, jazz.inside, jazz.outside) == ("Jazz", "genre", 1.0, 0.0)
    for kind in found.kinds:
        assert len(kind.examples) == 3
        assert len({track.tags.artist for track in kind.examples}) == 3
        assert {track.key for track in kind.examples} <= set(kind.keys.tolist())


def test_they_are_kept_until_others_are_asked_for(data: DataFolder, add: Add) -> None:
    add([20, 20])
    first = kinds_of_music(data)
    content = clustering_file(data, TOY).read_bytes()
    again = kinds_of_music(data, k="auto")
    assert not again.found_now and by_number(again) == by_number(first)
    assert clustering_file(data, TOY).read_bytes() == content
    assert not kinds_of_music(data, k=2).found_now
    assert kinds_of_music(data, k=3).found_now
    assert not kinds_of_music(data).found_now
    assert len(kinds_of_music(data).kinds) == 3
    assert kinds_of_music(data, seed=5).clustering.seed == 5
    assert kinds_of_music(data, refit=True).clustering.seed == 5
    assert len(kinds_of_music(data, refit=True).kinds) == 3
    assert kinds_of_music(data, k="auto").clustering.asked is None


def test_tracks_that_arrive_join_the_nearest_kind(data: DataFolder, add: Add) -> None:
    add([20, 15])
    before = kinds_of_music(data)
    new = add([0, 12])
    after = kinds_of_music(data)
    assert not after.found_now and names(after) == names(before) == {1: "rock", 2: "jazz"}
    with open_catalogue(data) as catalogue:
        keys = set(keys_of(catalogue, new).tolist())
    assert by_number(after) == {1: by_number(before)[1], 2: by_number(before)[2] | keys}
    assert after.n_tracks == 47 and after.clustering.n_tracks == 35


def test_a_new_fit_keeps_numbers_and_names(data: DataFolder, add: Add) -> None:
    add([20, 15, 10])
    before = kinds_of_music(data, names={2: "  Late\tnight "})
    add([0, 0, 30, 25])  # folk is the largest now, and techno is new
    after = kinds_of_music(data, refit=True)
    assert names(after) == {1: "rock", 2: "Late night", 3: "folk", 4: "techno"}
    assert all(keys <= by_number(after)[number] for number, keys in by_number(before).items())
    assert [kind.by_hand for kind in after.kinds] == [False, True, False, False]
    assert after.dropped == ()


def test_numbers_of_kinds_that_are_gone_are_not_given_again(data: DataFolder, add: Add) -> None:
    add([20, 15, 10])
    kinds_of_music(data, names={3: "Mine"})
    fewer = kinds_of_music(data, k=2)
    (gone,) = fewer.dropped
    more = kinds_of_music(data, k=3)
    assert {kind.number for kind in more.kinds} == {kind.number for kind in fewer.kinds} | {4}
    assert gone.number not in {kind.number for kind in more.kinds}
    assert load_clustering(clustering_file(data, TOY)).next_number == 5


def test_tracks_that_go_leave_the_kinds_as_they_are(data: DataFolder, add: Add) -> None:
    ids = add([20, 15])
    kinds_of_music(data)
    with open_catalogue(data, write=True) as catalogue:
        remove_tracks(catalogue, ids[20:])
    found = kinds_of_music(data)
    assert [(kind.number, len(kind.keys)) for kind in found.kinds] == [(1, 20), (2, 0)]
    assert found.kinds[1].examples == () and found.kinds[1].name == "jazz"


def test_names_are_given_and_taken_back(data: DataFolder, add: Add) -> None:
    add([20, 15])
    assert names(kinds_of_music(data, names={1: "Evening", 2: "Morning"})) == {1: "Evening", 2: "Morning"}
    assert names(kinds_of_music(data)) == {1: "Evening", 2: "Morning"}
    assert names(kinds_of_music(data, names={1: "Morning", 2: "Evening"})) == {1: "Morning", 2: "Evening"}
    assert names(kinds_of_music(data, names={1: ""})) == {1: "rock", 2: "Evening"}
    for wrong, said in (
        ({3: "x"}, "there is no kind 3 to be called 'x': there are 1, 2"),
        ({1: "evening"}, "two kinds would be called 'evening'"),
        ({1: "x" * 81}, "longer than 80"),
    ):
        with pytest.raises(UsageError, match=said):
            kinds_of_music(data, names=wrong)
    assert names(kinds_of_music(data)) == {1: "rock", 2: "Evening"}


def test_the_same_seed_gives_the_same_file(data: DataFolder, add: Add) -> None:
    add([20, 15, 10], spread=2.0)
    file = clustering_file(data, TOY)
    kinds_of_music(data, k=4, seed=3)
    content = file.read_bytes()
    file.unlink()
    kinds_of_music(data, k=4, seed=3)
    assert file.read_bytes() == content


def test_what_cannot_be_clustered_is_said(data: DataFolder, add: Add) -> None:
    with pytest.raises(NothingFound, match="segue scan"):
        kinds_of_music(data)
    open_catalogue(data, write=True, create=True).close()
    with pytest.raises(NothingFound, match="the library is empty"):
        kinds_of_music(data)
    add([4])
    with pytest.raises(UsageError, match="4 tracks cannot be put into 5 kinds"):
        kinds_of_music(data, k=5)
    assert not clustering_file(data, TOY).exists()
    clustering_file(data, TOY).parent.mkdir()
    clustering_file(data, TOY).write_bytes(b"nothing")
    with pytest.raises(SegueError, match="delete it to find the kinds anew"):
        kinds_of_music(data)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_tracks_are_one_kind(data: DataFolder, add: Add, n: int) -> None:
    add([n])
    (kind,) = kinds_of_music(data).kinds
    assert (kind.number, kind.name, len(kind.keys)) == (1, "mixed", n)


def test_files_that_cannot_be_heard_are_named_and_placed(data: DataFolder, add: Add, tmp_path: Path) -> None:
    add([12, 12], bpm=120.0, replaygain_track_gain_db=-6.0)
    found = kinds_of_music(data, k=2)
    lists, problems = write_kind_playlists(
        data, found, tmp_path / "lists", wishes=PlaylistWishes(n_tracks=5), workers=1
    )
    assert [len(one.tracks) for one in lists] == [5, 5]
    assert sorted(problem.path for problem in problems) == sorted(
        t.paths[0] for one in lists for t in one.tracks
    )
    assert {problem.reason for problem in problems} == {"missing"}
    for one in lists:
        written = read_playlist(one.file)
        assert [entry.path for entry in written.entries] == [track.paths[0] for track in one.tracks]
        assert written.title == names(found)[one.number]


def test_a_file_that_changed_since_the_scan_tells_nothing_of_the_track(
    data: DataFolder, add: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "one.mp3"
    file.write_bytes(b"x")
    track = dataclasses.replace(
        _track(1, 0, 0.1, np.random.default_rng(0), {}), path=file, stat=FileStat(file, 1, 1)
    )
    with open_catalogue(data, write=True, create=True) as catalogue:
        record_analysis(catalogue, track)
    heard = {EncoderId("transition-1"): np.arange(1, 8, dtype=np.float32)}
    for digest, n_known in (("0" * 64, 0), (track.digest, 1)):
        result = dataclasses.replace(track, digest=digest, vectors=heard)
        monkeypatch.setattr(transitions, "hear", lambda *_, result=result: iter([1, result]))
        _, problems = write_kind_playlists(data, kinds_of_music(data), tmp_path / "lists")
        assert [problem.reason for problem in problems] == ["changed"] * (1 - n_known)
        with open_catalogue(data) as catalogue:
            assert len(vector_keys(catalogue, EncoderId("transition-1"))) == n_known


@pytest.mark.parametrize("wished_s", [300.0, 1200.0, 2400.0])
def test_playlists_are_as_long_as_wished(data: DataFolder, add: Add, tmp_path: Path, wished_s: float) -> None:
    add([40])
    found = kinds_of_music(data, k=1)
    wishes = PlaylistWishes(length_s=wished_s, per_artist=1)
    (one,), _ = write_kind_playlists(data, found, tmp_path / "lists", wishes=wishes, workers=1)
    assert sum(track.duration_s for track in one.tracks) == pytest.approx(wished_s, rel=0.35)
    assert len({track.tags.artist for track in one.tracks}) == len(one.tracks)


def test_wishes_that_make_no_sense_are_refused(data: DataFolder, add: Add, tmp_path: Path) -> None:
    add([5])
    found = kinds_of_music(data)
    for wishes, said in (
        (PlaylistWishes(length_s=0), "longer than nothing"),
        (PlaylistWishes(n_tracks=0), "1 track or more"),
        (PlaylistWishes(suffix=".mp3"), "is no playlist"),
    ):
        with pytest.raises(UsageError, match=said):
            write_kind_playlists(data, found, tmp_path / "lists", wishes=wishes)
    assert not (tmp_path / "lists").exists()
