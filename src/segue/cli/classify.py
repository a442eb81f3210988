"""`segue classify`: what genre is this?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from segue.cli.options import json_option
from segue.cli.output import clock, one_line, print_json, print_table, progress_display
from segue.settings import DataFolder, data_folder

if TYPE_CHECKING:
    from segue.genres import Moment
    from segue.operations.classify import Classified

_FOLDER = click.Path(path_type=Path, file_okay=False)
_SHOWN = 3
_BAR = 30


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--timeline", is_flag=True, help="How the genres move through one file, every 3 s.")
@click.option(
    "--model", type=_FOLDER, help="A model of `segue genres train` (default: your own, else Segue's)."
)
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option("--strict", is_flag=True, help="Exit with 1 when any file had a problem.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@json_option
@click.pass_context
def classify(
    context: click.Context,
    files: tuple[Path, ...],
    timeline: bool,
    model: Path | None,
    workers: int | None,
    strict: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Tell the genre of audio files, and of those in folders.

    Without any training this is Segue's own model; `segue genres train` makes one of your own tags, which
    answers from then on.
    """
    data = data_folder(context.find_root().obj)
    if timeline:
        if len(files) > 1:
            raise click.UsageError("--timeline is of one file at a time")
        _show_timeline(files[0], model, data, as_json=as_json)
        return 0
    from segue.operations.classify import classify as ask

    display = progress_display(quiet=quiet)
    try:
        found = ask(files, data=data, model=model, workers=workers, progress=display)
    finally:
        display.finish()
    _show(found, as_json=as_json)
    return 1 if strict and found.problems else 0


def _show(found: Classified, *, as_json: bool) -> None:
    classes = found.model.classes
    if as_json:
        print_json(
            [
                {
                    "path": name,
                    "genre": told[0] if not found.model.several else list(told),
                    "probabilities": _named(classes, said.tolist()),
                }
                for name, told, said in zip(found.names, found.told, found.probabilities, strict=True)
            ]
        )
    else:
        rows = []
        for name, told, said in zip(found.names, found.told, found.probabilities, strict=True):
            order = said.argsort()[::-1][:_SHOWN]
            likely = ", ".join(f"{classes[at]} {said[at]:.0%}" for at in order)
            rows.append((name, ", ".join(told), likely))
        print_table(("file", "genre", "most likely"), rows)
    if found.problems:
        click.echo(f"{len(found.problems)} files could not be heard", err=True)
    click.echo(one_line(f"told by {found.model.id} ({_how_good(found)})"), err=True)


def _how_good(found: Classified) -> str:
    from segue.operations.genre_card import card_metrics

    return card_metrics(found.model.card) or "nothing is known of how well"


def _show_timeline(file: Path, model: Path | None, data: DataFolder, *, as_json: bool) -> None:
    from segue.operations.classify import genre_timeline

    genres, moments = genre_timeline(file, data=data, model=model)
    if as_json:
        print_json(
            [
                {
                    "start_s": moment.start_s,
                    "probabilities": _named(genres.classes, moment.probabilities.tolist()),
                }
                for moment in moments
            ]
        )
        return
    for moment in moments:  # each line as soon as it is known
        click.echo(_line(moment, genres.classes))


def _line(moment: Moment, classes: tuple[str, ...]) -> str:
    """
    >>> import numpy as np
    >>> from segue.genres import Moment
    >>> _line(Moment(3.0, np.array([0.25, 0.75], np.float32)), ("jazz", "rock"))
    '0:03  rock 75 %  ███████████████████████  jazz 25 %'
    """
    order = moment.probabilities.argsort()[::-1][:_SHOWN]
    first, *rest = [(classes[at], float(moment.probabilities[at])) for at in order]
    bar = "█" * int(first[1] * _BAR + 0.5)
    others = ", ".join(f"{name} {share * 100:.0f} %" for name, share in rest)
    return f"{clock(moment.start_s)}  {first[0]} {first[1] * 100:.0f} %  {bar}  {others}".rstrip()


def _named(classes: tuple[str, ...], said: list[float]) -> dict[str, float]:
    return {name: round(share, 5) for name, share in zip(classes, said, strict=True)}
