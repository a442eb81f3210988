"""The best tracks for all listeners of factors, by blocked products on the workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from segue.catalogue import fold
from segue.errors import NothingFound, UsageError
from segue.spark.columns import matrix_of, track_lists_of
from segue.spark.products import MOST_TRACKS, best_tracks
from segue.spark.workers import mapped

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark import Broadcast
    from pyspark.sql import Column, DataFrame, SparkSession

    from segue.spark.plays import CodedPlays

    Batches = Iterator[pa.RecordBatch]

_BLOCK_BYTES = 1 << 28
"""Of track factors that are sent together: each core holds a copy."""
_SENT_BYTES = 1 << 25
"""Of factors that one task sends to the driver: it holds them several times."""
_PRODUCT_S = 4.5e-11
"""Of one factor of one track for one listener, all in all: benchmarks/spark_lists.py."""
_TASK_S = 30.0
_TASKS_A_CORE = 3
_ARTIST = ("artist", "artist_name", "artist_id")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Tracks that may be in a list.

    Attributes
    ----------
    labels
        In their order, each once, whole numbers or text.
    factors
        ``track``, ``factor``; the same tracks in any order.
    artists : (n_tracks,) int64 or None
        A number for each artist, -1 where unknown.
    """

    labels: pa.Array
    factors: DataFrame
    artists: NDArray[np.int64] | None = None


class Block(NamedTuple):
    """Some candidates after one another, as workers hold them.

    Attributes
    ----------
    first
        The place of the first among all.
    labels, artists
        As in `Candidates`.
    factors : (n, n_factors) float32
        Of the same tracks.
    """

    first: int
    labels: pa.Array
    factors: NDArray[np.float32]
    artists: NDArray[np.int64] | None


def with_a_factor(frame: DataFrame) -> DataFrame:
    """The rows whose ``factor`` is not all 0: of the others nothing is known."""
    from pyspark.sql import functions as f

    return frame.filter(f.exists("factor", lambda value: value != 0))


def candidates_of(factors: DataFrame, names: Path | None = None) -> Candidates:
    """Put tracks with factors in order.

    Parameters
    ----------
    factors
        ``track``, ``factor``.
    names
        A table with the columns track and artist (Parquet or CSV), for limits by artist.

    Raises
    ------
    NothingFound
        If there is no track.
    UsageError
        If a track is there twice, or the table cannot be used.
    """
    import pyarrow.compute as pc

    known = with_a_factor(factors)
    labels = known.select("track").toArrow()["track"].combine_chunks()
    if not len(labels):
        raise NothingFound("no track has a factor: nothing can be recommended")
    labels = labels.take(pc.array_sort_indices(labels))
    if pc.count_distinct(labels).as_py() != len(labels):
        raise UsageError("a track is in the factors twice: make them again")
    return Candidates(labels, known, None if names is None else artists_of(names, labels))


def artist_table(path: Path) -> pa.Table:
    """``track`` and ``artist`` as text by a table of names; an artist is written one way, empty if unknown.

    Raises
    ------
    UsageError
        If it cannot be read or has no such columns.
    """
    import pyarrow as pa

    from segue.training.datasets.columns import read_table, texts_of

    table, _ = read_table(path)
    artist = next((name for name in _ARTIST if name in table.column_names), None)
    if "track" not in table.column_names or artist is None:
        has = ", ".join(table.column_names) or "nothing"
        raise UsageError(f"{path} needs the columns track and artist, but has {has}")
    tracks = table["track"].cast(pa.string()).combine_chunks()
    return pa.table({"track": tracks, "artist": [fold(name) for name in texts_of(table[artist])]})


def artists_of(path: Path, labels: pa.Array) -> NDArray[np.int64]:
    """A number for the artist of each label, ``(n,) int64``, -1 where the table says none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = artist_table(path)
    rows = pc.index_in(labels.cast(pa.string()), value_set=table["track"].combine_chunks())
    names = table["artist"].take(rows)
    codes = pc.index_in(names, value_set=pc.unique(names))
    unknown = pc.or_kleene(pc.is_null(names), pc.equal(names, ""))
    return np.where(pc.fill_null(unknown, True).to_numpy(), -1, pc.fill_null(codes, -1).to_numpy()).astype(
        np.int64
    )


def best_lists(
    session: SparkSession,
    listeners: DataFrame,
    candidates: Candidates,
    *,
    n: int,
    plays: CodedPlays | None = None,
    per_artist: int = 0,
) -> DataFrame:
    """The `n` best tracks of each listener: ``listener``, ``rank`` (1 first), ``track``, ``score``.

    Of tracks with one score, the one whose label comes first is first. A listener without a factor, or for
    whom no candidate is left, has no rows.

    Parameters
    ----------
    listeners
        ``listener``, ``factor``.
    candidates
        What may be in a list.
    n
        How many.
    plays
        What is no candidate for a listener.
    per_artist
        At most so many by one artist, 0 for any number.
    """
    known = with_a_factor(listeners).select("listener", "factor")
    n_listeners = known.count()
    width = len((known.select("factor").first() or [[]])[0])
    cores = session.sparkContext.defaultParallelism
    tasks = n_tasks(n_listeners, len(candidates.labels) * width, cores)
    asked = _with_plays(session, known, candidates.labels, plays).repartition(tasks, "listener")
    blocks = block_starts(len(candidates.labels), width)
    if len(blocks) > 2:
        asked = asked.persist()
    parts = []
    for start, end in pairwise(blocks):
        sent = session.sparkContext.broadcast(_block(candidates, width, start, end))
        parts.append(mapped(asked, lists_of_partition, _schema(listeners, candidates), n, per_artist, sent))
    return parts[0] if len(parts) == 1 else _merged(session, parts, candidates, n, per_artist)


def n_tasks(n_listeners: int, n_products: int, n_cores: int) -> int:
    """How many tasks the listeners are spread over: three a core, and none of more than half a minute.

    Parameters
    ----------
    n_products
        For one listener: tracks × factors.

    Examples
    --------
    >>> n_tasks(1_000, 64_000, 2), n_tasks(1_000_000, 64_000_000, 2), n_tasks(3, 1, 8)
    (6, 96, 3)
    """
    whole_s = n_listeners * n_products * _PRODUCT_S
    return max(1, min(n_listeners, max(_TASKS_A_CORE * n_cores, round(whole_s / _TASK_S))))


def block_starts(n_tracks: int, n_factors: int) -> list[int]:
    """Where each block of tracks begins, and the end of the last: as few as fit, of one size.

    >>> block_starts(10, 64), block_starts(2_500_000, 64)
    ([0, 10], [0, 833334, 1666668, 2500000])
    """
    most = min(MOST_TRACKS, max(1, _BLOCK_BYTES // (4 * max(1, n_factors))))
    n_blocks = max(1, -(-n_tracks // most))
    step = max(1, -(-n_tracks // n_blocks))
    return [*range(0, n_tracks, step), n_tracks]


def _with_plays(
    session: SparkSession, listeners: DataFrame, labels: pa.Array, plays: CodedPlays | None
) -> DataFrame:
    """``listener``, ``factor``, ``played``: places of candidates, each once, however often it was played."""
    import pyarrow as pa
    from pyspark.sql import functions as f

    if plays is None:
        return listeners.withColumn("played", f.lit(None).cast("array<int>"))
    places = pa.array(np.arange(len(labels), dtype=np.int32))
    candidates = session.createDataFrame(pa.table({"name": labels.cast(pa.string()), "place": places}))
    tracks = plays.tracks.select(f.col("id").alias("track"), f.col("label").cast("string").alias("name"))
    pairs = plays.pairs.join(tracks.join(candidates, "name"), "track")
    played = pairs.groupBy("listener").agg(f.collect_set("place").alias("played"))
    names = plays.listeners.select(f.col("id"), f.col("label").cast("string").alias("who"))
    named = played.join(names, f.col("listener") == f.col("id")).select("who", "played")
    return listeners.join(named, f.col("listener").cast("string") == f.col("who"), "left").drop("who")


def _block(candidates: Candidates, width: int, start: int, end: int) -> Block:
    """Bring some candidates to the driver, in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyspark.sql import functions as f

    labels = pa.concat_arrays([candidates.labels.slice(start, end - start)])
    frame = candidates.factors
    if end - start < len(candidates.labels):
        track: Column = f.col("track")
        frame = frame.filter((track >= labels[0].as_py()) & (track <= labels[-1].as_py()))
    n_parts = -(-4 * width * len(labels) // _SENT_BYTES)
    table = frame.select("track", "factor").repartition(n_parts).toArrow()
    order = pc.index_in(labels, value_set=table["track"].combine_chunks())
    factors = matrix_of(table["factor"], "factors of tracks")[order.to_numpy()]
    artists = None if candidates.artists is None else candidates.artists[start:end]
    return Block(start, labels, factors, artists)


def _schema(listeners: DataFrame, candidates: Candidates) -> str:
    kinds = [
        frame.schema[name].dataType.simpleString()
        for frame, name in ((listeners, "listener"), (candidates.factors, "track"))
    ]
    return f"listener {kinds[0]}, rank int, track {kinds[1]}, score float"


def lists_of_partition(batches: Batches, n: int, per_artist: int, sent: Broadcast[Block]) -> Batches:
    """On a worker: the lists of the listeners of a partition, ``listener, factor, played`` each."""
    block = sent.value
    for batch in batches:
        factors = matrix_of(batch["factor"], "factors of listeners")
        if not len(factors):
            continue
        yield _rows(batch["listener"], factors, _inside(batch["played"], block), block, n, per_artist)


def _inside(column: pa.Array, block: Block) -> Any:
    """The played tracks that are in the block, by their place in it."""
    from segue.evaluation.metrics import TrackLists

    played = track_lists_of(column)
    inside = (played.tracks >= block.first) & (played.tracks < block.first + len(block.labels))
    n_before = np.concatenate([[0], np.cumsum(inside)])
    return TrackLists(n_before[played.starts], played.tracks[inside] - block.first)


def _rows(
    listeners: pa.Array, factors: NDArray[np.float32], played: Any, block: Block, n: int, per_artist: int
) -> pa.RecordBatch:
    import pyarrow as pa

    best = best_tracks(
        factors, block.factors, n, excluded=played, artists=block.artists, per_artist=per_artist
    )
    rows, places = np.nonzero(best.tracks >= 0)
    return pa.RecordBatch.from_arrays(
        [
            listeners.take(pa.array(rows)),
            pa.array((places + 1).astype(np.int32)),
            block.labels.take(pa.array(best.tracks[rows, places])),
            pa.array(best.scores[rows, places]),
        ],
        ["listener", "rank", "track", "score"],
    )


def _merged(
    session: SparkSession, parts: Sequence[DataFrame], candidates: Candidates, n: int, per_artist: int
) -> DataFrame:
    """Lists of several blocks become one: what is best of all is best in its block too, limits included."""
    from functools import reduce

    import pyarrow as pa
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    lists = reduce(lambda one, other: one.unionByName(other), parts).drop("rank")
    best_first = (f.col("score").desc(), f.col("track").asc())
    if candidates.artists is not None and per_artist:
        # A track of an unknown artist is by an artist of its own.
        own = -1 - np.arange(len(candidates.labels))
        codes = np.where(candidates.artists < 0, own, candidates.artists)
        artists = session.createDataFrame(pa.table({"track": candidates.labels, "by": codes}))
        of_artist = Window.partitionBy("listener", "by").orderBy(*best_first)
        numbered = lists.join(artists, "track").withColumn("nth", f.row_number().over(of_artist))
        lists = numbered.filter(f.col("nth") <= per_artist)
    whole = Window.partitionBy("listener").orderBy(*best_first)
    ranked = lists.withColumn("rank", f.row_number().over(whole)).filter(f.col("rank") <= n)
    return ranked.select("listener", "rank", "track", "score")
