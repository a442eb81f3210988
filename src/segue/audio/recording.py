"""A file in, its windows at the wanted sample rates out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from segue.audio.containers import Container, sniff
from segue.audio.edges import after_leading_tags, file_size
from segue.audio.flac import promises_too_little
from segue.audio.hearing import listen
from segue.audio.identity import mp4_boxes
from segue.audio.info import AudioInfo, Reader, UndecodableError
from segue.audio.libav import LibavReader
from segue.audio.mixing import SILENCE, bring_into_range
from segue.audio.mp3 import Mp3Reader
from segue.audio.opening import open_file
from segue.audio.sndfile import SndfileReader
from segue.audio.windows import DEFAULT_PLAN, WindowPlan, window_spans
from segue.errors import AudioError, UsageError
from segue.types import Span

if TYPE_CHECKING:
    from segue.types import Samples

_T = TypeVar("_T")

_SHORTEST_S = 1.0
_MISSING_S = 1.0  # this much less than the header promised: it lied, or the file is cut short

# In the order of their measured speed (benchmarks/decode.py); the later ones mend what the first cannot read.
_ROUTES: dict[Container, tuple[Callable[[BinaryIO], Reader], ...]] = {
    "mpeg": (Mp3Reader, SndfileReader, LibavReader),
    "wav": (SndfileReader, LibavReader),
    "aiff": (SndfileReader, LibavReader),
    "flac": (SndfileReader, LibavReader),
    "ogg": (LibavReader, SndfileReader),
}


@dataclass(frozen=True, slots=True)
class Recording:
    """The heard windows of one file.

    Attributes
    ----------
    info
        The technical side of the file.
    spans
        Where the windows lie, in order.
    windows
        For each sample rate in Hz one array a span: mono float32 in [-1, 1], ``(n_samples,)``, finite.
    """

    info: AudioInfo
    spans: tuple[Span, ...]
    windows: Mapping[int, tuple[Samples, ...]]


def read_recording(path: Path, *, plan: WindowPlan = DEFAULT_PLAN, sample_rates: Sequence[int]) -> Recording:
    """Decode the windows of a plan, mix them to mono and resample them.

    Parameters
    ----------
    path
        An audio file of any kind that libsndfile or libav reads; its content counts, not its name.
    plan
        How much to hear, see `window_spans`.
    sample_rates
        The rates wanted, in Hz; the same windows are given at each.

    Raises
    ------
    AudioError
        If the file cannot be heard; `reason` is ``missing``, ``no-permission``, ``not-a-file``, ``empty``,
        ``not-audio``, ``damaged``, ``truncated``, ``too-short``, ``silent`` or ``unreadable``.
    UsageError
        If a sample rate is not positive or the plan is unknown.
    """
    if any(rate <= 0 for rate in sample_rates):
        raise UsageError(f"sample rates are positive numbers of Hz, not {list(sample_rates)}")
    window_spans(1.0, plan)

    def hear(reader: Reader) -> Recording:
        return _hear(path, reader, plan=plan, sample_rates=sample_rates)

    return _on_first_route(path, hear)


def probe(path: Path) -> AudioInfo:
    """The technical side of a file; no samples are decoded.

    Raises
    ------
    AudioError
        If the file cannot be opened as audio.
    """
    return _on_first_route(path, lambda reader: reader.info)


def _on_first_route(path: Path, use: Callable[[Reader], _T]) -> _T:
    """What `use` gives on the first decoding route that works."""
    with open_file(path) as file:
        container, routes = routes_of(file)
        failure: UndecodableError | None = None
        for route in routes:
            try:
                with closing(route(file)) as reader:
                    return use(reader)
            except UndecodableError as error:
                failure = failure or error
        raise why_refused(path, file, container, failure)


def routes_of(file: BinaryIO) -> tuple[Container, Sequence[Callable[[BinaryIO], Reader]]]:
    """What an open file is, and the readers to try, fastest first."""
    container = sniff(file)
    if container == "flac" and promises_too_little(file):
        return container, (partial(LibavReader, measured=True),)
    return container, _ROUTES.get(container, (LibavReader,))


def why_refused(
    path: Path, file: BinaryIO, container: Container, failure: UndecodableError | None
) -> AudioError:
    """Why no route could read it, in a word and in a sentence."""
    if container == "other":
        if 0 < file_size(file) < after_leading_tags(file):
            return AudioError(path, "truncated", "it ends inside its tags, before any sound")
        return AudioError(path, "not-audio", "it is not audio, whatever its name says")
    if container == "mp4" and not any(name == b"moov" for name, _, _ in mp4_boxes(file)):
        return AudioError(
            path, "truncated", "it is cut short: the part that says where the sound is is missing"
        )
    return AudioError(path, "damaged", f"it looks like {container}, but cannot be decoded: {failure}")


def _hear(path: Path, reader: Reader, *, plan: WindowPlan, sample_rates: Sequence[int]) -> Recording:
    info = reader.info
    spans = window_spans(info.duration_s, plan)
    heard = listen(reader, spans, sample_rates)
    if heard.length_s < sum(span.length_s for span in spans) - _MISSING_S:
        there_s = reader.measure()
        if 0 < there_s < info.duration_s - _MISSING_S / 2:
            info = replace(info, duration_s=there_s)
            heard = listen(reader, window_spans(there_s, plan), sample_rates)
    if heard.length_s == 0:
        raise UndecodableError("there is no sound in it")
    if heard.length_s < _SHORTEST_S:
        if reader.info.duration_s >= _SHORTEST_S:
            raise AudioError(path, "truncated", f"only {heard.length_s:.1f} s of it can be decoded")
        raise AudioError(path, "too-short", f"it lasts {heard.length_s:.1f} s; at least 1 s is needed")
    if heard.bad_share > 0.5:
        raise AudioError(path, "damaged", "most of its samples are not numbers")
    if heard.peak < SILENCE:
        raise AudioError(path, "silent", "it is silent throughout")
    return Recording(
        info=info,
        spans=tuple(heard.spans),
        windows={rate: bring_into_range(windows, heard.peak) for rate, windows in heard.windows.items()},
    )
