"""The windows of an open recording, each resampled before the next is read, which bounds the memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segue.audio.info import Reader
from segue.audio.mixing import mend, peak, resample
from segue.types import Span

if TYPE_CHECKING:
    from segue.types import Samples


@dataclass(slots=True)
class Heard:
    """What was heard; the samples may still leave [-1, 1].

    Attributes
    ----------
    spans
        Of the windows that had any sound, as long as they turned out to be.
    windows
        By sample rate in Hz.
    length_s
        Of all windows together.
    bad_share
        The share of samples that were no usable numbers and became 0.
    peak
        The largest magnitude at the file's own rate.
    """

    spans: list[Span] = field(default_factory=list)
    windows: dict[int, list[Samples]] = field(default_factory=dict)
    length_s: float = 0.0
    bad_share: float = 0.0
    peak: float = 0.0


def listen(reader: Reader, spans: Sequence[Span], sample_rates: Sequence[int]) -> Heard:
    """Read, mend and resample the spans of a recording."""
    rate = reader.info.sample_rate
    heard = Heard(windows={wanted: [] for wanted in sample_rates})
    frames = bad = 0
    for span in spans:
        samples, mended = mend(reader.read(span))
        if samples.size == 0:
            continue
        frames += samples.size
        bad += mended
        heard.peak = max(heard.peak, peak(samples))
        heard.spans.append(Span(span.start_s, samples.size / rate))
        for wanted, windows in heard.windows.items():
            windows.append(resample(samples, rate, wanted))
    heard.length_s = frames / rate
    heard.bad_share = bad / max(frames, 1)
    return heard
