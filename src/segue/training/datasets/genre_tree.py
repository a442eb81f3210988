"""A tree of genres from a table: FMA's ``genres.csv``, or two columns ``genre`` and ``parent``."""

from __future__ import annotations

from pathlib import Path

from segue.errors import UsageError
from segue.training.datasets.tables import read_table


def read_genre_tree(file: Path, names: tuple[str, ...]) -> dict[str, str]:
    """The parent of each genre that has one, by name, spelled as in `names` where it is there.

    Parameters
    ----------
    file
        CSV with the columns ``genre_id``, ``parent`` and ``title`` (a parent of 0 is none), or with ``genre``
        and ``parent``.
    names
        Of the genres that are told.

    Raises
    ------
    UsageError
        If it is no such table, or none of its genres is among `names`.
    """
    table = read_table(file)
    columns = set(table.columns)
    if {"genre_id", "parent", "title"} <= columns:
        title_of = {row["genre_id"]: row["title"] for row in table.rows}
        pairs = [(row["title"], title_of.get(row["parent"], "")) for row in table.rows]
    elif {"genre", "parent"} <= columns:
        pairs = [(row["genre"], row["parent"]) for row in table.rows]
    else:
        raise UsageError(
            f"{file} is no tree of genres: it wants the columns genre and parent, "
            "or genre_id, parent and title"
        )
    spelled = {_key(name): name for name in names}
    if not any(_key(child) in spelled for child, _ in pairs):
        raise UsageError(f"{file} knows none of the genres that are told, such as {names[0]}")
    return {
        spelled.get(_key(child), child): spelled.get(_key(parent), parent)
        for child, parent in pairs
        if child.strip() and parent.strip()
    }


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
