"""What Spark throws, as one line for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from segue.errors import DiskFull, SegueError

# What a worker says of itself stands between these, however many layers quote it.
_SAID = re.compile(r"<<segue: (.*?) :segue>>", re.DOTALL)
_MORE_MEMORY = "give it more, as spark.executor.memory in spark-defaults.conf or by spark-submit --conf"
_TOLD = (
    (re.compile(r"No space left on device|Disk quota exceeded"), None),
    (
        re.compile(r"PYTHON_VERSION_MISMATCH"),
        "workers run another Python than the driver: install the same minor version, or set PYSPARK_PYTHON",
    ),
    (
        re.compile(r'Cannot run program "([^"]+)"'),
        "workers have no Python at {0}: set PYSPARK_PYTHON to one that every worker has",
    ),
    (
        re.compile(r"FAILED_READ_FILE\.FILE_NOT_EXIST\] Encountered error while reading file (\S+)\."),
        "a worker cannot see {0}: put it where all machines of the cluster see it",
    ),
    (
        re.compile(r"UNABLE_TO_INFER_SCHEMA"),
        "nothing is where the workers wrote: give an output that all machines of the cluster see",
    ),
    (
        re.compile(r"All masters are unresponsive"),
        "the Spark master does not answer: start it, or give its own address",
    ),
    (
        re.compile(r"OutOfMemoryError: (.+)"),
        f"a process of Spark has no memory left ({{0}}): {_MORE_MEMORY}",
    ),
    (
        re.compile(r"Command exited with code 52"),  # as Java ends in an executor that has none
        f"an executor of Spark has no memory left: {_MORE_MEMORY}",
    ),
)


def saying(message: str) -> str:
    """A worker's message in the form that the driver finds again."""
    return f"<<segue: {message} :segue>>"


@contextmanager
def translated() -> Iterator[None]:
    """Turn what Spark throws into errors of Segue.

    Raises
    ------
    DiskFull
        If a worker or the driver has no space left.
    SegueError
        For all else that Spark throws.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        raise _as_told(f"{error}\n{error.__cause__ or ''}") from error


def _as_told(text: str) -> SegueError:
    if said := _SAID.search(text):
        return SegueError(said[1])
    for pattern, words in _TOLD:
        if found := pattern.search(text):
            if words is None:
                return DiskFull(
                    "a disk of the cluster is full: make room, and start again; what is done stays"
                )
            return SegueError(words.format(*(part.strip() for part in found.groups())))
    return SegueError(f"Spark gave up: {_essence(text)}")


def _essence(text: str) -> str:
    """The line that says most: the innermost cause, else the first line.

    >>> _essence("Job aborted.\\n\\tat x\\nCaused by: java.io.IOException: broken\\n\\tat y")
    'java.io.IOException: broken'
    >>> _essence("An exception was thrown from the Python worker:\\n File x\\nKeyError: 'a'\\n")
    "KeyError: 'a'"
    """
    causes = re.findall(r"^Caused by: (.+)$", text, re.MULTILINE)
    if "Python worker" in text:  # the last line of a traceback says what it was
        causes += re.findall(r"^[A-Z]\w*(?:Error|Exception): .+$", text, re.MULTILINE)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (causes[-1] if causes else lines[0] if lines else "without a word")[:300]
