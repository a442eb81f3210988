"""A stream is the whole recording, in order, whatever the format."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from segue.audio import AudioInfo, stream_samples
from segue.audio.streaming import _stretches
from segue.errors import AudioError
from segue.types import Span


def _sound(path: Path, seconds: float, rate: int = 22_050) -> np.ndarray:
    time_s = np.arange(round(seconds * rate)) / rate
    samples = (0.5 * np.sin(2 * np.pi * (100 + 5 * time_s) * time_s)).astype(np.float32)
    soundfile.write(path, samples, rate)
    return samples


def _lag(later: np.ndarray, earlier: np.ndarray) -> int:
    size = 2 * later.size
    product = np.fft.irfft(np.fft.rfft(later, size) * np.conj(np.fft.rfft(earlier, size)))
    return int(np.argmax(product[: later.size]))


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3"])
def test_a_stream_is_the_whole_recording(kind: str, tmp_path: Path) -> None:
    samples = _sound(tmp_path / f"a.{kind}", 70.0)
    pieces = list(stream_samples(tmp_path / f"a.{kind}", 22_050))
    assert [piece.size for piece in pieces[:2]] == [30 * 22_050] * 2
    whole = np.concatenate(pieces)
    assert abs(whole.size - samples.size) < 3_000
    late = _lag(whole[: 10 * 22_050], samples[: 10 * 22_050])  # an encoder's own delay
    assert 0 <= late < 3_000
    n = min(whole.size - late, samples.size)
    assert np.corrcoef(whole[late:][:n], samples[:n])[0, 1] > 0.99


def test_it_is_resampled(tmp_path: Path) -> None:
    _sound(tmp_path / "a.wav", 31.0)
    assert sum(piece.size for piece in stream_samples(tmp_path / "a.wav", 16_000)) == 31 * 16_000


def test_what_cannot_be_heard_is_said_at_the_first_piece(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"no sound at all" * 99)
    for name, reason in (("a.mp3", "not-audio"), ("b.mp3", "missing")):
        with pytest.raises(AudioError) as said:
            next(stream_samples(tmp_path / name, 16_000))
        assert said.value.reason == reason
    soundfile.write(tmp_path / "silent.wav", np.zeros(22_050), 22_050)
    with pytest.raises(AudioError, match="silent"):
        list(stream_samples(tmp_path / "silent.wav", 16_000))


class _Lying:
    """A reader whose header promises another length than there is, and that gives its last frame for ever."""

    def __init__(self, promised_s: float, real_s: float) -> None:
        self.info = AudioInfo(promised_s, 1000, 1, "wmav2", None)
        self._real_s = real_s

    def read(self, span: Span) -> np.ndarray:
        left_s = max(self._real_s - span.start_s, 0.02)
        return np.full(round(min(span.length_s, left_s) * 1000), 0.5, np.float32)


@pytest.mark.parametrize("promised_s", [1e12, 200.0, 95.0, 40.0])
def test_a_header_that_lies(promised_s: float) -> None:
    pieces = _stretches(Path("a.wma"), _Lying(promised_s, 95.0), None, Span(0.0, math.inf))  # type: ignore[arg-type]
    assert 95_000 <= sum(piece.size for piece in pieces) <= 95_100


def test_a_part() -> None:
    pieces = _stretches(Path("a.wma"), _Lying(95.0, 95.0), None, Span(20.0, 40.0))  # type: ignore[arg-type]
    assert [piece.size for piece in pieces] == [30_000, 10_000]


def test_a_rate_that_nobody_records_at_is_damage(tmp_path: Path) -> None:
    _sound(tmp_path / "a.wav", 2.0)
    content = bytearray((tmp_path / "a.wav").read_bytes())
    content[24:28] = (67_000_000).to_bytes(4, "little")
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(AudioError, match="rate"):
        next(stream_samples(tmp_path / "a.wav", None))
