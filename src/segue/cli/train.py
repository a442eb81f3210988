"""`segue train`: teach a network on one's own music and labels, or take one that others taught."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from segue.cli.options import json_option, labelled_music_options
from segue.cli.output import print_figures, print_json, progress_display
from segue.settings import data_folder

if TYPE_CHECKING:
    from segue.operations.train import Trained

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.group()
def train() -> None:
    """Train networks of one's own; needs `pip install 'segue[train]'`."""


@train.command()
@labelled_music_options
@click.option("--output", "-o", required=True, type=_FOLDER, help="The folder to write.")
@click.option("--target", help="What to learn (default: genre, else the first column that is known).")
@click.option(
    "--network", default="segue-cnn", show_default=True, help="See `segue experiment list` for others."
)
@click.option("--epochs", type=click.IntRange(1), help="Times that all tracks are heard, at most.")
@click.option(
    "--from",
    "start",
    type=_FOLDER,
    metavar="RUN",
    help="Go on from the network of this run or encoder, with these data and labels.",
)
@click.option("--resume", is_flag=True, help="Go on where a training into OUTPUT was stopped.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of everything drawn.")
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@json_option
@click.pass_context
def encoder(
    context: click.Context,
    /,
    folder: Path | None,
    output: Path,
    quiet: bool,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Train an encoder, for `segue embed`, `segue scan` and whatever asks the library.

    Of the tracks, 70 % are learned from, 15 % choose the best epoch and 15 % judge it; an artist is only in
    one of these parts. A training that was stopped goes on with --resume as if it had not been.
    """
    from segue.operations.train import Wanted, train_encoder

    display = progress_display(quiet=quiet, noun="")
    try:
        trained = train_encoder(
            folder, output, Wanted(**wanted), data=data_folder(context.find_root().obj), progress=display
        )
    except KeyboardInterrupt:
        display.finish()
        if (output / "training" / "last.ckpt").exists():
            click.echo("the same command with --resume goes on after the last whole epoch", err=True)
        raise
    finally:
        display.finish()
    if as_json:
        print_json(_as_json(trained))
    else:
        _show(trained)


@train.command()
@click.argument("network", type=click.Choice(["mn04", "msd-vgg", "mtt-vgg", "mtt-musicnn"]))
@click.option(
    "--weights",
    required=True,
    type=_FILE,
    help="The published file: mn04_as_mAP_432.pt (or .npz) for mn04, else the wheel of musicnn 0.1.0.",
)
@click.option("--output", "-o", required=True, type=_FOLDER, help="The folder to write.")
@click.option(
    "--labels",
    type=_FILE,
    help="For words of mn04, AudioSet's class_labels_indices.csv (default: vectors only).",
)
@click.option(
    "--data",
    "music",
    type=click.Path(path_type=Path),
    help="Music over which mean and spread of the vectors are measured, for sums such as mn04/+musicnn.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes that hear at once (default: one a core).")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@json_option
def adapt(
    network: str,
    weights: Path,
    output: Path,
    labels: Path | None,
    music: Path | None,
    workers: int | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Make an encoder of a network that others published, from its weights.

    mn04 is EfficientAT's tagger of AudioSet (MIT), https://github.com/fschmid56/EfficientAT. The others are
    taggers of music (ISC) from the wheel that `pip download --no-deps musicnn==0.1.0` gives.
    """
    from segue.operations.adapt import adapt_encoder

    display = progress_display(quiet=quiet)
    try:
        made = adapt_encoder(
            network, weights, output, labels=labels, music=music, workers=workers, progress=display
        )
    finally:
        display.finish()
    if as_json:
        print_json(
            {
                "folder": str(made.folder),
                "encoder": made.encoder,
                "labels": made.n_labels,
                "heard": made.n_heard,
                "problems": made.n_problems,
            }
        )
    if made.n_problems:
        click.echo(f"{made.n_problems:,} files could not be heard", err=True)
    if music is None:
        click.echo("mean and spread were not measured: --data MUSIC does it, and sums need it", err=True)
    click.echo(f"wrote {made.folder}: {network} as encoder {made.encoder}", err=True)


def _as_json(trained: Trained) -> dict[str, object]:
    learned, chose, judged = trained.counts
    return {
        "folder": str(trained.folder),
        "encoder": trained.encoder,
        "target": trained.target,
        "tracks": {"learned from": learned, "chose the epoch": chose, "judged": judged},
        "epochs": {"done": trained.epochs[0], "kept": trained.epochs[1]},
        "figures": [figure._asdict() for figure in trained.figures],
        "int8": trained.int8,
    }


def _show(trained: Trained) -> None:
    learned, chose, judged = trained.counts
    done, kept = trained.epochs
    print_figures(trained.target, trained.figures)
    click.echo(
        f"judged on {judged:,} tracks; learned from {learned:,}, chosen on {chose:,}: epoch {kept} of {done}",
        err=True,
    )
    click.echo(trained.int8, err=True)
    click.echo(f"wrote {trained.folder}: encoder {trained.encoder}", err=True)
