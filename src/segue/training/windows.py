"""Which frames of a spectrum are heard: windows at random, the richest of some, or one after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Choose = Literal["random", "energy", "entropy"]
"""How a training window is chosen: at random, or the one of most energy, or entropy, of some random ones."""

_CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """Windows of a recording's spectrum.

    Attributes
    ----------
    n_frames
        Length of a window.
    choose
        How a training window is chosen; see `training_start`.
    skip_start_s, skip_end_s
        So much of the beginning and end is left out (introductions, endings), in seconds; less of it where a
        recording would not fill a window otherwise.
    n_predict
        The most windows that a prediction is averaged over.
    """

    n_frames: int
    choose: Choose = "random"
    skip_start_s: float = 0.0
    skip_end_s: float = 0.0
    n_predict: int = 8


def check_windows(settings: WindowSettings) -> None:
    """Refuse settings that make no windows.

    Raises
    ------
    UsageError
        If there are such.
    """
    if settings.n_frames < 1 or settings.n_predict < 1:
        raise UsageError(
            f"{settings.n_predict} windows of {settings.n_frames} frames hear nothing: give 1 or more of each"
        )
    if settings.choose not in get_args(Choose):
        raise UsageError(f"windows cannot be chosen by {settings.choose!r}: {', '.join(get_args(Choose))}")
    if not (settings.skip_start_s >= 0 and settings.skip_end_s >= 0):
        raise UsageError("the seconds to skip are at least 0")


def usable(n_frames: int, settings: WindowSettings, frames_per_s: float) -> tuple[int, int]:
    """First frame and end of the stretch that windows are taken from.

    Parameters
    ----------
    n_frames
        Of the recording.
    settings
        What to skip.
    frames_per_s
        Of the spectrum.

    Examples
    --------
    >>> settings = WindowSettings(100, skip_start_s=30, skip_end_s=30)
    >>> usable(1000, settings, 10), usable(400, settings, 10), usable(50, settings, 10)
    ((300, 700), (150, 250), (0, 50))
    """
    wanted = (settings.skip_start_s + settings.skip_end_s) * frames_per_s
    spare = max(n_frames - settings.n_frames, 0)
    share = 1.0 if wanted <= spare else spare / wanted
    start = int(settings.skip_start_s * frames_per_s * share)
    return start, n_frames - int(settings.skip_end_s * frames_per_s * share)


def frame_scores(frames: NDArray[np.int16], choose: Choose) -> NDArray[np.float64]:
    """Running sums ``(n_frames + 1,)`` of how much each frame holds, from which windows are compared.

    Parameters
    ----------
    frames : (n_frames, n_mels) int16
        In hundredths of dB.
    choose
        ``energy``: the power of a frame; ``entropy``: that of its power over the bands, in nats.
    """
    power = np.power(np.float32(10), frames * np.float32(1e-3))
    total = power.sum(axis=1)
    scores = total
    if choose == "entropy":
        share = power / total[:, None]
        scores = -(share * np.log(np.maximum(share, np.float32(1e-20)))).sum(axis=1)
    return np.concatenate([[0.0], np.cumsum(scores, dtype=np.float64)])


def training_start(
    length: int, n_frames: int, chance: np.random.Generator, scores: NDArray[np.float64] | None = None
) -> int:
    """Where a training window begins in a stretch.

    Parameters
    ----------
    length
        Of the stretch, in frames.
    n_frames
        Of the window; a longer window than the stretch begins anywhere in it and goes round.
    chance
        Draws.
    scores : (length + 1,) float64
        Running sums as from `frame_scores`: of eight random windows the one with the most is taken. None: the
        first is taken.
    """
    places = length if length < n_frames else length - n_frames + 1
    if scores is None or length <= n_frames:
        return int(chance.integers(places))
    starts = chance.integers(places, size=_CANDIDATES)
    return int(starts[np.argmax(scores[starts + n_frames] - scores[starts])])


def prediction_starts(length: int, n_frames: int, most: int) -> tuple[int, ...]:
    """Where the windows of a prediction begin in a stretch: one after another, evenly spread.

    As many as cover the stretch, the last ones overlapping where it is no multiple of a window, but no more
    than `most`.

    Examples
    --------
    >>> prediction_starts(10, 4, 8), prediction_starts(3, 4, 8), prediction_starts(100, 4, 3)
    ((0, 3, 6), (0,), (0, 48, 96))
    """
    count = min(most, max(1, -(-length // n_frames)))
    spare = max(length - n_frames, 0)
    if count == 1:
        return (spare // 2,)
    return tuple(round(spare * place / (count - 1)) for place in range(count))


def cut(stretch: NDArray[np.int16], start: int, n_frames: int) -> NDArray[np.int16]:
    """``(n_frames, n_mels)`` from `start`; where the stretch ends, it begins again."""
    if start + n_frames <= len(stretch):
        return stretch[start : start + n_frames]
    return np.take(stretch, np.arange(start, start + n_frames), axis=0, mode="wrap")
