"""Audio files to vectors, without a library."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio import DEFAULT_PLAN, WindowPlan
from segue.catalogue import Analysis
from segue.encoders import DEFAULT_ENCODER, Combination, members, resolve
from segue.errors import NothingFound, UsageError
from segue.operations.own_encoders import know_own_encoders
from segue.progress import Progress, Silent
from segue.scanning import ProblemSeen, ScanSettings, as_given, hear
from segue.settings import DataFolder
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Matrix, Vector


@dataclass(frozen=True, slots=True)
class Embedding:
    """The vectors of some files.

    Attributes
    ----------
    names
        Paths, sorted: as given, and for folders the folder as given with the way from there.
    vectors
        ``(n, dim)`` float32, one row a name.
    encoder
        The id of the encoder.
    problems
        The files that could not be heard.
    """

    names: tuple[str, ...]
    vectors: Matrix
    encoder: EncoderId
    problems: tuple[ProblemSeen, ...]


def embed(
    paths: Sequence[Path | str], *, encoder: str = DEFAULT_ENCODER, windows: WindowPlan = DEFAULT_PLAN
) -> tuple[tuple[str, ...], Matrix, EncoderId]:
    """Names, vectors ``(n, dim)`` float32 and the encoder's id, of audio files and of those in folders.

    An encoder is a name, an id, the folder of one that was trained, or a sum of them. Files that cannot be
    heard are left out; `embed_paths` says which and why.

    Raises
    ------
    NothingFound
        If a path does not exist, or none of the files can be heard.
    """
    found = embed_paths([Path(path) for path in paths], encoder=encoder, windows=windows)
    return found.names, found.vectors, found.encoder


def embed_paths(
    paths: Sequence[Path],
    *,
    encoder: str = DEFAULT_ENCODER,
    windows: WindowPlan = DEFAULT_PLAN,
    workers: int | None = None,
    data: DataFolder | None = None,
    progress: Progress | None = None,
) -> Embedding:
    """Hear audio files, and those in folders, with one encoder.

    Parameters
    ----------
    encoder
        A name, an id, the folder of one that was trained, or a sum of them.
    windows
        How much of each file is heard.
    workers
        Processes that hear at once (default: one a core).
    data
        A library whose own encoders can be asked for by name.
    progress
        Is told how far it is.

    Raises
    ------
    NothingFound
        If a path does not exist, or none of the files can be heard.
    UsageError
        If there is no such encoder.
    """
    progress = progress or Silent()
    if data is not None:
        know_own_encoders(data)
    kind = resolve(encoder)
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise NothingFound(f"{path} does not exist")
    settings = ScanSettings(
        encoders=members(encoder), plan=windows, workers=workers or os.cpu_count() or 1, nice=0
    )
    heard, problems = _heard(paths, settings, progress)
    if not heard:
        raise NothingFound(
            f"none of {len(problems)} files could be heard" if problems else "no audio files there"
        )
    files = sorted(heard)
    blocks = [np.stack([heard[file][name] for file in files]) for name in settings.encoders]
    vectors = kind.combine(blocks) if isinstance(kind, Combination) else blocks[0]
    return Embedding(as_given(files, paths), vectors, kind.id, tuple(problems))


def _heard(
    paths: Sequence[Path], settings: ScanSettings, progress: Progress
) -> tuple[dict[str, Mapping[EncoderId, Vector]], list[ProblemSeen]]:
    """Vectors by file, and the files that could not be heard."""
    heard: dict[str, Mapping[EncoderId, Vector]] = {}
    problems: list[ProblemSeen] = []
    progress.start("Hearing", None)
    for result in hear(paths, settings):
        if isinstance(result, int):
            progress.grow(result)
            continue
        if isinstance(result, Analysis):
            heard[str(result.path)] = result.vectors
        else:
            problems.append(result)
            progress.problem(result.path, result.reason, result.detail)
        progress.advance()
    progress.finish()
    return heard, problems


def write_embedding(file: Path, embedding: Embedding) -> None:
    """Write ``names``, ``vectors`` and ``encoder`` to an ``.npz``, which appears when it is whole.

    A name that is not UTF-8 is written with its undecodable bytes as ``\\udcNN``.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    names = [name.encode("utf-8", "backslashreplace").decode() for name in embedding.names]
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as out:
            np.savez(
                out,
                names=np.array(names, dtype=np.str_),
                vectors=embedding.vectors,
                encoder=np.array(embedding.encoder, dtype=np.str_),
            )
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
