"""Files that cannot be heard are named for what they are; what can be heard of damaged ones is."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.audio import payload_digest, probe, read_cover, read_recording, read_tags
from segue.errors import AudioError

Maker = Callable[..., Path]


def reason(path: Path) -> str:
    with pytest.raises(AudioError) as caught:
        read_recording(path, sample_rates=(16000,))
    assert str(path) in str(caught.value)
    assert "\n" not in caught.value.detail
    return caught.value.reason


@pytest.mark.parametrize("use", [probe, payload_digest, read_tags, read_cover])
def test_what_is_no_file(tmp_path: Path, use: Callable[[Path], object]) -> None:
    folder, pipe, link, loop, empty = (tmp_path / f"{name}.mp3" for name in "abcde")
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to(tmp_path / "nowhere")
    loop.symlink_to(loop)
    empty.touch()
    expected = {
        folder: "not-a-file",
        pipe: "not-a-file",
        Path("/dev/zero"): "not-a-file",
        link: "missing",
        loop: "missing",
        tmp_path / "nothing.mp3": "missing",
        empty / "below.mp3": "missing",
        empty: "empty",
    }
    for path, word in expected.items():
        assert reason(path) == word
        with pytest.raises(AudioError) as caught:
            use(path)
        assert caught.value.reason == word


def test_no_permission(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("wav", 1.5)

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert reason(path) == "no-permission"


def test_a_failing_disk(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make("wav", 1.5)

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", fail)
    assert reason(path) == "unreadable"


JUNK = {
    "text": b"All the world's a stage,\n" * 400,
    "playlist": b"#EXTM3U\n#EXTINF:10,\n/etc/passwd\nhttp://localhost:9/x.mp3\n",
    "script": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "png": b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0" * 400,
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\xff\xfb\x90\x64" * 3 + b"\0" * 400,
    "pdf": b"%PDF-1.7\n" + b"1 0 obj << >> endobj\n" * 100,
    "zip": b"PK\x03\x04" + b"\0" * 500,
    "zeros": b"\0" * 100_000,
    "ones": b"\xff" * 100_000,
    "one byte": b"I",
}


@pytest.mark.parametrize("name", sorted(JUNK))
def test_junk_named_mp3(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(JUNK[name])
    assert reason(path) == "not-audio"
    assert read_tags(path).title == "x"
    assert len(payload_digest(path)) == 64


@given(st.binary(min_size=1, max_size=3000), st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_are_not_audio(tmp_path: Path, data: bytes, seed: int) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(data + np.random.default_rng(seed).bytes(60_000))
    assert reason(path) in {"not-audio", "damaged", "truncated"}


def test_a_picture_in_a_video_container_is_not_audio(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + b"\0" * 12 + b"\0\0\0\x08moov")
    assert reason(path) in {"damaged", "truncated"}


@pytest.mark.parametrize("seconds", [0.2, 0.7])
@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "vorbis", "aac"])
def test_too_short(make: Maker, kind: str, seconds: float) -> None:
    assert reason(make(kind, seconds)) == "too-short"


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "vorbis", "opus", "aac"])
def test_one_to_three_seconds_are_heard(make: Maker, kind: str) -> None:
    assert read_recording(make(kind, 1.3), sample_rates=(16000,)).windows[16000][0].size > 15_000


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "aac"])
def test_silence(tmp_path: Path, write_samples: Callable[..., Path], make: Maker, kind: str) -> None:
    path = write_samples(make(kind), np.zeros((120_000, 2), np.float32), 44100, kind)
    assert reason(path) == "silent"


def test_mostly_not_numbers(tmp_path: Path, write_samples: Callable[..., Path]) -> None:
    samples = np.full((64000, 1), np.nan, np.float32)
    samples[:1000] = 0.3
    assert reason(write_samples(tmp_path / "a.wav", samples, 16000, "wav-float")) == "damaged"


@pytest.mark.parametrize(
    "kind", ["wav", "rf64", "aiff", "flac", "vorbis", "opus", "mp3", "adts", "wma", "wavpack", "mka"]
)
def test_cut_short_is_heard_up_to_the_cut(make: Maker, kind: str) -> None:
    path = make(kind, 60.0, rate=22050, channels=1)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 4])
    recording = read_recording(path, sample_rates=(16000,))
    assert 9 < recording.info.duration_s < 22
    assert len(recording.windows[16000][0]) == pytest.approx(recording.info.duration_s * 16000, rel=0.05)
    path.write_bytes(data[: len(data) // 400])
    assert reason(path) in {"truncated", "too-short", "damaged", "not-audio"}


def test_an_mp4_cut_short_has_lost_its_map(make: Maker) -> None:
    path = make("aac", 10.0)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert reason(path) == "truncated"


def test_a_wav_header_that_claims_more(make: Maker) -> None:
    path = make("wav", 5.0, rate=16000, channels=1)
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    for claim in (0xFFFFFFFF, 0x7FFFFFFF, 0):
        data[at : at + 4] = struct.pack("<I", claim)
        path.write_bytes(data)
        assert len(read_recording(path, sample_rates=(16000,)).windows[16000][0]) == 80_000


@pytest.mark.parametrize("claimed_s", [0, 2, 3000])
def test_a_flac_header_that_lies(make: Maker, claimed_s: int) -> None:
    path = make("flac", 50.0, rate=16000, channels=1)
    data = bytearray(path.read_bytes())
    fields = int.from_bytes(data[18:26], "big")
    data[18:26] = ((fields >> 36 << 36) | claimed_s * 16000).to_bytes(8, "big")
    path.write_bytes(data)
    recording = read_recording(path, sample_rates=(16000,))
    assert recording.info.duration_s == pytest.approx(50, abs=0.5)
    assert recording.spans[0].start_s == pytest.approx(10, abs=0.5)
    assert len(recording.windows[16000][0]) == pytest.approx(480_000, abs=16000)


@pytest.mark.parametrize("factor", [0, 0.1, 20])
def test_an_mp3_index_that_lies(make: Maker, factor: float) -> None:
    path = make("mp3", 12.0)
    data = bytearray(path.read_bytes())
    at = max(data.find(b"Xing"), data.find(b"Info"))
    assert at > 0
    frames = int.from_bytes(data[at + 8 : at + 12], "big")
    data[at + 8 : at + 12] = int(frames * factor).to_bytes(4, "big")
    path.write_bytes(data)
    recording = read_recording(path, sample_rates=(16000,))
    assert recording.info.duration_s == pytest.approx(12, rel=0.1)
    assert len(recording.windows[16000][0]) == pytest.approx(12 * 16000, rel=0.1)


def test_sizes_beyond_any_file(tmp_path: Path) -> None:
    path = tmp_path / "x.m4a"
    huge = (1 << 64) - 1
    path.write_bytes(b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\x01free" + huge.to_bytes(8, "big") + b"\0" * 50)
    assert reason(path) == "truncated"
    assert len(payload_digest(path)) == 64
    asf = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + huge.to_bytes(8, "little") + b"\0" * 50
    path.write_bytes(asf)
    assert reason(path) == "damaged"
    assert len(payload_digest(path)) == 64


def test_damage_in_the_middle_costs_little(make: Maker) -> None:
    for kind in ("mp3", "flac", "vorbis", "aac"):
        path = make(kind, 20.0, rate=22050, channels=1)
        data = bytearray(path.read_bytes())
        middle = len(data) // 2
        data[middle : middle + 2000] = np.random.default_rng(1).bytes(2000)
        path.write_bytes(data)
        recording = read_recording(path, sample_rates=(16000,))
        assert len(recording.windows[16000][0]) > 15 * 16000, kind


@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "vorbis", "opus", "mp3", "aac", "wma", "wavpack"])
def test_flipped_bytes_never_raise_anything_else(make: Maker, kind: str) -> None:
    path = make(kind, 2.0, rate=22050, channels=1)
    good = path.read_bytes()
    generator = np.random.default_rng(7)
    for round_ in range(25):
        data = bytearray(good)
        # Headers are where parsers fail: half of the damage is done there.
        reach = 200 if round_ % 2 else len(data)
        for at in generator.integers(0, min(reach, len(data)), 1 + round_ // 3):
            data[at] = generator.integers(0, 256)
        path.write_bytes(data)
        for use in (lambda p: read_recording(p, sample_rates=(16000,)), probe, payload_digest, read_cover):
            try:
                use(path)
            except AudioError as error:
                assert error.reason
        assert read_tags(path).title


def test_decoders_are_quiet(make: Maker, capfd: pytest.CaptureFixture[str]) -> None:
    # MP3 is left out: mpg123 inside libsndfile writes its notes to stderr and offers no way to ask it not to.
    for kind in ("flac", "aac", "vorbis", "opus"):
        path = make(kind, 20.0, rate=22050, channels=1)
        data = bytearray(path.read_bytes())
        generator = np.random.default_rng(3)
        for at in generator.integers(500, len(data), 400):
            data[at] = generator.integers(0, 256)
        path.write_bytes(data)
        with contextlib.suppress(AudioError):
            read_recording(path, sample_rates=(16000,))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("kind", ["wavpack", "mka", "vorbis"])
def test_a_cut_beginning_is_not_blamed_on_rights_or_the_disk(make: Maker, kind: str) -> None:
    file = make(kind, 10)
    file.write_bytes(file.read_bytes()[:150])
    with pytest.raises(AudioError) as caught:
        read_recording(file, sample_rates=[16_000])
    assert "make no sense" in caught.value.detail
