"""What augmentation changes, and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from segue.errors import UsageError
from segue.training.augment import (
    SILENCE_DB,
    Augmentation,
    augment,
    check_augmentation,
    frames_needed,
)


def _spectra(n: int = 6, n_frames: int = 40, n_mels: int = 16) -> np.ndarray:
    return np.random.default_rng(1).normal(-40, 10, (n, n_frames, n_mels)).astype(np.float32)


def _augmented(augmentation: Augmentation, seed: int = 0, n_frames: int = 40) -> np.ndarray:
    seen = _spectra(n_frames=frames_needed(n_frames, augmentation))
    changed = augment(seen, augmentation, np.random.default_rng(seed), n_frames=n_frames)
    assert changed.inputs.shape == (6, n_frames, 16) and changed.inputs.dtype == np.float32
    return changed.inputs


def test_nothing_asked_nothing_changed() -> None:
    assert np.array_equal(_augmented(Augmentation()), _spectra())


@pytest.mark.parametrize(
    "augmentation",
    [
        Augmentation(time_masks=2, time_mask_frames=9),
        Augmentation(band_masks=2, band_mask_bands=4),
        Augmentation(mixup_alpha=0.4),
        Augmentation(gain_db=6),
        Augmentation(pitch_bands=2.5),
        Augmentation(stretch=0.2),
        Augmentation(2, 9, 1, 4, 0.3, 3.0, 1.0, 0.1),
    ],
)
def test_the_same_seed_gives_the_same_bytes(augmentation: Augmentation) -> None:
    one, same, other = (_augmented(augmentation, seed) for seed in (0, 0, 1))
    assert one.tobytes() == same.tobytes() != other.tobytes() and np.isfinite(one).all()


def test_masks_cover_no_more_than_they_may() -> None:
    before = _spectra()
    after = _augmented(Augmentation(time_masks=1, time_mask_frames=9))
    changed = (before != after).any(axis=2)
    assert changed.sum(axis=1).max() <= 9 and changed.any()
    masked = after[0][changed[0]]
    assert np.allclose(masked, before[0].mean(), atol=1e-4)
    bands = (before != _augmented(Augmentation(band_masks=1, band_mask_bands=30))).any(axis=1)
    assert bands.any() and bands.sum(axis=1).max() <= 16


def test_mixtures_know_their_parts() -> None:
    before = _spectra()
    mixed = augment(_spectra(), Augmentation(mixup_alpha=0.4), np.random.default_rng(3), n_frames=40)
    assert mixed.partner is not None and mixed.share is not None
    assert (
        sorted(mixed.partner.tolist()) == list(range(6)) and ((mixed.share >= 0) & (mixed.share <= 1)).all()
    )
    share = mixed.share[:, None, None]
    assert np.allclose(mixed.inputs, share * before + (1 - share) * before[mixed.partner], atol=1e-4)
    alone = augment(_spectra(1), Augmentation(mixup_alpha=0.4), np.random.default_rng(3), n_frames=40)
    assert alone.partner is None


def test_gain_moves_all_alike_but_not_below_silence() -> None:
    difference = _augmented(Augmentation(gain_db=6)) - _spectra()
    assert np.ptp(difference, axis=(1, 2)).max() < 1e-4 and 0 < np.abs(difference).max() <= 6
    quiet = np.full((6, 4, 2), SILENCE_DB, np.float32)
    assert augment(quiet, Augmentation(gain_db=6), np.random.default_rng(0), n_frames=4).inputs.min() == -100


def _ramps(n: int, n_frames: int, n_mels: int, *, over_time: bool) -> np.ndarray:
    ramp = np.arange(n_frames)[:, None] + 0 * np.arange(n_mels)
    if not over_time:
        ramp = 0 * np.arange(n_frames)[:, None] + np.arange(n_mels)
    return np.repeat(ramp[None].astype(np.float32), n, axis=0)


def test_bands_are_shifted() -> None:
    augmentation = Augmentation(pitch_bands=2.5)
    ramps = _ramps(50, 3, 20, over_time=False)
    shifted = augment(ramps.copy(), augmentation, np.random.default_rng(0), n_frames=3).inputs
    shift = (ramps - shifted)[:, :, 4:-4]
    assert np.ptp(shift, axis=(1, 2)).max() < 1e-4 and 2 < np.abs(shift).max() <= 2.5
    assert shift.min() < -1 and shift.max() > 1
    assert shifted.min() >= 0 and shifted.max() <= 19


def test_time_is_stretched() -> None:
    augmentation = Augmentation(stretch=0.2)
    ramps = _ramps(50, frames_needed(30, augmentation), 3, over_time=True)
    stretched = augment(ramps, augmentation, np.random.default_rng(0), n_frames=30).inputs
    speeds = np.diff(stretched, axis=1)
    assert np.ptp(speeds, axis=(1, 2)).max() < 1e-4
    assert 0.8 <= speeds.min() < 0.85 and 1.15 < speeds.max() <= 1.2001


def test_amounts_that_make_no_sense_are_refused() -> None:
    check_augmentation(Augmentation())
    with pytest.raises(UsageError, match=r"gain_db = -1 changes nothing"):
        check_augmentation(Augmentation(gain_db=-1))
    with pytest.raises(UsageError, match=r"stretch = 0\.5 leaves no music"):
        check_augmentation(Augmentation(stretch=0.5))
