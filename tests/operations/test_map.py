"""Maps of the demo library: kept, brought up to date, made anew."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segue.atlas import read_map, write_map
from segue.catalogue import open_catalogue, remove_tracks, track_table
from segue.errors import SegueError, UsageError, VectorsError
from segue.operations import map as map_operation
from segue.operations.history import import_history
from segue.operations.map import library_map, write_map_files
from segue.operations.map_of_vectors import map_of_vectors
from segue.settings import DataFolder


@pytest.fixture
def data(demo, tmp_path):
    shutil.copytree(demo.data, tmp_path / "data")
    return DataFolder(tmp_path / "data")


@pytest.fixture
def file(data):
    return data.maps / "musicnn-msd-1.npz"


def forget(file: Path, rows: slice) -> None:
    """Make the stored map one that has not seen some of the tracks."""
    stored = read_map(file)
    kept = np.setdiff1d(np.arange(len(stored.tracks)), np.arange(len(stored.tracks))[rows])
    tracks = tuple(stored.tracks[row] for row in kept)
    positions, placed = stored.positions[kept], stored.placed[kept]
    write_map(file, replace(stored, tracks=tracks, positions=positions, placed=placed))


def test_styles_lie_together(demo, data):
    view = library_map(data).view
    style = np.array([demo.piece(title).style for title in view.titles])
    apart = np.linalg.norm(view.positions[:, None] - view.positions[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert (style[apart.argmin(axis=1)] == style).mean() > 0.8
    assert view.colour in view.colours
    assert all((demo.music / name).is_file() for name in view.files)


def test_the_second_map_is_the_first(data, file):
    first = library_map(data, seed=3)
    stored = file.read_bytes()
    again = library_map(data, seed=4)
    assert first.new == len(first.view)
    assert again.new == 0
    assert again.view.positions.tobytes() == first.view.positions.tobytes()
    assert read_map(file).seed == 3
    assert file.read_bytes() == stored


def test_new_tracks_are_placed_and_old_ones_do_not_move(data, file):
    first = library_map(data)
    forget(file, slice(0, 5))
    again = library_map(data)
    assert again.new == 5
    assert again.notes == ()
    np.testing.assert_array_equal(again.view.positions[5:], first.view.positions[5:])
    assert read_map(file).placed.sum() == 5
    assert library_map(data).new == 0


def test_it_says_so_when_most_is_new(data, file):
    n = len(library_map(data).view)
    forget(file, slice(0, n - 4))
    assert any("--refit" in note for note in library_map(data).notes)
    assert any("--refit" in note for note in library_map(data).notes)  # also when nothing came since
    assert library_map(data, refit=True).notes == ()
    assert not read_map(file).placed.any()


def test_a_map_made_anew_keeps_its_left_and_right(data, file):
    library_map(data)
    stored = read_map(file)
    turned = stored.positions[:, ::-1] * [1, -1]
    write_map(file, replace(stored, positions=turned))
    anew = library_map(data, refit=True).view.positions
    turns = [np.array([[1, 0], [0, 1]]), np.array([[0, 1], [-1, 0]])]
    ways = [turn @ np.diag([x, y]) for turn in turns for x in (1, -1) for y in (1, -1)]
    fits = [sum(np.corrcoef((anew @ way)[:, at], turned[:, at])[0, 1] for at in (0, 1)) for way in ways]
    assert np.argmax(fits) == 0 and fits[0] > 1


def test_what_is_gone_is_not_drawn_and_comes_back_to_its_place(data, file):
    first = library_map(data)
    shutil.copyfile(data.catalogue, data.path / "kept.sqlite")
    with open_catalogue(data, write=True) as catalogue:
        remove_tracks(catalogue, [read_map(file).tracks[0]])
    less = library_map(data)
    assert (less.gone, less.new) == (1, 0)
    assert len(less.view) == len(first.view) - 1
    for old in data.path.glob("catalogue.sqlite*"):
        old.unlink()
    shutil.move(data.path / "kept.sqlite", data.catalogue)
    back = library_map(data)
    assert (back.gone, back.new) == (0, 0)
    np.testing.assert_array_equal(back.view.positions, first.view.positions)


def test_each_encoder_has_its_own_map(data):
    library_map(data)
    library_map(data, encoder="timbre")
    assert sorted(found.name for found in data.maps.iterdir()) == ["musicnn-msd-1.npz", "timbre-1.npz"]


def test_a_damaged_map_is_made_anew_only_when_asked(data, file):
    library_map(data)
    file.write_bytes(b"damaged")
    with pytest.raises(VectorsError, match="--refit"):
        library_map(data)
    assert library_map(data, refit=True).new > 0
    assert library_map(data).new == 0


def test_a_map_that_cannot_be_kept_is_still_drawn(data, monkeypatch):
    def full(*_):
        raise SegueError("there is no room")

    monkeypatch.setattr(map_operation, "write_map", full)
    drawn = library_map(data)
    assert len(drawn.view)
    assert any("no room" in note for note in drawn.notes)


def test_plays_and_labels_by_key_colour_it(demo, data, tmp_path):
    played = demo.pieces[0]
    table = tmp_path / "plays.csv"
    table.write_text(f"artist,title,count\n{played.artist},{played.title},7\n", encoding="utf-8")
    import_history(data, [table])
    with open_catalogue(data) as catalogue:
        keys = track_table(catalogue).keys.tolist()
    clusters = {key: f"kind {at % 2}" for at, key in enumerate(keys) if at}
    view = library_map(data, colours={"cluster": clusters}, colour="cluster").view
    assert view.colour == "cluster"
    assert sorted(view.labels["cluster"].names) == ["kind 0", "kind 1"]
    assert (view.labels["cluster"].codes < 0).sum() == 1
    plays = dict(zip(view.titles, view.numbers["plays"], strict=True))
    assert plays[played.title] == 7
    assert sorted(set(plays.values())) == [0, 7]


def test_without_a_history_plays_are_no_colour(data):
    with pytest.raises(UsageError, match="'plays'"):
        library_map(data, colour="plays")


def test_neighbours_are_those_that_sound_alike(demo, data):
    view = library_map(data).view
    style = np.array([demo.piece(title).style for title in view.titles])
    assert (style[view.neighbours[:, 0]] == style).mean() > 0.8


def test_files_appear_whole(data, tmp_path, monkeypatch):
    view = library_map(data).view
    page, picture = tmp_path / "a" / "map.html", tmp_path / "a" / "map.png"
    write_map_files(view, page=page, picture=picture)
    assert sorted(found.name for found in page.parent.iterdir()) == ["map.html", "map.png"]
    before = page.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_map_files(view, page=page)
    assert page.read_bytes() == before
    assert sorted(found.name for found in page.parent.iterdir()) == ["map.html", "map.png"]


def vectors_file(tmp_path: Path, n: int = 40) -> Path:
    vectors = np.random.default_rng(0).standard_normal((n, 8)).astype(np.float32)
    vectors[3, 2] = np.nan
    names = np.array([f"music/{row:02}.mp3" for row in range(n)])
    np.savez(tmp_path / "v.npz", names=names, vectors=vectors, encoder=np.array("mine-1"))
    return tmp_path / "v.npz"


def test_any_vectors_have_a_map(tmp_path):
    vectors = vectors_file(tmp_path)
    view, notes = map_of_vectors(vectors)
    assert view.positions.shape == (39, 2)
    assert view.titles[0] == "00"
    assert view.files[0] == "00.mp3"
    assert [note for note in notes if "1 vectors are not finite" in note]
    again, _ = map_of_vectors(vectors)
    assert again.positions.tobytes() == view.positions.tobytes()


def test_a_table_says_what_the_vectors_are(tmp_path):
    vectors = vectors_file(tmp_path)
    table = tmp_path / "tracks.csv"
    rows = [
        f"{row:02}.mp3,Song {row},g{row % 3},{1990 + row}-05-01,{row / 7},m{row % 2}" for row in range(30)
    ]
    table.write_text("\n".join(["file,title,genre,year,tempo,mood", *rows]), encoding="utf-8")
    view, notes = map_of_vectors(vectors, table)
    assert view.colour == "genre"
    assert view.titles[:4] == ["Song 0", "Song 1", "Song 2", "Song 4"]
    assert view.numbers["year"][:2].tolist() == [1990, 1991]
    assert any("10 of 39 vectors are not in tracks.csv" in note for note in notes)
    assert map_of_vectors(vectors, table, colour="tempo")[0].numbers["tempo"][1] == pytest.approx(1 / 7)
    assert map_of_vectors(vectors, table, colour="mood")[0].labels["mood"].names[:2] == ("m0", "m1")
    with pytest.raises(UsageError, match="no column 'key'"):
        map_of_vectors(vectors, table, colour="key")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("track,genre\n1,rock\n", "no column 'file'"),
        ("file,genre\nelsewhere.mp3,rock\n", "among the vectors"),
        ("", "not a table"),
        (None, "does not exist"),
    ],
)
def test_wrong_tables_are_one_clear_line(tmp_path, content, said):
    table = tmp_path / "tracks.csv"
    if content is not None:
        table.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        map_of_vectors(vectors_file(tmp_path), table)
