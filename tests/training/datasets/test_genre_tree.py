"""Trees of genres from tables of both shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.errors import UsageError
from segue.training.datasets.genre_tree import read_genre_tree


def test_names_and_parents(tmp_path: Path) -> None:
    (tmp_path / "tree.csv").write_text("genre,parent\npunk,Rock\nROCK,\nbebop,jazz\n")
    tree = read_genre_tree(tmp_path / "tree.csv", ("Punk", "rock"))
    assert tree == {"Punk": "rock", "bebop": "jazz"}


def test_fmas_own_table(shared: Path) -> None:
    tree = read_genre_tree(shared / "data" / "fma" / "genres.csv", ("punk", "rock", "Jazz"))
    assert tree["punk"] == "rock" and "rock" not in tree
    assert len(tree) > 100


def test_other_tables_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("one,two\n1,2\n")
    (tmp_path / "b.csv").write_text("genre,parent\nsalsa,latin\n")
    with pytest.raises(UsageError, match="no tree of genres"):
        read_genre_tree(tmp_path / "a.csv", ("rock",))
    with pytest.raises(UsageError, match="none of the genres"):
        read_genre_tree(tmp_path / "b.csv", ("rock",))
