"""Tables of descriptors from files of every shape, and what is said of what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segue.encoders.fma518 import FMA518_COLUMNS
from segue.errors import UsageError
from segue.training.datasets.attributes import NoNumbers, read_attribute_table
from segue.training.datasets.labels import groups_of, one_spelling


def _file(place: Path, text: str, encoding: str = "utf-8") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text.encode(encoding))
    return place


def _fma(folder: Path, values: np.ndarray, *, genres: dict[int, tuple[str, str]] | None = None) -> Path:
    """FMA's shape: three header rows, a row of track_id, then a number and 518 values a row."""
    rows = [
        ",".join([name, *column])
        for name, column in zip(
            ("feature", "statistics", "number"), zip(*FMA518_COLUMNS, strict=True), strict=True
        )
    ]
    rows.append("track_id" + "," * 518)
    rows += [
        ",".join([str(at + 2), *("" if np.isnan(value) else f"{value:.6g}" for value in row)])
        for at, row in enumerate(values)
    ]
    if genres is not None:
        head = [",artist,track,track,track,album", ",name,genre_top,genres_all,title,title", "track_id,,,,,"]
        head += [f"{number},{artist},{genre},[],T,A" for number, (artist, genre) in genres.items()]
        _file(folder / "tracks.csv", "\n".join(head) + "\n")
    return _file(folder / "features.csv", "\n".join(rows) + "\n")


def test_any_table_with_a_column_that_names_the_track(tmp_path: Path) -> None:
    path = _file(
        tmp_path / "t.csv",
        "File,Genre,artist,length,mfcc1_mean,mfcc2_mean,tempo,comment\n"
        "a.mp3,Rock,X,9,1,2.5,120,nice\nb.mp3,ROCK,x,9,3,,90,\nc.mp3,Chanson,Y,9,5,6,inf,\n"
        "d.mp3,rock,,9,5,6,80,\na.mp3,rock,X,9,1,1,1,\n,rock,X,9,1,1,1,\n",
    )
    table = read_attribute_table(path)
    assert table.tracks == ("a.mp3", "b.mp3", "c.mp3", "d.mp3")
    assert table.columns == ("mfcc1_mean", "mfcc2_mean", "tempo")
    assert table.families == ("mfcc", "mfcc", "tempo")
    assert table.classes == ("Rock", "Rock", "Chanson", "Rock") and table.target == "Genre"
    assert table.groups is not None and table.grouped_by == "artist"
    assert table.groups[0] == table.groups[1] != table.groups[2]
    assert np.isnan(table.values[1, 1]) and np.isnan(table.values[2, 2])
    said = " ".join(table.notes)
    for words in ("1 rows without a track", "1 rows of a track seen before", "2 labels differ", "length"):
        assert words in said


def test_a_target_is_any_column(tmp_path: Path) -> None:
    path = _file(tmp_path / "t.csv", "file,year,mood,x\na,1990,sad,1\nb,1991,glad,2\n")
    assert read_attribute_table(path).classes == ()
    assert read_attribute_table(path, target="Mood").classes == ("sad", "glad")
    assert read_attribute_table(path, target="year").columns == ("x",)
    with pytest.raises(UsageError, match="no column 'genre', but file, year, mood, x"):
        read_attribute_table(path, target="genre")


def test_classes_are_not_kept_apart(tmp_path: Path) -> None:
    path = _file(tmp_path / "t.csv", "file,genre,artist,x\na,rock,A,1\nb,rock,A,2\nc,pop,B,3\n")
    assert read_attribute_table(path).grouped_by == "artist"
    by_artist = read_attribute_table(path, target="artist")
    assert by_artist.classes == ("A", "A", "B") and by_artist.groups is None


def test_tracks_without_a_column_of_that_name(tmp_path: Path) -> None:
    path = _file(tmp_path / "t.csv", "Title,x\nOne,1\nTwo,2\n")
    assert read_attribute_table(path).tracks == ("One", "Two")
    numbered = read_attribute_table(_file(tmp_path / "n.csv", "x,y\n1,2\n2,3\n"))
    assert numbered.tracks == ("row 1", "row 2") and "rows are numbered" in numbered.notes[0]


def test_other_separators_and_encodings(tmp_path: Path) -> None:
    path = _file(tmp_path / "t.csv", "file;genre;x\né.mp3;français;1\nb;rock;2\n", "cp1252")
    table = read_attribute_table(path)
    assert table.tracks == ("é.mp3", "b") and table.classes == ("français", "rock")
    assert "not UTF-8" in table.notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it has no header"),
        ("file,x\n", "no rows"),
        ("file,x,X\na,1,2\n", "two columns called 'x'"),
        ("file,genre\na,rock\n", "no column of numbers"),
        ("file,x\n,1\n", "names no track"),
        ("\0\1\2", "not a table"),
    ],
)
def test_what_is_no_table_is_said_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = _file(tmp_path / "t.csv", text)
    with pytest.raises(UsageError, match=message) as error:
        read_attribute_table(path)
    assert "\n" not in str(error.value)
    assert isinstance(error.value, NoNumbers) == ("no column of numbers" in message)


def test_the_descriptors_of_fma(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(5, 518))
    values[1, 7] = np.nan
    path = _fma(tmp_path, values, genres={2: ("X", "Rock"), 3: ("x", ""), 4: ("Y", "Folk"), 99: ("Z", "Pop")})
    table = read_attribute_table(path)
    assert table.tracks == ("000002", "000003", "000004", "000005", "000006")
    assert table.columns[0] == "chroma_cens.kurtosis.01" and table.families[-1] == "zcr"
    assert table.values.dtype == np.float32
    assert np.allclose(table.values, values, rtol=1e-4, equal_nan=True)
    assert table.classes == ("Rock", "", "Folk", "", "") and table.target == "genre"
    assert table.groups is not None and table.groups[0] == table.groups[1] != table.groups[2]
    assert "only 3 of 5 tracks of features.csv are in tracks.csv" in table.notes


def test_fma_without_tracks_or_with_others(tmp_path: Path) -> None:
    values = np.zeros((3, 518))
    alone = read_attribute_table(_fma(tmp_path / "a", values))
    assert alone.classes == () and alone.groups is None and "no tracks.csv beside it" in alone.notes[0]
    other = read_attribute_table(_fma(tmp_path / "b", values, genres={77: ("X", "Rock")}))
    assert other.classes == () and "none of 3 tracks" in other.notes[0]
    with pytest.raises(UsageError, match=r"FMA's table of tracks: give features\.csv"):
        read_attribute_table(tmp_path / "b" / "tracks.csv")


def test_a_damaged_table_of_fma(tmp_path: Path) -> None:
    path = _fma(tmp_path, np.ones((4, 518)))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:-1], "99,1,2", lines[4]]) + "\n")
    table = read_attribute_table(path)
    assert len(table) == 3
    assert "1 rows have another number of columns" in table.notes[0]
    assert "1 rows of a track seen before" in table.notes[1]
    path.write_text("\n".join([*lines, "100" + ",many" * 518]) + "\n")
    with pytest.raises(UsageError, match=r"features\.csv is damaged"):
        read_attribute_table(path)
    path.write_text("\n".join(lines[:4]) + "\n")
    with pytest.raises(UsageError, match="no track"):
        read_attribute_table(path)


def test_the_tables_of_gtzan(shared: Path) -> None:
    folder = shared / "data" / "gtzan-attributes"
    new = read_attribute_table(folder / "features_30_sec.csv")
    old = read_attribute_table(folder / "data.csv")
    assert new.values.shape == (1_000, 57) and old.values.shape == (1_000, 26)
    assert set(old.families) == {*(set(new.families) - {"rms", "harmony", "perceptr", "tempo"}), "rmse"}
    assert new.grouped_by == "artist and recording" and new.target == "label"
    assert np.isfinite(new.values).all()


def test_spellings_and_groups() -> None:
    assert one_spelling(["Chansón", "chanson", "chanson", " "]) == (("chanson", "chanson", "chanson", ""), 1)
    assert groups_of(["", ""]) is None
    joined = groups_of(["A", "B", "C", ""], ["1", "", "1", ""])
    assert joined is not None and joined.tolist() == [0, 1, 0, 2]
