"""What a reader found in a folder becomes a `Dataset`: missing files go, labels become numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio import payload_digest
from segue.errors import AudioError, UsageError
from segue.training.datasets.contract import Dataset, Target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Vector


ON_REQUEST = "left out on request"
"""So begins the note on tracks that were left out because a person asked for it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One track as a reader found it; empty text and missing names are not known.

    Attributes
    ----------
    track
        Its id.
    audio
        Where its audio should be; None where the data are only numbers.
    title, artist, album, recording
        As in `Dataset`.
    classes, tags, values, vectors
        What is known, by the name of the target or of the vectors.
    faulty
        Whether the data set itself says that something is wrong with it.
    """

    track: str
    audio: Path | None = None
    title: str = ""
    artist: str = ""
    album: str = ""
    recording: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    faulty: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a reader found.

    Attributes
    ----------
    name
        Of the data set.
    entries
        Its tracks.
    notes
        What a reader of a report must know.
    """

    name: str
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()


def assemble(listing: Listing, *, without_faults: bool = False) -> Dataset:
    """The data set of a listing.

    Left out, and counted in the notes, are second tracks of one id, tracks whose audio is missing, and those
    without vectors that others have. Whoever has at least two tracks is a class of the target ``artist``.

    Parameters
    ----------
    listing
        What the reader found.
    without_faults
        Leave out what the data set calls faulty, and all but the first of equal recordings: those with an
        equal key, or with the same audio payload.

    Raises
    ------
    UsageError
        If no track is left.
    """
    notes = list(listing.notes)
    entries = _once(listing.entries, notes)
    entries = _there(listing.name, entries, notes)
    if without_faults:
        entries = _sound(entries, notes)
    entries = _with_vectors(entries, notes)
    if not entries:
        raise UsageError(
            f"{listing.name} holds no track that can be used: {'; '.join(notes) or 'it is empty'}"
        )
    with_audio = any(entry.audio is not None for entry in entries)
    return Dataset(
        name=listing.name,
        tracks=tuple(entry.track for entry in entries),
        audio=tuple(entry.audio for entry in entries if entry.audio is not None) if with_audio else (),
        titles=tuple(entry.title for entry in entries),
        artists=tuple(entry.artist for entry in entries),
        albums=tuple(entry.album for entry in entries),
        recordings=tuple(entry.recording for entry in entries),
        targets=_targets(entries, notes),
        vectors={
            name: np.stack([entry.vectors[name] for entry in entries]).astype(np.float32, copy=False)
            for name in entries[0].vectors
        },
        notes=tuple(notes),
    )


def class_target(labels: Sequence[str], *, fewest: int = 1) -> Target:
    """One class a track.

    Parameters
    ----------
    labels
        One a track; empty where not known.
    fewest
        Classes with fewer tracks are not known.

    Examples
    --------
    >>> target = class_target(["rock", "", "pop", "rock"])
    >>> target.names, target.values
    (('pop', 'rock'), array([ 1, -1,  0,  1]))
    """
    counts = Counter(label for label in labels if label)
    names = tuple(sorted(name for name, count in counts.items() if count >= fewest))
    places = {name: place for place, name in enumerate(names)}
    values = np.array([places.get(label, -1) for label in labels], np.int64)
    return Target("class", names, values)


def tags_target(tags: Sequence[Sequence[str] | None]) -> Target:
    """Any number of tags a track.

    Parameters
    ----------
    tags
        Those of each track; None where not known.

    Examples
    --------
    >>> target = tags_target([["slow", "piano"], None, []])
    >>> target.names, target.values
    (('piano', 'slow'), array([[ 1.,  1.], [nan, nan], [ 0.,  0.]], dtype=float32))
    """
    names = tuple(sorted({tag for some in tags for tag in some or ()}))
    places = {name: place for place, name in enumerate(names)}
    values: NDArray[np.float32] = np.zeros((len(tags), len(names)), np.float32)
    for row, some in enumerate(tags):
        if some is None:
            values[row] = np.nan
        else:
            values[row, [places[tag] for tag in some]] = 1
    return Target("tags", names, values)


def values_target(values: Sequence[Mapping[str, float]]) -> Target:
    """Numbers of each track by name, in the order in which the names come up; NaN where not known.

    Examples
    --------
    >>> values_target([{"calm": 0.5, "sad": 0.25}, {}]).values
    array([[0.5 , 0.25], [ nan,  nan]], dtype=float32)
    """
    names = tuple(dict.fromkeys(name for some in values for name in some))
    table = [[some.get(name, np.nan) for name in names] for some in values]
    return Target("values", names, np.array(table, np.float32).reshape(len(values), len(names)))


def _targets(entries: Sequence[Entry], notes: list[str]) -> dict[str, Target]:
    targets: dict[str, Target] = {}
    for name in _names(entry.classes for entry in entries):
        targets[name] = class_target([entry.classes.get(name, "") for entry in entries])
    for name in _names(entry.tags for entry in entries):
        targets[name] = tags_target([entry.tags.get(name) for entry in entries])
    for name in _names(entry.values for entry in entries):
        targets[name] = values_target([entry.values.get(name, {}) for entry in entries])
    artists = class_target([entry.artist for entry in entries], fewest=2)
    if artists.names:
        targets.setdefault("artist", artists)
    targets = {name: target for name, target in targets.items() if target.names}
    for name, target in targets.items():
        unknown = int(np.count_nonzero(~target.known))
        if unknown and name != "artist":
            notes.append(f"{name} is not known of {unknown} of {len(entries)} tracks")
    return targets


def _names(known: Iterable[Mapping[str, object]]) -> list[str]:
    return list(dict.fromkeys(name for some in known for name in some))


def _once(entries: Sequence[Entry], notes: list[str]) -> list[Entry]:
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.track, entry)
    if len(first) < len(entries):
        notes.append(f"{len(entries) - len(first)} tracks are listed twice; the first counts")
    return list(first.values())


def _there(name: str, entries: Sequence[Entry], notes: list[str]) -> list[Entry]:
    """Those whose audio is there; all of them where there should be none."""
    if all(entry.audio is None for entry in entries):
        return list(entries)
    there = [entry for entry in entries if entry.audio is not None and entry.audio.is_file()]
    missing = len(entries) - len(there)
    if entries and not there:
        example = next(entry.audio for entry in entries if entry.audio is not None)
        raise UsageError(f"{name}: none of its {missing} audio files is there, such as {example}")
    if missing:
        notes.append(f"{missing} of {len(entries)} audio files are missing; these tracks were left out")
    return there


def _sound(entries: Sequence[Entry], notes: list[str]) -> list[Entry]:
    """Without known faults, and each recording once."""
    sound = [entry for entry in entries if not entry.faulty]
    seen: set[str] = set()
    single = []
    for entry in sound:
        keys = {key for key in (entry.recording and f"key {entry.recording}", _payload(entry)) if key}
        if not keys & seen:
            single.append(entry)
        seen |= keys
    notes.append(
        f"{ON_REQUEST}: {len(entries) - len(sound)} tracks with known faults and "
        f"{len(sound) - len(single)} that repeat a recording"
    )
    return single


def _payload(entry: Entry) -> str:
    try:
        return payload_digest(entry.audio) if entry.audio is not None else ""
    except AudioError:
        return ""  # whoever hears it says what is the matter


def _with_vectors(entries: Sequence[Entry], notes: list[str]) -> list[Entry]:
    names = set(_names(entry.vectors for entry in entries))
    whole = [entry for entry in entries if names <= set(entry.vectors)]
    if len(whole) < len(entries):
        notes.append(f"{len(entries) - len(whole)} tracks lack {', '.join(sorted(names))} and were left out")
    return whole
