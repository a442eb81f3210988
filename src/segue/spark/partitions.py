"""Partitions of files: of similar work, and so many that no core waits long for another."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

_FILE_BYTES = 1 << 20
"""What hearing a file costs whatever its size, as so many bytes: its decoder, its windows, its vector."""
_MOST_WORK = 64 << 20
_TASKS_A_CORE = 8
_MOST_FILES = 1000


def partitions(sizes: NDArray[np.int64], *, cores: int) -> list[NDArray[np.int64]]:
    """Numbers of files, in partitions of similar work, the largest first.

    Each file goes where least is, the largest files first. A partition is some 10 to 30 s of work for a core,
    or an eighth of what a core has to do in all where that is less.

    Parameters
    ----------
    sizes : (n,) int64
        Bytes of each file.
    cores
        How many tasks run at once.

    Examples
    --------
    >>> [part.tolist() for part in partitions(np.array([5, 1, 4]) << 20, cores=1)]
    [[0], [2], [1]]
    """
    if not sizes.size:
        return []
    work = sizes + _FILE_BYTES
    count = max(
        int(np.ceil(work.sum() / _MOST_WORK)), int(np.ceil(sizes.size / _MOST_FILES)), cores * _TASKS_A_CORE
    )
    count = min(count, sizes.size)
    heap = [(0, number) for number in range(count)]
    members: list[list[int]] = [[] for _ in range(count)]
    for file in np.argsort(-work, kind="stable").tolist():
        load, number = heapq.heappop(heap)
        members[number].append(file)
        # A partition with all the files that it may hold takes no more.
        if len(members[number]) < _MOST_FILES:
            heapq.heappush(heap, (load + int(work[file]), number))
    loads = [int(work[files].sum()) for files in members]
    return [np.array(members[number]) for number in sorted(range(count), key=lambda one: -loads[one])]
