"""Partitions are of similar work, and every file is in one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segue.spark.partitions import partitions

MB = 1 << 20


@given(st.lists(st.integers(0, 1 << 28), max_size=300), st.integers(1, 8))
def test_every_file_is_in_one_partition_and_none_is_empty(sizes: list[int], cores: int) -> None:
    found = partitions(np.array(sizes, np.int64), cores=cores)
    assert sorted(np.concatenate(found).tolist() if found else []) == list(range(len(sizes)))
    assert all(part.size for part in found)


@given(st.lists(st.integers(0, 1 << 28), min_size=1, max_size=300))
def test_no_partition_is_heavier_than_another_by_more_than_a_file(sizes: list[int]) -> None:
    work = np.array(sizes, np.int64) + MB
    loads = [int(work[part].sum()) for part in partitions(np.array(sizes, np.int64), cores=2)]
    assert max(loads) - min(loads) <= work.max()


def test_the_heaviest_come_first() -> None:
    work = np.array([900, 1, 1, 1, 40], np.int64) * MB
    loads = [work[part].sum() for part in partitions(work, cores=1)]
    assert loads == sorted(loads, reverse=True)


def test_few_files_are_shared_by_all_cores() -> None:
    assert len(partitions(np.full(500, MB // 2), cores=2)) == 16


def test_many_files_make_tasks_of_one_length() -> None:
    loads = {part.size for part in partitions(np.full(100_000, MB // 2), cores=2)}
    assert max(loads) <= 64
    assert max(loads) - min(loads) <= 1


def test_a_task_of_empty_files_is_bounded_too() -> None:
    assert max(part.size for part in partitions(np.zeros(30_000, np.int64), cores=1)) <= 1000
