"""Histories that people bring along: import by upload, what was found of them, figures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, UploadFile

from segue import catalogue as kept
from segue.errors import NothingFound, UsageError
from segue.operations.history import Coverage, HistoryReport, import_history
from segue.operations.history_upkeep import correct, history_stats, unmatched
from segue.server import models
from segue.server.access import Administrator, ServedNow, Somebody
from segue.server.uploads import as_uploaded, write_upload
from segue.types import TrackId

router = APIRouter(tags=["history"])
LARGEST_HISTORY = 512 * 2**20
"""In bytes; what `segue history import` takes has no limit."""
_TOO_LARGE = (
    f"histories of more than {LARGEST_HISTORY // 2**20} MB are not taken here: "
    "use `segue history import FILE` on the server"
)
_MOST_EXAMPLES = 5


@router.post("/history/import")
def upload_history(files: list[UploadFile], served: ServedNow, person: Somebody) -> models.HistoryImport:
    """Histories of any known kind; all of them are stored, or after an error nothing.

    Importing the same again changes nothing.
    """
    with _as_files(files) as paths:
        # By these names it is known when the same file comes again.
        own = {path: f"upload of {person.listener or 'the owner'}: {path.name}" for path in paths}
        try:
            report = import_history(served.data, paths, listener=person.listener, own=own)
        except (NothingFound, UsageError) as error:
            # Named as the person names the files.
            raise type(error)(as_uploaded(str(error), {path: path.name for path in paths})) from None
    return _import(report)


@contextmanager
def _as_files(files: Sequence[UploadFile]) -> Iterator[list[Path]]:
    """The uploads on the disk, under their own names: some formats are known by them."""
    if not files:
        raise UsageError("no file was sent")
    with tempfile.TemporaryDirectory(prefix="segue-history-") as folder:
        paths: list[Path] = []
        left = LARGEST_HISTORY
        for number, file in enumerate(files):
            # In a folder each, because two may have one name.
            path = Path(os.path.realpath(folder)) / str(number) / _plain(file.filename or "history")
            path.parent.mkdir()
            left -= write_upload(file, path, left, _TOO_LARGE)
            paths.append(path)
        yield paths


def _plain(name: str) -> str:
    """A file's name that stays in its folder.

    >>> _plain("../../etc/passwd"), _plain("..")
    ('passwd', 'history')
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")[-100:]
    return last if last.strip(".") else "history"


def _import(report: HistoryReport) -> models.HistoryImport:
    rows, stored = report.rows, report.stored
    return models.HistoryImport(
        formats=[models.FormatRead(format=name, n_files=n) for name, n in report.formats.items()],
        rows=rows.n_rows,
        bad_rows=rows.n_bad,
        plays=stored.plays,
        new_plays=stored.new_plays,
        others=stored.others,
        new_others=stored.new_others,
        skips=report.skips,
        coverage=_coverage(report.coverage),
        problems=[
            models.BadRows(
                reason=reason,
                n=n,
                examples=[one.detail for one in rows.samples if one.reason == reason][:_MOST_EXAMPLES],
            )
            for reason, n in rows.reasons
        ],
    )


def _coverage(found: Coverage) -> models.Coverage:
    return models.Coverage(**asdict(found))


@router.get("/history")
def read_history(served: ServedNow, person: Somebody) -> models.HistoryFigures:
    """Figures of this person's history."""
    figures = history_stats(served.data, listener=person.listener)
    return models.HistoryFigures(**{name: figures[name] for name in models.HistoryFigures.model_fields})


@router.get("/history/unmatched")
def read_unmatched(
    served: ServedNow,
    person: Somebody,
    n: Annotated[int, Query(ge=1, le=1_000)] = 100,
    only_near: bool = False,
) -> models.Unmatched:
    """What this person played and the library does not have, most played first."""
    coverage, found = unmatched(served.data, number=n, only_near=only_near, listener=person.listener)
    return models.Unmatched(
        coverage=_coverage(coverage),
        items=[
            models.UnmatchedRecording(
                id=one.id,
                artist=one.artist,
                title=one.title,
                album=one.album,
                plays=one.plays,
                near_id=one.near_id,
                near_name=one.near_name,
                score=one.score,
            )
            for one in found
        ],
    )


@router.put("/history/matches/{recording}", status_code=204)
def correct_match(recording: int, asked: models.Correction, served: ServedNow, person: Administrator) -> None:
    """Say which track a recording is, for all listeners."""
    catalogue = served.catalogue()
    if asked.track is not None:
        kept.track(catalogue, TrackId(asked.track))
    correct(served.data, str(recording), asked.track)
