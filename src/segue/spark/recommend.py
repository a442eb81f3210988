"""`segue spark recommend`: from a folder of factors to a folder of lists, for all listeners."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from segue.errors import NothingFound, UsageError
from segue.progress import Progress, Silent
from segue.spark import folders
from segue.spark.content import (
    SampledContent,
    fit_by_sums,
    fit_on_sample,
    predicted,
    read_vectors,
)
from segue.spark.factor_files import read_factors
from segue.spark.failures import translated
from segue.spark.lists import artist_table, best_lists, candidates_of, with_a_factor
from segue.spark.moments import LinearContent
from segue.spark.plays import CodedPlays, read_plays

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from segue.listening import RowReport

LearnFrom = Literal["all", "sample"]
WHOLE = "_SUCCESS"
"""Spark writes it when all else of a folder is there."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be written.

    Attributes
    ----------
    n
        Length of a list.
    per_artist
        At most so many by one artist, by the table `names`; 0 for any number.
    listeners
        A text, one listener a line, or None for all.
    vectors
        Vectors of tracks: those without a factor are predicted from them.
    plays
        What was played is not recommended to whom played it.
    names
        A table with the columns track and artist.
    learn_from
        ``sample``, the best method of one machine on at most 20,000 tracks, or ``all``, ridge regression on
        all of them.
    """

    n: int = 100
    per_artist: int = 0
    listeners: Path | None = None
    vectors: str | None = None
    plays: str | None = None
    names: Path | None = None
    learn_from: LearnFrom = "sample"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written.

    Attributes
    ----------
    n_lists
        Listeners with a list.
    n_listeners
        Listeners that were asked for and are known.
    unknown
        Those of the file of whom nothing is known.
    n_candidates, n_predicted
        Tracks that may be in a list, and those of them that were predicted from vectors.
    content
        The model that predicted them; None without vectors.
    report
        The rows of the plays that could not be used; None without plays.
    """

    n_lists: int
    n_listeners: int
    unknown: tuple[str, ...]
    n_candidates: int
    n_predicted: int
    content: LinearContent | SampledContent | None
    report: RowReport | None


def write_lists(
    session: SparkSession,
    folder: str,
    output: str,
    asked: Asked,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Written:
    """Write the best tracks for listeners as Parquet: ``listener``, ``rank``, ``track``, ``score``.

    Parameters
    ----------
    folder
        Factors, as `segue.spark.factor_files` has them.
    output
        A folder; lists that it holds are replaced when the new ones are whole.
    seed
        Of the sample, and of what the methods draw.

    Raises
    ------
    UsageError
        If something that was given cannot be used, or the output is there and holds something else.
    NothingFound
        If none of the listeners is known.
    """
    progress = progress or Silent()
    place = folders.address(output)
    _check_output(session, place, output)
    wanted = None if asked.listeners is None else _lines(asked.listeners)
    _, everybody, tracks = read_factors(session, folders.address(folder))
    parent, _, name = place.rpartition("/")
    working = f"{parent}/_{name}-{secrets.token_hex(8)}"  # beside the output, for what is not whole yet
    folders.check_writable(session, working)
    with translated(), folders.passing(session, working):
        listeners, unknown = _chosen(session, everybody, wanted)
        factors, n_predicted, model = with_a_factor(tracks), 0, None
        if asked.vectors is not None:
            progress.start("learning from content", None)
            factors, n_predicted, model = _with_predicted(session, factors, asked, seed)
            progress.finish()
        candidates = candidates_of(factors, asked.names)
        plays, report = None, None
        if asked.plays is not None:
            progress.start("reading plays", None)
            plays, report = read_plays(session, folders.address(asked.plays), f"{working}/plays")
            progress.finish()
            _check_plays(plays, everybody, tracks, asked.plays)
        progress.start("writing lists", None)
        lists = best_lists(
            session, listeners, candidates, n=asked.n, plays=plays, per_artist=asked.per_artist
        )
        lists.write.parquet(f"{working}/lists")
        n_lists = session.read.parquet(f"{working}/lists").filter("rank = 1").count()
        folders.replace(session, f"{working}/lists", place)
        progress.finish()
        n_listeners = listeners.count()
    return Written(n_lists, n_listeners, unknown, len(candidates.labels), n_predicted, model, report)


def _check_output(session: SparkSession, place: str, output: str) -> None:
    if not folders.exists(session, place):
        return
    inside = folders.names(session, place) if folders.is_folder(session, place) else [output]
    if inside and WHOLE not in inside:
        raise UsageError(f"{output} is there and holds no lists: give another folder")


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no text with one listener a line: {error}") from None
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _chosen(
    session: SparkSession, listeners: DataFrame, wanted: list[str] | None
) -> tuple[DataFrame, tuple[str, ...]]:
    """The listeners that are asked for, and those of whom nothing is known."""
    import pyarrow as pa
    from pyspark.sql import functions as f

    if wanted is None:
        return listeners, ()
    if not wanted:
        raise UsageError("the file of listeners names nobody: give one listener a line")
    table = session.createDataFrame(pa.table({"wanted": pa.array(wanted, pa.string())}))
    known = listeners.join(f.broadcast(table), f.col("listener").cast("string") == f.col("wanted"))
    found = {row[0] for row in known.select("wanted").collect()}
    if not found:
        example = listeners.select("listener").first()
        raise NothingFound(
            f"none of the {len(wanted):,} listeners is in the factors, such as {wanted[0]!r}: "
            f"they must be called as in the plays, such as {str(example[0] if example else '')!r}"
        )
    return known.drop("wanted"), tuple(name for name in wanted if name not in found)


def _check_plays(plays: CodedPlays, listeners: DataFrame, tracks: DataFrame, given: str) -> None:
    """Other plays than those of the factors would exclude nothing, and nobody would see it."""
    from pyspark.sql import functions as f

    for side, labels, known in (("listener", plays.listeners, listeners), ("track", plays.tracks, tracks)):
        mine = labels.select(f.col("label").cast("string").alias("name"))
        theirs = known.select(f.col(side).cast("string").alias("name"))
        if not mine.join(theirs, "name", "left_semi").take(1):
            raise UsageError(
                f"no {side} of {given} is in the factors: give the plays that they were learned from"
            )


def _with_predicted(
    session: SparkSession, tracks: DataFrame, asked: Asked, seed: int
) -> tuple[DataFrame, int, LinearContent | SampledContent]:
    """Tracks with factors, and those that only have vectors; how many these are, and what predicted them."""
    import pyarrow as pa
    from pyspark import StorageLevel
    from pyspark.sql import functions as f

    assert asked.vectors is not None
    vectors = read_vectors(session, folders.address(asked.vectors))
    artists = None
    if asked.names is not None:
        artists = session.createDataFrame(pa.Table.from_batches(artist_table(asked.names).to_batches()))
    model: LinearContent | SampledContent
    if asked.learn_from == "sample":
        model = fit_on_sample(vectors, tracks, artists, seed=seed)
    else:
        model = fit_by_sums(vectors, tracks, artists)
    known = tracks.select(f.col("track").cast("string").alias("name"))
    new = predicted(session, vectors.join(known, "name", "left_anti"), model).persist(StorageLevel.DISK_ONLY)
    n_new = new.count()
    if dict(tracks.dtypes)["track"] == "bigint":
        # Whole numbers stay so, where the new labels are whole numbers too.
        number = f.col("track").try_cast("bigint")
        others = new.filter(number.isNull() | (number.cast("string") != f.col("track"))).take(1)
        if others:
            tracks = tracks.withColumn("track", f.col("track").cast("string"))
        else:
            new = new.withColumn("track", number)
    return with_a_factor(tracks).unionByName(with_a_factor(new)), n_new, model
