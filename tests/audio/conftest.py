"""Small audio files of every kind, made by the tests themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

Maker = Callable[..., Path]

# Name: (suffix, soundfile's format and subtype) and (suffix, libav's codec and container).
SNDFILE_KINDS = {
    "wav": (".wav", "WAV", "PCM_16"),
    "wav-float": (".wav", "WAV", "FLOAT"),
    "rf64": (".wav", "RF64", "PCM_16"),
    "aiff": (".aiff", "AIFF", "PCM_16"),
    "flac": (".flac", "FLAC", "PCM_16"),
    "vorbis": (".ogg", "OGG", "VORBIS"),
    "opus": (".opus", "OGG", "OPUS"),
    "mp3": (".mp3", "MP3", "MPEG_LAYER_III"),
}
LIBAV_KINDS = {
    "aac": (".m4a", "aac", "ipod"),
    "adts": (".aac", "aac", "adts"),
    "alac": (".m4a", "alac", "ipod"),
    "wma": (".wma", "wmav2", "asf"),
    "wavpack": (".wv", "wavpack", "wv"),
    "tta": (".tta", "tta", "tta"),
    "mka": (".mka", "flac", "matroska"),
}


def tones(seconds: float, *, rate: int = 44100, channels: int = 2, seed: int = 1) -> NDArray[np.float32]:
    """Noise whose level rises through the recording, over a steady tone: every place sounds different."""
    generator = np.random.default_rng(seed)
    n = round(seconds * rate)
    time_s = np.arange(n) / rate
    ramp = 0.05 + 0.25 * np.arange(n) / max(n, 1)
    mono = 0.3 * np.sin(2 * np.pi * 440 * time_s) + ramp * generator.uniform(-1, 1, n)
    return np.repeat(mono[:, None], channels, axis=1).astype(np.float32)


def write(path: Path, samples: NDArray[np.float32], rate: int, kind: str) -> Path:
    """Encode (n_frames, n_channels) samples as one of the kinds."""
    if kind in SNDFILE_KINDS:
        import soundfile

        _, container, subtype = SNDFILE_KINDS[kind]
        with soundfile.SoundFile(
            path, "w", rate, samples.shape[1], subtype=subtype, format=container
        ) as sound:
            # libsndfile 1.2 overflows its stack when it is given much Vorbis in one piece.
            for start in range(0, len(samples), 4096):
                sound.write(samples[start : start + 4096])
        return path
    return _write_libav(path, samples, rate, kind)


def _write_libav(path: Path, samples: NDArray[np.float32], rate: int, kind: str) -> Path:
    import av

    _, codec, container = LIBAV_KINDS[kind]
    try:
        encoder = av.Codec(codec, "w")
    except av.codec.codec.UnknownCodecError:
        pytest.skip(f"this libav has no encoder for {codec}")
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
    wanted = encoder.audio_formats[0].name
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout, format=wanted)
        if kind == "wma":
            stream.bit_rate = 128_000
        resampler = av.AudioResampler(format=wanted, layout=layout, rate=rate, frame_size=0)
        step = 4608
        fifo = av.AudioFifo()
        for start in range(0, len(samples), step):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[start : start + step].reshape(1, -1)),
                format="flt",
                layout=layout,
            )
            frame.sample_rate = rate
            frame.pts = start
            for converted in resampler.resample(frame):
                fifo.write(converted)
        size = stream.codec_context.frame_size or 1024
        while (piece := fifo.read(size)) or (piece := fifo.read(0, partial=True)):
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return path


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """``make(kind, seconds, rate=, channels=, name=, seed=)`` writes a file of tones and gives its path."""

    def maker(
        kind: str,
        seconds: float = 4.0,
        *,
        rate: int = 44100,
        channels: int = 2,
        name: str | None = None,
        seed: int = 1,
    ) -> Path:
        rate = 48000 if kind == "opus" else rate
        suffix = {**SNDFILE_KINDS, **LIBAV_KINDS}[kind][0]
        path = tmp_path / (name or f"{kind}{suffix}")
        return write(path, tones(seconds, rate=rate, channels=channels, seed=seed), rate, kind)

    return maker


@pytest.fixture
def write_samples() -> Callable[[Path, NDArray[np.float32], int, str], Path]:
    """``write_samples(path, samples, rate, kind)`` encodes (n_frames, n_channels) samples."""
    return write
