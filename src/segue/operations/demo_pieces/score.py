"""Chords, scales and the settings of one generated piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from segue.types import Samples

from segue.operations.demo_pieces.synth import SAMPLE_RATE, Voice, note, place

_CHORDS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "7": (0, 4, 7, 10),
    "sus": (0, 5, 7),
    "9": (0, 4, 7, 14),
}
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_MINOR = (0, 2, 3, 5, 7, 8, 10)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord of a progression: semitones of its root above the key, and its kind."""

    root: int
    kind: str

    def pitches(self, base: int) -> tuple[int, ...]:
        """Its MIDI notes when the key note is `base`."""
        return tuple(base + self.root + step for step in _CHORDS[self.kind])


def chords(text: str) -> tuple[Chord, ...]:
    """Read a progression such as ``"0 9:m 5 7"``: semitones above the key, then the kind.

    Examples
    --------
    >>> chords("0 9:m7")
    (Chord(root=0, kind=''), Chord(root=9, kind='m7'))
    """
    parts = (word.partition(":") for word in text.split())
    return tuple(Chord(int(root), kind) for root, _, kind in parts)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is fixed before a piece is played.

    Attributes
    ----------
    bpm
        Beats a minute.
    key
        MIDI note of the key, 48 to 59.
    minor
        Whether melodies use the minor scale.
    progression
        One chord a bar, repeated.
    colour
        0 to 1: the maker's own sound.
    seconds
        How long the piece is, about.
    rng
        Decides melodies and small irregularities.
    """

    bpm: float
    key: int
    minor: bool
    progression: tuple[Chord, ...]
    colour: float
    seconds: float
    rng: np.random.Generator = field(compare=False)

    @property
    def beat_s(self) -> float:
        """Seconds a beat."""
        return 60.0 / self.bpm

    def bars(self, beats: int = 4) -> Iterator[tuple[int, float, Chord]]:
        """Number, start in seconds and chord of each bar that begins before the end."""
        bar_s = beats * self.beat_s
        for number in range(int(self.seconds / bar_s)):
            yield number, number * bar_s, self.progression[number % len(self.progression)]

    def silence(self) -> Samples:
        """An empty mix of the piece's length, ``(n,) float32``."""
        return np.zeros(round((self.seconds + 1.0) * SAMPLE_RATE), dtype=np.float32)

    def melody(self, n: int, low: int, high: int, chord: Chord) -> list[int]:
        """`n` MIDI notes from `low` to `high`: steps in the scale that come back to the chord."""
        scale = _MINOR if self.minor else _MAJOR
        allowed = [m for m in range(low, high + 1) if (m - self.key) % 12 in scale]
        tones = {pitch % 12 for pitch in chord.pitches(self.key)}
        at = int(self.rng.integers(len(allowed) // 4, 3 * len(allowed) // 4 + 1))
        notes = []
        for number in range(n):
            step = int(self.rng.choice((-2, -1, -1, 1, 1, 2)))
            at = min(len(allowed) - 1, max(0, at + step))
            if number % 2 == 0:
                at = min(
                    range(len(allowed)),
                    key=lambda i: (abs(i - at), i) if allowed[i] % 12 in tones else (99, i),
                )
            notes.append(allowed[at])
        return notes


def near(pitches: tuple[int, ...], centre: int) -> tuple[int, ...]:
    """The same chord with each note moved by octaves as near to `centre` as it gets.

    Examples
    --------
    >>> near((48, 52, 55), 67)
    (64, 67, 72)
    """
    return tuple(sorted(pitch + 12 * round((centre - pitch) / 12) for pitch in pitches))


def play(
    mix: Samples, voice: Voice, at_s: float, pitches: tuple[int, ...], *, seconds: float, gain: float
) -> None:
    """Add a chord (or one note) to `mix` in place."""
    for pitch in pitches:
        place(mix, at_s, note(voice, pitch, seconds), gain)
