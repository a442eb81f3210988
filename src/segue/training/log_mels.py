"""The log-mel spectra of a data set, made once, in worker processes, and kept in a cache on disk.

Each recording has a file of its own, named after its audio payload and the settings, so that data sets, folds
and several runs at once share them. Whatever stops the work, what is there is whole. A second file remembers
which payload a path holds, so that only files that changed are read again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.audio import payload_digest, read_recording
from segue.errors import AudioError, SegueError, UsageError
from segue.files import check_folder, write_whole
from segue.progress import Progress
from segue.scanning.jobs import Ask, Done, Failed, Job, Limits, Work
from segue.scanning.pool import Pool
from segue.scanning.wire import Message
from segue.training import log_mel_files
from segue.training.contract import LogMelSettings
from segue.training.datasets.contract import Dataset

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TARGET = "segue.training.log_mels:make_work"
_PAYLOADS = "payloads.json"
_FORMAT = 1
_NOT_STORED = "not-stored"

_State = tuple[int, int]
"""Size and modification time of a file."""


@dataclass(frozen=True, slots=True, eq=False)
class LogMels:
    """The spectra of a data set's tracks.

    Attributes
    ----------
    settings
        How they were made.
    places
        A file of the cache for each track; None where the track cannot be heard.
    n_frames
        (n_tracks,) int64; 0 where it cannot be heard.
    """

    settings: LogMelSettings
    places: tuple[Path | None, ...]
    n_frames: NDArray[np.int64]

    @property
    def available(self) -> NDArray[np.bool_]:
        """(n_tracks,): whether there is a spectrum."""
        return self.n_frames > 0

    @property
    def frames_per_s(self) -> float:
        """How many frames a second has."""
        return self.settings.sample_rate / self.settings.hop

    def frames(self, row: int) -> NDArray[np.int16]:
        """``(n_frames, n_mels)`` in hundredths of dB, mapped from disk; ``(0, n_mels)`` if not available.

        Raises
        ------
        SegueError
            If the cache was deleted meanwhile.
        """
        place = self.places[row]
        if place is None:
            return np.empty((0, self.settings.n_mels), np.int16)
        return log_mel_files.mapped(place, self.settings.n_mels)

    def take(self, rows: NDArray[np.int64]) -> LogMels:
        """The same of some tracks."""
        return LogMels(self.settings, tuple(self.places[row] for row in rows), self.n_frames[rows])

    def db(self, row: int, start: int, stop: int) -> NDArray[np.float32]:
        """Frames `start` to `stop` in dB, ``(stop - start, n_mels)``."""
        return self.frames(row)[start:stop] * np.float32(1 / log_mel_files.HUNDREDTHS)


def prepare_log_mels(
    dataset: Dataset, settings: LogMelSettings, *, folder: Path, workers: int, progress: Progress
) -> LogMels:
    """Make the spectra that are not in the cache yet, and check those that are.

    Tracks are heard whole; of more than 20 minutes, 40 stretches of 30 s. A file that cannot be heard, or on
    which a decoder hangs or crashes, is told as a problem and its track has no frames. A damaged file of the
    cache is told and made again.

    Parameters
    ----------
    dataset
        With audio.
    settings
        Of the spectra.
    folder
        Of the cache; made if missing, may be deleted at any other time.
    workers
        Processes.
    progress
        Is told how far it is.

    Raises
    ------
    UsageError
        If the data have no audio, a setting makes no sense, or nothing can be heard.
    SegueError
        If the cache cannot be written.
    """
    check_log_mel(settings)
    if not dataset.audio:
        raise UsageError(f"{dataset.name} has no audio: spectra cannot be made of it")
    check_folder(folder)
    progress.start("Spectra", len(dataset))
    remembered = _read_payloads(folder)
    found: dict[str, tuple[Path, int]] = {}
    jobs = []
    for job in _jobs(dataset.audio):
        stored = _stored(job, remembered, settings, folder, progress)
        if stored is None:
            jobs.append(job)
        else:
            found[job.path] = stored
            progress.advance()
    if jobs:
        log_mel_files.mapped.cache_clear()
        try:
            for path, digest, n_frames, state in _made(jobs, settings, folder, workers, progress):
                found[path] = log_mel_files.place_of(folder, digest, settings), n_frames
                remembered[path] = (*state, digest)
        finally:
            _write_payloads(folder, remembered)
    progress.finish()
    if not found:
        raise UsageError(f"{dataset.name}: none of its {len(dataset)} audio files can be heard")
    entries = [found.get(str(path.absolute())) for path in dataset.audio]
    return LogMels(
        settings=settings,
        places=tuple(entry[0] if entry else None for entry in entries),
        n_frames=np.array([entry[1] if entry else 0 for entry in entries], np.int64),
    )


def make_work(options: Mapping[str, Any]) -> Work:
    """What a worker does: the spectrum of one file, into the cache.

    Parameters
    ----------
    options
        ``settings``: fields of `LogMelSettings`; ``folder``: of the cache.
    """
    settings, folder = LogMelSettings(**options["settings"]), Path(options["folder"])

    def work(path: str, ask: Ask) -> Message:
        audio = Path(path)
        digest = payload_digest(audio)
        place = log_mel_files.place_of(folder, digest, settings)
        n_frames = None
        with suppress(ValueError):  # what is damaged is made again
            n_frames = log_mel_files.check(place, digest, settings)
        if n_frames is None:
            recording = read_recording(audio, plan="whole", sample_rates=[settings.sample_rate])
            samples = np.concatenate(recording.windows[settings.sample_rate])
            frames = log_mel_files.log_mel(samples, settings)
            n_frames = len(frames)
            try:
                log_mel_files.store(place, frames, digest, settings)
            except SegueError as error:
                raise AudioError(audio, _NOT_STORED, str(error)) from error
        return Message({"digest": digest, "n_frames": n_frames})

    return work


def check_log_mel(settings: LogMelSettings) -> None:
    """Refuse settings that make no spectrum.

    Raises
    ------
    UsageError
        If there are such.
    """
    for name in ("sample_rate", "n_fft", "hop", "n_mels"):
        if getattr(settings, name) < 1:
            raise UsageError(f"{name} = {getattr(settings, name)} makes no spectrum: give at least 1")
    top = settings.sample_rate / 2 if settings.f_max is None else settings.f_max
    if not 0 <= settings.f_min < top <= settings.sample_rate / 2:
        raise UsageError(
            f"bands from {settings.f_min} to {top} Hz are none: they rise from 0 to half the sample rate, "
            f"{settings.sample_rate / 2:g} Hz"
        )


def _jobs(audio: Sequence[Path]) -> Iterator[Job]:
    """Each file once."""
    for path in dict.fromkeys(str(path.absolute()) for path in audio):
        try:
            state = Path(path).stat()
        except OSError:
            yield Job(path, 0, 0)  # the worker says what is the matter
        else:
            yield Job(path, state.st_size, state.st_mtime_ns)


def _stored(
    job: Job,
    remembered: Mapping[str, tuple[int, int, str]],
    settings: LogMelSettings,
    folder: Path,
    progress: Progress,
) -> tuple[Path, int] | None:
    """Place and frames of a spectrum that is in the cache; a damaged one is told."""
    *state, digest = remembered.get(job.path, (-1, -1, ""))
    if state != [job.size, job.mtime_ns]:
        return None
    place = log_mel_files.place_of(folder, digest, settings)
    try:
        n_frames = log_mel_files.check(place, digest, settings)
    except ValueError as error:
        progress.note(f"the cached spectrum of {job.path} is damaged ({error}): it is made again")
        return None
    return None if n_frames is None else (place, n_frames)


def _made(
    jobs: Sequence[Job], settings: LogMelSettings, folder: Path, workers: int, progress: Progress
) -> Iterator[tuple[str, str, int, _State]]:
    """Path, payload digest, number of frames and state of each file that could be heard."""
    waiting = iter(jobs)
    with Pool(
        _TARGET,
        {"settings": asdict(settings), "folder": str(folder.absolute())},
        workers=max(1, min(workers, len(jobs))),
        nice=0,
        answer=lambda digest: (),
        limits=Limits(),
    ) as pool:
        left = len(jobs)
        while left:
            while pool.free and (job := next(waiting, None)) is not None:
                pool.submit(job)
            for outcome in pool.poll(1):
                left -= 1
                progress.advance()
                if isinstance(outcome, Done):
                    header = outcome.message.header
                    state = outcome.job.size, outcome.job.mtime_ns
                    yield outcome.job.path, header["digest"], header["n_frames"], state
                else:
                    _tell(outcome, progress)


def _tell(failure: Failed, progress: Progress) -> None:
    if failure.reason == _NOT_STORED:
        raise SegueError(failure.detail)
    progress.problem(Path(failure.job.path), failure.reason, failure.detail)


def _read_payloads(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Size, modification time and payload digest of files by path; nothing where nothing can be read."""
    try:
        stored = json.loads((folder / _PAYLOADS).read_text("utf-8"))
        if stored["format"] != _FORMAT:
            return {}
        return {
            path: (int(size), int(mtime_ns), str(digest))
            for path, (size, mtime_ns, digest) in stored["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _write_payloads(folder: Path, payloads: Mapping[str, tuple[int, int, str]]) -> None:
    write_whole(folder / _PAYLOADS, json.dumps({"format": _FORMAT, "files": payloads}))
