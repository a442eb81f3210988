"""Genres told by ear, beside what tags say: for reasons, for what is left out, for staying within one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.catalogue import Catalogue, track_table
from segue.errors import NothingFound, SegueError, UsageError
from segue.genres import GenreModel, folded
from segue.operations.answers import Choices
from segue.operations.genre_model import library_genres, the_genre_model
from segue.operations.opening import covered_keys, vector_loader
from segue.progress import Progress, Silent
from segue.ranking import ByKey, Filters, Seed, Space
from segue.settings import DataFolder
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Matrix

    Ids = NDArray[np.int64]
    Floats = NDArray[np.float32]

_BELOW_ONE = np.float32(0.9999)  # 1 is what tags say


@dataclass(frozen=True, slots=True)
class ToldGenres:
    """Behind `segue.ranking.Genres`: a track is asked for when an answer is explained, not before.

    Attributes
    ----------
    catalogue
        Where tags are.
    model
        What tells.
    load
        Gives keys and vectors of some keys.
    position
        Of each genre in the model, by its folded name.
    """

    catalogue: Catalogue
    model: GenreModel
    load: Callable[[Ids | None], tuple[Ids, Matrix]]
    position: Mapping[str, int]

    @property
    def names(self) -> tuple[str, ...]:
        """See `segue.ranking.Genres`."""
        return self.model.classes

    def rows(self, keys: Ids) -> tuple[Floats, NDArray[np.bool_]]:
        """See `segue.ranking.Genres`."""
        found, vectors = self.load(keys)
        table = track_table(self.catalogue, keys=found)
        written = dict(zip(table.keys.tolist(), table.genres, strict=True))
        return ByKey(found, self.of(vectors, [written.get(key, ()) for key in found.tolist()])).rows(keys)

    def of(self, vectors: Matrix, written: Sequence[tuple[str, ...]]) -> Floats:
        """Probabilities of tracks by their vectors, 1 and 0 where their tags name a genre of the model."""
        told = np.minimum(self.model.predict_proba(vectors), _BELOW_ONE)
        for row, words in zip(told, written, strict=True):
            named = [at for word in words if (at := self.position.get(folded(word))) is not None]
            if named:
                row[:] = 0
                row[named] = 1
        return told


def telling_model(catalogue: Catalogue, data: DataFolder) -> GenreModel | None:
    """What genres are told by; None where there is no model, a damaged one, or no vectors that it takes.

    An answer can be given without; what cannot asks `the_genre_model`, which says what is the matter.
    """
    with contextlib.suppress(SegueError):
        model = the_genre_model(data)
        encoder = EncoderId(model.encoder)
        some = covered_keys(catalogue, encoder)[:1]
        if len(some):
            # A damaged graph shows when it is run.
            model.predict_proba(vector_loader(catalogue, encoder)(some)[1])
            return model
    return None


def bound_genres(model: GenreModel, catalogue: Catalogue) -> ToldGenres:
    """Genres as `model` tells them of a catalogue's tracks."""
    position = {folded(name): at for at, name in enumerate(model.classes)}
    return ToldGenres(catalogue, model, vector_loader(catalogue, EncoderId(model.encoder)), position)


def genre_filters(
    space: Space,
    choices: Choices,
    *,
    catalogue: Catalogue,
    data: DataFolder,
    told: ToldGenres | None,
    seeds: Sequence[Seed] = (),
    progress: Progress | None = None,
) -> Filters:
    """What is left out, with the tracks of which only their sound says it.

    Unwanted genres leave out tracks without genre tags that sound so; `Choices.within_genre` leaves out what
    does not sound like the genre of a seed, whatever tags say. Both are said through `progress`.

    Raises
    ------
    NothingFound
        If the genres of the seeds cannot be told.
    UsageError
        If there is no seed to stay within the genre of.
    """
    progress = progress or Silent()
    filters, left_out = choices.filters, []
    if choices.genres:
        filters = replace(filters, genres=_all_spellings(space, choices.genres))
        left_out.append(_untagged_of(catalogue, data, space, told, choices.genres, progress))
    if choices.within_genre:
        left_out.append(_others(catalogue, data, space, seeds, progress))
    return replace(filters, tracks=np.concatenate(left_out)) if left_out else filters


def _all_spellings(space: Space, words: Sequence[str]) -> tuple[str, ...]:
    """Unwanted genres as written, and as the library's tags write them."""
    unwanted = {folded(word) for word in words} - {""}
    written = {genre for genres in space.genres for genre in genres}
    return (*words, *sorted(genre for genre in written if folded(genre) in unwanted))


def _untagged_of(
    catalogue: Catalogue,
    data: DataFolder,
    space: Space,
    told: ToldGenres | None,
    words: Sequence[str],
    progress: Progress,
) -> Ids:
    """Keys of tracks without genre tags that are told to be of an unwanted genre."""
    nothing = np.empty(0, dtype=np.int64)
    unwanted = {folded(word) for word in words}
    if told is None or unwanted.isdisjoint(told.position):
        return nothing
    untagged = np.fromiter((not genres for genres in space.genres), dtype=np.bool_, count=len(space))
    keys, probabilities = library_genres(
        catalogue, data, told.model, keys=space.keys[untagged & space.present]
    )
    said = [not unwanted.isdisjoint(map(folded, names)) for names in told.model.told(probabilities)]
    left_out = keys[np.array(said, dtype=np.bool_)]
    if len(left_out):
        sound = "sounds" if len(left_out) == 1 else "sound"
        progress.note(f"left out {_tracks(len(left_out))} without genre tags that {sound} like it")
    return left_out


def _others(
    catalogue: Catalogue, data: DataFolder, space: Space, seeds: Sequence[Seed], progress: Progress
) -> Ids:
    """Keys of all tracks that are not told to be of the genre of a seed."""
    if not seeds:
        raise UsageError("to stay within a genre, give a seed whose genre it is")
    model = the_genre_model(data)
    keys, probabilities = library_genres(catalogue, data, model)
    best = probabilities.argmax(axis=1)
    wanted: dict[int, float] = {}
    for seed in seeds:
        said = _told_of(seed, space, keys, probabilities, model)
        genre = int(said.argmax())
        wanted[genre] = max(wanted.get(genre, 0.0), float(said[genre]))
    inside = np.isin(best, list(wanted))
    named = " or ".join(f"{model.classes[genre]} ({100 * p:.0f} %)" for genre, p in wanted.items())
    n = int(np.isin(space.keys, keys[inside]).sum())
    progress.note(f"within {named}: {n:,} of {_tracks(int(space.present.sum()))}")
    return np.setdiff1d(space.keys, keys[inside])


def _told_of(seed: Seed, space: Space, keys: Ids, probabilities: Floats, model: GenreModel) -> Floats:
    """What is told of a seed by its sound alone."""
    if seed.position is None:
        said = seed.told
    else:
        at = int(np.searchsorted(keys, space.keys[seed.position]))
        said = probabilities[at] if at < len(keys) and keys[at] == space.keys[seed.position] else None
    if said is None:
        raise NothingFound(
            f"the genre of the seed cannot be told: it has no vector of {model.encoder}: "
            f"run `segue scan --encoder {model.encoder}`, or leave --within-genre out"
        )
    return said


def _tracks(n: int) -> str:
    return "1 track" if n == 1 else f"{n:,} tracks"
