"""What a question is asked of: a library's neighbourhood with a few columns about each track."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segue.encoders import Scaling
from segue.errors import NothingFound
from segue.neighbours import Neighbourhood, standardise

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]


class Columns(Protocol):
    """One row a track, in any order; the catalogue's table of tracks is one."""

    @property
    def keys(self) -> Ids:
        """``(n,)`` int64."""

    @property
    def artist_code(self) -> Ids:
        """``(n,)`` int64, equal for one artist, -1 where unknown."""

    @property
    def album_code(self) -> Ids:
        """``(n,)`` int64, equal for one album, -1 where unknown."""

    @property
    def year(self) -> Ids:
        """``(n,)`` int64, 0 where unknown."""

    @property
    def duration_s(self) -> NDArray[np.float64]:
        """``(n,)`` float64, in seconds."""

    @property
    def titles(self) -> Sequence[str]:
        """As written, empty where there is none."""

    @property
    def genres(self) -> Sequence[tuple[str, ...]]:
        """As written."""


class Rows(Protocol):
    """Rows of numbers about some of the tracks, wherever they are kept."""

    def rows(self, keys: Ids) -> tuple[Floats, NDArray[np.bool_]]:
        """The rows ``(n, width)`` of these keys, NaN for those that are not here, and which are."""


class Table(Rows, Protocol):
    """Rows of which some can be drawn."""

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` rows drawn at random, all of them when there are fewer."""


@dataclass(frozen=True, slots=True)
class ByKey:
    """A `Table` in memory.

    Attributes
    ----------
    keys
        ``(m,)`` int64, ascending.
    values
        ``(m, width)`` or ``(m,)`` float32, or float16 to take half the room.
    """

    keys: Ids
    values: NDArray[np.floating]

    def rows(self, keys: Ids) -> tuple[Floats, NDArray[np.bool_]]:
        """The rows of these keys, NaN for those that are not here, and which are."""
        wanted = np.asarray(keys, dtype=np.int64)
        rows = np.full((len(wanted), *self.values.shape[1:]), np.nan, dtype=np.float32)
        if len(self.keys) == 0:
            return rows, np.zeros(len(wanted), dtype=np.bool_)
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = self.keys[place] == wanted
        rows[known] = self.values[place[known]]
        return rows, known

    def sample(self, n: int, rng: np.random.Generator) -> Floats:
        """`n` rows drawn at random, all of them when there are fewer."""
        drawn = rng.choice(len(self.keys), min(n, len(self.keys)), replace=False)
        return self.values[drawn].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Named blocks of a vector, by which an answer is explained.

    Attributes
    ----------
    vectors
        Raw vectors ``(m, dim)``.
    blocks
        Which dimensions each name covers, such as ``rhythm``.
    scaling
        Of the vectors.
    """

    vectors: Table
    blocks: Mapping[str, slice]
    scaling: Scaling


@dataclass(frozen=True, slots=True)
class Words:
    """Probabilities of words for tracks.

    Attributes
    ----------
    probabilities
        ``(m, n_words)`` in [0, 1].
    names
        The words.
    """

    probabilities: Table
    names: tuple[str, ...]


class Genres(Rows, Protocol):
    """How likely each genre is for tracks: 1 where their tags say so, below 1 where it is told by ear."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the genres, in the order of the rows."""


@dataclass(frozen=True, slots=True)
class Usual:
    """How alike pairs of a library are, and how probable words; made by `segue.ranking.usual_of`.

    Attributes
    ----------
    pairs
        Sorted cosines of random pairs, by block of the descriptors; empty where there are no pairs.
    words
        ``(n_words,)`` mean probabilities, or None.
    """

    pairs: Mapping[str, Floats]
    words: Floats | None


@dataclass(frozen=True, slots=True)
class Space:
    """A library that can be asked; rows stand in the order of the index. Made by `make_space`.

    Attributes
    ----------
    neighbourhood
        Vectors, hub statistics and calibration.
    present
        ``(n,)`` bool: the row is of a track that the columns know; others are in no answer.
    artist, album, year
        ``(n,)`` int64, see `Columns`.
    duration_s
        ``(n,)`` float64.
    titles, genres
        ``n`` entries.
    descriptors, words
        What answers are explained by, where there is any.
    fingerprints
        ``(m, width)`` unit rows that tell recordings apart, or None.
    speech
        ``(m,)`` likeness to speech in [0, 1] by key, or None.
    told
        Genres that are told by ear, or None.
    usual
        What answers are compared with to explain them; None: drawn for each question.
    """

    neighbourhood: Neighbourhood
    present: NDArray[np.bool_]
    artist: Ids
    album: Ids
    year: Ids
    duration_s: NDArray[np.float64]
    titles: Sequence[str]
    genres: Sequence[tuple[str, ...]]
    descriptors: Descriptors | None
    words: Words | None
    fingerprints: Table | None
    speech: ByKey | None
    told: Genres | None = None
    usual: Usual | None = None

    @property
    def keys(self) -> Ids:
        """``(n,)`` int64: the tracks' keys."""
        return self.neighbourhood.index.ids

    def __len__(self) -> int:
        return len(self.present)

    def positions(self, keys: Ids) -> Ids:
        """Rows of these keys.

        Raises
        ------
        NothingFound
            If one of them has no vector here.
        """
        rows = self.neighbourhood.index.positions(keys)
        if (rows < 0).any():
            raise NothingFound("a track has not been analysed by this encoder yet: scan the library")
        return rows

    def vectors(self, positions: Ids) -> Floats:
        """``(m, dim)`` unit rows at these positions."""
        return self.neighbourhood.index.vectors_of(self.keys[positions])


@dataclass(frozen=True, slots=True)
class Seed:
    """A song that is asked about, of the library or from elsewhere.

    Attributes
    ----------
    vector
        ``(dim,)`` unit row.
    position
        Its row in the space, None when it is from elsewhere.
    duration_s
        None where unknown; without it copies in the library cannot be told from very similar songs.
    fingerprint
        ``(width,)`` unit row, where known.
    descriptors, words, told
        ``(dim,)`` raw, ``(n_words,)``, and ``(n_genres,)`` as in `Genres`: what a song from elsewhere is
        explained by, where known. Of a song of the library they are read when an answer is explained.
    """

    vector: Floats
    position: int | None = None
    duration_s: float | None = None
    fingerprint: Floats | None = None
    descriptors: Floats | None = None
    words: Floats | None = None
    told: Floats | None = None


def make_space(
    neighbourhood: Neighbourhood,
    columns: Columns,
    *,
    descriptors: Descriptors | None = None,
    words: Words | None = None,
    fingerprints: Table | None = None,
    speech: ByKey | None = None,
    told: Genres | None = None,
) -> Space:
    """Bring the columns into the order of the index.

    Tracks without a vector are left out; vectors without a track stay in the index and out of every answer.
    """
    rows, present = _places(columns.keys, neighbourhood.index.ids)
    in_order = len(rows) == len(columns.keys) and bool(np.all(rows == np.arange(len(rows))))
    titles, genres = columns.titles, columns.genres
    if not (in_order and present.all()):
        titles = [titles[row] if known else "" for row, known in zip(rows, present, strict=True)]
        genres = [genres[row] if known else () for row, known in zip(rows, present, strict=True)]
    if len(columns.keys) == 0:
        return Space(
            neighbourhood, present, rows - 1, rows - 1, rows, rows.astype(np.float64), titles, genres,
            descriptors, words, fingerprints, speech, told,
        )  # fmt: skip
    return Space(
        neighbourhood,
        present,
        np.where(present, columns.artist_code[rows], -1),
        np.where(present, columns.album_code[rows], -1),
        np.where(present, columns.year[rows], 0),
        np.where(present, columns.duration_s[rows], 0.0),
        titles,
        genres,
        descriptors,
        words,
        fingerprints,
        speech,
        told,
    )


def seed_in(space: Space, key: int) -> Seed:
    """The seed that is a track of the library.

    Raises
    ------
    NothingFound
        If it has no vector here.
    """
    keys = np.array([key], dtype=np.int64)
    position = int(space.positions(keys)[0])
    return Seed(
        space.vectors(np.array([position]))[0],
        position,
        float(space.duration_s[position]),
        _row_of(space.fingerprints, key) if space.fingerprints else None,
    )


def _row_of(table: Rows, key: int) -> Floats | None:
    """The row of one key, None where there is none."""
    rows, known = table.rows(np.array([key], dtype=np.int64))
    return rows[0] if known[0] else None


def seed_outside(
    space: Space,
    raw: Floats,
    *,
    duration_s: float | None = None,
    descriptors: Floats | None = None,
    words: Floats | None = None,
    fingerprint: Floats | None = None,
    told: Floats | None = None,
) -> Seed:
    """The seed that is not in the library, from its raw vector ``(dim,)`` by the library's encoder.

    Raises
    ------
    VectorsError
        If the vector is not one of this encoder.
    """
    unit = space.neighbourhood.unit(np.asarray(raw, dtype=np.float32)[None])[0]
    return Seed(unit, None, duration_s, fingerprint, descriptors, words, told)


def described(descriptors: Descriptors, raw: Floats) -> dict[str, Floats]:
    """Unit rows ``(n, width)`` of each block, from raw rows ``(n, dim)``."""
    scaling = descriptors.scaling
    return {
        name: standardise(raw[:, part], Scaling(scaling.mean[part], scaling.std[part]))
        for name, part in descriptors.blocks.items()
    }


def _places(keys: Ids, wanted: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Where each wanted key stands among `keys` (0 where it does not), and whether it does."""
    if len(keys) == 0:
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=np.bool_)
    order = np.argsort(keys, kind="stable")
    place = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    known = keys[place] == wanted
    return np.where(known, place, 0), known
