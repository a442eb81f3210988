"""What every factoriser asks of its plays, and how they are held out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array


def checked(matrix: Any) -> csr_array:
    """Plays as every model here takes them: listener × track, CSR, float32, all stored counts above 0.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR, counts of plays; stored zeros are dropped.

    Raises
    ------
    UsageError
        If it is no CSR matrix, a count is negative or no number, nothing was played, or only one listener
        plays.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> checked(csr_array([[2, 0], [1, -1]]))
    Traceback (most recent call last):
    segue.errors.UsageError: plays must not be negative: the lowest is -1
    """
    from scipy.sparse import csr_array

    if getattr(matrix, "format", None) != "csr" or matrix.ndim != 2:
        kind = getattr(matrix, "format", type(matrix).__name__)
        raise UsageError(
            f"plays must be a CSR matrix of listeners × tracks, not {kind}: a transposed one becomes CSC"
        )
    counts = matrix.data
    if not np.isfinite(counts).all():
        raise UsageError(f"{int((~np.isfinite(counts)).sum()):,} counts of plays are no numbers")
    if counts.size and counts.min() < 0:
        raise UsageError(f"plays must not be negative: the lowest is {counts.min():g}")
    clean = csr_array(matrix, dtype=np.float32, copy=False)
    if not clean.has_canonical_format or (counts.size and counts.min() == 0):
        clean = clean.copy()
        clean.sum_duplicates()
        clean.eliminate_zeros()
    check_enough(clean.nnz, int(np.count_nonzero(np.diff(clean.indptr))))
    return clean


def check_enough(n_pairs: int, n_listeners: int) -> None:
    """
    Raises
    ------
    UsageError
        If nothing was played, or only one listener plays.
    """
    if n_pairs == 0:
        raise UsageError("there are no plays: nothing can be learned from them")
    if n_listeners < 2:
        raise UsageError("only one listener has plays: factors need at least two who can be compared")


def hold_out(matrix: csr_array, *, share: float = 0.2, seed: int = 0) -> tuple[csr_array, csr_array]:
    """Split plays at random, pair by pair.

    Parameters
    ----------
    matrix
        (n_listeners, n_tracks) CSR.
    share
        How much of the pairs is held out, above 0 and below 1.
    seed
        The same seed gives the same split.

    Returns
    -------
    train, held
        Of the shape of `matrix`; together they are it.
    """
    from scipy.sparse import csr_array

    if not 0 < share < 1:
        raise UsageError(f"the share held out must lie between 0 and 1, not {share:g}")
    out = np.random.default_rng(seed).random(matrix.nnz) < share

    def part(chosen: NDArray[np.bool_]) -> csr_array:
        ends = np.concatenate([[0], np.cumsum(chosen)])[matrix.indptr].astype(matrix.indptr.dtype)
        return csr_array((matrix.data[chosen], matrix.indices[chosen], ends), shape=matrix.shape)

    return part(~out), part(out)


def listeners_of(matrix: csr_array) -> NDArray[np.float64]:
    """How many listeners each track has, ``(n_tracks,)``."""
    return np.bincount(matrix.indices, minlength=matrix.shape[1]).astype(np.float64)


def fingerprint_of(listeners: NDArray[Any], tracks: NDArray[Any], matrix: csr_array) -> str:
    """SHA-256 of labels and plays, whatever their number types on this machine; hexadecimal.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> fingerprint_of(np.arange(2), np.array(["a"]), csr_array([[1.0], [2.0]]))[:16]
    'c46d6213b5ea1d7d'
    """
    digest = hashlib.sha256()
    for labels in (listeners, tracks):
        text = "\n".join(map(str, labels.tolist()))
        digest.update(f"{len(labels)}\n{text}\n".encode("utf-8", "surrogatepass"))
    for array, kind in ((matrix.indptr, "<i8"), (matrix.indices, "<i8"), (matrix.data, "<f4")):
        digest.update(np.ascontiguousarray(array, dtype=kind).data)
    return digest.hexdigest()
