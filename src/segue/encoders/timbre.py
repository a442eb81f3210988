"""The encoder `timbre`: descriptors of timbre, harmony, rhythm and dynamics from one transform a window."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.encoders.contract import Card, checked_windows
from segue.errors import SegueError
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Samples, Vector

TIMBRE_BLOCKS: Mapping[str, slice] = MappingProxyType(
    {
        "timbre": slice(0, 201),
        "harmony": slice(201, 269),
        "rhythm": slice(269, 341),
        "dynamics": slice(341, 361),
    }
)
"""What each stretch of a timbre vector describes."""

_ID = EncoderId("timbre-1")
_SAMPLE_RATE = 22050
_DIM = 361
_DATA = Path(__file__).with_name("data") / "timbre-1.json"
# Further out a value says no more than "unusual", and must not outweigh all others in a cosine.
_LIMIT = 5.0
# A piece of a long window that is analysed at once: its spectra take 5 MB.
_PIECE_S = 60.0


class TimbreEncoder:
    """Descriptors of timbre, harmony, rhythm and dynamics; fast, and explained block by block.

    The samples are first scaled to unit root mean square over the recording, so gain changes nothing. Each
    value is shifted and scaled by constants that ship with Segue (mean 0 and spread 1 over 446 pieces) and
    cut at ±5.

    Examples
    --------
    >>> encoder = TimbreEncoder()
    >>> noise = np.random.default_rng(0).standard_normal(22050).astype(np.float32)
    >>> encoder.encode([noise]).shape
    (361,)
    """

    id: EncoderId = _ID
    dim: int = _DIM
    sample_rate: int = _SAMPLE_RATE

    def encode(self, windows: Sequence[Samples]) -> Vector:
        """The vector of one recording.

        Parameters
        ----------
        windows : each (n_samples,) float32
            Mono, 22,050 Hz; their order does not matter.

        Returns
        -------
        vector : (361,) float32
            In [-5, 5].

        Raises
        ------
        ValueError
            If there is no window or one is empty.
        """
        constants = _constants()
        scaled = (raw_timbre(windows) - constants.shift) / constants.scale
        vector: Vector = np.clip(scaled, -_LIMIT, _LIMIT).astype(np.float32)
        return vector

    def describe(self) -> Card:
        """The encoder's card."""
        return Card(
            id=_ID,
            name="timbre",
            dim=_DIM,
            sample_rate=_SAMPLE_RATE,
            licence="MIT",
            source="Segue; shift and scale from free-music (223 clips) and Emotify (223 clips)",
            description="Timbre, harmony (whatever the key), rhythm and dynamics (whatever the gain).",
            definition=(
                "unit root mean square; Hann 2,048, hop 1,024; 128 mel bands; segue.features.summaries; "
                "fixed shift and scale; cut at 5"
            ),
        )


def raw_timbre(windows: Sequence[Samples]) -> NDArray[np.float32]:
    """The descriptors before the fixed shift and scale.

    Parameters
    ----------
    windows : each (n_samples,) float32
        Mono, 22,050 Hz.

    Returns
    -------
    descriptors : (361,) float32
        In the units of `segue.features.summaries`.
    """
    return np.concatenate(list(_summaries(windows).values())).astype(np.float32)


@lru_cache(maxsize=1)
def timbre_names() -> tuple[str, ...]:
    """A name for each value of the vector, such as ``harmony.key.0``.

    Examples
    --------
    >>> timbre_names()[201]
    'harmony.interval_mean.0'
    """
    silence = _summaries([np.zeros(2048, dtype=np.float32)])
    return tuple(f"{name}.{number}" for name, values in silence.items() for number in range(values.size))


def speech_likeness(vector: Vector) -> float:
    """How much a recording resembles speech rather than music, from its timbre vector.

    A logistic rule on syllable-rate fluctuation, pauses, spread of level and instability of pitch. It was
    fitted to synthetic voices only (espeak-ng in a dozen languages, dry, in rooms, in noise and over MP3)
    against music, because no freely licensed recordings of people were at hand: it may miss real speech.

    Parameters
    ----------
    vector : (361,) float32
        Of `TimbreEncoder`.

    Returns
    -------
    likeness
        In [0, 1]; 0.5 and above is meant to be treated as speech.

    Raises
    ------
    ValueError
        If the vector is not one of `TimbreEncoder`.

    Examples
    --------
    >>> speech_likeness(np.zeros(361, dtype=np.float32)) < 0.5
    True
    """
    if np.shape(vector) != (_DIM,):
        raise ValueError(f"a timbre vector has {_DIM} values, not shape {np.shape(vector)}")
    constants = _constants()
    evidence = float(vector[constants.speech_places] @ constants.speech_weights) + constants.speech_bias
    return float(0.5 * (1 + np.tanh(0.5 * evidence)))


@dataclass(frozen=True, slots=True)
class _Constants:
    shift: NDArray[np.float32]
    scale: NDArray[np.float32]
    speech_places: NDArray[np.intp]
    speech_weights: NDArray[np.float32]
    speech_bias: float


@lru_cache(maxsize=1)
def _constants() -> _Constants:
    try:
        fields = json.loads(_DATA.read_text(encoding="utf-8"))
        speech = fields["speech"]
        constants = _Constants(
            np.array(fields["shift"], dtype=np.float32),
            np.array(fields["scale"], dtype=np.float32),
            np.array(speech["places"], dtype=np.intp),
            np.array(speech["weights"], dtype=np.float32),
            float(speech["bias"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SegueError(f"{_DATA} cannot be read ({error!r}): reinstall Segue") from error
    if constants.shift.shape != (_DIM,) or constants.scale.shape != (_DIM,):
        raise SegueError(f"{_DATA} does not hold {_DIM} shifts and scales: reinstall Segue")
    return constants


def _summaries(windows: Sequence[Samples]) -> dict[str, NDArray[np.float32]]:
    from segue.features import (
        FRAME_HOP,
        dynamics_summary,
        harmony_summary,
        hear,
        level,
        rhythm_summary,
        timbre_summary,
    )

    windows = checked_windows(windows)
    gain = np.float32(1 / level(windows))
    pieces = [piece for window in windows for piece in _pieces(window)]
    heard = [hear(piece * gain, _SAMPLE_RATE) for piece in pieces]
    frame_rate = _SAMPLE_RATE / FRAME_HOP
    blocks = {
        "timbre": timbre_summary(heard),
        "harmony": harmony_summary(heard, frame_rate),
        "rhythm": rhythm_summary(heard, frame_rate),
        "dynamics": dynamics_summary(heard, frame_rate),
    }
    return {f"{block}.{name}": values for block, named in blocks.items() for name, values in named.items()}


def _pieces(window: Samples) -> list[Samples]:
    count = -(-window.size // int(_PIECE_S * _SAMPLE_RATE))
    return np.array_split(window, count)
