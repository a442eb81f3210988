"""One file heard: payload digest, tags, and the vectors that are not known yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.audio import AudioInfo, Tags, WindowPlan, payload_digest, probe, read_recording, read_tags
from segue.catalogue import Analysis, FileStat
from segue.encoders import Encoder, TaggingEncoder, encoder_folders, know_encoder, load_encoder
from segue.errors import AudioError
from segue.scanning.jobs import Ask, Work
from segue.scanning.wire import Message
from segue.types import EncoderId

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from segue.types import Vector

_VECTOR, _TAGS = "vector ", "tags "


def analyse_file(
    path: Path,
    *,
    encoders: Sequence[EncoderId],
    plan: WindowPlan,
    known: Callable[[str], Collection[EncoderId]] | None = None,
) -> Analysis:
    """Hear one file.

    Parameters
    ----------
    path
        The file.
    encoders
        Whose vectors are wanted.
    plan
        How much of it is heard.
    known
        Tells, for a payload digest, the encoders whose vectors are stored already: those are left out, and
        nothing is decoded when none remains. Without it, everything is heard.

    Returns
    -------
    Analysis
        With `vectors` only of the encoders that were not known; its `stat` is of before the file was read,
        so that a file which changed meanwhile looks changed to the next scan.

    Raises
    ------
    AudioError
        If the file cannot be heard.
    """
    stat = _stat(path)
    digest = payload_digest(path)
    stored = known(digest) if known is not None else ()
    wanted = [load_encoder(name) for name in encoders if name not in stored]
    vectors: dict[EncoderId, Vector] = {}
    probabilities: dict[EncoderId, NDArray[np.float32]] = {}
    if wanted:
        rates = sorted({encoder.sample_rate for encoder in wanted})
        recording = read_recording(path, plan=plan, sample_rates=rates)
        for encoder in wanted:
            windows = recording.windows[encoder.sample_rate]
            if isinstance(encoder, TaggingEncoder):
                vectors[encoder.id], probabilities[encoder.id] = encoder.encode_and_tag(windows)
            else:
                vectors[encoder.id] = encoder.encode(windows)
        info = recording.info
    else:
        info = probe(path)
    return Analysis(
        path=path,
        stat=stat,
        digest=digest,
        tags=read_tags(path),
        info=info,
        vectors=vectors,
        tag_probabilities=probabilities,
    )


def work_options(encoders: Sequence[EncoderId], plan: WindowPlan) -> dict[str, Any]:
    """What `make_work` must be told in another process: the encoders, where they are, how much is heard."""
    folders = [str(folder) for folder in encoder_folders(encoders).values()]
    return {"encoders": list(encoders), "folders": folders, "plan": plan}


def make_work(options: Mapping[str, Any]) -> Work:
    """What a worker does: `analyse_file`, with the encoders loaded once.

    Parameters
    ----------
    options
        Of `work_options`.
    """
    for folder in options["folders"]:
        know_encoder(Path(folder))
    encoders = [EncoderId(name) for name in options["encoders"]]
    plan: WindowPlan = options["plan"]
    for name in encoders:
        _try_out(load_encoder(name))

    def work(path: str, ask: Ask) -> Message:
        def known(digest: str) -> Collection[EncoderId]:
            return [EncoderId(name) for name in ask(digest)]

        return to_message(analyse_file(Path(path), encoders=encoders, plan=plan, known=known))

    return work


def _try_out(encoder: Encoder) -> None:
    """Load all it needs; what fails here would otherwise look like the fault of every file."""
    import numpy as np

    encoder.encode([np.linspace(-0.1, 0.1, encoder.sample_rate, dtype=np.float32)])


def to_message(analysis: Analysis) -> Message:
    """An analysis as a worker sends it; the path travels the other way."""
    header = {
        "size": analysis.stat.size,
        "mtime_ns": analysis.stat.mtime_ns,
        "digest": analysis.digest,
        "tags": asdict(analysis.tags),
        "info": asdict(analysis.info),
    }
    arrays = {_VECTOR + name: vector for name, vector in analysis.vectors.items()}
    arrays |= {_TAGS + name: array for name, array in analysis.tag_probabilities.items()}
    return Message(header, arrays)


def from_message(path: Path, message: Message) -> Analysis:
    """The analysis of `path` that a worker sent."""
    header = message.header
    tags: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in header["tags"].items()
    }
    return Analysis(
        path=path,
        stat=FileStat(path, header["size"], header["mtime_ns"]),
        digest=header["digest"],
        tags=Tags(**tags),
        info=AudioInfo(**header["info"]),
        vectors=_named(message, _VECTOR),
        tag_probabilities=_named(message, _TAGS),
    )


def _named(message: Message, kind: str) -> dict[EncoderId, Vector]:
    return {
        EncoderId(name.removeprefix(kind)): array
        for name, array in message.arrays.items()
        if name.startswith(kind)
    }


def _stat(path: Path) -> FileStat:
    try:
        state = path.stat()
    except FileNotFoundError as error:
        raise AudioError(path, "missing", "is not there") from error
    except PermissionError as error:
        raise AudioError(path, "no-permission", "may not be read by this user") from error
    except OSError as error:
        raise AudioError(path, "unreadable", f"cannot be read: {error.strerror}") from error
    return FileStat(path, state.st_size, state.st_mtime_ns)
