"""The bag of tones: moments as librosa's, tones from the training tracks alone, histograms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import librosa
import numpy as np
import pytest
from numpy.typing import NDArray

from segue.errors import NothingFound, UsageError
from segue.features import decibels, mel_power, power_spectrum
from segue.progress import Silent
from segue.training.bags import BagSettings, bag_of_tones, learn_tones, moments_of, nearest_tones


@dataclass
class Drawn:
    """Spectra that are not of any sound: track `row` keeps to the colours ``row % n_colours``."""

    n_tracks: int
    n_colours: int = 2
    n_frames: int = 40
    deaf: tuple[int, ...] = ()
    asked: list[int] = field(default_factory=list)

    @property
    def available(self) -> NDArray[np.bool_]:
        return ~np.isin(np.arange(self.n_tracks), self.deaf)

    def frames(self, row: int) -> NDArray[np.int16]:
        self.asked.append(row)
        rng = np.random.default_rng(row)
        shape = 600 * np.cos(np.arange(128) * (1 + row % self.n_colours) / 10)
        return (rng.normal(0, 50, (self.n_frames, 128)) + shape - 3000).astype(np.int16)

    def db(self, row: int, start: int, stop: int) -> NDArray[np.float32]:
        return self.frames(row)[start:stop] / np.float32(100)


_SMALL = BagSettings(n_tones=8, batch_size=64, max_batches=30)


def test_moments_are_those_of_librosa() -> None:
    rng = np.random.default_rng(0)
    samples = (rng.standard_normal(22_050) * np.linspace(0, 0.3, 22_050)).astype(np.float32)
    db = decibels(mel_power(power_spectrum(samples, 1024, 512), 22_050, n_mels=128), range_db=None)
    mfcc = librosa.feature.mfcc(
        y=samples, sr=22_050, n_mfcc=13, n_fft=1024, hop_length=512, pad_mode="constant"
    )
    expected = np.concatenate([mfcc, librosa.feature.delta(mfcc), librosa.feature.delta(mfcc, order=2)])
    np.testing.assert_allclose(moments_of(db), expected.T, atol=2e-3)


def test_a_track_of_a_few_frames_has_moments_too() -> None:
    moments = moments_of(np.full((2, 128), -20, np.float32))
    assert moments.shape == (2, 39) and np.isfinite(moments).all()
    np.testing.assert_allclose(moments[:, 13:], 0, atol=1e-4)


def test_bags_of_like_tracks_are_alike_and_sum_to_one() -> None:
    bags = bag_of_tones(Drawn(8), np.arange(6), settings=_SMALL, seed=0)
    assert bags.shape == (8, 8) and bags.dtype == np.float32
    np.testing.assert_allclose(bags.sum(axis=1), 1, rtol=1e-5)
    alike = np.minimum(bags[6], bags[4]).sum()  # of the same colour, unseen and seen
    assert alike > np.minimum(bags[6], bags[5]).sum() + 0.3


def test_tones_are_learned_from_the_training_tracks_alone() -> None:
    spectra = Drawn(6)
    bags = bag_of_tones(spectra, np.array([0, 2]), settings=_SMALL, seed=0)
    assert set(spectra.asked[: spectra.asked.index(1)]) == {0, 2}
    longer = bag_of_tones(Drawn(9), np.array([0, 2]), settings=_SMALL, seed=0)
    np.testing.assert_array_equal(bags, longer[:6])


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again, other = (bag_of_tones(Drawn(4), np.arange(4), settings=_SMALL, seed=s) for s in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_a_track_that_cannot_be_heard_has_an_empty_bag() -> None:
    bags = bag_of_tones(Drawn(4, deaf=(1, 3)), np.arange(4), settings=_SMALL, seed=0)
    assert (bags[[1, 3]] == 0).all() and (bags[[0, 2]].sum(axis=1) > 0.99).all()
    with pytest.raises(NothingFound, match="none of the training tracks"):
        bag_of_tones(Drawn(4, deaf=(1, 3)), np.array([1, 3]), settings=_SMALL, seed=0)


def test_principal_components_keep_what_is_asked() -> None:
    plain = bag_of_tones(Drawn(20, n_colours=5), np.arange(20), settings=_SMALL, seed=0)
    settings = BagSettings(n_tones=8, batch_size=64, max_batches=30, pca_share=0.95)
    components = bag_of_tones(Drawn(20, n_colours=5), np.arange(20), settings=settings, seed=0)
    assert components.shape[1] < 8
    kept = components.var(axis=0).sum() / plain.var(axis=0).sum()
    assert 0.95 <= kept <= 1


class _Counting(Silent):
    def __init__(self) -> None:
        self.batches = 0

    def advance(self, steps: int = 1) -> None:
        self.batches += steps


def test_learning_ends_when_the_tones_stand_still() -> None:
    moments = np.repeat(np.eye(3, 39, dtype=np.float32) * 9, 20, axis=0)
    progress = _Counting()
    tones = learn_tones(moments, BagSettings(n_tones=60), np.random.default_rng(3), progress)
    assert {tuple(tone) for tone in tones} == {tuple(moment) for moment in moments}
    assert progress.batches == 10
    np.testing.assert_array_equal(tones[nearest_tones(moments, tones)], moments)


def test_no_more_tones_than_frames() -> None:
    settings = BagSettings(n_tones=4_000, max_batches=2)
    assert bag_of_tones(Drawn(2), np.arange(2), settings=settings, seed=0).shape == (2, 80)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"n_tones": 0}, "n_tones of a bag"), ({"pca_share": 1.5}, "pca_share of a bag")],
)
def test_settings_that_make_no_sense_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        BagSettings(**settings)
