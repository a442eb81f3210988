"""The bag of tones of A and C: a track as how often each of some thousand typical moments occurs in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from segue.errors import NothingFound, UsageError
from segue.features.descriptors import cosine_transform
from segue.progress import Progress, Silent
from segue.training.contract import LogMelSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

BAG_LOG_MEL = LogMelSettings(n_fft=1024, hop=512)
"""The spectra that A's and C's bags are made of."""
_COEFFICIENTS = 13
_DELTA_FRAMES = 9
_RANGE_DB = 80.0
# C's end: the centres moved less than this on average, for so many batches in a row.
_STILL, _STILL_BATCHES = 1e-6, 10
_BLOCK = 4096


class Spectra(Protocol):
    """What a bag asks of `segue.training.log_mels.LogMels`."""

    @property
    def available(self) -> NDArray[np.bool_]:
        """(n_tracks,): whether the track could be heard."""

    def db(self, row: int, start: int, stop: int) -> Floats:
        """(stop - start, n_mels) float32 log-mel in dB; fewer rows at the end of a track."""

    def frames(self, row: int) -> NDArray[np.int16]:
        """(n_frames, n_mels)."""


@dataclass(frozen=True, slots=True)
class BagSettings:
    """How a bag is made.

    Attributes
    ----------
    n_tones
        How many typical moments; fewer where the training tracks have fewer frames.
    pca_share
        Share of the variance that principal components keep (A: 0.95); None leaves the histogram (C).
    n_frames
        Frames of the training tracks that the moments are learned from, at most.
    batch_size, max_batches
        Of mini-batch K-means, which also ends when the centres have moved less than 1e-6 on average for ten
        batches in a row (C).
    """

    n_tones: int = 4_000
    pca_share: float | None = None
    n_frames: int = 300_000
    batch_size: int = 2_048
    max_batches: int = 600

    def __post_init__(self) -> None:
        for name in ("n_tones", "n_frames", "batch_size", "max_batches"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} of a bag must be at least 1, not {getattr(self, name)}")
        if self.pca_share is not None and not 0 < self.pca_share <= 1:
            raise UsageError(f"pca_share of a bag must be above 0 and at most 1, not {self.pca_share:g}")


def bag_of_tones(
    spectra: Spectra,
    train: Rows,
    *,
    settings: BagSettings | None = None,
    seed: int,
    progress: Progress | None = None,
) -> Matrix:
    """Histograms of typical moments, learned from the training tracks alone.

    The 39 numbers of a moment are scaled to deviation 1 over the training tracks, which A and C do not say
    of theirs: without it the loudest of them decide nearly alone, and genres are told worse.

    Parameters
    ----------
    spectra
        Log-mel of all tracks, as `BAG_LOG_MEL` says.
    train
        Rows of the training tracks.
    settings
        How.
    seed
        Of frames, first centres and batches; the same seed gives the same bytes on one machine.
    progress
        Told of batches and tracks.

    Returns
    -------
    matrix : (n_tracks, n_tones) float32
        Shares of the track's moments, sum 1; a track that could not be heard has zeros. With `pca_share`
        (n_tracks, n_components): principal components of the training tracks' histograms.

    Raises
    ------
    UsageError
        If a setting makes no sense.
    NothingFound
        If none of the training tracks could be heard.

    References
    ----------
    A. van den Oord, S. Dieleman, B. Schrauwen, "Deep content-based music recommendation", NIPS 2013; systems
    A and C of Segue's documentation.
    """
    settings, progress = settings or BagSettings(), progress or Silent()
    rng = np.random.default_rng(seed)
    train = train[spectra.available[train]]
    if len(train) == 0:
        raise NothingFound("none of the training tracks could be heard: there is nothing to learn tones from")
    moments = _sampled(spectra, train, settings.n_frames, rng)
    if len(moments) < settings.n_tones:
        progress.note(
            f"{len(moments):,} frames cannot have {settings.n_tones:,} tones: {len(moments):,} taken"
        )
    mean, deviation = moments.mean(axis=0), moments.std(axis=0)
    deviation = np.where(deviation > 0, deviation, np.float32(1))
    tones = learn_tones((moments - mean) / deviation, settings, rng, progress)
    bags = np.zeros((len(spectra.available), len(tones)), dtype=np.float32)
    progress.start("counting tones, tracks", int(spectra.available.sum()))
    for row in np.flatnonzero(spectra.available).tolist():
        heard = (moments_of(_spectrum(spectra, row)) - mean) / deviation
        bags[row] = np.bincount(nearest_tones(heard, tones), minlength=len(tones)) / len(heard)
        progress.advance()
    progress.finish()
    return bags if settings.pca_share is None else _components(bags, train, settings.pca_share)


def moments_of(db: Floats) -> Floats:
    """MFCC with their first and second change, as librosa's ``mfcc`` and ``delta`` (width 9).

    Parameters
    ----------
    db : (n_frames, n_mels) float32
        Log-mel of a whole track, in dB; lifted to 80 dB below its largest.

    Returns
    -------
    moments : (n_frames, 39) float32
        13 coefficients, 13 changes, 13 changes of changes. A track of fewer than nine frames continues with
        its last one.
    """
    from scipy.signal import savgol_filter

    lifted = np.maximum(db, db.max() - np.float32(_RANGE_DB))
    coefficients = lifted @ cosine_transform(db.shape[1], _COEFFICIENTS)
    mode = "interp" if len(db) >= _DELTA_FRAMES else "nearest"
    changes = [
        savgol_filter(coefficients, _DELTA_FRAMES, order, deriv=order, axis=0, mode=mode) for order in (1, 2)
    ]
    return np.concatenate([coefficients, *changes], axis=1).astype(np.float32)


def learn_tones(
    moments: Floats, settings: BagSettings, rng: np.random.Generator, progress: Progress | None = None
) -> Floats:
    """Mini-batch K-means, begun at moments drawn at random.

    Parameters
    ----------
    moments : (n_moments, 39) float32
        At least one.
    settings
        How many tones, and for how long.
    rng
        Of first centres and batches.

    Returns
    -------
    tones : (n_tones, 39) float32
        At most as many as there are moments.

    References
    ----------
    D. Sculley, "Web-scale k-means clustering", WWW 2010.
    """
    progress = progress or Silent()
    n_tones = min(settings.n_tones, len(moments))
    tones = moments[rng.choice(len(moments), n_tones, replace=False)].astype(np.float64)
    seen = np.zeros(n_tones)
    still = 0
    progress.start("learning tones, batches", settings.max_batches)
    for _ in range(settings.max_batches):
        batch = moments[rng.integers(0, len(moments), settings.batch_size)]
        moved = _step(tones, seen, batch)
        still = still + 1 if moved < _STILL else 0
        progress.advance()
        if still == _STILL_BATCHES:
            break
    progress.finish()
    return tones.astype(np.float32)


def _step(tones: NDArray[np.float64], seen: NDArray[np.float64], batch: Floats) -> float:
    """Each centre becomes the mean of all that ever was nearest to it; how far they moved on average."""
    nearest = nearest_tones(batch, tones.astype(np.float32))
    found, member, counts = np.unique(nearest, return_inverse=True, return_counts=True)
    sums = np.zeros((len(found), tones.shape[1]))
    np.add.at(sums, member, batch)
    seen[found] += counts
    steps = (sums - counts[:, None] * tones[found]) / seen[found, None]
    tones[found] += steps
    return float(np.linalg.norm(steps, axis=1).sum() / len(tones))


def nearest_tones(moments: Floats, tones: Floats) -> NDArray[np.int64]:
    """Which tone each moment is nearest to, ``(n_moments,) int64``."""
    half = (tones**2).sum(axis=1) / 2
    return np.concatenate([(block @ tones.T - half).argmax(axis=1) for block in _blocks(moments)])


def _blocks(moments: Floats) -> Iterator[Floats]:
    for start in range(0, len(moments), _BLOCK):
        yield moments[start : start + _BLOCK]


def _spectrum(spectra: Spectra, row: int) -> Floats:
    return spectra.db(row, 0, len(spectra.frames(row)))


def _sampled(spectra: Spectra, train: Rows, n_frames: int, rng: np.random.Generator) -> Floats:
    """Moments of the training tracks, the same share of each, about `n_frames` in all."""
    total = sum(len(spectra.frames(row)) for row in train.tolist())
    share = min(1.0, n_frames / total)
    kept = []
    for row in train.tolist():
        moments = moments_of(_spectrum(spectra, row))
        n_kept = max(1, round(share * len(moments)))
        kept.append(moments[np.sort(rng.choice(len(moments), n_kept, replace=False))])
    return np.concatenate(kept)


def _components(bags: Matrix, train: Rows, share: float) -> Matrix:
    """Principal components that keep `share` of the variance of the training tracks' bags, of all bags."""
    mean = bags[train].mean(axis=0, dtype=np.float64)
    _, singular, axes = np.linalg.svd(bags[train] - mean, full_matrices=False)
    kept = np.cumsum(singular**2)
    n_kept = 1 + int(np.searchsorted(kept, share * kept[-1]))
    return np.asarray((bags - mean) @ axes[:n_kept].T, dtype=np.float32)
