"""What every encoder promises, checked for each one in the registry."""

from __future__ import annotations

import numpy as np
import pytest

from segue.encoders import (
    Combination,
    Encoder,
    TaggingEncoder,
    encoder_names,
    load_encoder,
    published_scaling,
    resolve,
)


@pytest.fixture(scope="module", params=encoder_names())
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return load_encoder(request.param)


def _music(encoder: Encoder, seconds: float, *, seed: int = 0, pitch: float = 220.0) -> np.ndarray:
    """Three partials with a beat, and a little noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * encoder.sample_rate)) / encoder.sample_rate
    tone = sum(np.sin(2 * np.pi * pitch * k * t) / k for k in (1, 2, 3))
    beat = np.exp(-6 * (t % 0.5))
    return (0.3 * tone * beat + 0.02 * rng.standard_normal(t.size)).astype(np.float32)


def test_is_an_encoder_with_a_complete_card(encoder: Encoder) -> None:
    assert isinstance(encoder, Encoder)
    card = encoder.describe()
    assert (card.id, card.dim, card.sample_rate) == (encoder.id, encoder.dim, encoder.sample_rate)
    assert card.name in encoder_names() and load_encoder(card.name) is encoder
    assert card.licence and card.source and card.description and card.definition


def test_gives_finite_float32_of_its_length(encoder: Encoder) -> None:
    vector = encoder.encode([_music(encoder, 10), _music(encoder, 10, seed=1, pitch=330)])
    assert vector.shape == (encoder.dim,) and vector.dtype == np.float32
    assert np.isfinite(vector).all() and vector.std() > 0


def test_same_windows_same_bytes_and_windows_untouched(encoder: Encoder) -> None:
    window = _music(encoder, 6)
    before = window.copy()
    window.flags.writeable = False
    assert encoder.encode([window]).tobytes() == encoder.encode([before]).tobytes()
    assert np.array_equal(window, before)


def test_order_of_windows_does_not_matter(encoder: Encoder) -> None:
    windows = [_music(encoder, 5 + i, seed=i, pitch=110 * (i + 1)) for i in range(3)]
    scaling = published_scaling(encoder.id)
    one, other = encoder.encode(windows), encoder.encode(windows[::-1])
    assert np.abs((one - other) / scaling.std).max() < 1e-3


def test_different_music_gives_different_vectors(encoder: Encoder) -> None:
    rng = np.random.default_rng(3)
    noise = (0.2 * rng.standard_normal(6 * encoder.sample_rate)).astype(np.float32)
    scaling = published_scaling(encoder.id)
    one = (encoder.encode([_music(encoder, 6)]) - scaling.mean) / scaling.std
    other = (encoder.encode([noise]) - scaling.mean) / scaling.std
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) < 0.9


@pytest.mark.parametrize("seconds", [0.01, 0.3, 1.0, 2.9, 3.1])
def test_short_windows_are_heard(encoder: Encoder, seconds: float) -> None:
    assert np.isfinite(encoder.encode([_music(encoder, seconds)])).all()


@pytest.mark.parametrize("level", [0.0, 1e-7, 1e-3])
def test_silence_and_whispers_are_finite(encoder: Encoder, level: float) -> None:
    window = np.float32(level) * _music(encoder, 4)
    assert np.isfinite(encoder.encode([window])).all()
    assert np.isfinite(encoder.encode([window, _music(encoder, 4)])).all()


@pytest.mark.parametrize("value", [1.0, -1.0, 8.0])
def test_constant_and_clipped_samples_are_finite(encoder: Encoder, value: float) -> None:
    assert np.isfinite(encoder.encode([np.full(4 * encoder.sample_rate, value, np.float32)])).all()


def test_no_window_or_no_samples_is_refused(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="window"):
        encoder.encode([])
    with pytest.raises(ValueError, match="window"):
        encoder.encode([np.zeros(0, np.float32)])


def test_published_scaling_is_of_its_length(encoder: Encoder) -> None:
    scaling = published_scaling(encoder.id)
    assert scaling.mean.shape == scaling.std.shape == (encoder.dim,)
    assert scaling.mean.dtype == scaling.std.dtype == np.float32
    assert (scaling.std > 0).all() and np.isfinite(scaling.mean).all()


def test_tags_are_probabilities(encoder: Encoder) -> None:
    if not isinstance(encoder, TaggingEncoder):
        pytest.skip("knows no tags")
    window = _music(encoder, 7)
    vector, tags = encoder.encode_and_tag([window])
    assert vector.tobytes() == encoder.encode([window]).tobytes()
    assert tags.shape == (len(encoder.tag_names),) == (len(set(encoder.tag_names)),)
    assert tags.dtype == np.float32 and (tags >= 0).all() and (tags <= 1).all()


@pytest.mark.parametrize("name", ["musicnn+timbre", "fma518+musicnn", "timbre+fma518+musicnn"])
def test_a_sum_is_made_of_its_members(name: str) -> None:
    sum_ = resolve(name)
    assert isinstance(sum_, Combination)
    assert sum_.id == "+".join(sum_.members)
    assert resolve(sum_.id) == sum_ or resolve(sum_.id).id == sum_.id
    assert sum_.dim == sum(load_encoder(member).dim for member in sum_.members)
    rng = np.random.default_rng(0)
    blocks = []
    for member in sum_.members:
        scaling = published_scaling(member)
        draws = rng.standard_normal((5, scaling.mean.size), np.float32)
        blocks.append(scaling.mean + scaling.std * draws)
    rows = sum_.combine(blocks)
    assert rows.shape == (5, sum_.dim) and rows.dtype == np.float32 and rows.flags.c_contiguous
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    start = 0
    for block in blocks:
        part = rows[:, start : start + block.shape[1]]
        assert np.allclose(np.linalg.norm(part, axis=1), len(blocks) ** -0.5, atol=1e-5)
        start += block.shape[1]
    neutral = published_scaling(name)
    assert np.array_equal((rows - neutral.mean) / neutral.std, rows)
