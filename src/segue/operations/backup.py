"""Carry a whole library in one file: back it up while it is in use, and put it back.

The file is a gzip-compressed tar archive. Its last member, `manifest.json`, names every file with size and
SHA-256: an archive without it was not written to the end.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import itertools
import json
import os
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from segue.catalogue import check_copy, copy_catalogue, is_of_library, library_names, replacing_library
from segue.errors import CatalogueDamaged, CatalogueTooNew, DiskFull, NothingFound, SegueError, UsageError
from segue.files import whole_file
from segue.settings import DataFolder

_FORMAT = "segue-backup"
_VERSION = 1
_MANIFEST = "manifest.json"
_CATALOGUE = "catalogue.sqlite"
_LARGEST_MANIFEST = 64 * 2**20
_BLOCK = 2**20
_SHUT = 0o077  # the bits of a file's mode that let others in


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What was written, or put back.

    Attributes
    ----------
    file
        The archive.
    files, bytes
        How many files it holds, and how large they are before compression.
    made_at
        When it was made, UTC epoch seconds.
    kept
        Where what was there before is now; None when a backup is made, or nothing was there.
    """

    file: Path
    files: int
    bytes: int
    made_at: float
    kept: Path | None = None


def back_up(data: DataFolder, file: Path | None = None) -> BackupReport:
    """Write the library to an archive, whatever a scan or a server does meanwhile.

    The archive can be read by its owner alone: it holds passwords' hashes and the key that seals tokens.

    Parameters
    ----------
    data
        The library.
    file
        The archive, or a folder for it; None for the working folder. One that is there is replaced.

    Raises
    ------
    NothingFound
        If there is no library.
    UsageError
        If the archive would be part of the library.
    SegueError
        If it cannot be written.
    """
    made_at = time.time()
    target = _target(data, file, made_at)
    files: dict[str, dict[str, Any]] = {}
    with whole_file(target) as out:
        os.fchmod(out.fileno(), 0o600)
        with (
            gzip.GzipFile(fileobj=out, mode="wb", compresslevel=3, mtime=int(made_at), filename="") as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            version = _add_catalogue(archive, files, data, target.parent)
            for name, path in _other_files(data):
                _add(archive, files, name, path)
            manifest = {
                "format": _FORMAT,
                "version": _VERSION,
                "made_at": made_at,
                "catalogue": version,
                "files": files,
            }
            _add_bytes(archive, _MANIFEST, json.dumps(manifest).encode(), made_at)
    return BackupReport(target, len(files), sum(entry["bytes"] for entry in files.values()), made_at)


def _target(data: DataFolder, file: Path | None, made_at: float) -> Path:
    target = Path.cwd() if file is None else file.absolute()
    if target.is_dir():
        target /= time.strftime("segue-backup-%Y%m%d-%H%M%S.tar.gz", time.gmtime(made_at))
    home = data.path.resolve()
    place = target.parent.resolve() / target.name
    if place.is_relative_to(home) and is_of_library(place.relative_to(home).parts[0]):
        raise UsageError(
            f"{target} would become a part of the library itself: give a file outside {data.path}"
        )
    return target


def _add_catalogue(
    archive: tarfile.TarFile, files: dict[str, dict[str, Any]], data: DataFolder, beside: Path
) -> int:
    """The catalogue first, copied beside the archive, where there is room; its version."""
    with tempfile.TemporaryDirectory(prefix=".segue-backup-", dir=beside) as scratch:
        copy = Path(scratch, _CATALOGUE)
        version = copy_catalogue(data, copy)
        _add(archive, files, _CATALOGUE, copy)
    return version


def _other_files(data: DataFolder) -> Iterator[tuple[str, Path]]:
    """Every file of the library but the catalogue, named from the data folder; links are followed."""
    for top in library_names(data):
        path = data.path / top
        if path.is_file():
            if top != _CATALOGUE:
                yield top, path
            continue
        seen: set[Path] = set()
        for folder, folders, names in os.walk(path, followlinks=True, onerror=_fail):
            here = Path(folder)
            if here.resolve() in seen:
                folders.clear()  # a link that leads in circles
                continue
            seen.add(here.resolve())
            folders.sort()
            for name in sorted(names):
                if not name.startswith("."):
                    yield (here / name).relative_to(data.path).as_posix(), here / name


def _fail(error: OSError) -> None:
    raise _unreadable(error) from error


def _unreadable(error: OSError) -> SegueError:
    return SegueError(f"{error.filename} cannot be read: {error.strerror}")


def _add(archive: tarfile.TarFile, files: dict[str, dict[str, Any]], name: str, path: Path) -> None:
    """A file as it is now; one that has just gone is left out."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(error) from error
    with source:
        status = os.fstat(source.fileno())
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = status.st_size, int(status.st_mtime), status.st_mode & 0o777
        hashed = _Hashed(source, status.st_size)
        archive.addfile(info, hashed)  # type: ignore[arg-type] # it only reads
    files[name] = {"bytes": info.size, "sha256": hashed.digest.hexdigest()}


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes, made_at: float) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = len(content), int(made_at), 0o600
    archive.addfile(info, BytesIO(content))


class _Hashed:
    """The first bytes of a file that may still grow, hashed as they are read."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self.source = source
        self.left = size
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        block = self.source.read(min(size, self.left))
        self.left -= len(block)
        self.digest.update(block)
        return block


def restore(data: DataFolder, file: Path) -> BackupReport:
    """Put a backup in the place of the library, which is kept in ``backups/`` of the data folder.

    The whole archive is unpacked beside the library and checked before anything is moved; then the change is
    one step, for all who look and however this process ends.

    Raises
    ------
    NothingFound
        If there is no such file.
    UsageError
        If it is no backup, not whole, damaged, or made by a later Segue.
    CatalogueBusy
        If a scan, a server or another command has the library open.
    SegueError
        If there is no room for it.
    """
    if not file.is_file():
        raise NothingFound(f"{file} is not there: give a file that `segue library backup` wrote")
    kept = _unused(data)
    had_one = data.catalogue.exists()
    with _failures_of(file), replacing_library(data, kept.name) as new:
        manifest = _unpack(file, new)
        check_copy(new / _CATALOGUE)
    files = manifest["files"]
    return BackupReport(
        file,
        len(files),
        sum(entry["bytes"] for entry in files.values()),
        float(manifest["made_at"]),
        kept if had_one else None,
    )


def _unused(data: DataFolder) -> Path:
    """A new name for what is there now."""
    name = time.strftime("before-restore-%Y%m%d-%H%M%S", time.gmtime())
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(path for path in (data.path / "backups" / name for name in names) if not path.exists())


@contextmanager
def _failures_of(file: Path) -> Iterator[None]:
    """Say of everything that may be wrong with an archive which one it is, and that nothing was changed."""
    try:
        yield
    except CatalogueTooNew as error:
        raise UsageError(f"{file} was made by a later Segue: upgrade this one first") from error
    except CatalogueDamaged as error:
        raise UsageError(f"{file}: the catalogue in it is damaged, or another program's") from error
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{file} is no backup, or not whole ({error}): nothing was changed") from error
    except OSError as error:
        kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else SegueError
        raise kind(f"{file} cannot be put back: {error.strerror or error}; nothing was changed") from error


def _unpack(file: Path, new: Path) -> dict[str, Any]:
    """Write the files of an archive below `new`; the manifest that they agree with."""
    found: dict[str, dict[str, Any]] = {}
    manifest: bytes | None = None
    with gzip.open(file) as packed, tarfile.open(fileobj=packed, mode="r|") as archive:
        for member in archive:
            source = archive.extractfile(member) if member.isreg() else None
            if source is None or manifest is not None:
                raise UsageError(f"{file} is no backup: it holds {member.name!r}, which no backup has")
            if member.name == _MANIFEST:
                manifest = source.read(_LARGEST_MANIFEST)
                continue
            if member.name in found or not _is_safe(member.name):
                raise UsageError(f"{file} is no backup: it holds {member.name!r}, which no library has")
            shut = not member.mode & _SHUT
            found[member.name] = _write(source, new / member.name, 0o600 if shut else 0o666)
        while packed.read(_BLOCK):
            pass  # to the end, where gzip's own check is
    return _agreeing(file, manifest, found)


def _is_safe(name: str) -> bool:
    """Whether a member's name is one that `back_up` writes: a plain path below the data folder.

    >>> [_is_safe(name) for name in ("models/a/model.onnx", "../x", "/x", "index/x", "a//b", "models/.x")]
    [True, False, False, False, False, False]
    """
    path = PurePosixPath(name)
    plain = path.as_posix() == name and not path.is_absolute() and "\0" not in name
    return plain and is_of_library(path.parts[0]) and not any(part.startswith(".") for part in path.parts)


def _write(source: IO[bytes], target: Path, mode: int) -> dict[str, Any]:
    """Write one member and have it on the disk; its size and hash."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        while block := source.read(_BLOCK):
            out.write(block)
            digest.update(block)
            size += len(block)
        out.flush()
        os.fsync(out.fileno())
    return {"bytes": size, "sha256": digest.hexdigest()}


def _agreeing(file: Path, manifest: bytes | None, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The manifest, once it is known to be one and to name just what was found."""
    if manifest is None:
        raise UsageError(f"{file} is no backup, or was not written to its end: nothing was changed")
    try:
        told: dict[str, Any] = json.loads(manifest)
        ours = told["format"] == _FORMAT
        version, files, _ = int(told["version"]), dict(told["files"]), float(told["made_at"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file} is no backup of Segue: its {_MANIFEST} is another's") from error
    if not ours:
        raise UsageError(f"{file} is no backup of Segue: its {_MANIFEST} is another's")
    if version > _VERSION:
        raise UsageError(f"{file} was made by a later Segue: upgrade this one first")
    wrong = sorted(name for name in files.keys() | found.keys() if files.get(name) != found.get(name))
    if wrong or _CATALOGUE not in found:
        raise UsageError(
            f"{file} is damaged: {', '.join(wrong[:3]) or 'no catalogue is in it'}; nothing was changed"
        )
    return told
