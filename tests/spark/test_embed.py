"""`segue spark embed` on a real cluster: equal to one machine, and what is lost costs little."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.dataset as ds
import pytest

from segue.errors import SegueError
from segue.operations.embed import embed_paths
from segue.progress import Silent
from segue.spark import embed as embedding
from segue.spark.embed import EmbedReport, embed_places

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from conftest import Cluster, Demo

# A core that others share may be slow.
pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]


class Told(Silent):
    """Remembers what it was told, and does something once the first part is there."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.then = then
        self.steps, self.total = 0, 0
        self.problems: dict[str, str] = {}
        self.notes: list[str] = []

    def start(self, label: str, total: int | None) -> None:
        self.total = total or 0

    def advance(self, steps: int = 1) -> None:
        self.steps += steps
        then, self.then = self.then, lambda: None
        then()

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        self.problems[Path(path).name] = reason

    def note(self, message: str) -> None:
        self.notes.append(message)


@dataclass
class Job:
    """Music, a folder for its vectors, and a cluster that hears."""

    folder: Path
    master: str
    told: Told = field(default_factory=Told)

    @property
    def music(self) -> Path:
        return self.folder / "music"

    @property
    def output(self) -> Path:
        return self.folder / "vectors.parquet"

    def put(self, *names: str) -> None:
        """Files whose pretended sound is their name."""
        self.music.mkdir(exist_ok=True)
        for name in names:
            (self.music / name).write_bytes(f"title\n{name}".encode())

    def run(
        self, *, encoder: str = "timbre", retry: bool = False, then: Callable[[], None] = lambda: None
    ) -> EmbedReport:
        self.told = Told(then)
        return embed_places(
            [str(self.music)],
            str(self.output),
            master=self.master,
            encoder=encoder,
            retry=retry,
            progress=self.told,
        )

    def vectors(self) -> dict[str, np.ndarray]:
        """By name; a file that is there twice is a fault."""
        table = ds.dataset(self.output).to_table()
        names = table["name"].to_pylist()
        assert len(set(names)) == len(names)
        return {
            name: np.array(vector, np.float32)
            for name, vector in zip(names, table["vector"].to_pylist(), strict=True)
        }


@pytest.fixture
def job(tmp_path: Path, session: SparkSession) -> Job:
    return Job(tmp_path, session.sparkContext.master)


@pytest.fixture
def pretended(job: Job, monkeypatch: pytest.MonkeyPatch) -> Job:
    """With workers that pretend to hear, as `targets.hear` says."""
    monkeypatch.setattr(embedding, "TARGET", "targets:hear")
    return job


@pytest.mark.parametrize("encoder", ["musicnn", "timbre+musicnn"])
def test_vectors_are_those_of_one_machine(job: Job, demo: Demo, encoder: str) -> None:
    shutil.copytree(demo.music, job.music)
    (job.music / "broken.mp3").write_bytes(b"no music")
    report = job.run(encoder=encoder)
    expected = embed_paths([job.music], encoder=encoder)
    found = job.vectors()
    assert sorted(found) == list(expected.names)
    for name, vector in zip(expected.names, expected.vectors, strict=True):
        assert found[name].tobytes() == vector.tobytes()
    assert report == EmbedReport(
        output=str(job.output),
        encoder=expected.encoder,
        dim=expected.vectors.shape[1],
        found=len(expected.names) + len(expected.problems),
        heard=len(expected.names),
        problems=len(expected.problems),
        known_problems=0,
        gone=0,
        vectors=len(expected.names),
    )
    assert job.told.problems == {problem.path.name: problem.reason for problem in expected.problems}
    assert (job.told.steps, job.told.total) == (report.found, report.found)


def test_spark_reads_the_folder(session: SparkSession, job: Job, pretended: Job) -> None:
    job.put(*(f"{n}.mp3" for n in range(20)), "crash-1.mp3")
    job.run()
    frame = session.read.parquet(str(job.output))
    assert frame.count() == 20
    assert dict(frame.dtypes)["vector"] == "array<float>"
    failed = session.read.parquet(f"{job.output}/_problems").collect()
    assert [(Path(row["name"]).name, row["reason"]) for row in failed] == [("crash-1.mp3", "crashed")]


def test_only_what_is_new_or_changed_is_heard(pretended: Job) -> None:
    job = pretended
    job.put("a.mp3", "b.mp3", "c.mp3", "crash-1.mp3")
    job.run()
    before = job.vectors()
    there, job.master = job.master, "spark://127.0.0.1:1"  # nothing to hear, so nobody is asked
    again = job.run()
    assert (again.heard, again.problems, again.known_problems, again.vectors) == (0, 0, 1, 3)
    job.master = there
    (job.music / "a.mp3").write_bytes(b"title\nanother sound")
    (job.music / "c.mp3").unlink()
    job.put("d.mp3")
    report = job.run()
    assert (report.heard, report.problems, report.known_problems) == (2, 0, 1)
    assert (report.gone, report.vectors) == (1, 4)
    after = job.vectors()
    changed = {Path(name).name for name in after if not np.array_equal(after[name], before.get(name))}
    assert changed == {"a.mp3", "d.mp3"}
    retried = job.run(retry=True)
    assert (retried.heard, retried.problems, retried.known_problems) == (0, 1, 0)


def test_a_lost_worker_costs_only_what_it_was_at(pretended: Job, cluster: Cluster) -> None:
    job = pretended
    job.put(*(f"{n}.mp3" for n in range(60)), "crash-1.mp3")
    doomed = cluster.workers[0]
    try:
        report = job.run(then=lambda: cluster.kill_worker(doomed))
    finally:
        cluster.add_worker()
    assert (report.heard, report.problems, report.vectors) == (60, 1, 60)
    assert len(job.vectors()) == 60
    assert job.told.steps == 61


_DRIVER = """
import sys
from segue.spark import embed
embed.TARGET = "targets:hear"
embed.embed_places([sys.argv[1]], sys.argv[2], master=sys.argv[3], encoder="timbre")
"""


def _parts(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("part-*.parquet")}


def test_a_killed_driver_leaves_whole_parts_and_the_next_run_goes_on(pretended: Job, idle: Cluster) -> None:
    job = pretended
    job.put(*(f"{n}.mp3" for n in range(80)))
    driver = subprocess.Popen(
        [sys.executable, "-c", _DRIVER, str(job.music), str(job.output), job.master], start_new_session=True
    )
    try:
        while not _parts(job.output):
            assert driver.poll() is None
            time.sleep(0.05)
    finally:
        driver.kill()
        driver.wait()
    left = job.vectors()
    assert 0 < len(left) < 80
    report = job.run()
    assert 0 < report.heard <= 80 - len(left)
    assert report.vectors == 80
    after = job.vectors()
    assert len(after) == 80
    assert all(np.array_equal(after[name], left[name]) for name in left)


def test_ctrl_c_leaves_whole_parts(pretended: Job, idle: Cluster) -> None:
    job = pretended
    job.put(*(f"{n}.mp3" for n in range(80)))
    with pytest.raises(KeyboardInterrupt):
        job.run(then=lambda: os.kill(os.getpid(), signal.SIGINT))
    left = job.vectors()
    assert 0 < len(left) < 80
    report = job.run()
    assert report.vectors == 80


def test_what_a_worker_does_not_see_is_said_in_one_line(pretended: Job) -> None:
    """The files go once they are listed: as if they lay on the driver's disk."""
    job = pretended
    job.put(*(f"{n}.mp3" for n in range(20)))
    listed = embedding.list_music

    def listed_and_gone(words, places):  # type: ignore[no-untyped-def]
        found = listed(words, places)
        shutil.rmtree(job.music)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedding, "list_music", listed_and_gone)
        with pytest.raises(SegueError, match=f"does not see {job.music}"):
            job.run()
    assert job.told.problems == {}
    job.put("0.mp3")
    assert job.run().heard == 1
