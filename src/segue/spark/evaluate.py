"""The warm protocol on a cluster: plays held out by a hash, factors by ALS, judged by the workers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import NothingFound, UsageError
from segue.evaluation.judging import FIGURES, Judgement
from segue.evaluation.ranking_report import RankingReport, figures_of
from segue.progress import Progress, Silent
from segue.spark import als, folders
from segue.spark.columns import matrix_of
from segue.spark.failures import translated
from segue.spark.judging import JUDGED, LINES, LISTENER, Asked, judge_partition
from segue.spark.lists import n_tasks
from segue.spark.plays import CodedPlays, read_plays
from segue.spark.solving import collected
from segue.spark.workers import mapped

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame, SparkSession

    from segue.evaluation.ranking_report import ModelFigures
    from segue.factors import WMFSettings

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float32]

MOST_LISTENERS = 100_000
"""That are judged: intervals are narrow then, and their figures come to the driver (400 bytes each)."""
_SKETCH = 128
_SORTED = 20  # times what a product with a factor of 64 costs, for all models and figures


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is asked of `evaluate_warm`.

    Attributes
    ----------
    settings
        Of the factors.
    held_out
        Share of the pairs that are to be found again.
    min_plays
        How many training tracks a listener needs to count.
    most_listeners
        So many, chosen by a hash, are judged.
    seed
        Of all that is drawn.
    """

    settings: WMFSettings
    held_out: float = 0.2
    min_plays: int = 5
    most_listeners: int = MOST_LISTENERS
    seed: int = 0


def evaluate_warm(
    session: SparkSession,
    plays: str,
    working: str,
    asked: Evaluation,
    *,
    progress: Progress | None = None,
) -> RankingReport:
    """Hold plays out, learn factors from the others, and judge the order that each listener gets.

    The protocol and its figures are those of `segue.evaluation.evaluate_warm`; which pairs are held out, a
    hash of their numbers says, so that every machine draws the same.

    Parameters
    ----------
    plays
        As for `segue.spark.plays.read_plays`.
    working
        A folder that all machines see; what is written there goes away.
    asked
        Settings.

    Raises
    ------
    UsageError
        If the plays cannot be used, or leave a part empty.
    NothingFound
        If no listener counts.
    """
    progress = progress or Silent()
    place = f"{folders.address(working)}/_working-{secrets.token_hex(8)}"
    folders.check_writable(session, place)
    with translated(), folders.passing(session, place):
        progress.start("reading plays", None)
        coded, report = read_plays(session, folders.address(plays), f"{place}/plays")
        progress.finish()
        training, test = held_out(coded, asked.held_out, asked.seed)
        result = _judged(session, training, test, coded, f"{place}/als", asked, progress)
    if report.n_bad:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in report.reasons)
        left_out = f"{report.n_bad:,} of {report.n_rows:,} rows left out: {reasons}"
        result = replace(result, notes=(left_out, *result.notes))
    return result


def held_out(coded: CodedPlays, share: float, seed: int) -> tuple[DataFrame, DataFrame]:
    """The pairs of the training part and of the test part, by a hash of each pair.

    Raises
    ------
    UsageError
        If a part is empty.
    """
    from pyspark.sql import functions as f

    of_pair = f.pmod(f.xxhash64("listener", "track", f.lit(seed)), f.lit(_OF_A_MILLION))
    out = of_pair < round(share * _OF_A_MILLION)
    training, test = coded.pairs.filter(~out), coded.pairs.filter(out)
    if not training.take(1) or not test.take(1):
        raise UsageError(f"{share:g} of {coded.n_pairs:,} plays leave a part empty: give more")
    return training, test


_OF_A_MILLION = 1_000_000


def _judged(
    session: SparkSession,
    training: DataFrame,
    test: DataFrame,
    coded: CodedPlays,
    working: str,
    asked: Evaluation,
    progress: Progress,
) -> RankingReport:
    """Fit, judge, and put the figures together."""
    training = training.persist()
    n_training = training.count()
    part = replace(coded, pairs=training, n_pairs=n_training)
    settings = als.settings_for(part, asked.settings)
    of_listeners, of_tracks, _ = als.learned(session, part, settings, working, asked.seed, progress)
    tracks, n_test = _tracks(training, test, of_tracks, coded, asked)
    sent = session.sparkContext.broadcast(tracks)
    frame, n_asked = _listeners(session, training, test, of_listeners, coded, asked)
    progress.start("judging", None)
    found = mapped(frame, judge_partition, JUDGED, sent).persist()
    rows = found.filter(f"model = {LISTENER}").select("known", "figures").toArrow()
    counts = _counts(found, coded.n_tracks)
    progress.finish()
    models = _figures(rows, counts, asked)
    return RankingReport(
        protocol="warm",
        facts={
            "listeners count": int(np.sum(rows["known"].to_numpy() >= asked.min_plays)),
            "listeners judged": rows.num_rows,
            "listeners with test plays": n_asked,
            "tracks": coded.n_tracks,
            "tracks without a training play": int(np.sum(tracks.n_players == 0)),
            "training plays": n_training,
            "test plays": n_test,
        },
        models=models,
        notes=_NOTES,
        min_plays=asked.min_plays,
        seed=asked.seed,
    )


_NOTES = (
    "popularity (test): counts the test plays themselves; nobody can know it beforehand.",
    "diversity: two tracks are alike when the same listeners play them.",
)


def _tracks(
    training: DataFrame,
    test: DataFrame,
    factors: DataFrame,
    coded: CodedPlays,
    asked: Evaluation,
) -> tuple[Asked, int]:
    """What workers hold of tracks, and how many test plays there are."""
    from pyspark.sql import functions as f

    n = coded.n_tracks
    counts = []
    for part in (training, test):
        table = part.groupBy("track").agg(f.count("*").alias("n")).toArrow()
        counted = np.zeros(n, dtype=np.int64)
        counted[table["track"].to_numpy()] = table["n"].to_numpy()
        counts.append(counted)
    of_tracks = collected(factors, n, asked.settings.n_factors)
    unit = sketches(training, n, asked.seed)
    n_players, n_later = counts
    held = Asked(of_tracks, n_players, n_later, unit, coded.n_listeners, asked.seed)
    return held, int(n_later.sum())


def sketches(training: DataFrame, n_tracks: int, seed: int) -> Floats:
    """Short vectors of length 1 whose cosines are about those of the sets of listeners, ``(n_tracks, 128)``.

    References
    ----------
    Charikar, Chen, Farach-Colton, "Finding frequent items in data streams", ICALP 2002: each listener counts
    in one place, with a sign, both by a hash; products survive it as they do a random projection.
    """
    from pyspark.sql import functions as f

    hashed = f.xxhash64("listener", f.lit(seed))
    bucket = f.pmod(hashed, f.lit(_SKETCH)).cast("int")
    sign = f.when(f.pmod(f.shiftright(hashed, 20), f.lit(2)) == 0, 1).otherwise(-1)
    summed = training.groupBy("track", bucket.alias("bucket")).agg(f.sum(sign).alias("sum")).toArrow()
    table = np.zeros((n_tracks, _SKETCH), dtype=np.float32)
    table[summed["track"].to_numpy(), summed["bucket"].to_numpy()] = summed["sum"].to_numpy()
    length = np.linalg.norm(table, axis=1, keepdims=True)
    return np.asarray(table / np.where(length > 0, length, 1), dtype=np.float32)


def _listeners(
    session: SparkSession,
    training: DataFrame,
    test: DataFrame,
    factors: DataFrame,
    coded: CodedPlays,
    asked: Evaluation,
) -> tuple[DataFrame, int]:
    """``listener, factor, played, relevant`` of those who are judged, and how many have test plays."""
    from pyspark.sql import functions as f

    relevant = test.groupBy("listener").agg(f.collect_set("track").alias("relevant"))
    everybody = test.select("listener").distinct()
    n_asked = everybody.count()
    if n_asked > asked.most_listeners:
        drawn = everybody.orderBy(f.xxhash64("listener", f.lit(asked.seed)), "listener")
        relevant = relevant.join(drawn.limit(asked.most_listeners), "listener", "left_semi")
    mine = relevant.select("listener")
    played = (
        training.join(mine, "listener", "left_semi")
        .groupBy("listener")
        .agg(f.collect_set("track").alias("played"))
    )
    known = factors.select(f.col("id").alias("listener"), "factor")
    rows = relevant.join(played, "listener", "left").join(known, "listener", "left")
    n_listeners = min(n_asked, asked.most_listeners)
    cores = session.sparkContext.defaultParallelism
    tasks = n_tasks(n_listeners, coded.n_tracks * 64 * _SORTED, cores)
    nothing = f.array_repeat(f.lit(0.0).cast("float"), asked.settings.n_factors)
    return rows.withColumn("factor", f.coalesce("factor", nothing)).repartition(tasks, "listener"), n_asked


def _counts(found: DataFrame, n_tracks: int) -> Ints:
    """How many lists hold each track, ``(n_models, n_tracks)``, added up over partitions."""
    from pyspark.sql import functions as f

    pairs = found.filter(f"model <> {LISTENER}").select(
        "model", f.explode(f.arrays_zip("tracks", "times")).alias("one")
    )
    table = pairs.groupBy("model", "one.tracks").agg(f.sum("one.times").alias("n")).toArrow()
    counts = np.zeros((len(LINES), n_tracks), dtype=np.int64)
    counts[table["model"].to_numpy(), table["tracks"].to_numpy()] = table["n"].to_numpy()
    return counts


def _figures(rows: pa.Table, counts: Ints, asked: Evaluation) -> tuple[ModelFigures, ...]:
    """The lines of the table, with intervals over listeners, as one machine makes them."""
    known = rows["known"].to_numpy() >= asked.min_plays
    if not known.any():
        raise NothingFound(
            f"no listener has both a test play and {asked.min_plays} tracks in the training plays: "
            "give more plays, or lower --min-plays"
        )
    values = matrix_of(rows["figures"], "figures").astype(np.float64).reshape(len(known), len(LINES), -1)
    judgements = [
        [Judgement(dict(zip(FIGURES, values[:, line].T, strict=True)), counts[line], 0.0)]
        for line in range(len(LINES))
    ]
    return figures_of(LINES, judgements, known, asked.seed)
