"""`segue embed`: audio files to a file of vectors, without a library."""

from __future__ import annotations

import os
from pathlib import Path

import click

from segue.cli.output import progress_display


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The .npz to write.")
@click.option("--encoder", default="musicnn", show_default=True, help="musicnn, timbre, fma518, or a sum of them.")
@click.option(
    "--windows",
    type=click.Choice(["fast", "balanced", "thorough", "whole"]),
    default="balanced",
    show_default=True,
    help="How much of each track to hear.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option("--strict", is_flag=True, help="Exit with 1 when any file had a problem.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def embed(
    paths: tuple[Path, ...],
    output: Path,
    encoder: str,
    windows: str,
    workers: int | None,
    strict: bool,
    quiet: bool,
) -> int:
    """Write the vectors of audio files, and of those in folders, to an .npz file.

    Its arrays: `names` (the paths), `vectors` (float32, one row a file) and `encoder`.
    """
    from segue.operations.embed import embed_files

    display = progress_display(quiet=quiet)
    try:
        report = embed_files(
            paths,
            output,
            encoder=encoder,
            windows=windows,  # type: ignore[arg-type]
            workers=workers or os.cpu_count() or 1,
            progress=display,
        )
    finally:
        display.finish()
    click.echo(f"wrote {output}: {report.vectors} vectors of {report.dim} numbers by {report.encoder}", err=True)
    if report.problems:
        click.echo(f"{report.problems} files had problems", err=True)
    return 1 if strict and report.problems else 0
