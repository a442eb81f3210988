"""The end of a run: one row a file, few large parts, and no drafts that nobody finishes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from segue.spark.parts import PROBLEMS, Rows, at_once, read_part, read_rows, write_part
from segue.spark.places import Place, remove

_SMALL_BYTES, _JOINED_BYTES = 16 << 20, 64 << 20


def settle(folder: Place, *, encoder: str) -> int:
    """Leave one row a file, and few large parts where there were many small ones; how many vectors there are.

    Whoever reads meanwhile, or after this was stopped, meets rows twice at worst, and never misses one: what
    replaces parts is written before they are removed.

    Raises
    ------
    SegueError
        If a part cannot be read or written.
    """
    vectors, problems = read_rows(folder), read_rows(folder, PROBLEMS)
    heard, failed = _latest(vectors), _latest(problems)
    # What was heard by a run is no problem to it, even if a task failed to hear it before it was tried again.
    keep_vectors = _counting(vectors, lambda name, run: failed.get(name, -1) <= run)
    keep_problems = _counting(problems, lambda name, run: heard.get(name, -1) < run)
    _settle_parts(folder, vectors, keep_vectors, encoder)
    _settle_parts(folder, problems, keep_problems, None)
    return int(keep_vectors.sum())


def _latest(rows: Rows) -> dict[str, int]:
    """By which run each file was last written of."""
    table = rows.table.take(rows.newest())
    return dict(zip(table["name"].to_pylist(), table["run"].to_pylist(), strict=True))


def _counting(rows: Rows, counts: Callable[[str, int], bool]) -> NDArray[np.bool_]:
    """Which rows stay: the newest of each name, where that counts."""
    keep = np.zeros(rows.table.num_rows, bool)
    newest = rows.newest()
    table = rows.table.take(newest)
    pairs = zip(table["name"].to_pylist(), table["run"].to_pylist(), strict=True)
    keep[newest] = [counts(name, run) for name, run in pairs]
    return keep


def _settle_parts(folder: Place, rows: Rows, keep: NDArray[np.bool_], encoder: str | None) -> None:
    """Rewrite the parts that hold rows which do not count, and join small ones."""
    bounds = np.searchsorted(rows.table["part"].to_numpy(), np.arange(len(rows.parts) + 1))
    sizes = _sizes(folder, rows.parts)
    small: list[int] = []
    for number, (low, high) in enumerate(pairwise(bounds)):
        if not keep[low:high].any():
            remove(folder, rows.parts[number])
        elif sizes[number] < _SMALL_BYTES:
            small.append(number)
        elif not keep[low:high].all():
            _join(folder, [rows.parts[number]], [keep[low:high]], encoder)
    for group in _groups(small, sizes):
        kept = [keep[bounds[number] : bounds[number + 1]] for number in group]
        if len(group) > 1 or not kept[0].all():
            _join(folder, [rows.parts[number] for number in group], kept, encoder)


def _sizes(folder: Place, names: Sequence[str]) -> list[int]:
    """Bytes of each part."""
    found = folder.files.get_file_info([folder.under(name) for name in names])
    return [info.size or 0 for info in found]


def _groups(numbers: Sequence[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    """Parts to join, in their order, so many that they are no longer small.

    >>> list(_groups([0, 1, 2], [40 << 20, 40 << 20, 1]))
    [[0], [1, 2]]
    """
    group: list[int] = []
    together = 0
    for number in numbers:
        if group and together + sizes[number] > _JOINED_BYTES:
            yield group
            group, together = [], 0
        group.append(number)
        together += sizes[number]
    if group:
        yield group


def _join(
    folder: Place, names: Sequence[str], keep: Sequence[NDArray[np.bool_]], encoder: str | None
) -> None:
    """One part of the rows of some that are kept, in place of them."""
    import pyarrow as pa

    found = list(at_once(lambda name: read_part(folder, name), names))
    kept = [one[0].filter(pa.array(mask)) for one, mask in zip(found, keep, strict=True) if one is not None]
    rows = pa.concat_tables(kept)
    digest = hashlib.sha256("\n".join((*names, str(rows.num_rows))).encode()).hexdigest()
    within, _, _ = names[0].rpartition("/")
    joined = f"{within}/part-{digest[:16]}.parquet".lstrip("/")
    run = max(one[1] for one in found if one is not None)
    write_part(folder, joined, rows, run=run, encoder=encoder)
    for name in names:
        if name != joined:
            remove(folder, name)


def remove_drafts(folder: Place, *, older_than_s: float = 3600.0) -> None:
    """Remove what runs that were killed had half written, and that no run can be at any more."""
    from pyarrow.fs import FileSelector

    for within in ("", PROBLEMS):
        for info in folder.files.get_file_info(FileSelector(folder.under(within), allow_not_found=True)):
            draft = info.base_name.startswith(".") and info.base_name.endswith(".partial")
            if draft and (info.mtime_ns or 0) < (time.time() - older_than_s) * 1e9:
                remove(folder, f"{within}/{info.base_name}" if within else info.base_name)
