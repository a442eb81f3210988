"""Take a history elsewhere: as a table with all that is known, or as listens of ListenBrainz."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from segue.catalogue import iterate_listens, listeners, open_catalogue
from segue.errors import SegueError, UsageError
from segue.settings import DataFolder
from segue.texts import text_of
from segue.types import Listen

_SPOTIFY = "spotify:track:"


class Exported(NamedTuple):
    """What an export wrote.

    Attributes
    ----------
    rows
        Rows in the file.
    left_out
        Rows of the history that the shape cannot hold.
    """

    rows: int
    left_out: int


def export_history(data: DataFolder, file: Path, *, listener: str | None = None) -> Exported:
    """Write the history so that `import_history` reads it back.

    Parameters
    ----------
    file
        Ends in ``.csv`` for a table with all that the history holds, its columns the fields of
        `segue.types.Listen`; or in ``.jsonl`` for ListenBrainz: plays and opinions of one listener, without
        skips, counts, places in playlists, and recordings without artist and title. The file is complete
        or not there.
    listener
        Only this one's; None is all.

    Raises
    ------
    UsageError
        If it ends otherwise, or is for ListenBrainz and the history has several listeners.
    NothingFound
        If there is no such listener.
    SegueError
        If the file cannot be written.
    """
    kind = file.suffix.lower()
    if kind not in (".csv", ".jsonl"):
        raise UsageError(f"{file} should end in .csv (all of it) or .jsonl (for ListenBrainz)")
    unfinished = file.with_name(file.name + ".part")
    try:
        with open_catalogue(data) as catalogue:
            if kind == ".jsonl" and listener is None and len(listeners(catalogue)) > 1:
                raise UsageError(f"{file} can hold one listener only: say which with --listener NAME")
            with (
                closing(iterate_listens(catalogue, listener)) as rows,
                unfinished.open("w", encoding="utf-8", errors="replace", newline="") as stream,
            ):
                done = _as_table(rows, stream) if kind == ".csv" else _as_lines(rows, stream)
        os.replace(unfinished, file)  # noqa: PTH105 - one name for the whole step
    except OSError as error:
        raise SegueError(f"{file} cannot be written: {error.strerror or error}: give another file") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return done


def _as_table(rows: Iterator[Listen], stream: TextIO) -> Exported:
    count = 0
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(Listen._fields)
    for listen in rows:
        table.writerow(listen._replace(path=_portable(listen.path)))
        count += 1
    return Exported(count, 0)


def _portable(path: str) -> str:
    """A path, or its URI where a line of text cannot hold it."""
    return path if text_of(path) == path or not path.startswith("/") else Path(path).as_uri()


def _as_lines(rows: Iterator[Listen], stream: TextIO) -> Exported:
    count = left_out = 0
    for listen in rows:
        line = _line(listen)
        if line is None:
            left_out += 1
            continue
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        count += 1
    return Exported(count, left_out)


def _line(listen: Listen) -> dict[str, Any] | None:
    """A listen or feedback as ListenBrainz writes it, None for what it has no place for."""
    if not (listen.artist and listen.title):
        return None
    if listen.kind == "opinion" and listen.opinion:
        said = {"score": 1 if listen.opinion > 0 else -1, "recording_mbid": listen.recording_mbid or None}
        moment = {} if listen.time_s is None else {"created": int(listen.time_s)}
        return {**said, **moment, "track_metadata": _metadata(listen)}
    if listen.kind == "play" and listen.count > 0 and listen.time_s is not None:
        return {"listened_at": int(listen.time_s), "track_metadata": _metadata(listen)}
    return None


def _metadata(listen: Listen) -> dict[str, Any]:
    is_spotify = listen.uri.startswith(_SPOTIFY)
    more = {
        "recording_mbid": listen.recording_mbid,
        "isrc": listen.isrc,
        "spotify_id": f"https://open.spotify.com/track/{listen.uri[len(_SPOTIFY) :]}" if is_spotify else "",
        "duration_ms": round(1e3 * listen.duration_s) if listen.duration_s else None,
    }
    return {
        "artist_name": listen.artist,
        "track_name": listen.title,
        **({"release_name": listen.album} if listen.album else {}),
        "additional_info": {name: value for name, value in more.items() if value},
    }
