"""Vectors of a data set by an encoder of Segue, such as the 518 descriptors: heard once, then kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from segue.audio import WindowPlan
from segue.catalogue import Analysis
from segue.encoders import Combination, members, resolve
from segue.errors import NothingFound, UsageError
from segue.files import whole_file
from segue.progress import Progress, Silent
from segue.scanning import ScanSettings, hear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.datasets.contract import Dataset
    from segue.types import EncoderId, Matrix, Vector

# So many vectors are heard before they are written: what is lost at most when the power goes.
_PART = 200
_PLAN: WindowPlan = "thorough"


@dataclass(frozen=True, slots=True, eq=False)
class ContentVectors:
    """A vector of each track.

    Attributes
    ----------
    matrix
        (n_tracks, dim) float32; zeros where the track could not be heard.
    available
        (n_tracks,) bool: whether it could.
    """

    matrix: Matrix
    available: NDArray[np.bool_]


def content_vectors(
    dataset: Dataset,
    encoder: str,
    *,
    folder: Path,
    workers: int | None = None,
    progress: Progress | None = None,
) -> ContentVectors:
    """Hear the tracks of a data set with an encoder; what was heard before is read from `folder`.

    A clip is heard whole, of a long recording six windows of 12 s.

    Parameters
    ----------
    dataset
        With audio.
    encoder
        Name, id, or sum of several, as in ``segue scan --encoder``.
    folder
        Where vectors are kept: in a folder for each encoder, under the path, size and time of their files.
    workers
        Processes that hear; one a core by default.
    progress
        Told of tracks, and of those that cannot be heard.

    Raises
    ------
    UsageError
        If the data set has no audio, or there is no such encoder.
    NothingFound
        If none of the tracks can be heard.
    """
    progress = progress or Silent()
    if not dataset.audio:
        raise UsageError(f"{dataset.name} has no audio for {encoder} to hear: its content comes as numbers")
    kind, ids = resolve(encoder), members(encoder)
    settings = ScanSettings(encoders=ids, plan=_PLAN, workers=workers or os.cpu_count() or 1, nice=0)
    # As those who hear call them: links stay, dots go.
    paths = [Path(os.path.abspath(path)) for path in dataset.audio]  # noqa: PTH100
    kept = _Kept(folder / kind.id, progress)
    keys = [_key(path) for path in paths]
    todo = {path: key for path, key in zip(paths, keys, strict=True) if key and key not in kept.vectors}
    for path in (path for path, key in zip(paths, keys, strict=True) if not key):
        progress.problem(path, "missing", "is not there")
    for heard in _batches(_heard(list(todo), settings, progress), _PART):
        combined = _combined(kind, ids, [vectors for _, vectors in heard])
        kept.add([todo[path] for path, _ in heard], combined)
    available = np.array([key in kept.vectors for key in keys])
    if not available.any():
        raise NothingFound(f"none of the {len(paths):,} tracks of {dataset.name} can be heard by {encoder}")
    matrix = np.zeros((len(paths), kind.dim), dtype=np.float32)
    for row in np.flatnonzero(available).tolist():
        matrix[row] = kept.vectors[keys[row]]
    return ContentVectors(matrix, available)


def _heard(
    paths: Sequence[Path], settings: ScanSettings, progress: Progress
) -> Iterator[tuple[Path, dict[EncoderId, Vector]]]:
    if not paths:
        return
    progress.start(f"hearing, {' and '.join(settings.encoders)}, tracks", None)
    for result in hear(paths, settings):
        if isinstance(result, int):
            progress.grow(result)
            continue
        progress.advance()
        if isinstance(result, Analysis):
            yield result.path, dict(result.vectors)
        else:
            progress.problem(result.path, result.reason, result.detail)
    progress.finish()


def _batches(
    heard: Iterator[tuple[Path, dict[EncoderId, Vector]]], size: int
) -> Iterator[list[tuple[Path, dict[EncoderId, Vector]]]]:
    batch = []
    for one in heard:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _combined(kind: object, ids: Sequence[EncoderId], vectors: Sequence[dict[EncoderId, Vector]]) -> Matrix:
    blocks = [np.stack([one[name] for one in vectors]) for name in ids]
    return kind.combine(blocks) if isinstance(kind, Combination) else blocks[0]


def _key(path: Path) -> str:
    """Of a file as it is now: another size or time is another file; empty if it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    return blake2b(
        f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}".encode("utf-8", "surrogateescape"), digest_size=16
    ).hexdigest()


class _Kept:
    """The vectors in a folder: files that are only ever added, each with some keys and their vectors."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder = folder
        self.vectors: dict[str, Vector] = {}
        for path in sorted(folder.glob("*.npz")):
            try:
                with path.open("rb") as stored, np.load(stored, allow_pickle=False) as arrays:
                    self.vectors.update(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))
            except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
                progress.note(f"{path} is damaged ({error}): its tracks are heard again")
                path.unlink(missing_ok=True)

    def add(self, keys: Sequence[str], vectors: Matrix) -> None:
        self.vectors.update(zip(keys, vectors, strict=True))
        name = blake2b("".join(keys).encode(), digest_size=8).hexdigest()
        with whole_file(self._folder / f"{name}.npz") as out:
            np.savez(out, keys=np.array(keys), vectors=vectors)
