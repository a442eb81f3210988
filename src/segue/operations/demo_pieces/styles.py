"""Seven kinds of music, one function each: from a plan to the samples of a piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from segue.operations.demo_pieces.score import Plan, near, play
from segue.operations.demo_pieces.synth import (
    SAMPLE_RATE,
    Voice,
    band,
    drum,
    finish,
    noise,
    place,
    rolloff,
    room,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.types import Samples


def _piano(colour: float) -> Voice:
    return Voice(
        rolloff(8, 1.9 - 0.4 * colour),
        attack_s=0.004,
        decay_s=1.1,
        release_s=0.25,
        bright=rolloff(16, 0.9),
        bright_s=0.12 + 0.08 * colour,
        detune_cents=(-1.5, 1.5),
    )


def ballad(plan: Plan) -> Samples:
    """Slow solo piano: broken chords under a melody."""
    mix, piano, beat = plan.silence(), _piano(plan.colour), plan.beat_s
    for _, start, chord in plan.bars():
        low = near(chord.pitches(plan.key), 50)
        figure = (low[0] - 12, low[0], low[1], low[2], low[0] + 12, low[2], low[1], low[2])
        for step, pitch in enumerate(figure):
            late = float(plan.rng.uniform(0, 0.012))
            play(mix, piano, start + step * beat / 2 + late, (pitch,), seconds=beat, gain=0.5)
        rhythm = ((0, 2), (2, 1), (3, 1)) if plan.rng.random() < 0.5 else ((0, 1.5), (1.5, 0.5), (2, 2))
        for (at, length), pitch in zip(rhythm, plan.melody(3, 67, 86, chord), strict=True):
            play(mix, piano, start + at * beat, (pitch,), seconds=length * beat, gain=0.9)
    return finish(room(mix, seconds=0.9, level=0.12, seed=1), level=0.09)


def house(plan: Plan) -> Samples:
    """Four on the floor: kick, off-beat hats and bass, ducking saw chords, an arpeggio."""
    beats, pads, beat, c = plan.silence(), plan.silence(), plan.beat_s, plan.colour
    saw = Voice(rolloff(40, 1.0), attack_s=0.01, release_s=0.08, detune_cents=(-9, 0, 8))
    bass = Voice(rolloff(12, 1.2), attack_s=0.004, release_s=0.03, decay_s=0.4)
    lead = Voice(rolloff(30, 1.0, odd=c > 0.5), attack_s=0.003, release_s=0.04, decay_s=0.12)
    for bar, start, chord in plan.bars():
        tones = near(chord.pitches(plan.key), 62)
        root = near(chord.pitches(plan.key)[:1], 38)
        for step in range(4):
            at = start + step * beat
            place(beats, at, drum("kick", c), 2.2)
            place(beats, at + beat / 2, drum("open", c), 0.5)
            if step % 2:
                place(beats, at, drum("clap", c), 0.9)
            for part in range(4):
                place(beats, at + part * beat / 4, drum("hat", c), 0.25)
                if part:
                    play(beats, bass, at + part * beat / 4, root, seconds=beat / 5, gain=0.75)
                if bar >= 2:
                    pitch = tones[(step * 3 + part) % len(tones)] + 12 * (1 + (part % 2))
                    play(pads, lead, at + part * beat / 4, (pitch,), seconds=beat / 5, gain=0.4)
        for at in (0.0, 0.75, 1.5, 2.5, 3.25):
            play(pads, saw, start + at * beat, tones, seconds=beat * 0.4, gain=0.4)
    swell = (np.arange(len(pads), dtype=np.float32) / (SAMPLE_RATE * beat)) % 1.0
    return finish(beats + pads * np.minimum(1, 0.25 + 1.2 * swell), level=0.2)


def rock(plan: Plan) -> Samples:
    """A band: overdriven power chords, bass, drums with a back-beat, a guitar melody."""
    mix, guitars, beat, c = plan.silence(), plan.silence(), plan.beat_s, plan.colour
    guitar = Voice(
        rolloff(30, 0.8), attack_s=0.004, release_s=0.04, decay_s=2.5, detune_cents=(-5, 5), drive=3
    )
    solo = Voice(rolloff(24, 0.9), attack_s=0.01, release_s=0.06, vibrato_cents=25, drive=4)
    bass = Voice(rolloff(14, 1.1), attack_s=0.004, release_s=0.03, decay_s=0.8)
    for bar, start, chord in plan.bars():
        root = near((plan.key + chord.root,), 41)[0]
        strokes = (0, 1, 1.5, 2, 3, 3.5) if bar % 2 else (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)
        for at in strokes:
            power = (root, root + 7, root + 12)
            play(guitars, guitar, start + at * beat, power, seconds=beat * (0.45 + 0.4 * c), gain=0.6)
            play(mix, bass, start + at * beat, (root - 12,), seconds=beat * 0.45, gain=0.9)
        if bar % 8 >= 4:
            for step, pitch in enumerate(plan.melody(4, 64, 81, chord)):
                play(guitars, solo, start + step * beat, (pitch,), seconds=beat * 0.9, gain=0.7)
        for at in (0, 2, 2.5) if bar % 2 else (0, 1.5, 2):
            place(mix, start + at * beat, drum("kick", 0.2 + c / 2), 1.6)
        for at in (1, 3, 3.5, 3.75) if bar % 4 == 3 else (1, 3):
            place(mix, start + at * beat, drum("snare", c), 1.5)
        for step in range(8):
            place(mix, start + step * beat / 2, drum("open" if c > 0.5 else "hat", c), 0.6)
        if bar % 4 == 0:
            place(mix, start, drum("crash", c), 0.7)
    mix += band(guitars, 90, 3_600 + 1_200 * c)
    return finish(room(mix, seconds=0.25, level=0.06, seed=2), level=0.22)


def ambient(plan: Plan) -> Samples:
    """Slow, detuned chords that swell in a long room, faint noise, a bell now and then."""
    mix, beat, c = plan.silence(), plan.beat_s, plan.colour
    pad = Voice(
        rolloff(6, 1.6 - 0.5 * c), attack_s=2.2, release_s=3.0, detune_cents=(-12, -5, 6, 11), vibrato_cents=4
    )
    bell = Voice((1.0, 0.0, 0.25), attack_s=0.02, release_s=1.5, decay_s=1.2)
    for _, start, chord in plan.bars():
        tones = near(chord.pitches(plan.key), 57)
        play(mix, pad, start, (tones[0] - 12, *tones, tones[1] + 12), seconds=beat * 4, gain=0.5)
        if plan.rng.random() < 0.6:
            at = start + float(plan.rng.uniform(0.5, 3)) * beat
            play(mix, bell, at, (plan.melody(1, 72, 88, chord)[0],), seconds=1.0, gain=0.35)
    wash = band(np.resize(noise(), len(mix)), 200, 900 + 900 * c)
    slow = 1 + 0.6 * np.sin(
        np.arange(len(mix), dtype=np.float32) * np.float32(2 * np.pi * 0.07 / SAMPLE_RATE)
    )
    return finish(room(mix + 0.25 * wash * slow, seconds=2.8, level=0.3, seed=3), level=0.08)


def chamber(plan: Plan) -> Samples:
    """Four bowed parts in quarter notes, each moving to the nearest note of the next chord."""
    mix, beat, c = plan.silence(), plan.beat_s, plan.colour
    bowed = Voice(
        rolloff(18, 1.15 + 0.2 * c),
        attack_s=0.07,
        release_s=0.14,
        detune_cents=(-4, 4) if c < 0.5 else (-6, 0, 5),
        vibrato_cents=14,
        breath=0.1,
    )
    parts = [43, 55, 62, 71]
    for _, start, chord in plan.bars():
        pitches = {pitch % 12 for pitch in chord.pitches(plan.key)}
        for part, now in enumerate(parts):
            options = [m for m in range(now - 6, now + 7) if m % 12 in pitches]
            parts[part] = min(options, key=lambda m, now=now: (abs(m - now), m))  # type: ignore[misc]
        parts[0] = near((plan.key + chord.root,), 43)[0]
        top = plan.melody(4, parts[2] + 2, parts[2] + 14, chord)
        top[0] = parts[3]
        inner = (parts[1], parts[1] + (2 if plan.rng.random() < 0.4 else 0))
        for step, pitch in enumerate(top):
            play(mix, bowed, start + step * beat, (pitch,), seconds=beat * 0.95, gain=0.8)
        for half in range(2):
            play(mix, bowed, start + half * 2 * beat, (inner[half],), seconds=beat * 1.9, gain=0.55)
            play(mix, bowed, start + half * 2 * beat, (parts[2],), seconds=beat * 1.9, gain=0.55)
        play(
            mix,
            bowed,
            start,
            (parts[0], parts[0] - 12 if c > 0.5 else parts[0]),
            seconds=beat * 3.9,
            gain=0.5,
        )
    return finish(room(mix, seconds=1.3, level=0.14, seed=4), level=0.1)


def chiptune(plan: Plan) -> Samples:
    """An old game console: pulse waves, a chord as a fast arpeggio, triangle bass, noise drums."""
    mix, beat, c = plan.silence(), plan.beat_s, plan.colour
    duty = 0.5 if c < 0.4 else 0.25 if c < 0.7 else 0.125
    pulse = tuple(abs(np.sin(np.pi * h * duty)) / h for h in range(1, 60))
    lead = Voice(pulse, attack_s=0.001, release_s=0.004)
    blip = Voice(pulse, attack_s=0.001, release_s=0.002)
    bass = Voice(rolloff(15, 2.0, odd=True), attack_s=0.001, release_s=0.004)
    for bar, start, chord in plan.bars():
        tones = near(chord.pitches(plan.key), 64)
        root = near((plan.key + chord.root,), 40)[0]
        for step in range(32):
            play(mix, blip, start + step * beat / 8, (tones[step % 3],), seconds=beat / 8 - 0.003, gain=0.35)
        for step in range(8):
            play(mix, bass, start + step * beat / 2, (root + 12 * (step % 2),), seconds=beat * 0.45, gain=0.9)
            kind = "zap" if step % 4 == 2 else "hat"
            place(mix, start + step * beat / 2, drum(kind, c), 0.8)
        if bar % 8 != 7:
            lengths = (0.5, 0.5, 1, 0.5, 0.5, 1) if bar % 2 else (0.25, 0.25, 0.5, 1, 1, 1)
            at = start
            for length, pitch in zip(lengths, plan.melody(6, 72, 91, chord), strict=True):
                play(mix, lead, at, (pitch,), seconds=beat * length * 0.9, gain=0.8)
                at += length * beat
    return finish(mix, level=0.18)


def jazz(plan: Plan) -> Samples:
    """A swinging trio: walking bass, ride and brushes, piano chords off the beat and a solo."""
    mix, beat, c = plan.silence(), plan.beat_s, plan.colour
    piano = _piano(c)
    bass = Voice(
        rolloff(6, 1.5), attack_s=0.012, release_s=0.06, decay_s=0.45, bright=rolloff(12, 1.0), bright_s=0.03
    )
    for bar, start, chord in plan.bars():
        tones = near(chord.pitches(plan.key), 58)
        root = near((plan.key + chord.root,), 38)[0]
        after = plan.progression[(bar + 1) % len(plan.progression)]
        leading = near((plan.key + after.root,), 38)[0] + int(plan.rng.choice((-1, 1)))
        third, fifth = (pitch - chord.pitches(0)[0] for pitch in chord.pitches(0)[1:3])
        for step, pitch in enumerate((root, root + third, root + fifth, leading)):
            play(mix, bass, start + step * beat, (pitch,), seconds=beat * 0.9, gain=1.3)
            place(mix, start + step * beat, drum("ride", c), 0.35)
            if step % 2:
                place(mix, start + (step + 0.66) * beat, drum("ride", c), 0.22)
                place(mix, start + step * beat, drum("brush", c), 0.45)
        for at in ((0.66, 2.66), (1.66, 3), (0, 1.66))[int(plan.rng.integers(3))]:
            play(mix, piano, start + at * beat, tones, seconds=beat * 0.4, gain=0.4)
        if bar >= 2:
            swing = (0, 0.66, 1, 1.66, 2, 2.66, 3, 3.66)
            heard = plan.rng.random(8) < 0.75
            for at, pitch, sounds in zip(swing, plan.melody(8, 65, 86, chord), heard, strict=True):
                if sounds:
                    play(mix, piano, start + at * beat, (pitch,), seconds=beat * 0.5, gain=0.8)
    return finish(room(mix, seconds=0.4, level=0.08, seed=5), level=0.11)


STYLES: dict[str, Callable[[Plan], Samples]] = {
    "piano": ballad,
    "house": house,
    "rock": rock,
    "ambient": ambient,
    "chamber": chamber,
    "chiptune": chiptune,
    "jazz": jazz,
}
"""Name of each style and the function that plays it."""
