"""What a scan asks: which files are known, in which state, and which still lack something."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from segue.catalogue.connection import Catalogue, snapshot
from segue.catalogue.faults import translated
from segue.catalogue.places import below, joined, split
from segue.catalogue.records import FileStat, Problem
from segue.types import EncoderId

_PAGE = 500


def known_files(cat: Catalogue, folder: Path) -> Mapping[str, tuple[int, int]]:
    """The files directly in `folder` that were heard: name to size in bytes and time of change in ns."""
    return _states(cat, "files", folder)


def known_problems(cat: Catalogue, folder: Path) -> Mapping[str, tuple[int, int]]:
    """The files directly in `folder` that could not be heard, in the same form."""
    return _states(cat, "problems", folder)


def _states(cat: Catalogue, table: str, folder: Path) -> dict[str, tuple[int, int]]:
    with translated(cat.path):
        rows = cat.connection.execute(
            f"SELECT name, size, mtime_ns FROM {table} "
            "WHERE folder_id = (SELECT id FROM folders WHERE path = ?)",
            (os.fsencode(folder),),
        )
        return {os.fsdecode(name): (size, mtime_ns) for name, size, mtime_ns in rows}


def known_folders(cat: Catalogue, root: Path) -> list[Path]:
    """`root` and the folders under it in which a file or a problem is known, sorted by their bytes.

    Memory grows with the number of folders.
    """
    with translated(cat.path):
        rows = cat.connection.execute(
            "SELECT path FROM folders WHERE path = ? OR (path > ? AND path < ?) ORDER BY path",
            below(os.fsencode(root)),
        )
        return [Path(os.fsdecode(path)) for (path,) in rows]


def file_stat(cat: Catalogue, path: Path) -> FileStat | None:
    """The state in which a file was heard, or None for one that is not in the library."""
    with translated(cat.path):
        row = cat.connection.execute(
            "SELECT size, mtime_ns FROM files "
            "WHERE folder_id = (SELECT id FROM folders WHERE path = ?) AND name = ?",
            split(path),
        ).fetchone()
    return None if row is None else FileStat(path, *row)


def files_without_vectors(cat: Catalogue, encoders: Sequence[EncoderId]) -> Iterator[FileStat]:
    """One file of each present track that lacks the vector of one of `encoders`, by key.

    Read page by page: vectors may be stored meanwhile, and memory does not grow with the library.
    """
    names = json.dumps(sorted(set(encoders)))
    after = 0
    while True:
        with translated(cat.path):
            rows = cat.connection.execute(
                """
                SELECT t.id, d.path, f.name, f.size, f.mtime_ns, min(d.path || '/' || f.name)
                FROM tracks AS t INDEXED BY tracks_present
                    JOIN files AS f ON f.track_id = t.id JOIN folders AS d ON d.id = f.folder_id
                WHERE t.n_files > 0 AND t.id > ?1 AND (
                    SELECT count(*) FROM vectors AS v JOIN encoders AS e ON e.id = v.encoder_id
                    WHERE v.track_id = t.id AND e.name IN (SELECT value FROM json_each(?2))
                ) < json_array_length(?2)
                GROUP BY t.id ORDER BY t.id LIMIT ?3
                """,
                (after, names, _PAGE),
            ).fetchall()
        for _, folder, name, size, mtime_ns, _ in rows:
            yield FileStat(joined(folder, name), size, mtime_ns)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def problems(cat: Catalogue) -> list[Problem]:
    """All files that could not be heard, by path. Memory grows with their number."""
    with snapshot(cat) as connection:
        rows = connection.execute(
            "SELECT d.path, p.name, p.size, p.mtime_ns, p.reason, p.detail, p.seen_at, p.attempts "
            "FROM problems AS p JOIN folders AS d ON d.id = p.folder_id ORDER BY d.path, p.name"
        )
        return [Problem(joined(folder, name), *rest) for folder, name, *rest in rows]


def problem_for(cat: Catalogue, path: Path) -> Problem | None:
    """What is wrong with one file, or None."""
    with translated(cat.path):
        row = cat.connection.execute(
            "SELECT size, mtime_ns, reason, detail, seen_at, attempts FROM problems "
            "WHERE folder_id = (SELECT id FROM folders WHERE path = ?) AND name = ?",
            split(path),
        ).fetchone()
    return None if row is None else Problem(path, *row)
