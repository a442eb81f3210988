"""Taste Profile triplets and the like: listener, track and plays on each line, without a header."""

from __future__ import annotations

from collections.abc import Iterator

from segue.listening.columns import triplets_of
from segue.listening.separated import separated_rows
from segue.listening.sources import Source
from segue.listening.tables import row_listen
from segue.types import BadRow, Listen


def matches(_: Source, head: bytes) -> bool:
    """Whether most of the first lines are triplets."""
    return triplets_of(head) is not None


def read(source: Source, latest_s: float) -> Iterator[Listen | BadRow]:
    """The listens: a count of plays for each triplet; the song's id is the `uri`."""
    layout = triplets_of(source.head())
    assert layout is not None
    shape, places = layout
    with source.open_text(newline="") as text:
        lines = iter(lambda: text.readline(1 << 20), "")
        for number, fields in separated_rows(lines, shape.separator, quoted=False):
            yield row_listen(fields, shape.n_columns, places, f"{source.name}:", number, latest_s)
