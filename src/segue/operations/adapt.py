"""Make an encoder of a network that others published, from its weights."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segue.encoders import know_encoder
from segue.encoders.artefacts import read_graph
from segue.encoders.folders import read_folder, read_header
from segue.errors import UsageError
from segue.operations.embed import embed_paths
from segue.operations.train import check_output
from segue.progress import Progress
from segue.training.torch_here import require_torch
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.encoders import Scaling

_N_CLASSES = 527


@dataclass(frozen=True, slots=True)
class Adapted:
    """An encoder that was made of published weights.

    Attributes
    ----------
    folder
        Where it is.
    encoder
        Its id.
    n_labels
        Classes that have names, hence probabilities.
    n_heard
        Files over which mean and spread of its vectors were measured.
    n_problems
        Files that could not be heard.
    """

    folder: Path
    encoder: EncoderId
    n_labels: int
    n_heard: int
    n_problems: int


def adapt_encoder(
    network: str,
    weights: Path,
    output: Path,
    *,
    labels: Path | None = None,
    music: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Adapted:
    """Make an encoder of EfficientAT's mn04, or of a network of musicnn's wheel.

    Parameters
    ----------
    network
        mn04, msd-vgg, mtt-vgg or mtt-musicnn.
    weights
        The published file.
    output
        The folder to write; an encoder in it is replaced.
    labels
        For mn04 only, the published table of AudioSet's classes (columns index and display_name); without it
        the encoder says no words.
    music
        Audio files, over whose vectors mean and spread are measured: what a small library, and a sum with
        other encoders, scale by. Without it they are 0 and 1.
    workers
        Processes that hear at once (default: one a core).
    progress
        Is told how far it is.

    Raises
    ------
    SegueError
        If what training needs is not installed.
    UsageError
        If weights or labels are other ones, the network has no labels, or `output` holds other things.
    NothingFound
        If none of the music can be heard.
    """
    if labels is not None and network != "mn04":
        raise UsageError(f"labels are for mn04: {network} gives vectors only")
    require_torch()
    check_output(output)
    from segue.training.adapting import adapt_mn04, adapt_wheel

    names = read_classes(labels) if labels is not None else ()
    with tempfile.TemporaryDirectory() as place:
        draft = Path(place) / output.absolute().name
        if network == "mn04":
            adapt_mn04(draft, weights, labels=names)
        else:
            adapt_wheel(draft, weights, network)
        scaling, n_heard, n_problems = None, 0, 0
        if music is not None:
            scaling, n_heard, n_problems = _measured(draft, music, workers, progress)
        id_ = _finished(draft, output, scaling, n_heard)
    know_encoder(output)
    return Adapted(output, id_, len(names), n_heard, n_problems)


def read_classes(table: Path) -> tuple[str, ...]:
    """The names of AudioSet's 527 classes in their order, from the published ``class_labels_indices.csv``.

    Raises
    ------
    UsageError
        If it is no such table.
    """
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            rows = [(int(row["index"]), row["display_name"].strip()) for row in csv.DictReader(lines)]
    except OSError as error:
        raise UsageError(f"{table} cannot be read: {error.strerror}") from error
    except (KeyError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise UsageError(f"{table} is no table with the columns index and display_name: {error!r}") from error
    names = [name for _, name in sorted(rows)]
    if [index for index, _ in sorted(rows)] != list(range(_N_CLASSES)) or len(set(names)) < _N_CLASSES:
        raise UsageError(f"{table} names {len(set(names))} classes, not AudioSet's {_N_CLASSES}")
    return tuple(names)


def _measured(
    folder: Path, music: Path, workers: int | None, progress: Progress | None
) -> tuple[Scaling, int, int]:
    """Scaling, files heard, and files that could not be."""
    from segue.neighbours import fit_scaling

    heard = embed_paths([music], encoder=str(folder), workers=workers, progress=progress)
    return fit_scaling(heard.vectors), len(heard.names), len(heard.problems)


def _finished(draft: Path, output: Path, scaling: Scaling | None, n_heard: int) -> EncoderId:
    """Write the encoder to where it belongs, with its scaling where that was measured."""
    from segue.training.export import scaling_numbers, write_encoder

    header = read_header(draft)
    measured = "not measured: mean 0, spread 1"
    if scaling is not None:
        header["scaling"], measured = scaling_numbers(scaling), f"measured on {n_heard:,} files"
    header["data"] = {**header["data"], "scaling": measured}
    return write_encoder(output, header, read_graph(read_folder(draft)[0]))
