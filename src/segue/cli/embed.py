"""`segue embed`: audio files to a file of vectors, without a library."""

from __future__ import annotations

import os
from pathlib import Path

import click

from segue.cli.options import windows_option
from segue.cli.output import progress_display
from segue.settings import data_folder


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The .npz to write.",
)
@click.option(
    "--encoder",
    default="musicnn",
    show_default=True,
    help="musicnn, timbre, fma518, the folder of one that you trained, or a sum of them.",
)
@windows_option
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option("--strict", is_flag=True, help="Exit with 1 when any file had a problem.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@click.pass_context
def embed(
    context: click.Context,
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
    from segue.operations.embed import embed_paths, write_embedding

    display = progress_display(quiet=quiet)
    try:
        embedding = embed_paths(
            paths,
            encoder=encoder,
            windows=windows,  # type: ignore[arg-type]
            workers=workers or os.cpu_count() or 1,
            data=data_folder(context.find_root().obj),
            progress=display,
        )
    finally:
        display.finish()
    write_embedding(output, embedding)
    count, dim = embedding.vectors.shape
    click.echo(f"wrote {output}: {count} vectors of {dim} numbers by {embedding.encoder}", err=True)
    if embedding.problems:
        click.echo(f"{len(embedding.problems)} files could not be heard", err=True)
    return 1 if strict and embedding.problems else 0
