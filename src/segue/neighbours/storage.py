"""Named arrays in a folder under one JSON header with checksums; damage is noticed when it is opened."""

from __future__ import annotations

import errno
import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.errors import DiskFull, VectorsError

HEADER = "header.json"
_FORMAT = "segue-vectors"
_VERSION = 1
_BLOCK = 64 * 1024
_BLOCKS_CHECKED = 256

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is stored: a kind, small facts, and arrays by name."""

    kind: str
    about: Mapping[str, int | float | str] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)
    revision: int = 0


def write_parts(folder: Path, parts: Parts) -> None:
    """Store `parts` in `folder`; readers see either all of the old or all of the new.

    A file's name carries its checksum, the header is put in place last, and what it no longer names is
    then deleted; so a process that has the old files mapped keeps them.

    Raises
    ------
    DiskFull
        If there is no space left; what was stored before stays as it was.
    VectorsError
        If the folder cannot be written.
    """
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = {}
        for name, array in parts.arrays.items():
            files[name], path = _write_array(folder, name, array)
            written.append(path)
        body = {
            "format": _FORMAT,
            "version": _VERSION,
            "kind": parts.kind,
            "revision": parts.revision,
            "about": dict(parts.about),
            "files": files,
        }
        text = json.dumps({**body, "crc32": _header_checksum(body)}, indent=1, sort_keys=True)
        _replace(folder / HEADER, text.encode())
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{folder}: no space left for the index: free some, then try again") from error
        reason = error.strerror or str(error)
        raise VectorsError(f"{folder}: the index cannot be written: {reason}") from error
    keep = {path.name for path in written}
    for path in folder.glob("*.npy"):
        if path.name not in keep:
            path.unlink(missing_ok=True)


def read_parts(folder: Path, *, revision: int | None = None, verify: bool = False) -> Parts:
    """What is stored in `folder`, the arrays memory-mapped read-only.

    Parameters
    ----------
    revision
        If given, the stored revision must be this one.
    verify
        Check every byte; otherwise 256 blocks of 64 KiB of each file, which is all of a small one, so that
        gigabytes open in milliseconds.

    Raises
    ------
    VectorsError
        If nothing is stored, it is damaged, of another version or of another revision. The remedy is
        always the same: make it again.
    """
    header = _read_header(folder)
    if revision is not None and header["revision"] != revision:
        raise VectorsError(
            f"{folder}: the index was made for revision {header['revision']} of the catalogue, "
            f"which is now at {revision}: it has to be made again"
        )
    arrays = {name: _read_array(folder, entry, verify) for name, entry in header["files"].items()}
    return Parts(header["kind"], header["about"], arrays, header["revision"])


def _write_array(folder: Path, name: str, array: Array) -> tuple[dict[str, int | str], Path]:
    """Write one array; its entry in the header and its path."""
    part = folder / f".{name}-{os.getpid()}.part"
    try:
        with part.open("wb") as file:
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        mapped = np.memmap(part, dtype=np.uint8, mode="r")
        whole, sampled = zlib.crc32(mapped.data), _sampled_checksum(mapped)
        size = mapped.size
        del mapped
        path = folder / f"{name}-{whole:08x}.npy"
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return {"file": path.name, "bytes": size, "crc32": whole, "sampled_crc32": sampled}, path


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}-{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _read_header(folder: Path) -> dict[str, Any]:
    path = folder / HEADER
    try:
        header = json.loads(path.read_bytes())
        body = {key: value for key, value in header.items() if key != "crc32"}
        if header["format"] != _FORMAT or header["crc32"] != _header_checksum(body):
            raise VectorsError(f"{path}: damaged: the index has to be made again")
        header = {**header, "files": dict(header["files"]), "about": dict(header["about"])}
        if header["version"] != _VERSION:
            raise VectorsError(
                f"{path}: version {header['version']} is not {_VERSION}: the index has to be made again"
            )
    except FileNotFoundError as error:
        raise VectorsError(f"{folder}: no index is stored here") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VectorsError(f"{path}: cannot be read as an index's header: make it again") from error
    return dict(header)


def _read_array(folder: Path, entry: Mapping[str, Any], verify: bool) -> Array:
    path = folder
    try:
        path = folder / Path(entry["file"]).name
        mapped = np.memmap(path, dtype=np.uint8, mode="r")
        right = mapped.size == entry["bytes"] and _sampled_checksum(mapped) == entry["sampled_crc32"]
        if not right or (verify and zlib.crc32(mapped.data) != entry["crc32"]):
            raise VectorsError(f"{path}: damaged: the index has to be made again")
        del mapped
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VectorsError(f"{path}: missing or cannot be read: the index has to be made again") from error
    return array


def _sampled_checksum(data: NDArray[np.uint8]) -> int:
    """CRC-32 of up to 256 evenly spaced blocks, the first and the last among them."""
    blocks = -(-data.size // _BLOCK)
    checksum = 0
    for block in np.unique(np.linspace(0, max(blocks - 1, 0), _BLOCKS_CHECKED).astype(np.int64)):
        checksum = zlib.crc32(data[block * _BLOCK : (block + 1) * _BLOCK].data, checksum)
    return checksum


def _header_checksum(body: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(body, sort_keys=True).encode())
