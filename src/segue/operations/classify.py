"""What genre is this file, and how does that move through it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segue.audio import stream_samples
from segue.audio.mixing import resample
from segue.encoders import Combination, load_encoder, members, resolve
from segue.genres import GenreModel, Moment, timeline
from segue.operations.embed import embed_paths
from segue.operations.genre_model import the_genre_model
from segue.operations.own_encoders import know_own_encoders
from segue.progress import Progress
from segue.scanning import ProblemSeen
from segue.settings import DataFolder, data_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from segue.types import Samples, Vector


@dataclass(frozen=True, slots=True, eq=False)
class Classified:
    """What was told of some files.

    Attributes
    ----------
    model
        Who told it.
    names
        Of the files.
    probabilities
        (n_files, n_classes) float32.
    told
        The genres of each file: one, or several where the model tells several.
    problems
        Files that could not be heard.
    """

    model: GenreModel
    names: tuple[str, ...]
    probabilities: NDArray[np.float32]
    told: tuple[tuple[str, ...], ...]
    problems: tuple[ProblemSeen, ...]


def classify(
    paths: Sequence[Path],
    *,
    data: DataFolder,
    model: Path | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Classified:
    """The genres of audio files, and of those in folders.

    Parameters
    ----------
    paths
        Files and folders.
    data
        The library, whose own model answers if it has one.
    model
        The folder of another model.
    workers
        Processes that hear; None: one a core.
    progress
        Is told of files.

    Raises
    ------
    NothingFound
        If a path does not exist, or none of the files can be heard.
    UsageError, SegueError
        If the model is none, or damaged.
    """
    know_own_encoders(data)
    genres = the_genre_model(data, model)
    heard = embed_paths(paths, encoder=genres.encoder, workers=workers, data=data, progress=progress)
    said = genres.predict_proba(heard.vectors)
    return Classified(genres, heard.names, said, tuple(genres.told(said)), heard.problems)


def genres_of(
    paths: Sequence[Path | str], *, library: DataFolder | None = None, model: Path | None = None
) -> dict[str, dict[str, float]]:
    """How likely each genre is, by path and genre; files that cannot be heard are left out.

    Parameters
    ----------
    paths
        Files and folders.
    library
        Whose own model answers, if it has one.
    model
        The folder of another model.

    Raises
    ------
    NothingFound
        If a path does not exist, or none of the files can be heard.
    """
    found = classify([Path(path) for path in paths], data=library or data_folder(), model=model)
    return {
        name: dict(zip(found.model.classes, said.tolist(), strict=True))
        for name, said in zip(found.names, found.probabilities, strict=True)
    }


def genre_timeline(
    path: Path, *, data: DataFolder, model: Path | None = None
) -> tuple[GenreModel, Iterator[Moment]]:
    """How genres move through a file, moment by moment while it is decoded.

    Parameters
    ----------
    path
        An audio file.
    data, model
        As for `classify`.

    Returns
    -------
    model : GenreModel
    moments : iterator of Moment
        Raises `AudioError` at the first if the file cannot be heard.
    """
    know_own_encoders(data)
    genres = the_genre_model(data, model)
    return genres, timeline_of(genres, lambda rate: stream_samples(path, rate))


def timeline_of(model: GenreModel, stretches: Callable[[int], Iterable[Samples]]) -> Iterator[Moment]:
    """The same of sound that arrives from anywhere.

    Parameters
    ----------
    model
        What tells genres.
    stretches
        Mono samples in pieces, at the sample rate that it is given, in Hz.
    """
    kind = resolve(model.encoder)
    encoders = [load_encoder(member) for member in members(model.encoder)]
    rate = max(encoder.sample_rate for encoder in encoders)

    def hear(samples: Samples) -> Vector:
        vectors = [
            encoder.encode([resample(samples, rate, encoder.sample_rate)])[None] for encoder in encoders
        ]
        row: Vector = (kind.combine(vectors) if isinstance(kind, Combination) else vectors[0])[0]
        return row

    return timeline(stretches(rate), hear, model, sample_rate=rate)
