"""Columns of a table as numbers and codes, and the rows of it that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segue.listening.columns import Batch
from segue.listening.rows import EARLIEST_S, RowTally, seconds_of
from segue.listening.sources import Source
from segue.types import BadRow, Listen

if TYPE_CHECKING:
    import pyarrow

_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$"
_MOST_PLAYS = 1e9
_LONGEST_LABEL = 200
_LISTENS = 1 << 16  # that are gathered into a batch
WHOLE = r"^(0|-?[1-9][0-9]{0,17})$"
"""A text that may as well be a number: labels that are all such are kept as numbers."""


class Problem(NamedTuple):
    """Rows that cannot be used: a reason, words, and which they are, (n_rows,) bool."""

    reason: str
    detail: str
    rows: NDArray[np.bool_]


class Labels:
    """Ids of listeners or tracks, each with a code from 0 in the order in which they were met."""

    def __init__(self) -> None:
        self._known: pyarrow.Array | None = None

    def codes(self, column: pyarrow.Array, rows: NDArray[np.bool_]) -> NDArray[np.int32]:
        """The codes of a column's labels where `rows` says so; new labels get new codes."""
        import pyarrow
        from pyarrow import compute

        chosen = labels_of(column)
        if not rows.all():
            chosen = chosen.filter(pyarrow.array(rows))
        encoded = chosen.dictionary_encode()
        known, met = self._known, encoded.dictionary
        if known is None:
            known = met.slice(0, 0)
        elif known.type != met.type:  # one file says numbers, another texts
            known, met = known.cast(pyarrow.string()), met.cast(pyarrow.string())
        codes = compute.index_in(met, value_set=known)
        is_new = codes.is_null().to_numpy(zero_copy_only=False)
        numbers = codes.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int32)
        numbers[is_new] = len(known) + np.arange(is_new.sum(), dtype=np.int32)
        self._known = pyarrow.concat_arrays([known, met.filter(pyarrow.array(is_new))])
        found: NDArray[np.int32] = numbers[encoded.indices.to_numpy(zero_copy_only=False)]
        return found

    def sorted(self) -> tuple[NDArray[np.int64] | NDArray[np.str_], NDArray[np.int32]]:
        """The labels, sorted, and for each code the label's place among them.

        They are int64 if all were whole numbers, or texts of whole numbers without leading zeros; else text.
        """
        import pyarrow
        from pyarrow import compute

        known = self._known
        if known is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int32)
        if known.type != pyarrow.int64() and compute.all(compute.match_substring_regex(known, WHOLE)).as_py():
            known = known.cast(pyarrow.int64())
        if known.type == pyarrow.int64():
            labels, places = np.unique(known.to_numpy(), return_inverse=True)
        else:
            labels, places = np.unique(np.array(known.to_pylist(), np.str_), return_inverse=True)
        return labels, places.astype(np.int32)


def labels_of(column: pyarrow.Array) -> pyarrow.Array:
    """Ids as whole numbers or texts; null where there is none, an empty text, or half a number."""
    import pyarrow
    from pyarrow import compute

    kind = pyarrow.types
    if kind.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if kind.is_unsigned_integer(column.type) or kind.is_integer(column.type):
        wide = column.cast(pyarrow.int64(), safe=False)
        return compute.if_else(compute.less(wide, 0), None, wide) if column.type == "uint64" else wide
    if kind.is_floating(column.type):
        whole = compute.equal(compute.round(column), column)
        whole = compute.and_(whole, compute.less(compute.abs(column), 2.0**53))
        return compute.if_else(whole, column, None).cast(pyarrow.int64())
    try:
        texts = column.cast(pyarrow.string())
    except pyarrow.ArrowException:
        return pyarrow.nulls(len(column), pyarrow.string())
    texts = compute.utf8_trim_whitespace(texts)
    usable = compute.and_(
        compute.greater(compute.utf8_length(texts), 0),
        compute.less_equal(compute.utf8_length(texts), _LONGEST_LABEL),
    )
    return compute.if_else(usable, texts, None)


def label_problems(batch: Batch, roles: Sequence[str]) -> list[Problem]:
    """Rows whose listener or track is missing, or longer than an id can be."""
    return [
        Problem(f"missing-{role}", f"it does not say which {role}", _nulls(labels_of(batch.columns[role])))
        for role in roles
    ]


def _nulls(column: pyarrow.Array) -> NDArray[np.bool_]:
    if column.null_count == 0:
        return np.zeros(len(column), np.bool_)
    nulls: NDArray[np.bool_] = column.is_null().to_numpy(zero_copy_only=False)
    return nulls


def numbers_of(column: pyarrow.Array) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A column's numbers, NaN where there is none, and where nothing is said at all."""
    import pyarrow
    from pyarrow import compute

    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    missing = _nulls(column)
    if pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type):
        texts = compute.utf8_trim_whitespace(column)
        missing |= _bools(compute.equal(texts, ""))
        if missing.any():
            texts = compute.if_else(pyarrow.array(missing), None, texts)
        try:
            column = texts.cast(pyarrow.float64())
        except pyarrow.ArrowInvalid:
            is_number = compute.match_substring_regex(texts, _NUMBER)
            column = compute.if_else(is_number, texts, None).cast(pyarrow.float64())
    elif pyarrow.types.is_boolean(column.type):
        column = pyarrow.nulls(len(column), pyarrow.float64())
    try:
        numbers = column.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False)
    except pyarrow.ArrowException:
        numbers = np.full(len(column), np.nan)
    return np.asarray(numbers, np.float64), missing


def _bools(column: pyarrow.Array) -> NDArray[np.bool_]:
    bools: NDArray[np.bool_] = column.fill_null(False).to_numpy(zero_copy_only=False)
    return bools


def counts_of(column: pyarrow.Array) -> tuple[NDArray[np.float64], list[Problem]]:
    """Numbers of plays, and the rows where they are none."""
    plays, missing = numbers_of(column)
    usable = np.isfinite(plays) & (plays <= _MOST_PLAYS)
    return plays, [
        Problem("missing-count", "it says no number of plays", missing),
        Problem("negative-count", "a negative number of plays", plays < 0),
        Problem("not-a-count", "its number of plays is no number", ~usable),
        Problem("zero-count", "no plays at all", plays == 0),
    ]


def times_of(column: pyarrow.Array, latest_s: float) -> tuple[NDArray[np.float64], list[Problem]]:
    """UTC epoch seconds, and the rows where there are none."""
    import pyarrow

    kind = pyarrow.types
    if kind.is_timestamp(column.type) or kind.is_date(column.type):
        missing = _nulls(column)
        micros = column.cast(pyarrow.timestamp("us", tz=getattr(column.type, "tz", None)), safe=False)
        times = micros.cast(pyarrow.int64()).to_numpy(zero_copy_only=False) / 1e6
    else:
        times, missing = numbers_of(column)
        unread = np.flatnonzero(~np.isfinite(times) & ~missing)
        if len(unread):
            times[unread] = _written_times(column.take(pyarrow.array(unread)))
        times = np.where(times > 1e14, times / 1e6, np.where(times > 1e11, times / 1e3, times))
    return times, [
        Problem("missing-time", "it says no time", missing),
        Problem("not-a-time", "its time cannot be read", ~np.isfinite(times)),
        Problem("early-time", "a time before 1990", times < EARLIEST_S),
        Problem("future-time", "a time in the future", times > latest_s),
    ]


def _written_times(column: pyarrow.Array) -> NDArray[np.float64]:
    """Seconds of dates as texts, NaN for those that are none."""
    import pyarrow

    for zone in ("UTC", None):
        try:
            micros = column.cast(pyarrow.timestamp("us", tz=zone)).cast(pyarrow.int64())
        except pyarrow.ArrowException:
            continue
        return np.asarray(micros.to_numpy(zero_copy_only=False) / 1e6, np.float64)
    times = np.full(len(column), np.nan)
    for place, value in enumerate(column.to_pylist()):
        with suppress(ValueError, OverflowError):
            times[place] = seconds_of(value)
    return times


def reject(source: Source, batch: Batch, problems: Sequence[Problem], tally: RowTally) -> NDArray[np.bool_]:
    """Which rows are good; the others are counted, each for the first of its problems."""
    good = np.ones(len(batch.lines), np.bool_)
    for reason, detail, rows in problems:
        wrong = good & rows
        n_wrong = int(wrong.sum())
        if n_wrong:
            lines = islice(batch.lines[wrong], n_wrong)
            samples = (BadRow(f"{source.name}:{line}", reason, detail) for line in lines)
            tally.bad_many(reason, n_wrong, samples)
            good &= ~rows
    return good


def listen_batches(
    listens: Iterable[Listen | BadRow],
    roles: Sequence[str],
    row_of: Callable[[Listen], tuple[object, ...] | None],
    tally: RowTally,
) -> Iterator[Batch]:
    """Batches of what any format says, a row a listen where `row_of` makes one; bad rows are counted."""
    import pyarrow

    held: list[tuple[object, ...]] = []
    first = 1

    def batch() -> Batch:
        columns = {
            role: pyarrow.array(values) for role, values in zip(roles, zip(*held, strict=True), strict=True)
        }
        return Batch(np.arange(first, first + len(held)), columns)

    for listen in listens:
        if isinstance(listen, BadRow):
            tally.bad(listen)
            continue
        row = row_of(listen)
        if row is not None:
            held.append(row)
        if len(held) >= _LISTENS:
            yield batch()
            first += len(held)
            held.clear()
    if held:
        yield batch()
