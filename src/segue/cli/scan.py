"""`segue scan`: hear new and changed music."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from segue.cli.options import data_option, json_option, windows_option
from segue.cli.output import clock, print_json, progress_display
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.scanning import ScanReport


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, readable=False))
@click.option(
    "--encoder",
    help="What to hear with: musicnn, timbre, fma518, the folder of one that you trained, or a sum such as "
    "musicnn+timbre.",
)
@windows_option
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option(
    "--nice", type=click.IntRange(0, 19), default=10, show_default=True, help="How much to give way."
)
@click.option("--retry", is_flag=True, help="Try files again that failed before.")
@click.option("--watch", is_flag=True, help="Stay, and keep up with changes until Ctrl-C.")
@click.option("--strict", is_flag=True, help="Exit with 1 when any file had a problem.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@json_option
@data_option
def scan(
    folders: tuple[Path, ...],
    encoder: str | None,
    windows: str,
    workers: int | None,
    nice: int,
    retry: bool,
    watch: bool,
    strict: bool,
    quiet: bool,
    as_json: bool,
    data: DataFolder,
) -> int:
    """Hear the music in FOLDERS: only what is new or has changed costs time.

    Without FOLDERS, the folders scanned before, or the platform's music folder. A scan can be stopped at
    any moment and goes on where it was. A `.segueignore` file (gitignore syntax) leaves files out, and a
    folder with a file called `.notmusic` is left out whole.
    """
    from segue.operations.scan import scan_library, watch_library

    display = progress_display(quiet=quiet)
    settings = {
        "encoder": encoder,
        "windows": windows,
        "workers": workers or os.cpu_count() or 1,
        "nice": nice,
        "retry": retry,
    }
    try:
        if watch:
            display.note("It stays, and keeps up with changes; Ctrl-C ends it.")
            watch_library(data, folders, progress=display, **settings)  # type: ignore[arg-type]
            return 130
        report = scan_library(data, folders, progress=display, **settings)  # type: ignore[arg-type]
    finally:
        display.finish()
    if as_json:
        print_json(report_as_json(report))
    else:
        print_report(report)
    if report.stopped:
        return 130
    return 1 if strict and (report.problem_count or report.known_problems) else 0


def report_as_json(report: ScanReport) -> dict[str, object]:
    """What a scan did, as `--json` prints it."""
    return {
        "found": report.found,
        "unchanged": report.unchanged,
        "analysed": report.analysed,
        "moved": report.moved,
        "copies": report.copies,
        "updated": report.updated,
        "removed": report.removed,
        "problems": report.problem_count,
        "known_problems": report.known_problems,
        "offline_roots": [str(root) for root in report.offline_roots],
        "duration_s": round(report.duration_s, 3),
        "stopped": report.stopped,
    }


def print_report(report: ScanReport) -> None:
    """What a scan did, in one line, and what to do about problems."""
    counts = {
        "heard": report.analysed,
        "unchanged": report.unchanged,
        "moved": report.moved,
        "copies": report.copies,
        "retagged": report.updated,
        # The old place of a moved file was removed too, which would alarm a reader.
        "removed": max(0, report.removed - report.moved),
    }
    done = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count) or "nothing to do"
    if report.stopped:
        done = (
            f"stopped after {done}; the next scan goes on from there" if any(counts.values()) else "stopped"
        )
    click.echo(f"{report.found:,} files in {clock(report.duration_s)}: {done}")
    failed = report.problem_count + report.known_problems
    if failed:
        earlier = f" ({report.known_problems:,} known from before)" if report.known_problems else ""
        click.echo(f"{failed:,} files could not be heard{earlier}: see `segue library problems`")
