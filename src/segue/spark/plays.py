"""Plays of many listeners, read and checked on the cluster, with numbers for their labels.

A row is usable where `segue.listening.read_plays` can use it: the workers ask the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import SegueError, UsageError
from segue.listening.batches import WHOLE, Problem, labels_of
from segue.listening.columns import Batch, header_names, header_of, is_parquet, roles_of, triplets_of
from segue.listening.plays import ROLES, judged
from segue.listening.rows import RowReport, RowTally
from segue.spark import folders
from segue.spark.failures import translated
from segue.spark.workers import mapped
from segue.types import BadRow

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

_LINES = 20  # by which a text is known
_SHOWN = 20  # bad rows of a batch that are shown
_SKIPPED = ""  # in place of a reason
_MOST_LABELS = 2**31 - 1
_OF_PARTITION = (1 << 33) - 1  # in monotonically_increasing_id
_MALFORMED = "malformed"
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double")  # that are whole as labels


@dataclass(frozen=True, slots=True)
class CodedPlays:
    """Who played what how often, by numbers; all frames are stored in files, nothing is computed twice.

    Attributes
    ----------
    pairs
        Columns listener int, track int, plays float above 0; a pair stands in it once.
    listeners, tracks
        Columns id int, label (bigint where all labels are whole numbers, else string). Ids are the places of
        the sorted labels from 0: the same data have the same ids, those of `segue.listening.read_plays`.
    n_pairs, n_listeners, n_tracks
        How many.
    """

    pairs: DataFrame
    listeners: DataFrame
    tracks: DataFrame
    n_pairs: int
    n_listeners: int
    n_tracks: int


def read_plays(session: SparkSession, place: str, working: str) -> tuple[CodedPlays, RowReport]:
    """Read plays, and number their labels.

    Parameters
    ----------
    place
        A table with the columns listener, track[, plays] under any name that `segue.listening` knows: Parquet
        or text with separators, or Taste Profile triplets; a file or a folder of files of one layout, as an
        address (`folders.address`). A line of a text is a row, in UTF-8.
    working
        A folder that all machines see, for what is kept between the steps.

    Returns
    -------
    CodedPlays, RowReport
        The report counts the rows that could not be used, and shows one of each reason.

    Raises
    ------
    UsageError
        If it is no such table, or holds no usable row.
    SegueError
        If Spark cannot read it.
    """
    from pyspark import StorageLevel
    from pyspark.sql import functions as f

    with translated():
        rows = _checked(_raw(session, place)).persist(StorageLevel.DISK_ONLY)
        try:
            report, numeric = _counted(rows, place)
            good = rows.where(f.col("reason").isNull()).select(
                *(f.col(side).cast("bigint" if numeric[side] else "string") for side in numeric), "plays"
            )
            sides = {
                side: _numbered(session, good.select(f.col(side).alias("label")), f"{working}/{side}s")
                for side in numeric
            }
            pairs = good.groupBy(*numeric).agg(
                f.sum(f.col("plays").cast("double")).cast("float").alias("plays")
            )
            for side, (labels, _) in sides.items():
                coded = labels.withColumnRenamed("label", side)
                pairs = pairs.join(coded, side).drop(side).withColumnRenamed("id", side)
            pairs.select("listener", "track", "plays").write.parquet(f"{working}/pairs")
        finally:
            rows.unpersist()
        stored = folders.reader(session).parquet(f"{working}/pairs")
        (listeners, n_listeners), (tracks, n_tracks) = sides["listener"], sides["track"]
        return CodedPlays(stored, listeners, tracks, stored.count(), n_listeners, n_tracks), report


def _raw(session: SparkSession, place: str) -> DataFrame:
    """The columns of the table that count, by role."""
    from pyspark.sql import functions as f

    file = _first_file(session, place)
    start = folders.head(session, file, 4)
    if start.startswith(b"PK"):
        raise UsageError(f"{place} is a zip, which Spark cannot read in parts: unpack it first")
    if not is_parquet(start):
        return _raw_text(session, place, file)
    table = folders.reader(session).parquet(place)
    found = _wanted(roles_of(table.columns), place, table.columns)
    names = [table.columns[at].replace("`", "``") for at in found.values()]
    return table.select(*(f.col(f"`{name}`").alias(role) for role, name in zip(found, names, strict=True)))


def _raw_text(session: SparkSession, place: str, file: str) -> DataFrame:
    from pyspark.sql import functions as f

    lines = folders.reader(session).text(file).limit(_LINES).collect()
    start = "\n".join(row[0] for row in lines).encode("utf-8", "replace")
    layout = header_of(start) or triplets_of(start)
    if layout is None:
        raise _no_table(place, header_names(start))
    shape, places = layout
    found = _wanted(places, place, header_names(start))
    columns = [f"c{number}" for number in range(shape.n_columns)]
    table = folders.reader(session).csv(
        place,
        schema=", ".join(f"{column} string" for column in (*columns, _MALFORMED)),
        sep=shape.separator,
        header=shape.first_line > 1,
        quote='"' if shape.quoted else "",
        escape='"',
        columnNameOfCorruptRecord=_MALFORMED,
    )
    return table.select(*(f.col(columns[at]).alias(role) for role, at in found.items()), _MALFORMED)


def _wanted(roles: dict[str, int], place: str, names: list[str]) -> dict[str, int]:
    if not {"listener", "track"} <= roles.keys():
        raise _no_table(place, names)
    return {role: at for role, at in roles.items() if role in ROLES}


def _no_table(place: str, names: list[str]) -> UsageError:
    has = f"has {', '.join(names[:10])}" if names else "is none"
    return UsageError(f"{place} {has}: it must be a table (Parquet, CSV) of listener, track and plays")


def _first_file(session: SparkSession, place: str) -> str:
    """The first of the files that Spark would read."""
    if not folders.exists(session, place):
        raise UsageError(f"{place} does not exist")
    at = place
    while folders.is_folder(session, at):
        inside = [name for name in folders.names(session, at) if not name.startswith(("_", "."))]
        if not inside:
            raise UsageError(f"{at} holds no files")
        at = f"{at}/{inside[0]}"
    return at


def _checked(raw: DataFrame) -> DataFrame:
    """Columns listener, track, plays, reason (null for a good row), shown."""
    kinds = {role: "bigint" if kind in _NUMBERS else "string" for role, kind in raw.dtypes}
    schema = "listener {listener}, track {track}, plays float, reason string, shown string".format(**kinds)
    return mapped(raw, judged_rows, schema)


def judged_rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Each row with what is wrong with it; done by the workers."""
    import pyarrow as pa

    for given in batches:
        columns = dict(zip(given.schema.names, given.columns, strict=True))
        malformed = columns.pop(_MALFORMED, None)
        batch = Batch(np.arange(len(given)), columns)
        plays, problems = judged(batch)
        if malformed is not None:
            wrong = malformed.is_valid().to_numpy(zero_copy_only=False)
            problems.insert(0, Problem(_MALFORMED, "another number of columns", wrong))
        reasons = np.full(len(given), None, dtype=object)
        reasons[~(plays > 0)] = _SKIPPED
        for reason, _, rows in reversed(problems):
            reasons[rows] = reason
        shown = np.full(len(given), None, dtype=object)
        for row in islice(np.flatnonzero(reasons.astype(bool)), _SHOWN):
            values = {role: column[int(row)].as_py() for role, column in columns.items()}
            said = ", ".join(f"{role} {str(value)[:80]!r}" for role, value in values.items())
            whole = None if malformed is None else malformed[int(row)].as_py()
            shown[row] = said if whole is None else str(whole)[:200]
        yield pa.RecordBatch.from_arrays(
            [
                *(labels_of(columns[side]) for side in ("listener", "track")),
                pa.array(plays.astype(np.float32), pa.float32()),
                pa.array(reasons, pa.string()),
                pa.array(shown, pa.string()),
            ],
            ["listener", "track", "plays", "reason", "shown"],
        )


def _counted(rows: DataFrame, place: str) -> tuple[RowReport, dict[str, bool]]:
    """What could be used, and whether all labels of listeners and of tracks are whole numbers."""
    from pyspark.sql import functions as f

    whole = [f.every(f.col(side).cast("string").rlike(WHOLE)).alias(side) for side in ("listener", "track")]
    tally = RowTally()
    numeric = {"listener": True, "track": True}
    usable = False
    found = (
        rows.groupBy("reason").agg(f.count("*").alias("n"), f.min("shown").alias("shown"), *whole).collect()
    )
    for row in sorted(found, key=lambda row: (-row["n"], row["reason"] or "")):
        if row["reason"]:
            tally.bad_many(row["reason"], row["n"], [BadRow(place, row["reason"], row["shown"] or "")])
            continue
        tally.good(row["n"])
        if row["reason"] is None:
            usable = True
            numeric = {side: bool(row[side]) for side in numeric}
    report = tally.report()
    if not usable:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in report.reasons) or "it has no rows"
        raise UsageError(f"{place} holds no usable plays of listeners: {reasons}")
    return report, numeric


def _numbered(session: SparkSession, labels: DataFrame, folder: str) -> tuple[DataFrame, int]:
    """Labels, each once, with their places in sorted order; only the sizes of partitions come to the driver.

    The sorted labels are stored with partition and place in it, since a sort that is done anew may draw the
    borders of its partitions elsewhere.
    """
    from pyspark.sql import functions as f

    placed = labels.distinct().sort("label")
    placed.select(
        "label",
        f.spark_partition_id().alias("part"),
        f.monotonically_increasing_id().bitwiseAND(f.lit(_OF_PARTITION)).alias("place"),
    ).write.parquet(folder)
    stored = folders.reader(session).parquet(folder)
    sizes = sorted(stored.groupBy("part").count().collect())
    first, offsets = 0, []
    for part, size in sizes:
        offsets.append((part, first))
        first += size
    if first > _MOST_LABELS:
        raise SegueError(f"{first:,} labels are more than the {_MOST_LABELS:,} that MLlib can number")
    table = f.broadcast(session.createDataFrame(offsets, "part int, first bigint"))
    number = (f.col("first") + f.col("place")).cast("int").alias("id")
    return stored.join(table, "part").select(number, "label"), first
