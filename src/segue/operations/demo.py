"""A small made-up library, from nothing to an answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import platformdirs

from segue.catalogue import open_catalogue, stats
from segue.operations.answers import Choices, Recommendation
from segue.operations.demo_pieces import make_demo
from segue.operations.scan import scan_library
from segue.operations.similar import similar
from segue.progress import Progress
from segue.settings import DataFolder


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demo made and answered.

    Attributes
    ----------
    music, data
        Where the pieces and their library are.
    tracks, files, problems
        What the library holds.
    seed, other
        The piece that was asked about, and one of another style.
    answers
        What sounds like `seed`.
    """

    music: Path
    data: DataFolder
    tracks: int
    files: int
    problems: int
    seed: str
    other: str
    answers: list[Recommendation]


def run_demo(folder: Path | None, *, progress: Progress) -> DemoOutcome:
    """Make the pieces, scan them into a data folder of their own, and ask one question.

    Parameters
    ----------
    folder
        Where everything goes (default: ``segue-demo`` in the platform's cache folder).
    """
    place = (folder or Path(platformdirs.user_cache_dir("segue", appauthor=False)) / "segue-demo").absolute()
    music, data = place / "music", DataFolder(place / "data")
    progress.note(f"Making a small library in {place}")
    pieces = [piece for piece in make_demo(music) if piece.kind == "piece"]
    scan_library(data, [music], nice=0, progress=progress)
    with open_catalogue(data) as catalogue:
        counts = stats(catalogue)
    first = pieces[0]
    other = next(piece for piece in reversed(pieces) if piece.style != first.style)
    seed = f"{first.artist} - {first.title}"
    return DemoOutcome(
        music=music,
        data=data,
        tracks=counts.tracks,
        files=counts.files,
        problems=counts.problems,
        seed=seed,
        other=f"{other.artist} - {other.title}",
        answers=similar(data, seed, choices=Choices(number=5)),
    )
