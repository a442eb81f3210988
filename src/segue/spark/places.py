"""Where music and vectors lie: folders, and stores of objects, through `pyarrow.fs`."""

from __future__ import annotations

import errno
import os
import posixpath
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qsl

from segue.errors import DiskFull, SegueError, UsageError

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_SCHEMES = {"s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs", "hdfs": "hdfs", "viewfs": "viewfs"}
_STORES = ("s3", "gs")  # there a file appears whole by itself, and cannot be renamed


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, or one file.

    Attributes
    ----------
    word
        As a person wrote it; of a local one the absolute path. `place_of` makes the same place of it again.
    scheme
        ``""`` for a local one, else ``s3``, ``gs``, ``hdfs`` or ``viewfs``.
    files
        The file system.
    path
        There, without a separator at the end.
    root
        What stands before `path` in an address: ``s3://``, ``hdfs://host:port``; nothing for a local one.
    """

    word: str
    scheme: str
    files: FileSystem
    path: str
    root: str

    @property
    def is_local(self) -> bool:
        return not self.scheme

    def __str__(self) -> str:
        return self.root + self.path

    def under(self, *names: str) -> str:
        """The path of something in the folder."""
        return posixpath.join(self.path, *names)


def place_of(word: str) -> Place:
    """The place that a path or an address means.

    Settings of a store may follow its address: ``s3://bucket/music?region=eu-central-1``,
    ``…?endpoint_override=http://host:9000``. Keys come from the environment or the machine's role, as the
    store's own tools find them; if they stand in the address they appear in no name.

    Raises
    ------
    UsageError
        If no such address is known.
    SegueError
        If the file system cannot be had, as when Hadoop is not installed.
    """
    scheme, separator, rest = word.partition("://")
    if not separator or scheme == "file":
        return _local(rest if separator else word)
    if scheme not in _SCHEMES:
        raise UsageError(f"{word}: {scheme}:// is not known: give a folder, or an address of s3, gs or hdfs")
    scheme = _SCHEMES[scheme]
    rest, settings = _parted(rest)
    authority, _, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    if not host:
        raise UsageError(f"{word} names no bucket" if scheme in _STORES else f"{word} names no host")
    files = _file_system(word, f"{scheme}://{authority}/{settings}")
    path = posixpath.normpath(path) if path.strip("/") else ""
    if scheme in _STORES:
        return Place(word, scheme, files, posixpath.join(host, path).rstrip("/"), f"{scheme}://")
    return Place(word, scheme, files, f"/{path.strip('/')}", f"{scheme}://{host}")


def _local(path: str) -> Place:
    from pyarrow.fs import LocalFileSystem

    whole = os.path.abspath(path)  # noqa: PTH100 - `Path.absolute` leaves `..` in
    return Place(whole, "", LocalFileSystem(), whole, "")


def _parted(rest: str) -> tuple[str, str]:
    """An address and its settings; a name that holds a question mark stays whole.

    >>> _parted("bucket/a?region=eu"), _parted("bucket/who?.mp3")
    (('bucket/a', '?region=eu'), ('bucket/who?.mp3', ''))
    """
    before, mark, after = rest.rpartition("?")
    try:
        settings = mark and parse_qsl(after, strict_parsing=True)
    except ValueError:
        settings = ""
    return (before, f"?{after}") if settings else (rest, "")


def _file_system(word: str, address: str) -> FileSystem:
    from pyarrow.fs import FileSystem

    try:
        return FileSystem.from_uri(address)[0]
    except (OSError, ValueError, NotImplementedError) as error:
        raise SegueError(f"{word} cannot be opened: {one_line(error)}") from error


def one_line(error: BaseException) -> str:
    """What an error says, short."""
    return (" ".join(str(error).split()) or type(error).__name__)[:300]


def write_whole(place: Place, name: str, written: bytes) -> None:
    """Write a file of a folder, which appears when it is whole, and takes the place of one that is there.

    Raises
    ------
    DiskFull
        If there is no space left.
    SegueError
        If it cannot be written.
    """
    try:
        if place.is_local:
            _write_locally(Path(place.under(name)), written)
        elif place.scheme in _STORES:
            with place.files.open_output_stream(place.under(name)) as out:
                out.write(written)
        else:
            _write_and_move(place, name, written)
    except OSError as error:
        refuse(place, error)


def draft_of(name: str) -> str:
    """What a file is called until it is whole: hidden from whoever reads the folder, and like no other.

    >>> draft_of("part-1.parquet").startswith(".part-1.parquet.")
    True
    """
    return f".{name}.{uuid.uuid4().hex}.partial"


def _write_locally(path: Path, written: bytes) -> None:
    draft = path.with_name(draft_of(path.name))
    try:
        with draft.open("wb") as out:
            out.write(written)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink()


def _write_and_move(place: Place, name: str, written: bytes) -> None:
    folder, _, last = place.under(name).rpartition("/")
    draft = f"{folder}/{draft_of(last)}"
    with place.files.open_output_stream(draft) as out:
        out.write(written)
    with suppress(FileNotFoundError):
        place.files.delete_file(place.under(name))  # Hadoop moves onto nothing that is there
    place.files.move(draft, place.under(name))


def refuse(place: Place, error: OSError) -> NoReturn:
    """Say that a place cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise DiskFull(f"{place} cannot be written: No space left on device") from error
    raise SegueError(f"{place} cannot be written: {error.strerror or one_line(error)}") from error


def is_file(place: Place) -> bool:
    """Whether there is a file, not a folder.

    Raises
    ------
    SegueError
        If the file system does not say.
    """
    from pyarrow.fs import FileType

    try:
        return bool(place.files.get_file_info(place.path).type == FileType.File)
    except OSError as error:
        raise SegueError(f"{place} cannot be read: {one_line(error)}") from error


def read_bytes(place: Place, name: str) -> bytes | None:
    """What a file of a folder holds; None if it is not there.

    Raises
    ------
    SegueError
        If it cannot be read.
    """
    try:
        with place.files.open_input_stream(place.under(name)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SegueError(f"{place.root}{place.under(name)} cannot be read: {one_line(error)}") from error


def names_in(place: Place, *folder: str) -> list[str]:
    """The names of all that lies in a folder, sorted; none if it is not there.

    Raises
    ------
    SegueError
        If it cannot be listed.
    """
    from pyarrow.fs import FileSelector

    try:
        seen = place.files.get_file_info(FileSelector(place.under(*folder), allow_not_found=True))
    except OSError as error:
        raise SegueError(f"{place.root}{place.under(*folder)} cannot be listed: {one_line(error)}") from error
    return sorted(info.base_name for info in seen)


def remove(place: Place, name: str) -> None:
    """Remove a file of a folder, if it is there."""
    with suppress(FileNotFoundError):
        try:
            place.files.delete_file(place.under(name))
        except FileNotFoundError:
            raise
        except OSError as error:
            refuse(place, error)
