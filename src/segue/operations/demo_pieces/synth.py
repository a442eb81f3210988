"""Tones and drums as arrays of samples: wavetables, envelopes, noise and a small room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

SAMPLE_RATE = 22_050
"""Hz; half the usual rate halves the seconds a person waits for the demo."""

_TABLE = 2_048
_HIGHEST_HZ = 9_000.0


@dataclass(frozen=True, slots=True)
class Voice:
    """How an instrument sounds.

    Attributes
    ----------
    harmonics
        Amplitudes of the harmonics 1, 2, … of the lasting tone.
    attack_s, release_s
        Seconds to full level, and from it to silence after the note ends.
    decay_s
        Seconds in which a held note falls by 1/e; 0 holds the level.
    bright
        Harmonics of a second layer that is only heard at the start of a note.
    bright_s
        Seconds in which that layer falls by 1/e.
    detune_cents
        One copy of the note for each entry, shifted by so many cents.
    vibrato_cents
        Depth of a 5.5 Hz vibrato.
    breath
        Level of the noise mixed into the tone: bow, breath, hammer.
    drive
        Above 0, the note is overdriven so much.
    """

    harmonics: tuple[float, ...]
    attack_s: float = 0.005
    release_s: float = 0.05
    decay_s: float = 0.0
    bright: tuple[float, ...] = ()
    bright_s: float = 0.1
    detune_cents: tuple[float, ...] = (0.0,)
    vibrato_cents: float = 0.0
    breath: float = 0.0
    drive: float = 0.0


def rolloff(n: int, power: float, *, odd: bool = False) -> tuple[float, ...]:
    """Amplitudes of `n` harmonics that fall as ``1 / h ** power``, the even ones left out if `odd`.

    Examples
    --------
    >>> rolloff(3, 1.0, odd=True)
    (1.0, 0.0, 0.3333333333333333)
    """
    return tuple(0.0 if odd and h % 2 == 0 else h**-power for h in range(1, n + 1))


def hertz(midi: float) -> float:
    """Frequency of a MIDI note number.

    Examples
    --------
    >>> hertz(69)
    440.0
    """
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


@lru_cache(maxsize=512)
def _table(harmonics: tuple[float, ...], count: int) -> NDArray[np.float32]:
    """One period of the first `count` harmonics, ``(_TABLE,)``, scaled to unit power."""
    spectrum = np.zeros(_TABLE // 2 + 1, dtype=np.complex128)
    amplitudes = np.array(harmonics[:count])
    # Spread phases keep the peak low, so that chords need no limiter.
    spectrum[1 : len(amplitudes) + 1] = amplitudes * np.exp(1j * np.arange(len(amplitudes)) ** 2)
    wave = np.fft.irfft(spectrum)
    scale = float(np.sqrt(np.mean(wave**2)))
    return (wave / max(scale, 1e-9)).astype(np.float32)


def _oscillate(harmonics: tuple[float, ...], midi: float, n: int, vibrato_cents: float) -> Samples:
    """A steady tone of `n` samples at the pitch `midi`, ``(n,) float32``."""
    frequency = hertz(midi)
    table = _table(harmonics, max(1, int(_HIGHEST_HZ / frequency)))
    phase = np.arange(n) * (frequency * _TABLE / SAMPLE_RATE)
    if vibrato_cents:
        wobble = 2 * np.pi * 5.5
        depth = frequency * (2 ** (vibrato_cents / 1200) - 1) / wobble * _TABLE
        phase += depth * (1 - np.cos(wobble / SAMPLE_RATE * np.arange(n)))
    return np.take(table, phase.astype(np.int64) & (_TABLE - 1))


@lru_cache(maxsize=4)
def noise(n: int = 1 << 17) -> Samples:
    """The same white noise of unit power at each call, ``(n,) float32``."""
    return np.random.default_rng(1).standard_normal(n).astype(np.float32)


@lru_cache(maxsize=2_048)
def note(voice: Voice, midi: float, seconds: float) -> Samples:
    """One note of about unit power, its release included, ``(n,) float32``."""
    n = round((seconds + voice.release_s) * SAMPLE_RATE)
    out = np.zeros(n, dtype=np.float32)
    for cents in voice.detune_cents:
        out += _oscillate(voice.harmonics, midi + cents / 100, n, voice.vibrato_cents)
    out /= np.float32(len(voice.detune_cents) ** 0.5)
    if voice.decay_s:
        out *= falling(n, voice.decay_s)
    if voice.bright:
        out += _oscillate(voice.bright, midi, n, 0.0) * falling(n, voice.bright_s)
    if voice.breath:
        out += voice.breath * np.resize(noise(), n) * falling(n, 0.08 + seconds / 2)
    _shape(out, voice.attack_s, voice.release_s)
    if voice.drive:
        out = np.tanh(voice.drive * out)
    return out


def falling(n: int, seconds: float) -> Samples:
    """An exponential fall by 1/e in so many seconds, ``(n,) float32``."""
    fall: Samples = np.exp(np.arange(n, dtype=np.float32) * np.float32(-1 / (seconds * SAMPLE_RATE)))
    return fall


def _shape(samples: Samples, attack_s: float, release_s: float) -> None:
    """Fade the two ends of `samples` in place."""
    rise = min(len(samples), max(1, round(attack_s * SAMPLE_RATE)))
    fall = min(len(samples), max(1, round(release_s * SAMPLE_RATE)))
    samples[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    samples[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32) ** 2


def band(samples: Samples, low_hz: float, high_hz: float) -> Samples:
    """Keep the frequencies from `low_hz` (soft edge) to `high_hz` (hard edge), ``(n,) float32``."""
    padded = 1 << len(samples).bit_length()  # a length with large prime factors costs ten times as much
    frequency = np.fft.rfftfreq(padded, 1 / SAMPLE_RATE)
    gain = 1 / (1 + (frequency / high_hz) ** 24)
    gain *= 1 - 1 / (1 + (frequency / max(low_hz, 1.0)) ** 4)
    kept = np.fft.irfft(np.fft.rfft(samples, padded) * gain, padded)
    return kept[: len(samples)].astype(np.float32)


@lru_cache(maxsize=64)
def drum(kind: str, colour: float) -> Samples:
    """One stroke on a drum, ``(n,) float32``.

    Parameters
    ----------
    kind
        ``kick``, ``snare``, ``clap``, ``hat``, ``open``, ``ride``, ``brush``, ``crash`` or ``zap``.
    colour
        0 (dark) to 1 (bright): how one maker's kit differs from another's.
    """
    seconds, low, high, fall = {
        "kick": (0.3, 0.0, 0.0, 0.09),
        "snare": (0.25, 900.0, 7_000.0, 0.06),
        "clap": (0.2, 900.0, 3_500.0, 0.05),
        # Nothing near the top: lossy encoders cut there, and pieces shall not be told apart by their codec.
        "hat": (0.08, 5_500.0, 9_000.0, 0.018),
        "open": (0.3, 5_000.0, 9_000.0, 0.09),
        "ride": (0.9, 3_500.0, 8_500.0, 0.22),
        "brush": (0.25, 1_500.0, 6_000.0, 0.09),
        "crash": (1.6, 2_500.0, 9_000.0, 0.5),
        "zap": (0.12, 1_000.0, 9_000.0, 0.03),
    }[kind]
    n = round(seconds * SAMPLE_RATE)
    time = np.arange(n, dtype=np.float32) / SAMPLE_RATE
    if kind == "kick":
        sweep = 48 * time + (5 + 4 * colour) * (1 - np.exp(-time * 30))
        out = np.sin(2 * np.pi * sweep) * falling(n, fall) * 1.6
    else:
        out = band(noise()[:n], low * (0.8 + 0.4 * colour), high) * falling(n, fall) * 1.5
        if kind == "snare":
            out += 0.8 * np.sin(2 * np.pi * (170 + 40 * colour) * time) * falling(n, 0.05)
    _shape(out, 0.001, 0.02)
    return out.astype(np.float32)


def place(mix: Samples, at_s: float, sound: Samples, gain: float) -> None:
    """Add `sound` into `mix` in place from the second `at_s` on; what sticks out is cut off."""
    start = max(0, round(at_s * SAMPLE_RATE))
    end = min(len(mix), start + len(sound))
    if end > start:
        mix[start:end] += np.float32(gain) * sound[: end - start]


def room(samples: Samples, *, seconds: float, level: float, seed: int) -> Samples:
    """`samples` in a room that rings for about `seconds`: a sparse tail of echoes, ``(n,) float32``."""
    rng = np.random.default_rng(seed)
    delays = np.sort(rng.uniform(0.011, seconds, 28))
    out = samples.copy()
    for delay in delays:
        shift = int(delay * SAMPLE_RATE)
        gain = level * np.exp(-3 * delay / seconds) * rng.choice((-1.0, 1.0))
        out[shift:] += np.float32(gain) * samples[: len(samples) - shift]
    return out


def finish(samples: Samples, *, level: float = 0.12) -> Samples:
    """Bring a mix to a root-mean-square `level`, soften its peaks, fade its ends, ``(n,) float32``."""
    power = float(np.sqrt(np.mean(samples**2)))
    # A little under 1, because lossy encoders overshoot.
    out: Samples = np.float32(0.9) * np.tanh(samples * np.float32(level / max(power, 1e-9)))
    _shape(out, 0.01, 1.2)
    return out
