"""Arrow columns of lists as arrays, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.errors import SegueError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from segue.evaluation.metrics import TrackLists


def matrix_of(column: pa.Array | pa.ChunkedArray, what: str) -> NDArray[np.float32]:
    """Lists of one length as rows, ``(n, width) float32``; no rows where there is no list.

    Parameters
    ----------
    what
        Of what the lists are, for the error.

    Raises
    ------
    SegueError
        If the lists differ in length or one is missing.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if not len(column):
        return np.empty((0, 0), dtype=np.float32)
    lengths = pc.list_value_length(column)
    least, most = (value.as_py() for value in pc.min_max(lengths).values())
    if lengths.null_count or least != most:
        raise SegueError(f"{what} differ in length ({least} to {most}): make them again, all in one run")
    values = column.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float32).reshape(len(column), most)


def column_of(matrix: NDArray[np.float32]) -> pa.Array:
    """Rows as lists, the inverse of `matrix_of`."""
    import pyarrow as pa

    n, width = matrix.shape
    offsets = np.arange(n + 1, dtype=np.int32) * np.int32(width)
    return pa.ListArray.from_arrays(offsets, np.ascontiguousarray(matrix, dtype=np.float32).ravel())


def track_lists_of(column: pa.Array) -> TrackLists:
    """Lists of whole numbers, one after the other; a missing list is an empty one."""
    import pyarrow.compute as pc

    from segue.evaluation.metrics import TrackLists  # a quarter of what a worker loads who only hears

    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return TrackLists(starts, column.flatten().to_numpy(zero_copy_only=False).astype(np.int64))
