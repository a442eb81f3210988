"""Factors from plays on a cluster: MLlib's alternating least squares, Segue's confidence and lambda."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from segue.errors import UsageError
from segue.factors import Names, WMFSettings, names_of_labels
from segue.factors.usage import check_enough
from segue.factors.wmf import check_settings, evened, settled, strength, trust
from segue.progress import Progress, Silent
from segue.spark import folders
from segue.spark.factor_files import FactorHeader, Side, new_run, write_factors
from segue.spark.failures import translated
from segue.spark.plays import CodedPlays, read_plays
from segue.spark.solving import collected, solved
from segue.spark.workers import mapped

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark import StatusTracker
    from pyspark.sql import DataFrame, SparkSession

    from segue.factors.model import Labels
    from segue.listening.rows import RowReport

    Ints = NDArray[np.int64]

_BLOCK_BYTES = 128 << 20  # of factors that one task takes in, at most
_OWN = 4  # iterations with one lambda for all, after those of MLlib; at most half of all
_CHECKPOINT = 2  # iterations between two checkpoints
_MOST_SETTLED = 5_000_000  # pairs that come to the driver, 12 bytes each, to choose lambda
_LOOKS_EVERY_S = 0.5

MOST_SENT_BYTES = 256 << 20
"""Of factors that every Python worker, one a core, is sent: a million listeners, or tracks, with 64."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learned, and from what.

    Attributes
    ----------
    header
        As written.
    report
        The rows of the plays that could not be used.
    n_named
        How many tracks have a name; None where there are too many factors to write them for one machine.
    """

    header: FactorHeader
    report: RowReport
    n_named: int | None


def fit(
    session: SparkSession,
    plays: str,
    output: str,
    settings: WMFSettings,
    *,
    names_of: Callable[[Labels], Names] = names_of_labels,
    seed: int = 0,
    progress: Progress | None = None,
) -> Fitted:
    """Learn factors of listeners and tracks from plays, and write them to a folder.

    Parameters
    ----------
    plays, output
        Paths or URIs; all machines of the cluster must see both. See `segue.spark.plays.read_plays` and
        `segue.spark.factor_files`.
    settings
        As for `segue.factors.fit_wmf`, whose confidence this is: MLlib takes ``c - 1`` as rating and has its
        own alpha of 1 (its c is ``1 + alpha |rating|``).
    names_of
        What tracks are called.
    seed
        Of the first factors. Sums are taken in the order in which workers answer, so the same seed gives the
        same factors up to rounding.

    Raises
    ------
    UsageError
        If the plays or a setting cannot be used.
    SegueError
        If the cluster cannot do it, or the folder cannot be written.

    Notes
    -----
    MLlib multiplies lambda by the number of tracks of each listener, and of listeners of each track (Zhou et
    al. 2008), where `fit_wmf` has one lambda for all. `mllib_strength` gives MLlib the lambda that is the
    same for an average pair; tracks that many play are still held too much, and lists are the worse for it.
    So the last iterations are done with the one lambda by `segue.spark.solving`, as long as the factors of
    either side are at most `MOST_SENT_BYTES`; above, they are MLlib's alone.

    In MLlib one task solves the tracks of one block, and needs in memory the factors of all their listeners:
    where everybody plays one track, ``4 * n_factors * n_listeners`` bytes, however many blocks there are.

    References
    ----------
    Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008; Zhou, Wilkinson,
    Schreiber, Pan, "Large-scale parallel collaborative filtering for the Netflix prize", AAIM 2008.
    """
    progress = progress or Silent()
    check_settings(settings)
    place = folders.address(output)
    folders.check_writable(session, place)
    with translated(), new_run(session, place) as (run, working):
        progress.start("reading plays", None)
        coded, report = read_plays(session, folders.address(plays), working)
        progress.finish()
        check_enough(coded.n_pairs, coded.n_listeners)
        chosen = settings_for(coded, settings)
        *sides, facts = learned(session, coded, chosen, working, seed, progress)
        known = {"method": "mllib-als", "seed": seed, **facts, **asdict(chosen)}
        header = FactorHeader(run, coded.n_listeners, coded.n_tracks, chosen.n_factors, coded.n_pairs, known)
        listeners = Side(sides[0].join(coded.listeners, "id"), coded.n_listeners)
        tracks = Side(sides[1].join(coded.tracks, "id"), coded.n_tracks)
        progress.start("writing factors", None)
        names = write_factors(session, place, header, listeners, tracks, names_of)
        progress.finish()
    return Fitted(header, report, None if names is None else sum(1 for title in names.title if title))


def mllib_strength(strength: float, *numbers: Ints) -> float:
    """MLlib's regParam for a lambda: divided by the number that a pair's listener and track have on average.

    Only the product of the two sides' lambdas has a meaning, since factors of one side may be made longer and
    those of the other shorter: so it is the geometric mean of both sides.

    Parameters
    ----------
    numbers
        ``(k, 2)`` of each side: a number of pairs, and how many listeners (or tracks) have it.

    Examples
    --------
    >>> round(mllib_strength(12.0, np.array([[1, 3], [3, 1]]), np.array([[6, 1]])), 6)
    3.464102
    """
    means = [float(np.sum(n * n * times) / np.sum(n * times)) for n, times in (side.T for side in numbers)]
    return strength / math.prod(means) ** (1 / len(means))


def n_blocks(n_pairs: int, n_factors: int, n_cores: int) -> int:
    """Into how many blocks listeners, and tracks, are cut: one a core, and more where a block is too large.

    A pair brings at most one factor to a task. Fewer blocks send less, since a factor is sent once a block.

    >>> n_blocks(1_000, 64, 2), n_blocks(50_000_000, 64, 2)
    (2, 96)
    """
    needed = -(-4 * n_factors * n_pairs // _BLOCK_BYTES)
    return n_cores * max(1, -(-needed // n_cores))


def settings_for(coded: CodedPlays, settings: WMFSettings) -> WMFSettings:
    """The settings with a number for lambda: that of `fit_wmf` where the pairs can be looked at together.

    With more of them it is that of four plays, which only few pairs ever bound.
    """
    if settings.regularisation is not None:
        return settings
    if coded.n_pairs > _MOST_SETTLED:
        return replace(settings, regularisation=strength(settings))
    from scipy.sparse import coo_array

    table = coded.pairs.toArrow()
    listener, track, plays = (table[name].to_numpy() for name in ("listener", "track", "plays"))
    matrix = coo_array((plays, (listener, track)), shape=(coded.n_listeners, coded.n_tracks)).tocsr()
    matrix.sum_duplicates()
    return settled(matrix, settings)


class Numbers(NamedTuple):
    """How many pairs listeners, or tracks, have.

    Attributes
    ----------
    frame
        Columns listener (or track), n.
    times : (k, 2) int64
        Each n that there is, and how many have it. They are few: k different ones need about k² / 2 pairs.
    """

    frame: DataFrame
    times: Ints


def numbers_of(pairs: DataFrame, side: str) -> Numbers:
    """Count the pairs of each listener, or track."""
    from pyspark.sql import functions as f

    frame = pairs.groupBy(side).agg(f.count("*").alias("n"))
    times = frame.groupBy("n").count().sort("n").collect()
    return Numbers(frame, np.array(times, dtype=np.int64).reshape(-1, 2))


def rated(
    session: SparkSession, pairs: DataFrame, listeners: Numbers, tracks: Numbers, settings: WMFSettings
) -> DataFrame:
    """Columns listener, track, rating: ``c - 1`` of the pairs that were played, as `fit_wmf` has it."""
    from pyspark.sql import functions as f

    for side, numbers, power in (
        ("track", tracks, settings.popularity_power),
        ("listener", listeners, settings.listener_power),
    ):
        if power:
            n, times = numbers.times.T
            weights = evened(n, n * times, power).tolist()
            table = session.createDataFrame(
                list(zip(n.tolist(), weights, strict=True)), f"n bigint, {side}_weight float"
            )
            pairs = pairs.join(numbers.frame.join(f.broadcast(table), "n").drop("n"), side)
    return mapped(pairs, rate, "listener int, track int, rating float", asdict(settings))


def rate(batches: Iterator[pa.RecordBatch], settings: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    """Ratings for MLlib; done by the workers."""
    import pyarrow as pa

    known = WMFSettings(**settings)
    for batch in batches:
        added = trust(batch["plays"].to_numpy(), known)
        for weight in ("track_weight", "listener_weight"):
            if weight in batch.schema.names:
                added *= batch[weight].to_numpy()
        yield pa.RecordBatch.from_arrays(
            [batch["listener"], batch["track"], pa.array(added)], ["listener", "track", "rating"]
        )


def learned(
    session: SparkSession,
    coded: CodedPlays,
    settings: WMFSettings,
    working: str,
    seed: int,
    progress: Progress,
) -> tuple[DataFrame, DataFrame, dict[str, Any]]:
    """Factors of listeners and of tracks, columns id and factor, and what else there is to know of them."""
    listeners, tracks = numbers_of(coded.pairs, "listener"), numbers_of(coded.pairs, "track")
    reg_param = mllib_strength(strength(settings), listeners.times, tracks.times)
    rated(session, coded.pairs, listeners, tracks, settings).write.parquet(f"{working}/ratings")
    ratings = folders.reader(session).parquet(f"{working}/ratings")  # in fewer parts than a cache
    _check_ratings(ratings, settings)
    most_rows = max(coded.n_listeners, coded.n_tracks)
    n_own = _OWN if 4 * settings.n_factors * most_rows <= MOST_SENT_BYTES else 0
    n_own = min(n_own, settings.n_iterations // 2)
    progress.start("factorising, iterations", settings.n_iterations)
    sides = _by_mllib(
        session, coded, ratings, replace(settings, n_iterations=settings.n_iterations - n_own),
        reg_param, working, seed, progress,
    )  # fmt: skip
    for step in range(n_own):
        sides = _one_more(session, coded, ratings, sides[0], settings, f"{working}/{step}")
        progress.advance()
    progress.finish()
    return *sides, {"reg_param": reg_param, "own_iterations": n_own}


def _by_mllib(
    session: SparkSession,
    coded: CodedPlays,
    ratings: DataFrame,
    settings: WMFSettings,
    reg_param: float,
    working: str,
    seed: int,
    progress: Progress,
) -> tuple[DataFrame, DataFrame]:
    from pyspark.ml.recommendation import ALS

    context = session.sparkContext
    context.setCheckpointDir(f"{working}/checkpoints")
    blocks = n_blocks(coded.n_pairs, settings.n_factors, context.defaultParallelism)
    als = ALS(
        rank=settings.n_factors,
        maxIter=settings.n_iterations,
        regParam=reg_param,
        numUserBlocks=min(blocks, coded.n_listeners),
        numItemBlocks=min(blocks, coded.n_tracks),
        implicitPrefs=True,
        alpha=1.0,
        userCol="listener",
        itemCol="track",
        ratingCol="rating",
        seed=seed,
        checkpointInterval=_CHECKPOINT,
    )
    with _iterations(session, settings.n_iterations, progress):
        model = als.fit(ratings)
    listeners, tracks = (
        side.withColumnRenamed("features", "factor") for side in (model.userFactors, model.itemFactors)
    )
    return listeners, tracks


def _one_more(
    session: SparkSession,
    coded: CodedPlays,
    ratings: DataFrame,
    listeners: DataFrame,
    settings: WMFSettings,
    place: str,
) -> tuple[DataFrame, DataFrame]:
    """An iteration with the same lambda for every row: tracks from listeners, then listeners from tracks."""
    given = collected(listeners, coded.n_listeners, settings.n_factors)
    tracks = solved(session, ratings, "track", given, strength(settings), f"{place}-solved-tracks")
    given = collected(tracks, coded.n_tracks, settings.n_factors)
    listeners = solved(session, ratings, "listener", given, strength(settings), f"{place}-solved-listeners")
    return listeners, tracks


def _check_ratings(ratings: DataFrame, settings: WMFSettings) -> None:
    from pyspark.sql import functions as f

    most = ratings.agg(f.max("rating")).collect()[0][0]
    if not math.isfinite(most):
        raise UsageError(f"plays are too many for alpha {settings.alpha:g}")


@contextmanager
def _iterations(session: SparkSession, n_iterations: int, progress: Progress) -> Iterator[None]:
    """Tell of iterations, each of which sums up products of factors twice, in jobs of their own."""
    context = session.sparkContext
    group = f"als-{threading.get_ident()}"
    context.setJobGroup(group, "factorising")
    done = threading.Event()

    def watch() -> None:
        told = 0
        tracker = context.statusTracker()
        while not done.wait(_LOOKS_EVERY_S):
            n_sums = sum(_is_sum(tracker, job) for job in tracker.getJobIdsForGroup(group))
            # A checkpoint is one more such job.
            now = min(n_sums * _CHECKPOINT // (2 * _CHECKPOINT + 1), n_iterations)
            progress.advance(now - told)
            told = now

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _is_sum(tracker: StatusTracker, job: int) -> bool:
    """Whether a job of MLlib summed up products of factors, and is done."""
    info = tracker.getJobInfo(job)
    if info is None or info.status != "SUCCEEDED":
        return False
    stages = [tracker.getStageInfo(stage) for stage in info.stageIds]
    return any(stage is not None and stage.name.startswith("aggregate at ALS") for stage in stages)
