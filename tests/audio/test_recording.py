"""Files of every kind are heard as they sound."""

from __future__ import annotations

import os
import shutil
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.audio import probe, read_recording
from segue.errors import UsageError

Maker = Callable[..., Path]

KINDS = (
    *("wav", "wav-float", "rf64", "aiff", "flac", "vorbis", "opus", "mp3"),
    *("aac", "adts", "alac", "wma", "wavpack", "tta", "mka"),
)
CODECS = {
    "wav": "pcm-16",
    "wav-float": "float",
    "rf64": "pcm-16",
    "aiff": "pcm-16",
    "wma": "wmav2",
    "adts": "aac",
    "mka": "flac",
}


def rms(samples: Any) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind(make: Maker, kind: str) -> None:
    path = make(kind, 4.0)
    recording = read_recording(path, sample_rates=(16000, 22050))
    assert recording.info == probe(path)
    assert recording.info.codec == CODECS.get(kind, kind)
    assert recording.info.channels == 2
    assert recording.info.sample_rate == (48000 if kind == "opus" else 44100)
    assert recording.info.bitrate_bps is not None
    assert recording.info.duration_s == pytest.approx(4.0, abs=0.12)
    assert len(recording.spans) == 1
    for rate in (16000, 22050):
        (window,) = recording.windows[rate]
        assert window.dtype == np.float32
        assert window.ndim == 1
        assert window.flags.c_contiguous
        assert np.isfinite(window).all()
        assert np.abs(window).max() <= 1
        assert len(window) == pytest.approx(4.0 * rate, abs=0.12 * rate)
        spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window))))
        assert np.argmax(spectrum) * rate / len(window) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("kind", ["wav", "flac", "vorbis", "opus", "mp3", "aac", "alac", "wma", "wavpack"])
def test_windows_lie_where_they_say(make: Maker, write_samples: Callable[..., Path], kind: str) -> None:
    rate = 48000 if kind == "opus" else 22050
    time_s = np.arange(120 * rate) / rate
    # The pitch rises by 20 Hz a second: it tells the place.
    rising = 0.5 * np.sin(2 * np.pi * (300 * time_s + 10 * time_s**2))
    path = write_samples(make(kind, 1.0), rising.astype(np.float32)[:, None], rate, kind)
    recording = read_recording(path, sample_rates=(16000,))
    assert [round(span.start_s) for span in recording.spans] == [35, 55, 75]
    for span, window in zip(recording.spans, recording.windows[16000], strict=True):
        assert len(window) == 160_000
        for offset in (0, 152_000):
            piece = window[offset : offset + 8000]
            peak_hz = np.argmax(np.abs(np.fft.rfft(piece * np.hanning(8000)))) * 2
            place_s = span.start_s + offset / 16000 + 0.25
            assert (peak_hz - 300) / 20 == pytest.approx(place_s, abs=1.2 if kind == "mp3" else 0.3)


def test_mp3_windows_agree_with_a_full_decode(make: Maker) -> None:
    import soundfile

    path = make("mp3", 120.0, rate=22050, channels=1)
    whole, rate = soundfile.read(path, dtype="float32")
    recording = read_recording(path, sample_rates=(rate,))
    for span, window in zip(recording.spans, recording.windows[rate], strict=True):
        around = whole[round((span.start_s - 1.5) * rate) : round((span.start_s + 11.5) * rate)]
        size = 1 << int(np.ceil(np.log2(len(around) + len(window))))
        fit = np.fft.irfft(np.fft.rfft(around, size) * np.conj(np.fft.rfft(window, size)))
        lag = int(np.argmax(fit))
        # From the first sample to the last: no glitch of a frame that misses its bits.
        np.testing.assert_allclose(around[lag : lag + len(window)], window, atol=1e-4)
        assert lag / rate == pytest.approx(1.5, abs=1.2)


def test_a_clip_is_read_to_the_sample(make: Maker) -> None:
    import soundfile
    import soxr

    path = make("mp3", 30.0, rate=22050, channels=1)
    samples, rate = soundfile.read(path, dtype="float32")
    recording = read_recording(path, sample_rates=(16000,))
    expected = np.clip(soxr.resample(samples, rate, 16000, "HQ"), -1, 1)
    np.testing.assert_array_equal(recording.windows[16000][0], expected)


@pytest.mark.parametrize("plan", ["fast", "balanced", "thorough", "whole"])
def test_plans(make: Maker, plan: str) -> None:
    path = make("flac", 100.0, rate=8000, channels=1)
    recording = read_recording(path, plan=plan, sample_rates=(8000,))  # type: ignore[arg-type]
    total_s = {"fast": 12, "balanced": 30, "thorough": 72, "whole": 100}[plan]
    assert sum(len(window) for window in recording.windows[8000]) == pytest.approx(total_s * 8000, abs=8)


@pytest.mark.parametrize("rate", [8000, 11025, 96000, 192000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_rates_and_channels(make: Maker, rate: int, channels: int) -> None:
    recording = read_recording(make("wav", 2.0, rate=rate, channels=channels), sample_rates=(16000,))
    assert recording.info.channels == channels
    assert recording.info.sample_rate == rate
    assert len(recording.windows[16000][0]) == 32_000


@pytest.mark.parametrize("kind", ["flac", "aac", "vorbis"])
def test_surround_in_compressed_kinds(make: Maker, kind: str) -> None:
    recording = read_recording(make(kind, 2.0, channels=6, rate=48000), sample_rates=(16000,))
    assert recording.info.channels == 6
    assert rms(recording.windows[16000][0]) > 0.1


def test_the_bass_effects_channel_is_left_out(tmp_path: Path, write_samples: Callable[..., Path]) -> None:
    samples = np.zeros((16000, 6), np.float32)
    samples[:, 0] = 0.5
    samples[:, 3] = 0.9
    path = write_samples(tmp_path / "a.wav", samples, 16000, "wav-float")
    window = read_recording(path, sample_rates=(16000,)).windows[16000][0]
    np.testing.assert_allclose(window, 0.1, atol=1e-6)


def test_numbers_that_are_none_become_silence(tmp_path: Path, write_samples: Callable[..., Path]) -> None:
    samples = np.full((32000, 2), 0.25, np.float32)
    samples[100:200] = np.nan
    samples[300, 0] = np.inf
    samples[400, 1] = -1e30
    path = write_samples(tmp_path / "a.wav", samples, 16000, "wav-float")
    window = read_recording(path, sample_rates=(16000,)).windows[16000][0]
    assert np.isfinite(window).all()
    assert np.count_nonzero(window == 0) == 102
    assert np.count_nonzero(window == 0.25) == 32000 - 102


@pytest.mark.parametrize("peak", [1.2, 4.0, 32767.0])
def test_too_loud(tmp_path: Path, write_samples: Callable[..., Path], peak: float) -> None:
    samples = np.linspace(-peak, peak, 32000, dtype=np.float32)[:, None]
    path = write_samples(tmp_path / "a.wav", samples, 16000, "wav-float")
    window = read_recording(path, sample_rates=(16000, 8000)).windows[16000][0]
    assert np.abs(window).max() == 1
    # A small overshoot is cut; more is turned down, so that the shape stays.
    assert np.count_nonzero(np.abs(window) == 1) == (pytest.approx(5333, abs=3) if peak < 1.5 else 2)


def test_real_files(shared: Path) -> None:
    import soundfile

    for path in sorted((shared / "data" / "originals").iterdir()):
        if path.suffix == ".md":
            continue
        recording = read_recording(path, sample_rates=(16000,))
        assert sum(len(window) for window in recording.windows[16000]) >= 28 * 16000
        with soundfile.SoundFile(path) as sound:
            assert recording.info.duration_s == pytest.approx(len(sound) / sound.samplerate, abs=0.3)


def test_real_clips_are_read_whole_and_to_the_sample(shared: Path) -> None:
    import soundfile

    for path in sorted((shared / "data" / "emotify").glob("*.mp3"))[::40]:
        samples, rate = soundfile.read(path, dtype="float32")
        (window,) = read_recording(path, sample_rates=(rate,)).windows[rate]
        np.testing.assert_array_equal(window, np.clip(samples, -1, 1))


def test_rate_must_be_positive(make: Maker) -> None:
    with pytest.raises(UsageError):
        read_recording(make("wav"), sample_rates=(0,))


def test_names_need_not_be_text(make: Maker, tmp_path: Path) -> None:
    for kind in ("wav", "mp3", "aac"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff\xe9%d" + kind.encode()))
        try:
            shutil.copy(make(kind, 2.0), path)
        except OSError:
            pytest.skip("this file system takes only UTF-8 names")
        assert read_recording(path, sample_rates=(16000,)).windows[16000][0].size


def test_names_are_no_addresses(make: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make("aac", 2.0, name="concat:a|b.m4a")
    assert read_recording(Path("concat:a|b.m4a"), sample_rates=(16000,)).spans


def test_content_counts_not_the_name(make: Maker) -> None:
    path = make("flac", 2.0, name="really-flac.mp3")
    assert read_recording(path, sample_rates=(16000,)).info.codec == "flac"


def test_three_hours_of_silence_cost_no_memory_nor_time(tmp_path: Path) -> None:
    import soundfile

    from segue.errors import AudioError

    path = tmp_path / "bomb.flac"
    with soundfile.SoundFile(path, "w", 8000, 1, subtype="PCM_16", format="FLAC") as sound:
        minute = np.zeros(60 * 8000, np.int16)
        for _ in range(180):
            sound.write(minute)
    assert path.stat().st_size < 4_000_000
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(AudioError) as caught:
        read_recording(path, sample_rates=(16000,))
    assert caught.value.reason == "silent"
    assert tracemalloc.get_traced_memory()[1] < 60e6
    tracemalloc.stop()
    assert time.process_time() - began < 5
