"""A file in, its samples out from beginning to end, a stretch at a time: long files take no more memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio.info import Reader, UndecodableError
from segue.audio.libav import LibavReader
from segue.audio.mixing import SILENCE, mend, peak, resample
from segue.audio.opening import open_file
from segue.audio.recording import routes_of, why_refused
from segue.errors import AudioError
from segue.types import Span

if TYPE_CHECKING:
    from segue.types import Samples

_STRETCH_S = 30.0


def stream_samples(
    path: Path, sample_rate: int | None, *, start_s: float = 0.0, length_s: float = math.inf
) -> Iterator[Samples]:
    """Mono samples of a file, whole or a part of it, in stretches of half a minute.

    Parameters
    ----------
    path
        An audio file of any kind that `read_recording` reads.
    sample_rate
        Wanted, in Hz; None for the file's own.
    start_s, length_s
        The part that is wanted.

    Yields
    ------
    samples : (n,) float32
        In [-1, 1]; each stretch is resampled by itself.

    Raises
    ------
    AudioError
        If the file cannot be heard, as `read_recording` says it; nothing but silence is said at the end.
    """
    with open_file(path) as file:
        container, routes = routes_of(file)
        failure: UndecodableError | None = None
        for route in (LibavReader,) if container == "mpeg" else routes:  # the others guess where windows lie
            began = False
            try:
                with closing(route(file)) as reader:
                    for samples in _stretches(path, reader, sample_rate, Span(start_s, length_s)):
                        began = True
                        yield samples
                return
            except UndecodableError as error:
                if began:
                    return  # what was decoded so far is what there is
                failure = failure or error
        raise why_refused(path, file, container, failure)


def _stretches(path: Path, reader: Reader, sample_rate: int | None, part: Span) -> Iterator[Samples]:
    at_s, loudest, short = part.start_s, 0.0, 0
    end_s = part.start_s + part.length_s
    rate = reader.info.sample_rate
    while at_s < end_s and short < 2:
        # The header may promise too little: after a full stretch there may be more. It may promise too much:
        # after two short ones there is no more.
        if at_s >= reader.info.duration_s and (short or at_s == part.start_s):
            break
        length_s = min(_STRETCH_S, end_s - at_s)
        try:
            samples, _ = mend(reader.read(Span(at_s, length_s)))
        except UndecodableError:
            if at_s == part.start_s:
                raise
            break
        if samples.size == 0:
            break
        loudest = max(loudest, peak(samples))
        yield np.clip(resample(samples, rate, sample_rate or rate), -1, 1)
        short = 0 if samples.size >= round(length_s * rate) else short + 1
        at_s += length_s
    if at_s == 0:
        raise UndecodableError("there is no sound in it")
    if loudest < SILENCE and part == Span(0.0, math.inf):
        raise AudioError(path, "silent", "it is silent throughout")
