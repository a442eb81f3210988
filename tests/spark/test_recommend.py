"""Lists that a cluster writes are those of one machine."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_array

from segue.errors import NothingFound, SegueError, UsageError
from segue.evaluation.judging import lists_of
from segue.evaluation.list_metrics import top_k
from segue.spark import lists
from segue.spark.factor_files import FILE, FactorHeader, header_as_json
from segue.spark.recommend import Asked, write_lists

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from conftest import Cluster

pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]
N_LISTENERS, N_TRACKS, N = 50, 300, 20


@dataclass(frozen=True)
class Made:
    """Factors of whole numbers, so that scores are exact and many are equal."""

    folder: Path
    listeners: list[str]
    tracks: list[str]
    listener_factors: np.ndarray
    track_factors: np.ndarray
    played: csr_array

    @property
    def plays(self) -> str:
        return str(self.folder / "plays.parquet")

    def wanted(self, n: int = N, played: csr_array | None = None) -> dict[str, list[str]]:
        """What one machine says: a full sort of all scores."""
        known = np.flatnonzero(self.track_factors.any(axis=1))
        everybody = np.arange(len(self.listeners))
        excluded = None if played is None else lists_of(csr_array(played[:, known]), everybody)
        found = top_k(self.listener_factors @ self.track_factors[known].T, n, excluded=excluded)
        return {
            name: [self.tracks[known[track]] for track in row if track >= 0]
            for name, row, factor in zip(self.listeners, found.tolist(), self.listener_factors, strict=True)
            if factor.any()
        }


def floats(rows: np.ndarray) -> pa.Array:
    return pa.array(list(rows.astype(np.float32)), pa.list_(pa.float32()))


def write_factors(
    folder: Path, listeners: list[Any], x: np.ndarray, tracks: list[Any], y: np.ndarray
) -> None:
    """A folder of factors as a cluster writes it."""
    header = FactorHeader("0" * 16, len(x), len(y), x.shape[1], 1)
    folder.mkdir(parents=True)
    for name, column, labels, rows in (
        (header.listener_folder, "listener", listeners, x),
        (header.track_folder, "track", tracks, y),
    ):
        (folder / name).mkdir()
        half = len(labels) // 2
        for part, chosen in enumerate((slice(0, half), slice(half, half), slice(half, None))):
            kind = pa.int64() if isinstance(labels[0], int) else pa.string()
            table = pa.table({column: pa.array(labels[chosen], kind), "factor": floats(rows[chosen])})
            pq.write_table(table, folder / name / f"part-{part}.parquet")
    (folder / FILE).write_text(header_as_json(header))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("made")
    listeners = [f"listener {row}" for row in range(N_LISTENERS)]
    tracks = sorted(f"track {row}" for row in range(N_TRACKS))
    x = rng.integers(-2, 3, (N_LISTENERS, 3)).astype(np.float32)
    y = rng.integers(-2, 3, (N_TRACKS, 3)).astype(np.float32)
    x[~x.any(axis=1)] = y[~y.any(axis=1)] = 1
    x[3] = 0  # of whom nothing is known
    y[7] = y[8] = 0
    played = rng.random((N_LISTENERS, N_TRACKS)) < 0.05
    played[5] = True  # somebody has played everything
    played[6, 10:] = True
    played[9] = False
    rows, columns = np.nonzero(played)
    rows, columns = np.append(rows, rows[:40]), np.append(columns, columns[:40])  # some pairs twice
    made = Made(folder, listeners, tracks, x, y, csr_array(played.astype(np.float32)))
    table = {"listener": [listeners[row] for row in rows], "track": [tracks[column] for column in columns]}
    pq.write_table(pa.table(table | {"plays": np.ones(len(rows))}), made.plays)
    write_factors(folder / "factors", listeners, x, tracks, y)
    return made


def read(folder: Path) -> dict[str, list[Any]]:
    """Lists by listener, as they are ranked; whoever has none is not in it."""
    table = pq.read_table(folder)
    assert table.column_names == ["listener", "rank", "track", "score"]
    found: dict[str, list[Any]] = {}
    for row in sorted(table.to_pylist(), key=lambda row: (row["listener"], row["rank"])):
        tracks = found.setdefault(row["listener"], [])
        tracks.append(row["track"])
        assert row["rank"] == len(tracks)
    return found


def test_lists_are_those_of_one_machine(session: SparkSession, made: Made, tmp_path: Path) -> None:
    asked = Asked(n=N, plays=made.plays)
    written = write_lists(session, str(made.folder / "factors"), str(tmp_path / "lists"), asked)
    wanted = {name: tracks for name, tracks in made.wanted(played=made.played).items() if tracks}
    assert read(tmp_path / "lists") == wanted
    assert "listener 5" not in wanted
    assert len(wanted["listener 6"]) < N
    assert (written.n_lists, written.n_listeners) == (N_LISTENERS - 2, N_LISTENERS)
    assert written.n_candidates == N_TRACKS - 2
    assert [path.name for path in tmp_path.iterdir()] == ["lists"]


def test_blocks_of_tracks_say_the_same(
    session: SparkSession, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tmp_path / "names.parquet"
    artists = [f"artist {row % 9}" if row % 5 else None for row in range(N_TRACKS)]
    pq.write_table(pa.table({"track": made.tracks, "artist": artists}), names)
    found = []
    for number, (block_bytes, limit) in enumerate(((1 << 20, 2), (12 * 120, 2), (12 * 120, 0))):
        monkeypatch.setattr(lists, "_BLOCK_BYTES", block_bytes)
        output = tmp_path / f"lists {number}"
        asked = Asked(n=N, names=names, per_artist=limit)
        write_lists(session, str(made.folder / "factors"), str(output), asked)
        found.append(read(output))
    assert found[0] == found[1]
    assert found[2] == made.wanted()
    artist_of = dict(zip(made.tracks, artists, strict=True))
    for tracks in found[1].values():
        by = [artist_of[track] for track in tracks]
        assert all(by.count(artist) <= 2 for artist in set(by) - {None})


def test_some_listeners_by_a_file(session: SparkSession, made: Made, tmp_path: Path) -> None:
    (tmp_path / "who.txt").write_text("listener 1\nnobody\nlistener 2\n\nlistener 1\n")
    asked = Asked(n=3, listeners=tmp_path / "who.txt")
    written = write_lists(session, str(made.folder / "factors"), str(tmp_path / "lists"), asked)
    assert written.unknown == ("nobody",)
    wanted = made.wanted(3)
    assert read(tmp_path / "lists") == {name: wanted[name] for name in ("listener 1", "listener 2")}
    (tmp_path / "who.txt").write_text("nobody\nsomebody\n")
    with pytest.raises(NothingFound, match="none of the 2 listeners is in the factors, such as 'nobody'"):
        write_lists(session, str(made.folder / "factors"), str(tmp_path / "none"), asked)
    assert not (tmp_path / "none").exists()


def test_tracks_that_nobody_played_are_placed_by_their_vectors(session: SparkSession, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    content = rng.standard_normal((80, 6)).astype(np.float32)
    factors = content[:, :3] * 2
    write_factors(
        tmp_path / "factors", list(range(5)), np.eye(5, 3, dtype=np.float32), list(range(60)), factors[:60]
    )
    vectors = tmp_path / "vectors.parquet"
    vectors.mkdir()
    table = {"name": [f"{row}" for row in range(80)], "encoder": ["e"] * 80, "vector": floats(content)}
    pq.write_table(pa.table(table), vectors / f"part-{0:016x}.parquet")
    asked = Asked(n=5, vectors=str(vectors), learn_from="all")
    written = write_lists(session, str(tmp_path / "factors"), str(tmp_path / "lists"), asked)
    assert (written.n_candidates, written.n_predicted) == (80, 20)
    assert written.content is not None and written.content.explained > 0.9
    found = read(tmp_path / "lists")
    assert sorted(found) == [0, 1, 2]  # the others have factors of 0
    for listener, tracks in found.items():
        near = np.argsort(-factors[:, listener])[:6]
        assert len(set(tracks) & set(near.tolist())) >= 4
    assert any(track >= 60 for tracks in found.values() for track in tracks)


def test_what_is_not_whole_is_refused(session: SparkSession, made: Made, tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    for part in (made.folder / "factors").iterdir():
        if part.name != FILE:
            (tmp_path / "half" / part.name).symlink_to(part)
    with pytest.raises(UsageError, match=r"holds no factors\.json"):
        write_lists(session, str(tmp_path / "half"), str(tmp_path / "lists"), Asked())
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "photo.jpg").write_bytes(b"dear")
    with pytest.raises(UsageError, match="is there and holds no lists"):
        write_lists(session, str(made.folder / "factors"), str(tmp_path / "lists"), Asked())
    assert (tmp_path / "lists" / "photo.jpg").exists()


def test_other_plays_are_refused(session: SparkSession, made: Made, tmp_path: Path) -> None:
    pq.write_table(pa.table({"listener": ["x"], "track": ["y"], "plays": [1]}), tmp_path / "plays.parquet")
    asked = Asked(plays=str(tmp_path / "plays.parquet"))
    with pytest.raises(UsageError, match=r"no listener of .* is in the factors"):
        write_lists(session, str(made.folder / "factors"), str(tmp_path / "lists"), asked)
    assert not (tmp_path / "lists").exists()


def test_a_worker_killed_in_the_middle_changes_nothing(
    session: SparkSession, cluster: Cluster, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(n=N)
    for _ in range(2):  # what was there is replaced
        write_lists(session, str(made.folder / "factors"), str(tmp_path / "lists"), Asked(n=1))
    monkeypatch.setattr(lists, "_TASKS_A_CORE", 12)
    victim = cluster.workers[0]

    whole: list[Path] = []

    def kill() -> None:
        while not list(tmp_path.glob("_lists-*/lists/_temporary/**/*.parquet")):
            time.sleep(0.02)
        cluster.kill_worker(victim)
        whole.extend(tmp_path.glob("_lists-*/lists/_SUCCESS"))

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        write_lists(session, str(made.folder / "factors"), str(tmp_path / "lists"), asked)
    finally:
        killer.join()
        cluster.add_worker()
    assert not whole, "it was killed after the end"
    assert read(tmp_path / "lists") == made.wanted()


def test_the_command(idle: Cluster, made: Made, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from segue.cli.app import cli

    arguments = [str(made.folder / "factors"), "-o", str(tmp_path / "lists"), "-n", "2", "--quiet"]
    result = CliRunner().invoke(cli, ["spark", "recommend", *arguments, "--master", idle.master])
    assert result.exit_code == 0, result.output
    assert f"wrote {tmp_path / 'lists'}: lists for 49 listeners, of 298 tracks" in result.output
    assert "1 listeners have no list" in result.output
    assert read(tmp_path / "lists") == made.wanted(2)


def test_a_limit_by_artist_needs_names(made: Made) -> None:
    from click.testing import CliRunner

    from segue.cli.app import cli

    result = CliRunner().invoke(cli, ["spark", "recommend", "factors", "-o", "lists", "--per-artist", "1"])
    assert isinstance(result.exception, SegueError)
    assert "--per-artist needs --names" in str(result.exception)
