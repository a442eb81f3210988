"""Rows equal what the csv module says of what it wrote; broken quotes cost their line."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from segue.listening.separated import separated_rows

_FIELDS = st.text(st.sampled_from('ab,";\n é'), max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(_FIELDS, min_size=2, max_size=4), max_size=8), st.sampled_from(",;"))
def test_what_csv_wrote_is_read(rows: list[list[str]], separator: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="\n").writerows(rows)
    written.seek(0)
    assert [fields for _, fields in separated_rows(written, separator)] == rows


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('ab,"\n'), max_size=60))
def test_any_text_gives_rows_or_words(text: str) -> None:
    lines = io.StringIO(text).readlines()
    numbers = [number for number, _ in separated_rows(lines, ",")]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= len(lines) for number in numbers)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 30), st.integers(1, 40))
def test_one_open_quote_costs_one_line(before: int, after: int) -> None:
    lines = ["a,b\n"] * before + ['"a,b\n'] + ["a,b\n"] * after
    rows = list(separated_rows(lines, ","))
    assert len(rows) == before + 1 + after
    assert [number for number, fields in rows if isinstance(fields, str)] == [before + 1]
