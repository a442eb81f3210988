"""Hearing on Spark against one machine: does a second executor pay, and what does Spark cost?

    python benchmarks/spark_embed.py [MUSIC] [--clips 500] [--encoder musicnn] [--runs 3]

MUSIC is a folder of clips; without it as many are made up, 30 s of mono FLAC each. A standalone cluster is
started on this machine, with executors of one core. In each run, in an order that is shuffled anew, the same
clips are heard by one executor, by two, and by `segue embed` with two processes: as commands, with the start
of Spark and of its executors, and once more where both wait for work. The table holds medians in seconds.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from segue.operations.embed import embed_paths
from segue.spark.embed import embed_places
from segue.spark.session import connected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CLIP_S, RATE = 30, 22_050


def make_clips(folder: Path, count: int) -> None:
    """Chords that fade, with a beat of noise: what a clip holds does not change what hearing it costs."""
    rng = np.random.default_rng(0)
    time_s = np.arange(CLIP_S * RATE) / RATE
    for number in range(count):
        tones = 110 * 2 ** (rng.integers(0, 36, 4) / 12)
        sound = sum(np.sin(2 * np.pi * tone * time_s) for tone in tones) / 8
        beat = np.exp(-((time_s * rng.uniform(1, 3)) % 1) * 8)
        sound = sound * (0.4 + 0.6 * beat) + 0.05 * beat * rng.standard_normal(time_s.size)
        soundfile.write(folder / f"{number:05}.flac", sound.astype(np.float32), RATE)


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[str]:
    """The address of a master with some workers of one core."""
    import pyspark

    spark_class = Path(pyspark.__file__).parent / "bin" / "spark-class"
    address = ("127.0.0.1", _free_port())
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    processes: list[subprocess.Popen[bytes]] = []

    def spawn(kind: str, *arguments: str) -> None:
        log = (folder / f"{kind}{len(processes)}.log").open("wb")
        processes.append(
            subprocess.Popen(
                [spark_class, f"org.apache.spark.deploy.{kind}", *arguments],
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        )

    try:
        spawn("master.Master", "--host", address[0], "--port", str(address[1]), "--webui-port", "0")
        while not _listens(address):
            time.sleep(0.2)
        for number in range(workers):
            place = folder / f"work{number}"
            arguments = ("--host", address[0], "--cores", "1", "--memory", "1g", "--webui-port", "0")
            spawn("worker.Worker", *arguments, "--work-dir", str(place), f"spark://127.0.0.1:{address[1]}")
        while sum(b"Successfully registered" in log.read_bytes() for log in folder.glob("*.log")) < workers:
            time.sleep(0.2)
        yield f"spark://127.0.0.1:{address[1]}"
    finally:
        for process in processes:
            os.killpg(process.pid, 9)
            process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(address: tuple[str, int]) -> bool:
    with socket.socket() as one:
        return one.connect_ex(address) == 0


def on_spark(music: Path, encoder: str, executors: int, work: Path) -> tuple[float, float]:
    """Seconds where a session waits for work, and of the command."""
    folder = Path(tempfile.mkdtemp(dir=work))
    with cluster(executors, folder) as master:
        command = ["spark", "embed", str(music), "--encoder", encoder, "--master", master]
        whole_s = timed(lambda: run_segue(*command, "--output", str(folder / "cold.parquet")))
        output = folder / "warm.parquet"
        with connected(master, job="benchmark") as session:
            warm_up(session, executors)
            waiting_s = timed(lambda: embed_places([str(music)], str(output), master=master, encoder=encoder))
        held = sum(path.stat().st_size for path in output.glob("part-*"))
        count = sum(1 for _ in music.iterdir())
        print(f"{executors} executors: {whole_s:.1f} s, {waiting_s:.1f} s, {held / count:.0f} bytes a vector")
    shutil.rmtree(folder)
    return waiting_s, whole_s


def warm_up(session: SparkSession, executors: int) -> None:
    """Wait for the executors, and until their Python is at hand."""
    while int(session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()) <= executors:
        time.sleep(0.1)
    session.range(0, executors, 1, executors).mapInArrow(lambda batches: batches, "id long").collect()


def on_one_machine(music: Path, encoder: str, processes: int, work: Path) -> tuple[float, float]:
    """Seconds of the function, and of the command."""
    output = str(work / "vectors.npz")
    command = ["embed", str(music), "--encoder", encoder, "--workers", str(processes), "--output", output]
    whole_s = timed(lambda: run_segue(*command))
    function_s = timed(lambda: embed_paths([music], encoder=encoder, workers=processes))
    print(f"segue embed: {whole_s:.1f} s, {function_s:.1f} s")
    return function_s, whole_s


def run_segue(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "segue", *arguments, "--quiet"], check=True, capture_output=True)


def timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("music", nargs="?", type=Path)
    parser.add_argument("--clips", type=int, default=500)
    parser.add_argument("--encoder", default="musicnn")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spark-embed-") as name:
        work = Path(name)
        music = asked.music or work / "clips"
        if asked.music is None:
            music.mkdir()
            make_clips(music, asked.clips)
        contestants = {
            "segue embed, 2 processes": lambda: on_one_machine(music, asked.encoder, 2, work),
            "spark, 1 executor": lambda: on_spark(music, asked.encoder, 1, work),
            "spark, 2 executors": lambda: on_spark(music, asked.encoder, 2, work),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
        chance = random.Random(0)
        for _ in range(asked.runs):
            for name in chance.sample(sorted(contestants), len(contestants)):
                print(f"load {os.getloadavg()[0]:.1f}: ", end="", flush=True)
                found[name].append(contestants[name]())
    print(f"{'':26}{'waiting':>10}{'command':>10}")
    medians = {}
    for name, runs in found.items():
        medians[name] = [statistics.median(times) for times in zip(*runs, strict=True)]
        print(f"{name:26}{medians[name][0]:8.1f} s{medians[name][1]:8.1f} s")
    alone, one, two = medians.values()
    for at, what in enumerate(("where Spark waits for work", "with the start of Spark")):
        print(
            f"{what}: two executors {one[at] / two[at]:.2f} times one, "
            f"{two[at] / alone[at] - 1:+.0%} over segue embed"
        )


if __name__ == "__main__":
    main()
