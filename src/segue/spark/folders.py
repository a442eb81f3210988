"""Files and folders wherever Spark finds them: this machine, HDFS, object stores."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.errors import SegueError
from segue.files import write_whole as write_local
from segue.spark.failures import translated

if TYPE_CHECKING:
    from pyspark.sql import DataFrameReader, SparkSession

_LOOKS, _BETWEEN_LOOKS_S = 10, 1.0
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


def address(path: str) -> str:
    """Where a path lies, with its scheme; one without is on this machine.

    >>> address("s3a://bucket/plays"), address("/music")
    ('s3a://bucket/plays', 'file:/music')
    """
    return path if _SCHEME.match(path) else f"file:{Path(path).absolute()}"


def local_path(place: str) -> Path | None:
    """The path on this machine that an address means, None if it lies elsewhere.

    >>> local_path("file:/music"), local_path("hdfs://host/music")
    (PosixPath('/music'), None)
    """
    if not place.startswith("file:"):
        return None
    return Path("/" + place.removeprefix("file:").lstrip("/"))


def reader(session: SparkSession) -> DataFrameReader:
    """A reader of tables for which a bracket or a star in a name is nothing but that."""
    return session.read.option("__globPaths__", "false")


def exists(session: SparkSession, place: str) -> bool:
    """Whether there is a file or folder."""
    with translated():
        files, path = _found(session, place)
        return bool(files.exists(path))


def is_folder(session: SparkSession, place: str) -> bool:
    """Whether a place that exists is a folder."""
    with translated():
        files, path = _found(session, place)
        return bool(files.getFileStatus(path).isDirectory())


def names(session: SparkSession, folder: str) -> list[str]:
    """The names in a folder, sorted; none if there is no such folder."""
    with translated():
        files, path = _found(session, folder)
        if not files.exists(path):
            return []
        return sorted(str(status.getPath().getName()) for status in files.listStatus(path))


def head(session: SparkSession, place: str, n_bytes: int) -> bytes:
    """The first bytes of a file."""
    with translated():
        files, path = _found(session, place)
        stream = files.open(path)
        try:
            return bytes(stream.readNBytes(n_bytes))
        finally:
            stream.close()


def remove(session: SparkSession, place: str) -> None:
    """Remove a file, or a folder with all in it; nothing happens if it is not there."""
    with translated():
        files, path = _found(session, place)
        files.delete(path, True)


@contextmanager
def passing(session: SparkSession, *places: str) -> Iterator[None]:
    """Remove folders at the end, however it comes; a cluster that is gone hides no error."""
    ended = False
    try:
        yield
        ended = True
    finally:
        with suppress(SegueError):
            for place in places:
                remove(session, place)
            if not ended:
                _remove_what_comes_back(session, places)


def _remove_what_comes_back(session: SparkSession, places: Sequence[str]) -> None:
    """Tasks that were called off may write a little longer: look again, until nothing is there."""
    for _ in range(_LOOKS):
        time.sleep(_BETWEEN_LOOKS_S)
        back = [place for place in places if exists(session, place)]
        if not back:
            return
        for place in back:
            remove(session, place)


def replace(session: SparkSession, draft: str, place: str) -> None:
    """Give a whole folder the name of another, which goes away; both in one file system.

    Object stores have no names to give: there it is copied, and may be seen in parts meanwhile.

    Raises
    ------
    SegueError
        If it cannot be done.
    """
    with translated():
        files, path = _found(session, place)
        files.delete(path, True)
        files.mkdirs(path.getParent())
        if not files.rename(_path(session, draft), path):
            raise SegueError(f"{place} cannot be written: {draft} cannot take its name")


def upload(session: SparkSession, file: Path, place: str) -> None:
    """Copy a file of this machine to a place, over what is there."""
    with translated():
        files, path = _found(session, place)
        files.copyFromLocalFile(False, True, _path(session, f"file:{file.absolute()}"), path)


def write_whole(session: SparkSession, place: str, text: str) -> None:
    """Write a text as UTF-8; whoever reads it sees all of the old or all of the new.

    Raises
    ------
    SegueError
        If it cannot be written.
    """
    here = local_path(place)
    if here is not None:
        write_local(here, text)
    else:
        write_and_rename(session, place, text.encode())


def write_and_rename(session: SparkSession, place: str, content: bytes) -> None:
    """Write beside a place, and rename over it, as HDFS does in one step."""
    jvm: Any = session.sparkContext._jvm
    with translated():
        files, path = _found(session, place)
        draft = _path(session, f"{place}.partial")
        stream = files.create(draft, True)
        try:
            stream.write(bytearray(content))
        finally:
            stream.close()
        kind = getattr(jvm.org.apache.hadoop.fs, "Options$Rename")
        over = session.sparkContext._gateway.new_array(kind, 1)  # type: ignore[union-attr]
        over[0] = kind.OVERWRITE
        context = jvm.org.apache.hadoop.fs.FileContext.getFileContext(path.toUri(), _settings(session))
        context.rename(draft, path, over)


def check_writable(session: SparkSession, folder: str) -> None:
    """Say before the work, not after it, that a folder cannot be written; it is made.

    Raises
    ------
    SegueError
        If so.
    """
    try:
        with translated():
            files, path = _found(session, folder)
            files.mkdirs(path)
            probe = _path(session, f"{folder}/_probe.partial")
            files.create(probe, True).close()
            files.delete(probe, False)
    except SegueError as error:
        raise SegueError(f"{folder} cannot be written: {error}") from error


def _found(session: SparkSession, place: str) -> tuple[Any, Any]:
    path = _path(session, place)
    return path.getFileSystem(_settings(session)), path


def _path(session: SparkSession, place: str) -> Any:
    jvm: Any = session.sparkContext._jvm
    return jvm.org.apache.hadoop.fs.Path(place)


def _settings(session: SparkSession) -> Any:
    return session.sparkContext._jsc.hadoopConfiguration()
