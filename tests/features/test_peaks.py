"""The outline of a recording is the same however it comes in pieces."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segue.features import mel_picture as mel
from segue.features.peaks import bars, outline


@given(
    st.integers(0, 500), st.integers(1, 60), st.lists(st.integers(0, 500), max_size=6), st.integers(0, 1000)
)
def test_pieces_do_not_matter(n: int, step: int, cuts: list[int], seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, n).astype(np.float32)
    steps = outline(np.split(samples, sorted(cut for cut in cuts if cut < n)), step)
    parts = [samples[at : at + step] for at in range(0, n, step)]
    assert steps.shape == (len(parts), 2)
    for (peak, rms), part in zip(steps, parts, strict=True):
        assert peak == np.abs(part).max()
        np.testing.assert_allclose(rms, np.sqrt(np.mean(part**2)), rtol=1e-4)


@given(st.integers(1, 90), st.integers(1, 120), st.integers(0, 1000))
def test_bars_hide_no_peak(m: int, n: int, seed: int) -> None:
    rms = np.random.default_rng(seed).uniform(0, 0.5, m).astype(np.float32)
    steps = np.stack([rms * 2, rms], axis=1)
    drawn = bars(steps, n)
    assert drawn.shape == (n, 2)
    for i in range(n):
        begin, end = i * m // n, max(-(-(i + 1) * m // n), i * m // n + 1)
        assert drawn[i, 0] == steps[begin:end, 0].max()
        np.testing.assert_allclose(drawn[i, 1], np.sqrt(np.mean(rms[begin:end] ** 2)), rtol=1e-3)


def test_no_sound() -> None:
    assert outline([], 5).shape == (0, 2)
    assert not bars(outline([], 5), 3).any()


def test_a_sine_lights_one_band() -> None:
    time_s = np.arange(2 * mel.SAMPLE_RATE) / mel.SAMPLE_RATE
    picture = mel.mel_picture(np.sin(2 * np.pi * 1000 * time_s).astype(np.float32))
    assert picture.shape == (2 * mel.COLUMNS_A_SECOND, mel.N_BANDS)
    middle = picture[5:-5]
    assert middle.max() >= 245  # a full-scale sine is nearly 0 dB
    assert len(np.unique(middle.argmax(axis=1))) == 1
    assert np.median(middle) == 0
    quiet = mel.mel_picture(0.01 * np.sin(2 * np.pi * 1000 * time_s).astype(np.float32))
    np.testing.assert_allclose(middle.max() - quiet[5:-5].max(), 40 / mel.RANGE_DB * 255, atol=8)
    assert mel.mel_picture(np.zeros(0, np.float32)).shape == (0, mel.N_BANDS)


@given(st.integers(1, 50), st.integers(1, 50), st.integers(1, 120), st.integers(1, 120))
def test_a_picture_fits_any_frame(width: int, height: int, n_columns: int, n_bands: int) -> None:
    picture = np.full((width, height), 77, np.uint8)
    assert (mel.fitted(picture, n_columns, n_bands) == np.full((n_columns, n_bands), 77)).all()
