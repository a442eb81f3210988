"""The `segue` command: its verbs, and what every one of them does with errors and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import segue
from segue.cli.account import account
from segue.cli.analyse import analyse
from segue.cli.classify import classify
from segue.cli.clusters import clusters
from segue.cli.demo import demo
from segue.cli.doctor import doctor
from segue.cli.duplicates import duplicates
from segue.cli.embed import embed
from segue.cli.evaluate import evaluate
from segue.cli.experiment import experiment
from segue.cli.factors import factors
from segue.cli.genres import genres
from segue.cli.history import history
from segue.cli.library import library
from segue.cli.map import map_
from segue.cli.mix import mix
from segue.cli.output import one_line
from segue.cli.path import path
from segue.cli.recommend import recommend
from segue.cli.scan import scan
from segue.cli.serve import serve
from segue.cli.similar import similar
from segue.cli.spark import spark
from segue.cli.train import train
from segue.errors import SegueError
from segue.settings import data_folder

EXIT_CODES = """\b
Exit codes:
  0    done
  1    done with problems under --strict, or an error that a person can mend
  2    wrong use, or nothing found
  130  stopped by Ctrl-C
"""


class _Verbs(click.Group):
    """Lists the verbs in the order in which a person meets them, not by the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(segue.__version__, prog_name="segue")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep everything in this folder (default: $SEGUE_DATA, else the platform's data folder).",
)
@click.pass_context
def cli(context: click.Context, data: Path | None) -> None:
    """Hear a music library, and find what comes next.

    Start with `segue demo`, or with `segue scan ~/Music` and `segue similar "Artist - Title"`.
    """
    context.obj = data


for _command in (
    demo,
    scan,
    similar,
    mix,
    path,
    recommend,
    embed,
    duplicates,
    classify,
    genres,
    clusters,
    map_,
    analyse,
    library,
    history,
    factors,
    train,
    experiment,
    evaluate,
    serve,
    spark,
    account,
    doctor,
):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with a documented code; no error leaves as a traceback."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    _open_closed_streams()
    _keep_undecodable_names_printable()
    try:
        outcome = cli.main(args=arguments, prog_name="segue", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("segue: stopped", err=True)
        return 130
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except SegueError as error:
        click.echo(one_line(f"segue: {error}"), err=True)
        return error.exit_code
    except SystemExit:
        # Click's own answer to a reader that has seen enough; it has already hushed what is still buffered.
        return 0
    except BrokenPipeError:
        # The reader (head, less) has seen enough; what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(one_line(f"segue: {where}{error.strerror or error}"), err=True)
        return 1
    except Exception as defect:
        click.echo(one_line(f"segue: this is a defect of Segue: {_report(defect)}"), err=True)
        return 1
    return outcome if isinstance(outcome, int) else 0


def _open_closed_streams() -> None:
    """A service may start it with standard streams closed; a file opened later must not take their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123 - open until the process ends


def _keep_undecodable_names_printable() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _report(defect: Exception) -> str:
    """Keep the traceback in the log folder and say where it is."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(defect))
    try:
        folder = data_folder().log
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, SegueError):
        folder = Path(tempfile.gettempdir())
    report = folder / "segue-defect.txt"
    try:
        report.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return f"{type(defect).__name__}: {defect}"
    return f"{type(defect).__name__}: {defect} (please report it with {report})"
