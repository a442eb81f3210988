"""`segue spark embed`: the vectors of all music at some places, heard by a cluster."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio import DEFAULT_PLAN, WindowPlan
from segue.encoders import DEFAULT_ENCODER, members, resolve
from segue.errors import NothingFound
from segue.progress import Progress, Silent
from segue.scanning.analyse import work_options
from segue.scanning.scan import TARGET
from segue.spark.hearing import COUNTS, Task, hear_partition, problems_table
from segue.spark.listing import Listing, Problem, list_music
from segue.spark.partitions import partitions
from segue.spark.parts import (
    PROBLEMS,
    Rows,
    open_folder,
    part_name,
    parts_in,
    read_header,
    read_rows,
    write_part,
)
from segue.spark.places import Place, place_of, remove
from segue.spark.session import connected
from segue.spark.settling import remove_drafts, settle
from segue.spark.watching import Watch, shown
from segue.spark.workers import mapped

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedReport:
    """What a run did, in files.

    Attributes
    ----------
    output
        The folder of parts, as it is called in messages.
    encoder
        The id of the encoder.
    dim
        The length of its vectors.
    found
        Music at the places.
    heard
        Whose vectors were made now.
    problems
        That could not be heard now.
    known_problems
        That could not be heard before, have not changed, and were not tried again.
    gone
        Whose vectors are there, and which are at the places no more.
    vectors
        All that the folder holds.
    """

    output: str
    encoder: str
    dim: int
    found: int
    heard: int
    problems: int
    known_problems: int
    gone: int
    vectors: int


@dataclass(frozen=True, slots=True)
class _Todo:
    """What is left of a listing."""

    files: pa.Table
    refused: tuple[Problem, ...]
    known_problems: int
    gone: int
    run: int


def embed_places(
    words: Sequence[str],
    output: str,
    *,
    master: str | None,
    encoder: str = DEFAULT_ENCODER,
    windows: WindowPlan = DEFAULT_PLAN,
    retry: bool = False,
    progress: Progress | None = None,
) -> EmbedReport:
    """Hear what is new or changed at some places, on a cluster, and keep the vectors in a folder of parts.

    Each task writes what it heard as a part of its own, so that whatever is lost (a worker, the driver) costs
    only what was not finished: the same again goes on from there. A changed file's vector is replaced at the
    end of the run; that of a file which is gone stays.

    Parameters
    ----------
    words
        Folders, files, or addresses of stores; all workers must see them under the same name.
    output
        The folder of parts, made if it is missing; all workers must see it too.
    master
        As for `segue.spark.session.connected`; nothing is started when there is nothing to hear.
    encoder
        A name, an id, the folder of one that was trained, or a sum of them.
    windows
        How much of each file is heard.
    retry
        Whether files that could not be heard, and have not changed, are tried again.
    progress
        Is told how far it is.

    Raises
    ------
    NothingFound
        If a place does not exist, no music is there, or none of it can be heard.
    UsageError
        If there is no such encoder, or the output holds something else.
    SegueError
        If a worker does not see what the driver sees, or Spark cannot be used.
    """
    progress = progress or Silent()
    kind = resolve(encoder)
    places, folder = [place_of(word) for word in words], place_of(output)
    read_header(folder)  # what cannot be the output is said at once
    progress.start("Listing", None)
    listing = list_music(words, places)
    progress.finish()
    for remark in listing.remarks:
        progress.note(remark)
    found = listing.files.num_rows + len(listing.refused)
    if not found:
        raise NothingFound("no audio files there")
    header = open_folder(folder, encoder=kind.id, windows=windows)
    remove_drafts(folder)
    todo = _todo(listing, folder, _starts(words, places), retry=retry)
    task = Task(
        places=tuple(place.word for place in places),
        output=folder.word,
        identity=header.identity,
        run=todo.run,
        encoder=kind.id,
        target=TARGET,
        options=work_options(members(encoder), windows),
    )
    try:
        _note_refused(todo, task, folder, progress)
        failed = _hear(todo, task, folder, master, progress)
    finally:
        progress.finish()
    vectors = settle(folder, encoder=kind.id)
    if not vectors:
        raise NothingFound(f"none of {found} files could be heard")
    return EmbedReport(
        output=output if folder.is_local else str(folder),
        encoder=kind.id,
        dim=kind.dim,
        found=found,
        heard=todo.files.num_rows - failed,
        problems=failed + len(todo.refused),
        known_problems=todo.known_problems,
        gone=todo.gone,
        vectors=vectors,
    )


def _todo(listing: Listing, folder: Place, starts: Sequence[str], *, retry: bool) -> _Todo:
    """What is new or changed."""
    import pyarrow as pa

    done, failed = read_rows(folder), read_rows(folder, PROBLEMS, more=["reason"])
    runs = [*done.table["run"].to_pylist(), *failed.table["run"].to_pylist()]
    known, broken = _stats(done), {} if retry else _known_problems(failed, listing)
    names, *stats = (listing.files[column].to_pylist() for column in ("name", "size", "modified_ns"))
    is_new, known_problems = np.ones(len(names), bool), 0
    for at, (name, stat) in enumerate(zip(names, zip(*stats, strict=True), strict=True)):
        if known.get(name) == stat:
            is_new[at] = False
        elif broken.get(name) == stat:
            is_new[at] = False
            known_problems += 1
    refused = [one for one in listing.refused if broken.get(one.name) != (one.size, one.modified_ns)]
    return _Todo(
        files=listing.files.filter(pa.array(is_new)),
        refused=tuple(refused),
        known_problems=known_problems + len(listing.refused) - len(refused),
        gone=_gone(known, names, starts),
        run=1 + max(runs, default=0),
    )


def _stats(rows: Rows) -> dict[str, tuple[int, int]]:
    """Size and time of change of each file, as they were when it was last written of."""
    table = rows.table.take(rows.newest())
    names, *stats = (table[column].to_pylist() for column in ("name", "size", "modified_ns"))
    return dict(zip(names, zip(*stats, strict=True), strict=True))


def _known_problems(failed: Rows, listing: Listing) -> dict[str, tuple[int, int]]:
    """`_stats` of problems, without those that have passed although the file looks the same."""
    broken = _stats(failed)
    table = failed.table.take(failed.newest())
    reasons = dict(zip(table["name"].to_pylist(), table["reason"].to_pylist(), strict=True))
    names, paths = listing.files["name"].to_pylist(), listing.files["path"].to_pylist()
    for name, path in zip(names, paths, strict=True) if broken else ():
        reason = reasons.get(name)
        # What was missing is listed now; a change of permissions leaves size and time as they were.
        if reason == "missing" or (reason == "no-permission" and os.access(path, os.R_OK)):
            broken.pop(name, None)
    return broken


def _starts(words: Sequence[str], places: Sequence[Place]) -> list[str]:
    """What the names of files at the places begin with."""
    return [str(place if "://" in word else Path(word)) for word, place in zip(words, places, strict=True)]


def _gone(known: Mapping[str, object], names: Sequence[str], starts: Sequence[str]) -> int:
    """How many of the known files lay at the places, and do so no more."""
    there = set(names)
    beneath = tuple(f"{start.rstrip('/')}/" for start in starts if start != ".")
    everything = "." in starts  # names then begin with nothing
    return sum(
        name not in there and (name.startswith(beneath) or (everything and not name.startswith("/")))
        for name in known
    )


def _note_refused(todo: _Todo, task: Task, folder: Place, progress: Progress) -> None:
    """Keep and tell what the listing already knows cannot be heard."""
    if not todo.refused:
        return
    table = problems_table(todo.refused)
    name = part_name(table, encoder=task.encoder, windows=task.windows)
    write_part(folder, f"{PROBLEMS}/{name}", table, run=task.run)
    for problem in todo.refused:
        progress.problem(shown(problem.name), problem.reason, problem.detail)


def _hear(todo: _Todo, task: Task, folder: Place, master: str | None, progress: Progress) -> int:
    """Hear what is left; how many could not be heard."""
    import pyarrow as pa

    if not todo.files.num_rows:
        return 0
    progress.start("Starting Spark", None)
    with connected(master, job="embed") as session:
        plan = partitions(todo.files["size"].to_numpy(), cores=session.sparkContext.defaultParallelism)
        whole = todo.files.combine_chunks()
        batches = [whole.take(pa.array(files)).to_batches()[0] for files in plan]
        names = [
            part_name(pa.Table.from_batches([batch]), encoder=task.encoder, windows=task.windows)
            for batch in batches
        ]
        for name in {*names}.intersection(parts_in(folder)):
            remove(folder, name)  # of an earlier run, and of no use: its files are to be heard
        watch = Watch(folder, dict(zip(names, map(len, batches), strict=True)), session, progress)
        progress.start("Hearing", todo.files.num_rows)
        # With it the batches of a table become partitions as they are, each sent with its task only.
        session.conf.set("spark.sql.execution.arrow.localRelationThreshold", "0")
        frame = session.createDataFrame(pa.Table.from_batches(batches))
        counts = watch.until_done(mapped(frame, hear_partition, COUNTS, dataclasses.asdict(task)).collect)
    return sum(row["problems"] for row in counts)
