"""How results look: tables for people, JSON for programs, progress on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    from segue.experiments.judging import Figure
    from segue.listening import RowReport

_SECONDS_BETWEEN_LINES = 10.0
_NAMED = 5  # bad rows
_TURNS_ROUND = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def print_json(value: object) -> None:
    """Print `value` as JSON; file names that are not UTF-8 come out with escaped surrogates."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    click.echo(text)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a plain table; columns named in `right` are aligned to the right."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            column, justify="right" if column in right else "left", overflow="fold", no_wrap=column in right
        )
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    console = Console(file=sys.stdout, highlight=False)
    if console.is_terminal:
        console.print(table)
        return
    # A pipe has no width: every row is one line there, so that grep and cut can read it.
    wide = Console(file=sys.stdout, highlight=False, width=10_000)
    with wide.capture() as lines:
        wide.print(table)
    click.echo("\n".join(line.rstrip() for line in lines.get().splitlines()))


def print_left_out(report: RowReport) -> None:
    """Say on stderr how many rows could not be used, why, and name some."""
    for reason, n in report.reasons:
        click.echo(f"left out {n:,} rows: {reason}", err=True)
    for bad in report.samples[:_NAMED]:
        click.echo(one_line(f"  {bad.where}: {bad.detail}"), err=True)


def print_figures(target: str, figures: Sequence[Figure]) -> None:
    """Print figures with their intervals and what chance gives."""
    rows = [
        (
            figure.name,
            f"{figure.value:.3f}",
            "" if figure.low is None else f"{figure.low:.3f} to {figure.high:.3f}",
            f"{figure.chance:.3f}",
        )
        for figure in figures
    ]
    print_table((target, "value", "95 % interval", "chance"), rows)


def print_pairs(pairs: Mapping[str, str]) -> None:
    """Print names and values, aligned."""
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        click.echo(f"{name.ljust(width)}  {one_line(value)}")


def _plain(text: str) -> Text:
    from rich.text import Text

    return Text(one_line(text).encode("utf-8", "replace").decode())


def one_line(text: str) -> str:
    """Text without what would break the line, or draw on or turn round what a terminal shows.

    >>> one_line("two\\nlines \\x1b[31m of a　name")
    'two�lines �[31m of a\u3000name'
    """
    if text.isprintable():
        return text
    return "".join("�" if _disturbs(character) else character for character in text)


def _disturbs(character: str) -> bool:
    import unicodedata

    return unicodedata.category(character) in ("Cc", "Zl", "Zp") or character in _TURNS_ROUND


def clock(seconds: float) -> str:
    """
    >>> clock(75.4), clock(3_725)
    ('1:15', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def progress_display(*, quiet: bool = False, noun: str = "tracks") -> PlainProgress | BarProgress:
    """A bar on a terminal; elsewhere a line now and then, so that logs stay readable.

    `noun` is what the steps are called in the speed; empty where they are of several kinds.
    """
    if sys.stderr.isatty() and not quiet:
        return BarProgress(noun)
    return PlainProgress(quiet=quiet, noun=noun)


class PlainProgress:
    """Progress as lines on stderr."""

    def __init__(self, *, quiet: bool = False, noun: str = "tracks") -> None:
        self._quiet, self._unit = quiet, f" {noun}/minute" if noun else "/minute"
        self._label = ""
        self._total: int | None = None
        self._done = 0
        self._began = self._said = time.monotonic()

    def start(self, label: str, total: int | None) -> None:
        self._label, self._total, self._done = label, total, 0
        self._began = self._said = time.monotonic()

    def grow(self, total: int) -> None:
        self._total = total

    def advance(self, steps: int = 1) -> None:
        self._done += steps
        now = time.monotonic()
        if now - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = now
            rate = self._done / max(now - self._began, 1e-9) * 60
            left = f", {clock((self._total - self._done) / rate * 60)} left" if self._total and rate else ""
            total = f" of {self._total:,}" if self._total else ""
            self._say(f"{self._label}: {self._done:,}{total}, {rate:,.0f}{self._unit}{left}")

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        self._say(f"problem: {path}: {detail}")

    def note(self, message: str) -> None:
        click.echo(one_line(message), err=True)

    def finish(self) -> None:
        pass

    def _say(self, line: str) -> None:
        if not self._quiet:
            click.echo(one_line(line), err=True)


class BarProgress:
    """Progress as a bar on a terminal's stderr."""

    def __init__(self, noun: str = "tracks") -> None:
        self._unit = f" {noun}/minute" if noun else "/minute"
        self._bar: Bar | None = None
        self._task: Any = None

    def start(self, label: str, total: int | None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.finish()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _rate_column(self._unit),
            TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False),
            transient=True,
            speed_estimate_period=60,
        )
        self._task = self._bar.add_task(label, total=total)
        self._bar.start()

    def grow(self, total: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, total=total)

    def advance(self, steps: int = 1) -> None:
        if self._bar is not None:
            self._bar.advance(self._task, steps)

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        self.note(f"problem: {path}: {detail}")

    def note(self, message: str) -> None:
        if self._bar is not None:
            self._bar.console.print(_plain(message))
        else:
            click.echo(one_line(message), err=True)

    def finish(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _rate_column(unit: str) -> ProgressColumn:
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed * 60:,.0f}{unit}" if speed else "")

    return Rate()
