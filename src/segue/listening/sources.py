"""Where rows come from: a file, the files of a folder, the members of a zip; any of them gzipped."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from segue.errors import UsageError
from segue.progress import Progress, Silent

_HEAD = 1 << 16
_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 100_000
# Histories compress 10 to 50 times. Reading needs little memory whatever the size, so the limits only
# keep a few bytes from taking hours.
_HIGHEST_RATIO = 200
_SMALL_ZIP = 100_000_000
_SMALL_GZIP = 4_000_000_000
_DAMAGES = (zipfile.BadZipFile, zlib.error, NotImplementedError)
_Counter = Callable[[int], None]


def _nothing(_: int) -> None:
    pass


@dataclass(frozen=True)
class Source:
    """One stream of rows.

    Attributes
    ----------
    name
        What messages call it: the file's name, followed by the name inside a zip.
    path
        The file on disk; of a member of a zip, the zip.
    member
        The name inside the zip, else empty.
    size
        Bytes on disk, as far as they are known.
    """

    name: str
    path: Path
    member: str
    size: int
    _raw: Callable[[_Counter], BinaryIO] = field(repr=False)
    _advance: _Counter = _nothing

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its bytes, unzipped.

        Raises
        ------
        UsageError
            If it cannot be read, is damaged or cut off, or swells beyond all measure; also for what is
            met while reading inside the block.
        """
        with damage_named(self.name), ExitStack() as stack:
            consumed = [0]

            def count(n: int) -> None:
                consumed[0] += n
                self._advance(n)

            raw = stack.enter_context(self._raw(count))
            buffered = stack.enter_context(io.BufferedReader(cast(io.RawIOBase, raw), _HEAD))
            if buffered.peek(2)[:2] != _GZIP:
                yield buffered
                return
            unzipped = _Unzipped(stack.enter_context(gzip.GzipFile(fileobj=buffered)), self.name, consumed)
            yield stack.enter_context(io.BufferedReader(unzipped, _HEAD))

    @contextmanager
    def open_text(self, newline: str | None = None) -> Iterator[TextIO]:
        """Its text: UTF-8 or UTF-16; bytes that are not UTF-8 are read as Windows-1252."""
        with self.open() as stream:
            head = cast(io.BufferedReader, stream).peek(4)
            with io.TextIOWrapper(
                stream, encoding=_encoding(head), errors="segue-windows-1252", newline=newline
            ) as text:
                yield text

    def advance_share(self, share: float) -> None:
        """A part of it is read, though not through `open`; all of it is 1."""
        self._advance(round(share * self.size))

    def head(self) -> bytes:
        """Its first 64 kB, unzipped; fewer where it is damaged there."""
        quiet = Source(self.name, self.path, self.member, self.size, self._raw)
        parts, wanted = [], _HEAD
        try:
            with quiet.open() as stream:
                while wanted > 0 and (part := stream.read(min(wanted, 4096))):
                    parts.append(part)
                    wanted -= len(part)
        except UsageError:
            if not parts:
                raise
        return b"".join(parts)


class _Counted(io.RawIOBase):
    """Reads from `stream` and says how much."""

    def __init__(self, stream: BinaryIO, count: _Counter) -> None:
        self._stream, self._count = stream, count

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        part = self._stream.read(len(view))
        view[: len(part)] = part
        self._count(len(part))
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Unzipped(io.RawIOBase):
    """Reads a gzip stream and refuses one that swells beyond all measure."""

    def __init__(self, stream: gzip.GzipFile, name: str, consumed: list[int]) -> None:
        self._stream, self._name, self._consumed, self._produced = stream, name, consumed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        part = self._stream.read(len(view))
        view[: len(part)] = part
        self._produced += len(part)
        if self._produced > max(_SMALL_GZIP, _HIGHEST_RATIO * self._consumed[0]):
            raise UsageError(f"{self._name} swells more than {_HIGHEST_RATIO} times when unzipped: refused")
        return len(part)


@contextmanager
def damage_named(name: str) -> Iterator[None]:
    """Failures of the disk and of compressed streams as one line that names the file."""
    try:
        yield
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise UsageError(f"{name} is damaged ({error}): get it anew") from None
        raise UsageError(f"{name} cannot be read: {error.strerror or error}") from None
    except EOFError:
        raise UsageError(f"{name} is cut off: get it anew") from None
    except _DAMAGES as error:
        raise UsageError(f"{name} is damaged ({error}): get it anew") from None
    except RuntimeError as error:
        if "password" not in str(error):
            raise
        raise UsageError(f"{name} has a password: unpack it first") from None


def sources_of(path: Path, progress: Progress | None = None) -> Iterator[Source]:
    """The streams of a file, of a folder (and those below it, in the order of names), or of a zip.

    Hidden files and folders are left out.

    Raises
    ------
    UsageError
        If there is nothing, or it is a damaged zip or one that swells beyond all measure.
    """
    advance = (progress or Silent()).advance
    with damage_named(str(path)):
        if path.is_dir():
            for file in sorted(files_below(path)):
                yield from _of_file(file, str(file.relative_to(path)), advance)
            return
        size = path.stat().st_size
        if not path.is_file():
            raise UsageError(f"{path} is neither a file nor a folder")
        if size == 0:
            raise UsageError(f"{path} is empty")
    yield from _of_file(path, path.name, advance)


def size_of(path: Path) -> int:
    """Bytes on disk of all that `sources_of` would yield.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    with damage_named(str(path)):
        files = files_below(path) if path.is_dir() else [path]
        return sum(file.stat().st_size for file in files)


def files_below(folder: Path) -> Iterator[Path]:
    """The files of a folder and those below it, without hidden ones."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX")))
        for name in files:
            file = Path(place) / name
            if not name.startswith(".") and file.is_file():
                yield file


def _of_file(path: Path, name: str, advance: _Counter) -> Iterator[Source]:
    with damage_named(name):
        size = path.stat().st_size
        with path.open("rb") as file:
            # Any zip begins so; an empty one with PK and the end of its list.
            is_zip = file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    if is_zip:
        yield from _of_zip(path, name, size, advance)
        return
    yield Source(name, path, "", size, lambda count: cast(BinaryIO, _Counted(_opened(path), count)), advance)


def _opened(path: Path) -> BinaryIO:
    return path.open("rb", buffering=0)


def _of_zip(path: Path, name: str, size: int, advance: _Counter) -> Iterator[Source]:
    with ExitStack() as stack:
        with damage_named(name):
            archive = stack.enter_context(zipfile.ZipFile(path))
            members = [member for member in archive.infolist() if _is_wanted(member)]
        swollen = sum(member.file_size for member in members)
        if len(members) > _MOST_MEMBERS:
            raise UsageError(f"{name} holds {len(members):,} files: no history is like that")
        if swollen > max(_SMALL_ZIP, _HIGHEST_RATIO * size):
            raise UsageError(f"{name} would swell from {size:,} to {swollen:,} bytes: refused as a zip bomb")
        for member in sorted(members, key=lambda member: member.filename):

            def raw(count: _Counter, member: zipfile.ZipInfo = member) -> BinaryIO:
                share = member.compress_size / max(1, member.file_size)
                stream = cast(BinaryIO, archive.open(member))
                return cast(BinaryIO, _Counted(stream, lambda n: count(round(n * share))))

            yield Source(
                f"{name}/{member.filename}", path, member.filename, member.compress_size, raw, advance
            )


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    parts = member.filename.split("/")
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return not member.is_dir() and not hidden and member.file_size > 0


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(head) >= 4 and head[1] == head[3] == 0 and head[0]:
        return "utf-16-le"
    if len(head) >= 4 and head[0] == head[2] == 0 and head[1]:
        return "utf-16-be"
    return "utf-8-sig"


@lru_cache(maxsize=4)  # every format asks for it
def decoded_head(head: bytes) -> str:
    """The text of a stream's first bytes, as `Source.open_text` would read it; empty where it is no text."""
    encoding = _encoding(head)
    if encoding == "utf-8-sig" and b"\0" in head:
        return ""
    return head.decode(encoding, "segue-windows-1252")


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("segue-windows-1252", _as_windows_1252)
