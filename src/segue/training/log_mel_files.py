"""One file of the cache of log-mel spectra: written whole, checked when it is opened, mapped into memory.

::

    b"SegueMel"  length of the header (uint32)  header (JSON)  zeros up to a multiple of 64  samples (int16)

Levels are stored as int16 in hundredths of dB, frame after frame: half the size of float32, and an error of
at most 0.005 dB, far below what a network could use. All numbers are little-endian.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.errors import SegueError
from segue.features import decibels, mel_power, power_spectrum
from segue.files import whole_file
from segue.training.contract import LogMelSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Samples

FORMAT = 1
HUNDREDTHS = 100
"""Stored steps in one dB."""

_MAGIC = b"SegueMel"
_LENGTH = struct.Struct("<I")
_ALIGNED = 64
_MOST_HEADER = 1 << 16
_OPEN_AT_ONCE = 8192  # maps of memory are limited by the system to some 65,000 a process


def place_of(folder: Path, digest: str, settings: LogMelSettings) -> Path:
    """Where the spectrum of a recording is stored.

    Parameters
    ----------
    folder
        Of the cache.
    digest
        Of the audio payload.
    settings
        Other settings, other files.
    """
    key = json.dumps([FORMAT, digest, asdict(settings)], sort_keys=True)
    name = hashlib.sha256(key.encode()).hexdigest()[:40]
    return folder / name[:2] / f"{name}.logmel"


def log_mel(samples: Samples, settings: LogMelSettings) -> NDArray[np.int16]:
    """Log-mel spectrum ``(n_frames, n_mels)`` in hundredths of dB of mono samples ``(n_samples,)``."""
    power = power_spectrum(samples, settings.n_fft, settings.hop)
    bands = mel_power(
        power, settings.sample_rate, n_mels=settings.n_mels, f_min=settings.f_min, f_max=settings.f_max
    )
    level = decibels(bands, range_db=None)
    return np.rint(level * HUNDREDTHS).astype("<i2")


def store(place: Path, frames: NDArray[np.int16], digest: str, settings: LogMelSettings) -> None:
    """Write a spectrum; it appears when it is whole.

    Raises
    ------
    SegueError
        If it cannot be written.
    """
    body = np.ascontiguousarray(frames, "<i2").tobytes()
    header = _header(digest, settings) | {"n_frames": len(frames), "checksum": zlib.crc32(body)}
    text = json.dumps(header, sort_keys=True).encode()
    start = _start(len(text))
    with whole_file(place) as out:
        out.write((_MAGIC + _LENGTH.pack(len(text)) + text).ljust(start, b"\0"))
        out.write(body)


def check(place: Path, digest: str, settings: LogMelSettings) -> int | None:
    """The number of frames of what is stored whole and undamaged; None where nothing is stored.

    Raises
    ------
    ValueError
        If something else, or something damaged, is stored there; the message says what.
    """
    try:
        with place.open("rb") as file:
            header, start = _read_header(file.read(_MOST_HEADER))
            file.seek(start)
            body = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(f"it cannot be read: {error.strerror}") from error
    if {name: header.get(name) for name in ("format", "digest", "settings")} != _header(digest, settings):
        raise ValueError("it is of something else")
    n_frames = header.get("n_frames")
    if not isinstance(n_frames, int) or len(body) != n_frames * settings.n_mels * 2:
        raise ValueError("it is not as long as it says")
    if zlib.crc32(body) != header.get("checksum"):
        raise ValueError("its checksum is wrong")
    return n_frames


@lru_cache(maxsize=_OPEN_AT_ONCE)
def mapped(place: Path, n_mels: int) -> NDArray[np.int16]:
    """A stored spectrum ``(n_frames, n_mels)``, in hundredths of dB, read-only, read as it is touched.

    Raises
    ------
    SegueError
        If it is gone.
    """
    try:
        with place.open("rb") as file:
            _, start = _read_header(file.read(_MOST_HEADER))
        return np.asarray(np.memmap(place, "<i2", "r", start)).reshape(-1, n_mels)
    except (OSError, ValueError) as error:
        raise SegueError(f"the cached spectrum {place} is gone or damaged: start again") from error


def _header(digest: str, settings: LogMelSettings) -> dict[str, object]:
    return {"format": FORMAT, "digest": digest, "settings": asdict(settings)}


def _start(header_length: int) -> int:
    before = len(_MAGIC) + _LENGTH.size + header_length
    return -(-before // _ALIGNED) * _ALIGNED


def _read_header(head: bytes) -> tuple[dict[str, object], int]:
    text_start = len(_MAGIC) + _LENGTH.size
    if not head.startswith(_MAGIC) or len(head) < text_start:
        raise ValueError("it is no spectrum")
    (length,) = _LENGTH.unpack_from(head, len(_MAGIC))
    try:
        header = json.loads(head[text_start : text_start + length])
    except ValueError:
        raise ValueError("its header is damaged") from None
    if not isinstance(header, dict):
        raise ValueError("its header is damaged")
    return header, _start(length)
