"""A Spark session: where the cluster is, and clear words when it cannot be had."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from segue.errors import SegueError, UsageError
from segue.spark.failures import translated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_JAVA = 17
_KNOWN = re.compile(r"local(\[(\d+|\*)(,\d+)?\])?|local-cluster\[\d+,\d+,\d+\]|(spark|k8s)://.+|yarn")
_ANSWERS_IN_S = 5.0
_LOGGING = Path(__file__).with_name("log4j2.properties")


@contextmanager
def connected(master: str | None, *, job: str) -> Iterator[SparkSession]:
    """A session on a cluster, stopped at the end; one that this process has already is used, and goes on.

    Parameters
    ----------
    master
        As Spark writes it: ``spark://host:7077``, ``yarn``, ``k8s://…``, ``local[2]``. None takes what
        ``spark-submit`` or ``spark-defaults.conf`` say, and all cores of this machine where they say nothing.
    job
        What the cluster's pages call it.

    Raises
    ------
    UsageError
        If that is no master.
    SegueError
        If PySpark or Java is missing, or nobody answers there.
    """
    _check_installed()
    if master is not None:
        _check_master(master)
    from pyspark.sql import SparkSession

    # Workers run the Python of the driver, unless it is said otherwise.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(f"segue {job}")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    if master is not None:
        builder = builder.master(master)
    was_there = SparkSession.getActiveSession() is not None
    with translated(), _without_greetings():
        session = builder.getOrCreate()
    try:
        with translated():
            yield session
    finally:
        if not was_there:
            session.stop()


_SETTINGS = {
    # Progress is told in Segue's way, and Spark's own warnings are not for the person who asked.
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{_LOGGING}",
    # A core is one task's: libraries that start a thread a core would all wait for each other.
    **{f"spark.executorEnv.{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")},
    # Rows that a worker gets at once: vectors are wide, and a listener's row holds a list of tracks.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1024",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


_GREETING = re.compile(
    rb"WARNING: Using incubator modules|Setting default log level to|To adjust logging level use|"
    rb"Using Spark's default log4j profile"
)


@contextmanager
def _without_greetings() -> Iterator[None]:
    """Leave out what each start of Java says; what else it writes to stderr passes, as long as it lives."""
    reading, writing = os.pipe()
    stderr = os.dup(2)
    threading.Thread(target=_pass_on, args=(reading, stderr), daemon=True).start()
    os.dup2(writing, 2)
    os.close(writing)
    try:
        yield
    finally:
        os.dup2(stderr, 2)


def _pass_on(reading: int, stderr: int) -> None:
    with os.fdopen(reading, "rb") as said, os.fdopen(stderr, "wb", buffering=0) as told:
        for line in said:
            if not _GREETING.match(line):
                told.write(line)


def _check_installed() -> None:
    try:
        import pandas  # noqa: F401
        import pyspark  # noqa: F401
    except ImportError as error:
        raise SegueError(f"{error.name} is not installed: pip install 'segue[spark]'") from None
    said = f"Spark needs Java {_JAVA} or later (Debian: apt-get install openjdk-17-jre-headless)"
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin"))) if home else shutil.which("java")
    if java is None:
        where = f"in JAVA_HOME ({home})" if home else "on the PATH"
        raise SegueError(f"no Java {where}: {said}")
    version = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', version)
    if found and int(found[1]) < _JAVA:
        raise SegueError(f"{java} is Java {found[1]}: {said}")


def _check_master(master: str) -> None:
    """Refuse what no cluster is called, and say soon that nobody listens: Spark tries for minutes."""
    if not _KNOWN.fullmatch(master):
        raise UsageError(
            f"{master!r} is no master: spark://HOST:7077, yarn, k8s://https://HOST:PORT, "
            "or local[N] for N cores of this machine"
        )
    if not master.startswith("spark://"):
        return
    refused = []
    for one in master.removeprefix("spark://").split(","):  # several, where one stands in for another
        address = urlsplit(f"//{one}")
        try:
            with socket.create_connection((address.hostname or "", address.port or 7077), _ANSWERS_IN_S):
                return
        except (OSError, ValueError) as error:
            refused.append(f"{one} ({getattr(error, 'strerror', None) or error})")
    raise SegueError(f"no Spark master answers at {', '.join(refused)}: start it, or give its own port")
