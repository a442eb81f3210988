"""A real standalone cluster on loopback: one master, two workers of one core, each a process of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_START_S = 60.0
_MEMORY = "1g"
# Every session starts Java anew, three times on two cores, and ends before its better compiler would pay.
_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_PRETENDED = Path(__file__).resolve().parents[1] / "scanning"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Cluster:
    """A running cluster; `workers` are what a test may kill."""

    folder: Path
    port: int = field(default_factory=free_port)
    master_process: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def master(self) -> str:
        return f"spark://127.0.0.1:{self.port}"

    def start(self, workers: int) -> None:
        self.master_process = self._spawn(
            "master",
            *("org.apache.spark.deploy.master.Master", "--host", "127.0.0.1"),
            *("--port", str(self.port), "--webui-port", str(free_port())),
        )
        self._wait(lambda: _listens(self.port), "master")
        for _ in range(workers):
            self.add_worker()

    def add_worker(self) -> subprocess.Popen[bytes]:
        number = self.started
        self.started += 1
        process = self._spawn(
            f"worker{number}",
            *("org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1"),
            *("--cores", "1", "--memory", _MEMORY, "--webui-port", str(free_port())),
            *("--work-dir", str(self.folder / f"work{number}"), self.master),
        )
        self.workers.append(process)
        said = self.folder / f"worker{number}.log"
        self._wait(lambda: b"Successfully registered" in said.read_bytes(), f"worker{number}")
        return process

    def kill_worker(self, process: subprocess.Popen[bytes]) -> None:
        """Kill -9 a worker with its executors, as a machine that loses its power."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.workers.remove(process)

    def session(self) -> SparkSession:
        """The session that the tests of this process share; it holds all cores until `end_session`."""
        from pyspark.sql import SparkSession

        from segue.spark.session import connected

        return SparkSession.getActiveSession() or self.held.enter_context(connected(self.master, job="tests"))

    def end_session(self) -> None:
        self.held.close()

    def stop(self) -> None:
        self.end_session()
        for process in (*self.workers, self.master_process):
            if process is not None and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        import pyspark

        home = Path(pyspark.__file__).parent
        environment = os.environ | {
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_LOCAL_DIRS": str(self.folder / "scratch"),
            "SPARK_DAEMON_JAVA_OPTS": _JAVA,
            # What the tests let workers do in place of hearing, and how long that takes.
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_PRETENDED), os.environ.get("PYTHONPATH")))),
            "HEARING_S": "0.1",
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                [home / "bin" / "spark-class", *arguments],
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    def _wait(self, ready: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + _START_S
        while not ready():
            if time.monotonic() > until:
                pytest.fail(f"the {what} did not start: {(self.folder / f'{what}.log').read_text()[-2000:]}")
            time.sleep(0.1)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers of one core; a test that kills one starts another."""
    pytest.importorskip("pyspark", reason="the extra segue[spark] is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java: apt-get install openjdk-17-jre-headless")
    one = Cluster(tmp_path_factory.mktemp("cluster"))
    settings = [f"spark.{process}.defaultJavaOptions {_JAVA}\n" for process in ("driver", "executor")]
    (one.folder / "spark-defaults.conf").write_text("".join(settings))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SPARK_CONF_DIR", str(one.folder))
            one.start(workers=2)
            yield one
    finally:
        one.stop()


@pytest.fixture
def session(cluster: Cluster) -> SparkSession:
    """A session on the cluster, whose tests may come in any order."""
    return cluster.session()


@pytest.fixture
def idle(cluster: Cluster) -> Cluster:
    """The cluster with all of its cores, for sessions that a test begins itself: asked for last."""
    cluster.end_session()
    return cluster
