"""Factors learned by a real cluster, beside those of one machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from scipy.sparse import coo_array, csr_array

from segue.errors import SegueError, UsageError
from segue.evaluation import intervals_of_means, judge, make_exam
from segue.factors import FactorScorer, WMFSettings, fit_wmf, hold_out, load_factors
from segue.listening import read_plays as read_here
from segue.progress import Silent
from segue.spark import factor_files, folders
from segue.spark.als import fit
from segue.spark.factor_files import read_factors
from segue.spark.plays import read_plays

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from .conftest import Cluster

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]

SETTINGS = WMFSettings(n_factors=8, alpha=2.0, n_iterations=4)


def two_scenes(n_listeners: int = 60, n_tracks: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Listeners and tracks with an even number play each other, and so do the odd ones."""
    rng = np.random.default_rng(1)
    listener, track = (part.ravel() for part in np.indices((n_listeners, n_tracks)))
    played = rng.random(len(track)) < np.where(listener % 2 == track % 2, 0.5, 0.02)
    return listener[played], track[played], rng.integers(1, 5, played.sum())


def written(folder: Path, listener: Any, track: Any, plays: Any) -> Path:
    table = pa.table({"listener": listener, "track": track, "plays": plays})
    pyarrow.parquet.write_table(table, folder / "plays.parquet")
    return folder / "plays.parquet"


@dataclass(frozen=True)
class Toy:
    plays: Path
    folder: Path


@pytest.fixture(scope="module")
def toy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Toy:
    place = tmp_path_factory.mktemp("toy [1] {a} *")
    plays = written(place, *two_scenes())
    done = fit(cluster.session(), str(plays), str(place / "factors"), SETTINGS, seed=3)
    assert done.n_named == 0 and not done.report.n_bad and done.report.n_rows == done.header.n_pairs
    return Toy(plays, place / "factors")


def test_everybody_is_given_the_tracks_of_the_own_scene(toy: Toy) -> None:
    factors = load_factors(toy.folder)
    assert np.array_equal(factors.listeners, np.arange(60)) and np.array_equal(factors.tracks, np.arange(40))
    best = np.argsort(-factors.listener_factors @ factors.track_factors.T, axis=1)[:, :15]
    assert (best % 2 == np.arange(60)[:, None] % 2).mean() > 0.99


def test_the_folder_holds_a_header_data_and_what_one_machine_reads(session: SparkSession, toy: Toy) -> None:
    header, listeners, tracks = read_factors(session, folders.address(str(toy.folder)))
    assert (header.n_listeners, header.n_tracks, header.n_factors) == (60, 40, 8)
    assert sorted(file.name for file in toy.folder.iterdir()) == sorted(
        ["factors.json", "factors.npz", header.listener_folder, header.track_folder, "tracks.parquet"]
    )
    assert header.settings["regularisation"] > header.settings["reg_param"] > 0
    factors = load_factors(toy.folder)
    assert dict(factors.settings) == dict(header.settings)
    for frame, label, labels, values in (
        (listeners, "listener", factors.listeners, factors.listener_factors),
        (tracks, "track", factors.tracks, factors.track_factors),
    ):
        table = frame.sort(label).toArrow()
        assert table[label].to_pylist() == labels.tolist()
        assert np.array_equal(np.array(table["factor"].to_pylist(), np.float32), values)


def test_text_labels_of_any_characters_give_the_same_factors(
    session: SparkSession, toy: Toy, tmp_path: Path
) -> None:
    listener, track, plays = two_scenes()
    told = written(
        tmp_path,
        [f'{number:03} "ünï" \' \\ , 🎵' for number in listener.tolist()],
        [f"{number:03}\t€;|\u202e" for number in track.tolist()],
        plays,
    )
    fit(session, str(told), str(tmp_path / "out"), SETTINGS, seed=3)
    texts, numbers = load_factors(tmp_path / "out"), load_factors(toy.folder)
    assert texts.listeners[5] == '005 "ünï" \' \\ , 🎵' and texts.tracks[7] == "007\t€;|\u202e"
    np.testing.assert_allclose(texts.listener_factors, numbers.listener_factors, atol=1e-5)
    np.testing.assert_allclose(texts.track_factors, numbers.track_factors, atol=1e-5)


def hard_rows() -> list[tuple[str, str, str]]:
    """Plays with pairs that stand there often, someone who plays all, what all play, bad rows."""
    rng = np.random.default_rng(0)
    rows = [(f"l{rng.integers(50)}", f"t{rng.integers(80)}", str(rng.integers(1, 9))) for _ in range(2_000)]
    rows += [("Everything", f"t{number}", "1") for number in range(80)]
    rows += [(f"l{number}", "Tout le monde ♥", "2.5") for number in range(50)]
    rows += [("", "t1", "1"), ("l1", "", "1"), ("l1", "t1", ""), ("l1", "t1", "-1"), ("l1", "t1", "0")]
    rows += [("l1", "t1", "often"), ("l2", "t" * 300, "1"), ("l2", "  t2 ", "7")]
    rng.shuffle(rows)
    return rows


@pytest.mark.parametrize("shape", ["csv", "tsv", "folder of parquet", "triplets", "gzip", "numbers"])
def test_plays_are_those_that_one_machine_reads(session: SparkSession, tmp_path: Path, shape: str) -> None:
    rows, place = hard_rows(), tmp_path / "plays"
    if shape == "numbers":
        rows = [(f"{index % 30}", f"{index % 70 - 20}", "1") for index in range(500)]
    header = [] if shape == "triplets" else [("user_id", "play_count", "song")]
    if shape == "triplets":
        rows = [("".join(filter(str.isalnum, a)), "".join(filter(str.isalnum, b)), c) for a, b, c in rows]
        lines = ["\t".join(row) for row in rows]
    else:
        separator = "\t" if shape == "tsv" else ","
        lines = [separator.join(row) for row in header + [(a, c, b) for a, b, c in rows]]
        lines[100:100] = [separator.join("abcd"), "a"]
    if shape == "folder of parquet":
        place.mkdir()
        (place / "_SUCCESS").write_text("")
        for part in range(3):
            listener, track, plays = zip(*rows[part::3], strict=True)
            table = pa.table({"time": [0] * len(plays), "listener": listener, "Track": track, "plays": plays})
            pyarrow.parquet.write_table(table, place / f"{part}.parquet")
    elif shape == "gzip":
        place = place.with_suffix(".csv.gz")
        with pa.CompressedOutputStream(str(place), "gzip") as out:
            out.write(("\r\n".join(lines) + "\r\n").encode())
    else:
        place.write_text("\n".join(lines) + "\n")
    here, expected = read_here(place)
    coded, report = read_plays(session, folders.address(str(place)), folders.address(str(tmp_path / "w")))
    assert report.n_rows == expected.n_rows and dict(report.reasons) == dict(expected.reasons)
    assert len(report.samples) == len(report.reasons)
    for frame, labels in ((coded.listeners, here.listeners), (coded.tracks, here.tracks)):
        table = frame.sort("id").toArrow()
        assert table["id"].to_pylist() == list(range(len(labels)))
        assert table["label"].to_pylist() == labels.tolist()
    found = coded.pairs.toArrow()
    listener, track, plays = (found[name].to_numpy() for name in ("listener", "track", "plays"))
    assert len(plays) == here.matrix.nnz == coded.n_pairs
    assert np.allclose(
        coo_array((plays, (listener, track)), here.matrix.shape).toarray(), here.matrix.toarray()
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "holds no usable plays of listeners: it has no rows"),
        ([("a", "b", 1)], "only one listener has plays"),
        ([("a", "b", 1), ("a", "c", 2)], "only one listener has plays"),
        ([("a", "b", 0), ("", "c", 2)], "no usable plays of listeners: 1 missing-listener, 1 zero-count"),
    ],
)
def test_too_few_plays_are_refused_and_nothing_is_left(
    session: SparkSession, tmp_path: Path, rows: list[tuple[str, str, int]], words: str
) -> None:
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    listener, track, plays = columns
    table = written(
        tmp_path, pa.array(listener, pa.string()), pa.array(track, pa.string()), pa.array(plays, pa.int64())
    )
    with pytest.raises(UsageError, match=words):
        fit(session, str(table), str(tmp_path / "out"), SETTINGS)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_no_table_of_plays_is_refused(session: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("A text.\nAnother line, of it.\n")
    (tmp_path / "half.parquet").write_bytes(b"PAR1 and then nothing")
    (tmp_path / "empty").mkdir()
    pyarrow.parquet.write_table(pa.table({"who": [1], "what": [2]}), tmp_path / "other.parquet")
    for name, words in (
        ("nothing", "does not exist"),
        ("empty", "holds no files"),
        ("notes.txt", "it must be a table"),
        ("other.parquet", "has who, what: it must be a table"),
        ("half.parquet", "half.parquet"),
    ):
        with pytest.raises(SegueError, match=words) as refused:
            fit(session, str(tmp_path / name), str(tmp_path / "out"), SETTINGS)
        assert "\n" not in str(refused.value)


def test_a_new_run_takes_the_place_of_the_old_one(
    session: SparkSession, toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fit(session, str(toy.plays), str(tmp_path), replace(SETTINGS, n_iterations=1))
    (tmp_path / "mine.txt").write_text("stays")
    (tmp_path / "_working-0123456789abcdef").mkdir()  # of a driver that was killed
    monkeypatch.setattr(factor_files, "MOST_NPZ_BYTES", 100)
    second = fit(session, str(toy.plays), str(tmp_path), replace(SETTINGS, n_iterations=1))
    assert first.n_named == 0 and second.n_named is None
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        ["factors.json", "mine.txt", second.header.listener_folder, second.header.track_folder]
    )


def test_a_run_that_fails_leaves_the_factors_of_the_last_one(
    session: SparkSession, toy: Toy, tmp_path: Path
) -> None:
    first = fit(session, str(toy.plays), str(tmp_path), replace(SETTINGS, n_iterations=1))
    there = sorted(file.name for file in tmp_path.iterdir())

    def fails(labels: Any) -> Any:
        raise UsageError("no names")

    with pytest.raises(UsageError, match="no names"):
        fit(session, str(toy.plays), str(tmp_path), replace(SETTINGS, n_iterations=1), names_of=fails)
    assert sorted(file.name for file in tmp_path.iterdir()) == there
    assert read_factors(session, folders.address(str(tmp_path)))[0] == first.header


def test_a_folder_that_lost_something_is_refused(session: SparkSession, toy: Toy, tmp_path: Path) -> None:
    place = folders.address(str(tmp_path))
    with pytest.raises(UsageError, match=r"holds no factors\.json"):
        read_factors(session, place)
    header = fit(session, str(toy.plays), str(tmp_path), replace(SETTINGS, n_iterations=1)).header
    (part, *_) = (tmp_path / header.track_folder).glob("part-*.parquet")
    content = part.read_bytes()
    part.unlink()
    with pytest.raises(SegueError) as refused:
        read_factors(session, place)
    assert "\n" not in str(refused.value)
    part.write_bytes(content[:-20])
    with pytest.raises(SegueError):
        read_factors(session, place)
    (tmp_path / header.track_folder).rename(tmp_path / "away")
    with pytest.raises(SegueError, match="is missing"):
        read_factors(session, place)


def test_a_text_on_another_file_system_is_replaced_in_one_step(session: SparkSession, tmp_path: Path) -> None:
    for content in (b"first", "sécond".encode()):
        folders.write_and_rename(session, folders.address(str(tmp_path / "text")), content)
        assert (tmp_path / "text").read_bytes() == content
    assert not list(tmp_path.glob("*partial"))


class KillsAWorker(Silent):
    """Takes a worker away when half of the iterations are done."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster, self.done, self.killed = cluster, 0, False

    def advance(self, steps: int = 1) -> None:
        self.done += steps
        if self.done >= 5 and not self.killed:
            self.killed = True
            self.cluster.kill_worker(self.cluster.workers[0])


def test_a_worker_that_dies_in_the_middle_costs_time_and_nothing_else(
    session: SparkSession, cluster: Cluster, tmp_path: Path
) -> None:
    plays = written(tmp_path, *two_scenes(400, 300))
    settings = replace(SETTINGS, n_iterations=12)
    fit(session, str(plays), str(tmp_path / "calm"), settings, seed=1)
    progress = KillsAWorker(cluster)
    try:
        fit(session, str(plays), str(tmp_path / "killed"), settings, seed=1, progress=progress)
        assert progress.killed
    finally:
        cluster.add_worker()
    calm, killed = load_factors(tmp_path / "calm"), load_factors(tmp_path / "killed")
    scores = [one.listener_factors @ one.track_factors.T for one in (calm, killed)]
    np.testing.assert_allclose(scores[1], scores[0], atol=1e-4)


def scored(session: SparkSession, train: csr_array, settings: WMFSettings, place: Path) -> FactorScorer:
    """A scorer for all rows and columns of `train`, by factors of the cluster; zeros for whoever has none."""
    pairs = train.tocoo()
    plays = written(place, pairs.row, pairs.col, pairs.data)
    fit(session, str(plays), str(place / "out"), settings)
    found = load_factors(place / "out")
    sides = [np.zeros((n, settings.n_factors), np.float32) for n in train.shape]
    sides[0][found.listeners.astype(int)] = found.listener_factors
    sides[1][found.tracks.astype(int)] = found.track_factors
    return FactorScorer(*sides)


def lost_quality(
    session: SparkSession, matrix: csr_array, settings: WMFSettings, place: Path
) -> dict[str, tuple[float, float, float]]:
    """Mean, low and high of what one machine's lists are better by, over listeners, on plays held out."""
    train, held = hold_out(matrix, seed=1)
    exam = make_exam(
        held,
        played=train,
        n_players=np.bincount(train.indices, minlength=train.shape[1]),
        likeness=np.zeros((train.shape[1], 1), np.float32),
        seed=0,
    )
    one = judge(FactorScorer(*fit_wmf(train, settings)), exam).values
    other = judge(scored(session, train, settings, place), exam).values
    names = ("recall@50", "ndcg@10")
    lost = np.stack([one[name] - other[name] for name in names], axis=1)
    low, high = intervals_of_means(lost, seed=0)
    means = np.nanmean(lost, axis=0)
    return {name: (means[at], low[at], high[at]) for at, name in enumerate(names)}


def test_lists_are_as_good_as_those_of_one_machine(session: SparkSession, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    n_listeners, n_tracks, n_plays = 1_500, 600, 40_000
    listener = rng.integers(0, n_listeners, n_plays)
    scene = rng.choice(10, n_plays)
    scene = np.where(rng.random(n_plays) < 0.8, listener % 10, scene)
    popular = np.minimum((rng.pareto(0.8, n_plays) * 3).astype(int), n_tracks // 10 - 1)
    plays = rng.geometric(0.5, n_plays).astype(np.float32)
    matrix = coo_array((plays, (listener, popular * 10 + scene)), (n_listeners, n_tracks)).tocsr()
    lost = lost_quality(session, matrix, replace(SETTINGS, n_factors=16, n_iterations=8), tmp_path)
    assert all(low <= 0 for _, low, _ in lost.values()), lost


@pytest.mark.parametrize("confidence", ["log", "linear"])
def test_lists_of_real_listeners_are_as_good_as_those_of_one_machine(
    session: SparkSession, shared: Path, tmp_path: Path, confidence: Any
) -> None:
    usage, _ = read_here(shared / "data" / "taste-profile" / "plays.parquet")
    settings = WMFSettings(n_factors=32, n_iterations=8, confidence=confidence, alpha=12.0)
    lost = lost_quality(session, usage.matrix, settings, tmp_path)
    assert all(low <= 0 for _, low, _ in lost.values()), lost
