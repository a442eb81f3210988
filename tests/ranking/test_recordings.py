"""`duplicates`: the same recording in another encoding, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.encoders import load_encoder
from segue.ranking import ByKey, Limits, Space, duplicates, seed_in, similar
from segue.ranking import recordings as recordings_module

Build = Callable[..., Space]


def noisy(rows: np.ndarray, cosine: float, seed: int = 1) -> np.ndarray:
    """Rows at this cosine from the given ones."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    noise = np.random.default_rng(seed).standard_normal(rows.shape)
    noise -= np.sum(noise * rows, axis=1, keepdims=True) * rows
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    return cosine * rows + np.sqrt(1 - cosine**2) * noise


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((300, 40))


def test_copies_are_found_in_groups(library: Build, rows: np.ndarray) -> None:
    vectors = np.concatenate([rows, noisy(rows[:3], 0.98), noisy(rows[:1], 0.99, 2)])
    lengths = np.concatenate([100 + 3.0 * np.arange(300), [100.2, 102.9, 106.0, 99.8]])
    space = library(vectors, duration_s=lengths)
    assert duplicates(space) == [(1, 301, 304), (2, 302), (3, 303)]


def test_length_and_sound_must_agree(library: Build, rows: np.ndarray) -> None:
    vectors = np.concatenate([rows, noisy(rows[:1], 0.99), noisy(rows[1:2], 0.9)])
    lengths = np.concatenate([100 + 3.0 * np.arange(300), [101.0, 103.0]])
    assert duplicates(library(vectors, duration_s=lengths)) == []


def test_artist_and_title_let_poor_encodings_pass(library: Build, rows: np.ndarray) -> None:
    vectors = np.concatenate([rows, noisy(rows[:3], 0.85)])
    lengths = np.concatenate([100 + 10.0 * np.arange(300), [101.5, 111.5, 121.5]])
    titles = [f"Song of {chr(97 + i % 26)}" for i in range(303)]
    titles[300], titles[301], titles[302] = "SONG OF A", "Song of b (Live)", "Song of c"
    artists = np.concatenate([np.arange(300), [0, 1, 999]])
    space = library(vectors, duration_s=lengths, titles=titles, artist_code=artists)
    assert duplicates(space) == [(1, 301)]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), at_once=st.sampled_from([50, 1_000, 8_000_000]))
def test_blocks_find_what_all_pairs_find(library: Build, seed: int, at_once: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((60, 12))
    vectors = np.concatenate([rows, noisy(rows, 0.97, seed + 5_000)])
    lengths = rng.uniform(100, 110, 60)
    lengths = np.concatenate([lengths, lengths + rng.uniform(-0.8, 0.8, 60)])
    space = library(vectors, duration_s=lengths)
    unit = space.vectors(np.arange(120))
    linked = (np.abs(lengths[:, None] - lengths) <= 0.5) & (unit @ unit.T >= 0.96)
    reached = linked.copy()
    for _ in range(7):
        reached = reached @ reached
    expected = sorted({tuple((np.flatnonzero(row) + 1).tolist()) for row in reached if row.sum() > 1})
    before = recordings_module._SCORES_AT_ONCE
    try:
        recordings_module._SCORES_AT_ONCE = at_once
        assert duplicates(space) == expected
    finally:
        recordings_module._SCORES_AT_ONCE = before


def test_fingerprints_tell_recordings_apart_where_it_is_known(library: Build, rows: np.ndarray) -> None:
    # Keys 1 and 2 sound alike in style and have different fingerprints; 3 and 4 the other way; of 5 and 6 no
    # more is known than that they sound alike.
    vectors = rows[:20].copy()
    vectors[[1, 5]] = vectors[[0, 4]]
    prints = np.random.default_rng(5).standard_normal((20, 30)).astype(np.float32)
    prints /= np.linalg.norm(prints, axis=1, keepdims=True)
    prints[3] = prints[2]
    keys = np.delete(np.arange(1, 21), 5)
    fingerprints = ByKey(keys, np.delete(prints, 5, axis=0))
    lengths = 200.0 + np.repeat(np.arange(10), 2) * 5
    space = library(vectors, fingerprints=fingerprints, duration_s=lengths)
    assert duplicates(space) == [(3, 4), (5, 6)]
    free = Limits(per_artist=0, per_album=0)
    answers = {
        key: {r.key for r in similar(space, seed_in(space, key), 20, limits=free)} for key in range(1, 7)
    }
    assert 2 in answers[1]
    assert 4 not in answers[3]
    assert 6 not in answers[5]
    assert len({3, 4} & answers[1]) == 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the other encodings")
def test_encodings_of_real_music_are_found_and_nothing_else(
    library: Build, shared: Path, tmp_path: Path
) -> None:
    names = sorted((shared / "data/free-music").glob("*.mp3"))[::9]
    files, lengths = list(names), [30.0] * len(names)
    for name in names[:6]:
        for ending, codec in (("ogg", "libvorbis"), ("opus", "libopus"), ("mp3", "libmp3lame")):
            made = tmp_path / f"{name.stem}.{ending}"
            command = ["ffmpeg", "-v", "quiet", "-i", name, "-c:a", codec, "-b:a", "48k", made]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
            files.append(made)
            lengths.append(30.1)
    encoder = load_encoder("fingerprint")
    raw = []
    for file in files:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        raw.append(encoder.encode([soxr.resample(samples.mean(axis=1), rate, encoder.sample_rate)]))
    prints = ByKey(np.arange(1, len(files) + 1), np.stack(raw))
    style = np.ones((len(files), 8))  # all in one style
    space = library(style, fingerprints=prints, duration_s=np.array(lengths))
    first = len(names) + 1
    assert duplicates(space) == [(1 + i, *range(first + 3 * i, first + 3 * i + 3)) for i in range(6)]


def test_one_track(library: Build) -> None:
    assert duplicates(library(np.eye(1, 3))) == []
