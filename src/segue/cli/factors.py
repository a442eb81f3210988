"""`segue factors`: who plays what, as factors of listeners and tracks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from segue.cli.options import data_option, json_option, wmf_options, wmf_settings
from segue.cli.output import print_json, print_left_out, print_table, progress_display
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.factors import Tuning, WMFSettings

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def factors() -> None:
    """Learn from what many people play, and place what nobody played."""


@factors.command()
@click.argument("plays", type=click.Path(path_type=Path))
@click.option("--output", "-o", required=True, type=_FOLDER, help="The folder to write.")
@click.option(
    "--n-factors",
    multiple=True,
    type=click.IntRange(1, 4096),
    help="Length of a factor; given several times with --tune, the best of them.  [default: 256]",
)
@click.option("--tune", "tuned", is_flag=True, help="Look for better settings on plays held out.")
@wmf_options
@click.option("--tracks", type=_FILE, help="A table (Parquet or CSV) with the column track and names.")
@click.option(
    "--seed",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Of the first factors and the plays held out.",
)
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def fit(
    plays: Path,
    output: Path,
    n_factors: tuple[int, ...],
    tuned: bool,
    tracks: Path | None,
    seed: int,
    quiet: bool,
    **given: float | str | None,
) -> None:
    """Learn factors from PLAYS by weighted matrix factorisation.

    PLAYS is a table with the columns listener, track and plays (Parquet or CSV), Taste Profile triplets,
    slices of the Million Playlist Dataset, or histories of several listeners.
    """
    from segue.errors import UsageError
    from segue.operations.factors import fit_factors

    if len(n_factors) > 1 and not tuned:
        raise UsageError("several --n-factors need --tune, which chooses among them")
    settings = wmf_settings({**given, "n_factors": n_factors[0] if n_factors else None})
    display = progress_display(quiet=quiet, noun="")
    try:
        fitted = fit_factors(
            plays,
            output,
            settings=settings,
            tuned=tuned,
            sizes=n_factors[1:],
            tracks=tracks,
            seed=seed,
            progress=display,
        )
    finally:
        display.finish()
    print_left_out(fitted.report)
    if fitted.tuning is not None:
        _show_trials(fitted.tuning)
    listeners, width = fitted.factors.listener_factors.shape
    click.echo(
        f"wrote {output}: {listeners:,} listeners and {len(fitted.factors.tracks):,} tracks "
        f"({fitted.n_named:,} with names), {width} factors",
        err=True,
    )


def _show_trials(tuning: Tuning) -> None:
    rows = []
    for trial in tuning.trials:
        settings, found = trial.settings, trial.judgement
        rows.append((*_figures(settings), f"{found.auc:.4f}", f"{found.recall:.4f}"))
    print_table(("factors", "alpha", "lambda", "AUC", "recall@50"), rows)
    factors, alpha, strength = _figures(tuning.settings)
    click.echo(f"best: {factors} factors, alpha {alpha}, lambda {strength}")


def _figures(settings: WMFSettings) -> tuple[str, str, str]:
    return str(settings.n_factors), f"{settings.alpha:.3g}", f"{settings.regularisation:.4g}"


@factors.command()
@click.argument("folder", type=_FOLDER)
@click.argument("track")
@click.option("-n", "--number", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@click.option(
    "--per-artist",
    default=2,
    show_default=True,
    type=click.IntRange(0),
    help="At most this many by one artist (0: no limit).",
)
@json_option
def similar(folder: Path, track: str, number: int, per_artist: int, as_json: bool) -> None:
    """List the tracks that the same people play as TRACK, by the cosine of factors.

    TRACK is "Artist - Title", part of it, or a track's id in the plays.
    """
    from segue.operations.factors import similar_by_factors

    found = similar_by_factors(folder, track, number=number, per_artist=per_artist)
    if as_json:
        print_json(
            [
                {
                    "track": near.track,
                    "artist": near.artist or None,
                    "title": near.title or None,
                    "cosine": round(near.cosine, 4),
                }
                for near in found
            ]
        )
        return
    rows = [
        (str(place), f"{near.cosine:.3f}", near.artist, near.title, str(near.track))
        for place, near in enumerate(found, 1)
    ]
    print_table(("", "cosine", "artist", "title", "track"), rows, right=("", "cosine"))


@factors.command()
@click.argument("folder", type=_FOLDER)
@click.option(
    "--content",
    required=True,
    type=_FILE,
    help="An .npz with names (the tracks' ids as text) and vectors, one row a track.",
)
@click.option("--output", "-o", required=True, type=_FOLDER, help="The folder to write.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the random features.")
def predict(folder: Path, content: Path, output: Path, seed: int) -> None:
    """Predict factors of tracks that nobody played, from vectors of their content.

    Tracks of FOLDER that have content are learned from; all tracks with content get factors.
    """
    from segue.operations.factors import predict_factors

    predicted = predict_factors(folder, content, output, seed=seed)
    click.echo(
        f"learned from {predicted.n_matched:,} tracks with plays and content by {predicted.method}, which "
        f"explains {max(predicted.explained, 0):.1%} of the factors of artists left out",
        err=True,
    )
    click.echo(f"wrote {output}: factors of {predicted.n_content:,} tracks", err=True)


@factors.command(name="import")
@click.argument("folder", type=_FOLDER)
@data_option
def import_(folder: Path, data: DataFolder) -> None:
    """Bring factors learned elsewhere to this library, for `segue recommend`.

    Tracks are found by the MusicBrainz ids, ISRCs or names in the tracks.parquet or tracks.csv of FOLDER.
    """
    from segue.operations.import_factors import import_factors

    display = progress_display(noun="")
    try:
        done = import_factors(data, folder, progress=display)
    finally:
        display.finish()
    click.echo(
        f"{done.n_matched:,} of {done.n_library:,} tracks of the library have factors now; "
        f"{done.n_tracks - done.n_matched:,} other tracks are known too",
        err=True,
    )
