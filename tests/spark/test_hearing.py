"""What a worker does with one partition; no Spark is needed for it."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
import signal
import traceback
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from segue.encoders import members
from segue.errors import DiskFull, SegueError
from segue.scanning.analyse import work_options
from segue.scanning.scan import TARGET
from segue.spark import hearing
from segue.spark.failures import _as_told
from segue.spark.hearing import Task, hear_partition
from segue.spark.listing import list_music
from segue.spark.parts import open_folder, read_problems
from segue.spark.places import place_of


@dataclasses.dataclass
class Job:
    """Files to hear, and where their vectors go."""

    music: Path
    task: Task

    def put(self, name: str, sound: str = "") -> None:
        (self.music / name).write_bytes(f"title\n{sound or name}".encode())

    def files(self) -> pa.Table:
        return list_music([str(self.music)], [place_of(str(self.music))]).files

    def run(self, files: pa.Table | None = None, **other: object) -> tuple[int, int]:
        """How many were heard, and how many were not."""
        task = dataclasses.asdict(self.task) | other
        batches = (self.files() if files is None else files).combine_chunks().to_batches()
        (counts,) = list(hear_partition(iter(batches), task))
        (row,) = counts.to_pylist()
        self.part = row["part"]
        return row["heard"], row["problems"]

    def vectors(self) -> dict[str, list[float]]:
        table = ds.dataset(self.task.output).to_table()
        names = [Path(name).name for name in table["name"].to_pylist()]
        return dict(zip(names, table["vector"].to_pylist(), strict=True))

    def problems(self) -> dict[str, str]:
        rows = read_problems(place_of(self.task.output), self.part)
        return {Path(row["name"]).name: row["reason"] for row in rows}


@pytest.fixture(scope="module", autouse=True)
def _nothing_left() -> Iterator[None]:
    yield
    hearing._forget_pool()


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv(
        "PYTHONPATH", str(Path(__file__).resolve().parents[1] / "scanning"), prepend=os.pathsep
    )
    (tmp_path / "music").mkdir()
    output = place_of(str(tmp_path / "vectors.parquet"))
    header = open_folder(output, encoder="timbre-1", windows="balanced")
    task = Task(
        places=(str(tmp_path / "music"),),
        output=output.word,
        identity=header.identity,
        run=1,
        encoder="timbre-1",
        target="targets:hear",
        options=work_options(members("timbre"), "balanced"),
    )
    return Job(tmp_path / "music", task)


def test_a_partition_becomes_a_part(job: Job) -> None:
    job.put("a.mp3")
    job.put("b.mp3", "broken")
    assert job.run() == (1, 1)
    table = ds.dataset(job.task.output).to_table()
    assert table.drop_columns("vector").to_pylist() == [
        {
            "name": str(job.music / "a.mp3"),
            "encoder": "timbre-1",
            "digest": hashlib.sha256(b"a.mp3").hexdigest(),
            "size": 11,
            "modified_ns": (job.music / "a.mp3").stat().st_mtime_ns,
        }
    ]
    assert job.problems() == {"b.mp3": "not-audio"}


def test_the_same_partition_again_is_the_same_file_again(job: Job) -> None:
    job.put("a.mp3")
    job.put("b.mp3")
    job.run()
    path = Path(job.task.output, job.part)
    before = path.read_bytes()
    path.unlink()
    job.run(job.files().take([1, 0]))
    assert path.read_bytes() == before


def test_a_part_that_this_run_wrote_already_is_left(job: Job) -> None:
    job.put("a.mp3")
    job.put("b.mp3", "broken")
    job.run()
    before = Path(job.task.output, job.part).stat()
    assert job.run() == (1, 1)
    assert Path(job.task.output, job.part).stat() == before
    job.run(run=2)
    assert Path(job.task.output, job.part).stat() != before


def test_a_poisoned_file_costs_itself_only(job: Job) -> None:
    for name in ("a.mp3", "crash-1.mp3", "leave-1.mp3", "stumble-1.mp3", "z.mp3"):
        job.put(name)
    assert job.run() == (2, 3)
    assert sorted(job.vectors()) == ["a.mp3", "z.mp3"]
    assert job.problems() == {
        "crash-1.mp3": "crashed",
        "leave-1.mp3": "crashed",
        "stumble-1.mp3": "unexpected",
    }


def test_the_process_that_hears_is_kept(job: Job) -> None:
    job.put("a.mp3")
    job.run()
    (pool,) = hearing._kept.values()
    (worker,) = pool._workers
    served = worker.served
    job.run(run=2)
    assert list(hearing._kept.values()) == [pool]
    assert pool._workers == [worker]
    assert worker.served == served + 1
    os.kill(worker.process.pid, signal.SIGKILL)
    assert job.run(run=3) == (1, 0)


def test_a_file_that_went_is_a_problem(job: Job) -> None:
    job.put("a.mp3")
    job.put("b.mp3")
    files = job.files()
    (job.music / "a.mp3").unlink()
    assert job.run(files, target=TARGET) == (0, 2)
    assert job.problems() == {"a.mp3": "missing", "b.mp3": "not-audio"}


@pytest.mark.parametrize("mounted", [True, False])
def test_music_that_a_worker_does_not_see_is_said_once(job: Job, mounted: bool) -> None:
    job.put("a.mp3")
    files = job.files()
    (job.music / "a.mp3").unlink()
    if not mounted:
        job.music.rmdir()
    with pytest.raises(SegueError, match=f"does not see {job.music}: music must lie where all machines"):
        job.run(files)


def test_an_output_that_a_worker_does_not_see_is_said(job: Job, tmp_path: Path) -> None:
    job.put("a.mp3")
    other = place_of(str(tmp_path / "other"))
    open_folder(other, encoder="timbre-1", windows="balanced")
    for output in (other.word, str(tmp_path / "nowhere")):
        with pytest.raises(SegueError, match=f"does not see {output} as the driver does"):
            job.run(output=output)


def test_an_encoder_that_a_worker_does_not_see_is_said(job: Job, tmp_path: Path) -> None:
    job.put("a.mp3")
    options = job.task.options | {"folders": [str(tmp_path / "mine")]}
    with pytest.raises(SegueError, match="does not see the encoder as the driver does"):
        job.run(options=options)


def test_hearing_that_cannot_start_is_said(job: Job) -> None:
    job.put("a.mp3")
    with pytest.raises(SegueError, match="the network is damaged: copy it again"):
        job.run(target="targets:refuse")
    assert job.run() == (1, 0)


def test_a_full_disk_is_known_as_one_on_the_driver(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    job.put("a.mp3")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull) as raised:
        job.run()
    said = "".join(traceback.format_exception(raised.value))
    assert isinstance(_as_told(said), DiskFull)
    assert isinstance(_as_told(f"segue.errors.DiskFull: {raised.value}"), DiskFull)


@pytest.mark.parametrize(
    "said",
    [
        "java.lang.OutOfMemoryError: Java heap space",
        "Job aborted: Task 0 failed 4 times: ExecutorLostFailure Reason: Command exited with code 52",
    ],
)
def test_too_little_memory_is_known_as_such(said: str) -> None:
    assert "no memory left" in str(_as_told(said)) and "spark.executor.memory" in str(_as_told(said))


def test_an_empty_partition_is_nothing(job: Job) -> None:
    assert list(hear_partition(iter(()), dataclasses.asdict(job.task))) == []
    empty = job.files().slice(0, 0).to_batches()
    assert list(hear_partition(iter(empty), dataclasses.asdict(job.task))) == []


def test_a_changed_file_is_kept_as_it_was_heard(job: Job) -> None:
    job.put("a.mp3")
    files = job.files()
    job.put("a.mp3", "longer than before")
    job.run(files)
    (row,) = ds.dataset(job.task.output).to_table().to_pylist()
    assert row["size"] == (job.music / "a.mp3").stat().st_size
