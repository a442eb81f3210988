"""From a person's words to a seed: an id, a name, or a path in the library or outside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio import AUDIO_SUFFIXES, DEFAULT_PLAN
from segue.catalogue import Catalogue, find_track, fold, keys_of, tracks
from segue.encoders import Combination, members, resolve
from segue.errors import AmbiguousTrack, NothingFound, UsageError
from segue.operations.space import EXPLAINS, IDENTIFIES, TAGS
from segue.operations.told_genres import ToldGenres
from segue.ranking import Seed, Space, seed_in, seed_outside
from segue.scanning import ScanSettings, hear_file
from segue.types import EncoderId, TrackId

if TYPE_CHECKING:
    from segue.types import Matrix

_SAME_SECONDS = 2.0
_MOST_SHOWN = 100


def find_seed(catalogue: Catalogue, words: str) -> TrackId:
    """The one track that `words` name.

    Raises
    ------
    AmbiguousTrack
        If they fit several.
    NothingFound
        If they fit none.
    """
    found = find_track(catalogue, words)
    if found.exact and len(found.ids) > 1 and _one_song(catalogue, found.ids):
        return found.ids[0]
    if not found.ids:
        raise NothingFound(
            f"nothing in the library is called {_shortened(words)!r}: "
            "try `segue library search` with one word"
        )
    if len(found.ids) > 1:
        raise AmbiguousTrack(words, found.ids)
    return found.ids[0]


def _shortened(words: str) -> str:
    """
    >>> _shortened("a" * 200) == "a" * 99 + "…", _shortened("short")
    (True, 'short')
    """
    return words if len(words) <= _MOST_SHOWN else words[: _MOST_SHOWN - 1] + "…"


def _one_song(catalogue: Catalogue, ids: Sequence[TrackId]) -> bool:
    """Whether tracks are one recording in several encodings, so that it does not matter which is meant."""
    several = tracks(catalogue, ids)
    names = {(fold(track.tags.artist), fold(track.tags.title)) for track in several}
    lengths = [track.duration_s for track in several]
    return len(names) == 1 and max(lengths) - min(lengths) <= _SAME_SECONDS


def seed_of(
    catalogue: Catalogue, space: Space, encoder: EncoderId, words: str, *, told: ToldGenres | None = None
) -> Seed:
    """What `words` name, as something that can be asked about; a file outside the library is heard now.

    With `told`, its genre is told as well.

    Raises
    ------
    AmbiguousTrack, NothingFound
        If they name several tracks, or none.
    AudioError
        If the file cannot be heard.
    """
    try:
        name = find_seed(catalogue, words)
    except NothingFound as nothing:
        # Not pathlib's own: those raise for an unknown user, and for names that are too long or hold a NUL.
        file = Path(os.path.expanduser(words))  # noqa: PTH111
        if isinstance(nothing, AmbiguousTrack) or not _is_meant(file):
            raise
        return _heard(space, encoder, file, told)
    return seed_in(space, int(keys_of(catalogue, [name])[0]))


def _is_meant(file: Path) -> bool:
    """Whether a person who typed it meant a file: one that is there, or a link that is and leads nowhere."""
    return os.path.isfile(file) or (file.suffix.lower() in AUDIO_SUFFIXES and os.path.lexists(file))  # noqa: PTH113


def _heard(space: Space, encoder: EncoderId, file: Path, told: ToldGenres | None) -> Seed:
    """Hear a file that is not in the library."""
    try:
        resolve(encoder)
    except UsageError:
        raise UsageError(
            f"{file} is not in the library, and {encoder} is made elsewhere: ask for a track of the library"
        ) from None
    genre_encoders = _genre_encoders(told)
    wanted = dict.fromkeys((*members(encoder), EXPLAINS, IDENTIFIES, *genre_encoders))
    analysis = hear_file(file, ScanSettings(encoders=tuple(wanted), plan=DEFAULT_PLAN, workers=1, nice=0))

    def vectors_of(name: str) -> Matrix:
        blocks = [analysis.vectors[member][None] for member in members(name)]
        kind = resolve(name)
        return kind.combine(blocks) if isinstance(kind, Combination) else blocks[0]

    return seed_outside(
        space,
        np.ascontiguousarray(vectors_of(encoder)[0]),
        duration_s=analysis.info.duration_s,
        descriptors=analysis.vectors.get(EXPLAINS),
        words=analysis.tag_probabilities.get(TAGS),
        fingerprint=analysis.vectors.get(IDENTIFIES),
        told=told.of(vectors_of(told.model.encoder), [()])[0] if told and genre_encoders else None,
    )


def _genre_encoders(told: ToldGenres | None) -> tuple[EncoderId, ...]:
    """Whose vectors genres are told from; none where they are made elsewhere."""
    try:
        return members(told.model.encoder) if told else ()
    except UsageError:
        return ()
