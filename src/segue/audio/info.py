"""What is known of a recording before it is heard, and what every decoding route offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from segue.types import Span

if TYPE_CHECKING:
    from segue.types import Samples


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """The technical side of a recording.

    Attributes
    ----------
    duration_s
        Length in seconds; for an MP3 without an index it is estimated from bit rate and size.
    sample_rate
        Of the file, in Hz.
    channels
        Number of channels in the file.
    codec
        Short lower-case name, such as ``mp3``, ``flac``, ``vorbis``, ``aac``.
    bitrate_bps
        Mean bits per second, or None where it is not known.
    """

    duration_s: float
    sample_rate: int
    channels: int
    codec: str
    bitrate_bps: int | None


SAMPLE_RATES = range(1000, 1_536_001)
"""That a header may tell, in Hz; others are damage, and would ask for absurd amounts of memory."""


class UndecodableError(Exception):
    """One decoding route cannot read this file; another may."""


class Reader(Protocol):
    """An open recording on one decoding route."""

    @property
    def info(self) -> AudioInfo:
        """What the headers say."""

    def read(self, span: Span) -> Samples:
        """Mono samples of a span at the file's own rate; shorter than asked where the recording ends.

        Raises `UndecodableError` where nothing can be made of it.
        """

    def measure(self) -> float:
        """The length in seconds of what is really there, read through if need be."""

    def close(self) -> None:
        """Give everything back."""
