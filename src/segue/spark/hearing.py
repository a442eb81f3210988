"""One partition of files, heard by a worker: its part is written, and only counts go back."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.audio import WindowPlan
from segue.encoders import Combination, know_encoder, members, resolve
from segue.errors import AudioError, SegueError
from segue.scanning.analyse import from_message
from segue.scanning.jobs import Done, Job, Outcome
from segue.scanning.pool import Pool
from segue.scanning.scan import LIMITS
from segue.spark.columns import column_of
from segue.spark.listing import Problem
from segue.spark.parts import (
    HEADER,
    PROBLEMS,
    part_name,
    problems_schema,
    run_and_size,
    vectors_schema,
    write_part,
)
from segue.spark.places import Place, one_line, place_of, read_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from segue.types import EncoderId, Vector

_PIECE_BYTES = 1 << 20

COUNTS = "part string, heard long, problems long"
"""The columns of what goes back, as Spark writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What the tasks of a run have in common; travels as a dict, as a worker may have no Segue.

    Attributes
    ----------
    places
        Where the files lie, as `Place.word`.
    output, identity
        The folder of parts, and its mark.
    run
        The number of the run.
    encoder
        The id of the encoder, or of a sum.
    target, options
        For the pool that hears: of `segue.scanning`.
    """

    places: tuple[str, ...]
    output: str
    identity: str
    run: int
    encoder: str
    target: str
    options: dict[str, Any]

    @property
    def windows(self) -> WindowPlan:
        plan: WindowPlan = self.options["plan"]
        return plan


@dataclass(frozen=True, slots=True)
class _File:
    """One row of the partition."""

    name: str
    path: bytes
    place: Place
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class _Heard:
    """The row of a file that was heard."""

    name: str
    vectors: Mapping[EncoderId, Vector]
    digest: str
    size: int
    modified_ns: int


def hear_partition(batches: Iterator[pa.RecordBatch], task: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    """Hear the files of a partition, and write their part.

    A part that this run wrote already, in a task that was lost before it could say so, is left as it is.

    Raises
    ------
    SegueError
        If this worker does not see the files, the encoder or the output, or nothing can be heard or written.
    """
    import pyarrow as pa

    given = list(batches)
    if not sum(batch.num_rows for batch in given):
        return
    files, work = pa.Table.from_batches(given), Task(**task)
    output = place_of(work.output)
    name = part_name(files, encoder=work.encoder, windows=work.windows)
    _check_output(output, work.identity)
    done = run_and_size(output, name)
    if done is not None and done[0] == work.run:
        yield _counts(name, done[1], files.num_rows - done[1])
        return
    heard: list[_Heard] = []
    problems: list[Problem] = []
    for result in _hear(_rows(files, [place_of(word) for word in work.places]), work):
        (problems if isinstance(result, Problem) else heard).append(result)  # type: ignore[arg-type]
    # The part of vectors is written last, even if it is empty: it says that the partition is done.
    if problems:
        write_part(output, f"{PROBLEMS}/{name}", problems_table(problems), run=work.run)
    write_part(output, name, _vectors_table(heard, work.encoder), run=work.run, encoder=work.encoder)
    yield _counts(name, len(heard), len(problems))


def _counts(name: str, heard: int, problems: int) -> pa.RecordBatch:
    import pyarrow as pa

    columns = {"part": [name], "heard": [heard], "problems": [problems]}
    return pa.RecordBatch.from_pydict(columns)


def _rows(files: pa.Table, places: Sequence[Place]) -> list[_File]:
    return [
        _File(row["name"], row["path"], places[row["place"]], row["size"], row["modified_ns"])
        for row in files.to_pylist()
    ]


def _check_output(output: Place, identity: str) -> None:
    written = read_bytes(output, HEADER)
    if written is None or json.loads(written).get("identity") != identity:
        raise SegueError(
            f"worker {socket.gethostname()} does not see {output} as the driver does: "
            "the output must lie where all machines see it"
        )


def _check_seen(file: _File) -> None:
    """Tell a file that cannot be read from a place that this machine does not see."""
    place, where = file.place, f"worker {socket.gethostname()}"
    if place.is_local:
        # Where a share is not mounted its folder may be there, and empty.
        itself = os.fsdecode(file.path) == place.path
        folder = os.path.dirname(place.path) if itself else place.path  # noqa: PTH120
        try:
            with os.scandir(folder) as entries:
                seen = any(True for _ in entries)
        except OSError:
            seen = False
    else:
        from pyarrow.fs import FileType

        try:
            seen = place.files.get_file_info(place.path).type != FileType.NotFound
        except OSError as error:
            raise SegueError(f"{where} cannot read {place}: {one_line(error)}") from error
    if not seen:
        raise SegueError(f"{where} does not see {place}: music must lie where all machines see it")


def _hear(files: Sequence[_File], work: Task) -> Iterator[_Heard | Problem]:
    pool = _pool(work)
    try:
        with tempfile.TemporaryDirectory(prefix="segue-") as folder:
            for file, copied in _copied(files, Path(folder)):
                if isinstance(copied, Problem):
                    yield copied
                    continue
                pool.submit(Job(str(copied), file.size, file.modified_ns))
                outcomes: list[Outcome] = []
                while not outcomes:
                    outcomes = pool.poll(1)
                yield _result(file, outcomes[0])
                if not file.place.is_local:
                    copied.unlink(missing_ok=True)
    except BaseException:
        _forget_pool()  # it may be busy with what nobody waits for any more
        raise


_kept: dict[str, Pool] = {}


def _pool(work: Task) -> Pool:
    """The process that hears, kept by this one from partition to partition."""
    key = json.dumps([work.target, work.options])
    if key not in _kept:
        _forget_pool()
        _check_encoders(work.options)
        _kept[key] = Pool(
            work.target, work.options, workers=1, nice=0, answer=lambda digest: (), limits=LIMITS
        )
    return _kept[key]


def _forget_pool() -> None:
    for key in list(_kept):
        _kept.pop(key).close()


def _check_encoders(options: Mapping[str, Any]) -> None:
    for folder in options["folders"]:
        try:
            found = know_encoder(Path(folder))
        except SegueError as error:
            raise SegueError(
                f"worker {socket.gethostname()} does not see the encoder as the driver does "
                f"(it must lie where all machines see it): {error}"
            ) from error
        if found not in options["encoders"]:
            raise SegueError(f"on worker {socket.gethostname()} another encoder lies in {folder}: {found}")


def _copied(files: Sequence[_File], folder: Path) -> Iterator[tuple[_File, Path | Problem]]:
    """Each file with a path of this machine; the next object is fetched while one is heard."""
    if not any(not file.place.is_local for file in files):
        yield from ((file, Path(os.fsdecode(file.path))) for file in files)
        return
    with ThreadPoolExecutor(1) as ahead:
        waiting = None
        for number, file in enumerate(files):
            now = waiting or ahead.submit(_copy, file, folder / str(number))
            waiting = None
            result = now.result()
            if number + 1 < len(files):
                waiting = ahead.submit(_copy, files[number + 1], folder / str(number + 1))
            yield file, result


def _copy(file: _File, draft: Path) -> Path | Problem:
    """An object as a file of this machine, or why it cannot be had."""
    path = os.fsdecode(file.path)
    if file.place.is_local:
        return Path(path)
    copy = draft.with_suffix(Path(path).suffix)
    try:
        with copy.open("wb") as out:
            out.writelines(_pieces(file, path))
    except AudioError as error:
        copy.unlink(missing_ok=True)
        return _problem(file, error.reason, error.detail)
    return copy


def _pieces(file: _File, path: str) -> Iterator[bytes]:
    try:
        with file.place.files.open_input_stream(path) as source:
            while piece := source.read(_PIECE_BYTES):
                yield piece
    except OSError as error:
        _check_seen(file)
        if isinstance(error, FileNotFoundError):
            raise AudioError(Path(path), "missing", "is not there any more") from error
        denied = isinstance(error, PermissionError) or "ACCESS_DENIED" in str(error)
        reason = "no-permission" if denied else "unreadable"
        raise AudioError(Path(path), reason, f"cannot be read: {one_line(error)}") from error


def _problem(file: _File, reason: str, detail: str) -> Problem:
    return Problem(file.name, reason, detail, file.size, file.modified_ns)


def _result(file: _File, outcome: Outcome) -> _Heard | Problem:
    if isinstance(outcome, Done):
        analysis = from_message(Path(outcome.job.path), outcome.message)
        stat = analysis.stat
        size, modified_ns = (
            (stat.size, stat.mtime_ns) if file.place.is_local else (file.size, file.modified_ns)
        )
        return _Heard(file.name, analysis.vectors, analysis.digest, size, modified_ns)
    if file.place.is_local and not os.path.lexists(os.fsdecode(file.path)):
        _check_seen(file)
    return _problem(file, outcome.reason, outcome.detail)


def problems_table(problems: Sequence[Problem]) -> pa.Table:
    """Problems as they are stored."""
    import pyarrow as pa

    schema = problems_schema()
    rows = sorted(problems, key=lambda problem: problem.name)
    return pa.table({name: [getattr(row, name) for row in rows] for name in schema.names}, schema)


def _vectors_table(heard: Sequence[_Heard], encoder: str) -> pa.Table:
    import pyarrow as pa

    schema = vectors_schema()
    rows = sorted(heard, key=lambda one: one.name)
    columns = {
        "name": pa.array([row.name for row in rows], pa.string()),
        "encoder": pa.array([encoder] * len(rows), pa.string()),
        "vector": column_of(_combined(rows, encoder)),
        "digest": pa.array([row.digest for row in rows], pa.string()),
        "size": pa.array([row.size for row in rows], pa.int64()),
        "modified_ns": pa.array([row.modified_ns for row in rows], pa.int64()),
    }
    return pa.table(columns, schema)


def _combined(rows: Sequence[_Heard], encoder: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The vectors ``(n, dim)`` float32; of a sum of encoders, theirs side by side."""
    if not rows:
        return np.zeros((0, 0), np.float32)
    blocks = [np.stack([row.vectors[name] for row in rows]) for name in members(encoder)]
    if len(blocks) == 1:
        return blocks[0]
    kind = resolve(encoder)
    assert isinstance(kind, Combination)
    return kind.combine(blocks)
