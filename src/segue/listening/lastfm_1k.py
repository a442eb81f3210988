"""The research data set Last.fm-1K: listener, time, artist's id and name, track's id and name, by tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from segue.listening.rows import time_of
from segue.listening.separated import separated_rows
from segue.listening.sources import Source, decoded_head
from segue.texts import is_named, mbid_of, text_of
from segue.types import BadRow, Listen

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SAMPLE_LINES = 20


def matches(_: Source, head: bytes) -> bool:
    """Whether most of the first lines have its six columns."""
    rows = [line.split("\t") for line in decoded_head(head).split("\n")[:_SAMPLE_LINES] if line.strip()]
    fitting = [row for row in rows if len(row) == 6 and _TIME.fullmatch(row[1])]
    return 2 * len(fitting) > len(rows)


def read(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The plays, in the order of the file: of each listener the latest first."""
    with source.open_text(newline="\n") as text:
        lines = iter(lambda: text.readline(1 << 20), "")
        for number, fields in separated_rows(lines, "\t", quoted=False):
            if isinstance(fields, str) or len(fields) != 6:
                yield BadRow(f"{source.name}:{number}", "malformed", "not six columns")
                continue
            listener, time, _, artist, mbid, title = fields
            time_s = time_of(time, latest_s)
            listener, artist, title, mbid = text_of(listener), text_of(artist), text_of(title), mbid_of(mbid)
            if isinstance(time_s, tuple):
                yield BadRow(f"{source.name}:{number}", *time_s)
            elif not listener:
                yield BadRow(f"{source.name}:{number}", "missing-listener", "it does not say which listener")
            elif not is_named(artist, title, mbid):
                yield BadRow(f"{source.name}:{number}", "missing-name", "it does not say what was played")
            else:
                yield Listen(
                    artist, title, "", time_s, None, None, 1, None, "play", listener, recording_mbid=mbid
                )
