"""Tables of labels that people write."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.errors import UsageError
from segue.training.datasets import open_dataset
from segue.training.datasets.tables import read_table


def _write(folder: Path, text: str, name: str = "tracks.csv") -> Path:
    for file in ("a.mp3", "b.mp3", "c.mp3"):
        (folder / file).touch()
    table = folder / name
    table.write_text(text, "utf-8")
    return table


def test_columns_are_what_they_look_like(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "file,title,artist,genre,year,mood,style,link\n"
        "a.mp3,One,X,rock,1999,calm,slow|piano,http://1\n"
        "b.mp3,Two,X,pop,2001,,fast,http://2\n"
        'c.mp3,Three,Y,rock,2001,calm,"piano ; loud",http://3\n',
    )
    dataset = open_dataset(tmp_path)
    assert {name: target.kind for name, target in dataset.targets.items()} == {
        "genre": "class",
        "mood": "class",
        "style": "tags",
        "artist": "class",
    }
    assert dataset.target("style").names == ("fast", "loud", "piano", "slow")
    assert dataset.target("mood").known.tolist() == [True, False, True]
    assert "not learned: year, link" in dataset.notes


def test_a_table_elsewhere_decides(tmp_path: Path) -> None:
    music, tables = tmp_path / "music", tmp_path / "tables"
    music.mkdir()
    tables.mkdir()
    _write(music, "file,genre\na.mp3,x\n")
    table = _write(tables, "path\tgenre\na.mp3\trock\nb.mp3\tpop\n", "mine.tsv")
    dataset = open_dataset(music, labels=table)
    assert dataset.tracks == ("a.mp3", "b.mp3") and dataset.audio[0] == music / "a.mp3"
    (music / "a.mp3").unlink()
    elsewhere = open_dataset(music, labels=table)
    assert elsewhere.audio[0] == tables / "a.mp3"
    assert f"1 of the files are not in {music}, but beside {table}" in elsewhere.notes
    with pytest.raises(UsageError, match="read as csv, not as gtzan"):
        open_dataset(music, labels=table, reader="gtzan")


def test_rows_of_another_length_are_left_out(tmp_path: Path) -> None:
    _write(tmp_path, "\ufefffile,genre\na.mp3,rock\nb.mp3,pop,too much\n\nc.mp3,pop\n")
    dataset = open_dataset(tmp_path)
    assert dataset.tracks == ("a.mp3", "c.mp3") and "1 rows have another number" in dataset.notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no column file: it has nothing"),
        ("name,genre\na.mp3,rock\n", "has no column file: it has name, genre"),
        ("file,genre,genre\na.mp3,rock,pop\n", "two columns called 'genre'"),
        ('file,genre\n"' + "x" * 200_000, "is not a table that can be read"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    table = _write(tmp_path, text, "labels.csv")
    with pytest.raises(UsageError, match=message):
        open_dataset(tmp_path, labels=table)


def test_a_table_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv cannot be read"):
        open_dataset(tmp_path, labels=tmp_path / "none.csv")


def test_case_makes_no_difference(tmp_path: Path) -> None:
    _write(tmp_path, "File,Genre,Artist,Mood\na.mp3,Rock,X,Calm|Late\nb.mp3,ROCK,X,calm\nc.mp3,pop,Y,late\n")
    dataset = open_dataset(tmp_path)
    assert dataset.target("genre").names == ("Rock", "pop") and dataset.artists == ("X", "X", "Y")
    assert dataset.target("genre").values.tolist() == [0, 0, 1]
    assert dataset.target("Mood").names == ("Calm", "Late")


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    table = _write(tmp_path, "file,genre\n", "mine.csv")
    with pytest.raises(UsageError, match=r"mine\.csv names no file"):
        open_dataset(tmp_path, labels=table)


def test_a_table_of_an_old_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_bytes("file,genre\na.mp3,Música\nb.mp3,Électro\n".encode("cp1252"))
    (tmp_path / "new.csv").write_text("file,genre\na.mp3,Música\nb.mp3,Électro\n", "utf-8")
    assert read_table(tmp_path / "old.csv").rows == read_table(tmp_path / "new.csv").rows
