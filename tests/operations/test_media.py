"""What a player shows is true, is kept, survives damage to what is kept, and never grows without end."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from segue.audio import Tags, probe
from segue.catalogue import Track
from segue.errors import AudioError, NothingFound, UsageError
from segue.operations import media, media_cache
from segue.operations.media import file_of, spectrogram, tidy_cache, waveform_peaks
from segue.operations.media_cache import cached
from segue.settings import DataFolder
from segue.types import TrackId

_RATE = 16_000


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def track_of(path: Path, digest: str = "ab" * 32) -> Track:
    info = probe(path)
    return Track(
        TrackId("x"), 1, digest, Tags(title="Song"), info.duration_s, info.sample_rate, info.channels,
        info.codec, info.bitrate_bps, (path,), 0.0,
    )  # fmt: skip


@pytest.fixture
def song(tmp_path: Path) -> Track:
    """70 s: a 1 kHz sine, half as loud in its second half, with one click."""
    time_s = np.arange(70 * _RATE) / _RATE
    sound = np.sin(2 * np.pi * 1000 * time_s) * np.where(time_s < 35, 0.5, 0.25)
    sound[20 * _RATE + _RATE // 2] = 0.99
    path = tmp_path / "song.wav"
    soundfile.write(path, sound, _RATE)
    return track_of(path)


def _count(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """How often a file is decoded."""
    calls: list[object] = []
    real = media.stream_samples

    def counted(*args: object, **kwargs: object) -> object:
        calls.append(args)
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(media, "stream_samples", counted)
    return calls


def test_a_waveform(data: DataFolder, song: Track, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _count(monkeypatch)
    bars = waveform_peaks(data, song, 70)
    assert bars.shape == (70, 2) and bars.dtype == np.uint8
    np.testing.assert_allclose(bars[:20, 0], 0.5 * 255, atol=1)
    np.testing.assert_allclose(bars[36:, 0], 0.25 * 255, atol=1)
    np.testing.assert_allclose(bars[36:, 1], 0.25 * 255 / np.sqrt(2), atol=1.5)
    assert bars[20, 0] == round(0.99 * 255) and (bars == bars[20, 0]).sum() == 1
    assert waveform_peaks(data, song).shape == (800, 2)
    assert len(calls) == 1


def test_short_and_silent_ones(data: DataFolder, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(100, 0.5), 8000)
    assert waveform_peaks(data, track_of(tmp_path / "a.wav"), 800).min() > 120
    soundfile.write(tmp_path / "b.wav", np.zeros(9000), 8000)
    assert not waveform_peaks(data, track_of(tmp_path / "b.wav", "cd" * 32)).any()


def test_a_spectrogram(data: DataFolder, song: Track, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = _count(monkeypatch)
    picture = spectrogram(data, song, 30.0, 10.0, 200, 96)
    assert picture.shape == (200, 96) and picture.dtype == np.uint8
    band = int(np.median(picture.argmax(axis=1)))
    early, late = picture[10, band], picture[-10, band]
    np.testing.assert_allclose(float(early) - late, 6.02 / 80 * 255, atol=2)  # half the amplitude
    over = spectrogram(data, song, 55.0, 10.0, 400, 48)  # over the border of two minutes
    assert over.shape == (400, 48) and (over[:, band // 2] > 90).all()
    assert not spectrogram(data, song, 500.0, 10.0, 20, 96).any()
    beyond = spectrogram(data, song, 65.0, 10.0, 200, 96)
    assert beyond[:95].any(axis=1).all() and not beyond[105:].any()
    assert len(calls) == 2


@pytest.mark.parametrize(
    "asked", [(-1, 1, 1, 1), (0, 0, 1, 1), (0, 9999, 1, 1), (0, 1, 0, 1), (0, 1, 1, 0), (0, 1, 10**6, 1)]
)
def test_wrong_use(data: DataFolder, song: Track, asked: tuple[int, int, int, int]) -> None:
    with pytest.raises(UsageError):
        spectrogram(data, song, *asked)
    for n in (0, 5000):
        with pytest.raises(UsageError):
            waveform_peaks(data, song, n)


def test_files_that_went(data: DataFolder, song: Track, tmp_path: Path) -> None:
    assert file_of(replace(song, paths=(tmp_path / "gone.wav", song.paths[0]))) == song.paths[0]
    for paths in ((), (tmp_path / "gone.wav",)):
        with pytest.raises(NothingFound, match="Song"):
            waveform_peaks(data, replace(song, paths=paths))
    (tmp_path / "text.wav").write_text("no sound" * 99)
    with pytest.raises(AudioError):
        waveform_peaks(data, replace(song, paths=(tmp_path / "text.wav",)))
    assert not list((data.cache).rglob("*")) or not any(p.is_file() for p in data.cache.rglob("*"))


def test_a_damaged_entry_is_made_again(
    data: DataFolder, song: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = waveform_peaks(data, song)
    (entry,) = (path for path in data.cache.rglob("*") if path.is_file())
    whole = entry.read_bytes()
    calls = _count(monkeypatch)
    for damaged in (b"", whole[:20], whole[:-1] + b"?", b"SGM0" + whole[4:]):
        entry.write_bytes(damaged)
        assert (waveform_peaks(data, song) == bars).all()
        assert entry.read_bytes() == whole
    assert len(calls) == 4


def test_the_format_of_an_entry(data: DataFolder) -> None:
    golden = b"SGM1\xc2\x41\x24\x35abc"
    path = data.cache / "peaks" / "aa" / "aaaa"
    assert cached(data, "peaks", "aaaa", lambda: b"abc") == b"abc"
    assert path.read_bytes() == golden


def test_many_at_once(data: DataFolder) -> None:
    together = threading.Barrier(8)
    made: list[bytes] = []

    def make() -> bytes:
        together.wait(10)
        return b"x" * 100_000

    def ask() -> None:
        made.append(cached(data, "mel", "ab", make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [b"x" * 100_000] * 8
    assert [path.name for path in (data.cache / "mel" / "ab").iterdir()] == ["ab"]
    assert cached(data, "mel", "ab", lambda: b"") == b"x" * 100_000


def test_a_cache_that_cannot_be_written_is_done_without(data: DataFolder, tmp_path: Path) -> None:
    data.path.mkdir()
    data.cache.write_text("a file in its place")
    assert cached(data, "peaks", "ab", lambda: b"abc") == b"abc"


def test_the_least_used_go_first(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for age, name in enumerate(("dd", "cc", "bb", "aa")):
        cached(data, "covers", name, lambda: bytes(992))
        path = data.cache / "covers" / name / name
        os.utime(path, (path.stat().st_mtime - 9000 * (age + 1),) * 2)
    draft = data.cache / "mel" / ".x.1-2.partial"
    draft.parent.mkdir()
    draft.touch()
    os.utime(draft, (0, 0))
    cached(data, "covers", "aa", lambda: b"")  # used: now it is the youngest
    done = tidy_cache(data, 2500)
    assert done == media_cache.Tidied(2, 2000, 2000)
    assert sorted(path.name for path in data.cache.rglob("*") if path.is_file()) == ["aa", "dd"]
    assert tidy_cache(DataFolder(data.path / "none"), 0) == media_cache.Tidied(0, 0, 0)


def test_a_library_of_real_tracks(demo: object, data: DataFolder) -> None:
    from segue.operations.library import find_tracks

    (track,) = find_tracks(DataFolder(demo.data), [demo.pieces[0].title])  # type: ignore[attr-defined]
    assert waveform_peaks(data, track).max() > 20
    assert spectrogram(data, track, 0.0, 5.0, 100, 96).max() > 100
