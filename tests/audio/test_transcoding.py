"""A stream has the right sound from the right moment, whatever the file and the codec."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from segue.audio import STREAM_CODECS, estimated_size_bytes, transcode
from segue.audio.mixing import stereo_weights
from segue.errors import AudioError, UsageError

Maker = Callable[..., Path]

_RATE = 8000  # at which streams are compared with what went in


def _decoded(stream: bytes, rate: int = _RATE) -> NDArray[np.float32]:
    """(n_channels, n) samples of a stream."""
    with av.open(io.BytesIO(stream)) as container:
        layout = container.streams.audio[0].codec_context.layout
        resampler = av.AudioResampler("fltp", layout, rate)
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def _whole(path: Path, codec: str = "wav", **how: float) -> bytes:
    return b"".join(transcode(path, codec, bitrate_bps=128_000, **how))


def _lag_s(heard: NDArray[np.float32], source: NDArray[np.float32]) -> float:
    """How much later `heard` begins than `source`, by correlation."""
    size = 1 << int(np.ceil(np.log2(heard.size + source.size)))
    product = np.fft.irfft(np.fft.rfft(source, size) * np.conj(np.fft.rfft(heard, size)))
    at = int(np.argmax(product))
    return (at if at < size / 2 else at - size) / _RATE


@pytest.mark.parametrize("codec", STREAM_CODECS)
def test_a_stream_is_the_recording(make: Maker, codec: str) -> None:
    path = make("flac", 3.0)
    stream = _whole(path, codec)
    heard = _decoded(stream)
    source = _decoded(path.read_bytes())
    assert heard.shape[0] == 2
    assert abs(heard.shape[1] / _RATE - 3.0) < 0.06
    assert _lag_s(heard[0, 2000:16_000], source[0]) == pytest.approx(2000 / _RATE, abs=0.06)
    with av.open(io.BytesIO(stream)) as container:
        assert container.streams.audio[0].codec_context.name.startswith("pcm" if codec == "wav" else codec)
    if not STREAM_CODECS[codec].lossless:
        assert len(stream) == pytest.approx(estimated_size_bytes(codec, 3.0, bitrate_bps=128_000), rel=0.3)


@pytest.mark.parametrize("kind", ["flac", "mp3", "vorbis", "opus", "aac", "alac", "wav", "wavpack"])
def test_it_begins_where_asked(make: Maker, kind: str) -> None:
    path = make(kind, 6.0)
    heard = _decoded(_whole(path, start_s=3.21))[0]
    source = _decoded(path.read_bytes())[0]
    assert heard.size / _RATE == pytest.approx(source.size / _RATE - 3.21, abs=0.05)
    assert _lag_s(heard[: 2 * _RATE], source) == pytest.approx(3.21, abs=0.05)


def test_a_start_beyond_the_end_gives_no_sound(make: Maker) -> None:
    path = make("mp3", 2.0)
    for codec in STREAM_CODECS:
        assert len(_whole(path, codec, start_s=99.0)) < 10_000


@pytest.mark.parametrize(("channels", "rate"), [(1, 44100), (2, 96000), (3, 8000), (6, 48000), (8, 11025)])
def test_channels_and_rates(tmp_path: Path, channels: int, rate: int) -> None:
    sound = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(tmp_path / "a.wav", np.repeat(sound[:, None], channels, axis=1), rate)
    for codec in STREAM_CODECS:
        heard = _decoded(_whole(tmp_path / "a.wav", codec))
        assert heard.shape[0] == min(channels, 2)
        middle = heard[:, 3000:6000]
        assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.1)


def test_a_wanted_rate_is_brought_to_what_the_codec_has(make: Maker) -> None:
    path = make("wav", 1.0)
    for codec, wanted, given in (("mp3", 20_000, 22_050), ("mp3", 96_000, 48_000), ("flac", 16_000, 16_000)):
        with av.open(io.BytesIO(_whole(path, codec, sample_rate=wanted))) as container:
            assert container.streams.audio[0].codec_context.sample_rate == given


def test_damage_ends_the_stream(make: Maker) -> None:
    path = make("mp3", 4.0)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 1.5 < _decoded(_whole(path, "opus")).shape[1] / _RATE < 2.2


def test_a_hole_is_passed_over(make: Maker) -> None:
    path = make("vorbis", 8.0)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) * 5 // 8] = bytes(len(content) // 8)
    path.write_bytes(content)
    assert _decoded(_whole(path, "opus")).shape[1] / _RATE > 5


def test_samples_that_are_no_numbers(tmp_path: Path) -> None:
    sound = np.full(44100, 0.1, np.float32)
    sound[100:200], sound[300] = np.nan, np.inf
    soundfile.write(tmp_path / "a.wav", sound, 44100, subtype="FLOAT")
    for codec in STREAM_CODECS:
        assert np.isfinite(_decoded(_whole(tmp_path / "a.wav", codec))).all()


@pytest.mark.parametrize("bitrate_bps", [64_000, 100_000, 128_000, 320_000, 999_000])
def test_an_mp3_is_no_longer_than_promised(make: Maker, bitrate_bps: int) -> None:
    path = make("wav", 4.0)
    size = sum(map(len, transcode(path, "mp3", bitrate_bps=bitrate_bps)))
    promised = estimated_size_bytes("mp3", 4.0, bitrate_bps=bitrate_bps)
    assert promised - 6000 < size <= promised


def test_texts_go_along(make: Maker) -> None:
    import mutagen.flac

    path = make("flac", 1.0)
    tags = mutagen.flac.FLAC(path)
    tags["title"], tags["artist"] = "Für Elise", "Ludwig <van>"
    tags.save()
    for codec in ("mp3", "opus", "flac"):
        with av.open(io.BytesIO(_whole(path, codec))) as container:
            found = {**container.metadata, **container.streams.audio[0].metadata}
            assert {name.lower(): text for name, text in found.items()}["title"] == "Für Elise"


def test_memory_is_given_back_at_once(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    real = av.open

    def counted(*args: object, **kwargs: object) -> object:
        container = real(*args, **kwargs)  # type: ignore[call-overload]
        closed.append("open")
        return container

    monkeypatch.setattr(av, "open", counted)
    stream = transcode(make("flac", 5.0), "mp3", bitrate_bps=128_000)
    assert len(next(stream)) < 20_000  # not the whole of it
    assert closed == ["open", "open"]
    stream.close()
    with pytest.raises(StopIteration):
        next(stream)


def test_what_cannot_be_opened_is_said_before_the_first_byte(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_text("no sound at all" * 99)
    for name, reason in (("a.mp3", "not-audio"), ("b.mp3", "missing")):
        with pytest.raises(AudioError) as said:
            next(transcode(tmp_path / name, "opus", bitrate_bps=64_000))
        assert said.value.reason == reason


@pytest.mark.parametrize(
    ("codec", "bitrate_bps", "start_s"),
    [
        ("rm", 64_000, 0.0),
        ("mp3", 0, 0.0),
        ("mp3", 1, -1.0),
        ("mp3", 1, float("nan")),
        ("mp3", 1, float("inf")),
    ],
)
def test_wrong_use(tmp_path: Path, codec: str, bitrate_bps: int, start_s: float) -> None:
    with pytest.raises(UsageError):
        next(transcode(tmp_path / "a.mp3", codec, bitrate_bps=bitrate_bps, start_s=start_s))


def test_surround_keeps_its_sides() -> None:
    weights = stereo_weights(["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"])
    assert weights.sum(axis=1) == pytest.approx([1, 1])
    assert weights[0].tolist() == weights[1, [1, 0, 2, 3, 5, 4, 7, 6]].tolist()
    assert (weights[:, 3] == 0).all() and (weights[0, [1, 5, 7]] == 0).all()
    assert stereo_weights(["FL", "FR"]).tolist() == [[1, 0], [0, 1]]
