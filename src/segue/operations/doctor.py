"""Check the installation and the library."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from segue.catalogue import check, open_catalogue, stats
from segue.encoders import encoder_names, load_encoder, resolve
from segue.encoders.folders import HEADER
from segue.errors import NothingFound, SegueError
from segue.operations.genre_model import the_genre_model
from segue.operations.web_app import web_app
from segue.settings import DataFolder

_LITTLE_SPACE = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked.

    Attributes
    ----------
    check
        What was looked at.
    ok
        Whether it is as it should be.
    detail
        What was seen; where it is wrong, what to do.
    """

    check: str
    ok: bool
    detail: str


def examine(data: DataFolder) -> list[Finding]:
    """Check the decoders, the encoders, the web app, the data folder, the catalogue and its folders."""
    checks: tuple[Callable[[DataFolder], Iterator[Finding]], ...] = (
        _decoders,
        _encoders,
        _genres,
        _web_app,
        _folder,
        _library,
    )
    return [finding for look in checks for finding in look(data)]


def _decoders(data: DataFolder) -> Iterator[Finding]:
    try:
        import av
        import soundfile
    except (ImportError, OSError) as error:
        yield Finding("decoders", False, f"{error}: install Segue again")
        return
    yield Finding("decoders", True, f"libsndfile {soundfile.__libsndfile_version__}, PyAV {av.__version__}")


def _encoders(data: DataFolder) -> Iterator[Finding]:
    for name in encoder_names():
        yield _tried(f"encoder {name}", name)
    for header in sorted(data.models.glob(f"*/{HEADER}")):
        yield _tried(f"encoder {header.parent.name}", str(header.parent))


def _genres(data: DataFolder) -> Iterator[Finding]:
    """What the genre model that answers makes of an average track."""
    import numpy as np

    try:
        model = the_genre_model(data)
        said = model.predict_proba(np.zeros((1, resolve(model.encoder).dim), np.float32))
    except (SegueError, ImportError, OSError) as error:
        yield Finding("genres", False, str(error))
        return
    yield Finding("genres", bool(np.isfinite(said).all()), f"{model.id}: {', '.join(model.classes[:8])}")


def _web_app(data: DataFolder) -> Iterator[Finding]:
    app = web_app()
    yield Finding("web app", not app.missing, app.missing or str(app.folder))


def _tried(check: str, name: str) -> Finding:
    """What comes of it when an encoder hears noise."""
    import numpy as np

    try:
        encoder = load_encoder(name)
        noise = np.random.default_rng(0).normal(0, 0.1, 4 * encoder.sample_rate).astype(np.float32)
        vector = encoder.encode([noise])
    except (SegueError, ImportError, OSError) as error:
        return Finding(check, False, str(error))
    return Finding(check, bool(np.isfinite(vector).all()), f"{encoder.id}, {encoder.dim} numbers")


def _folder(data: DataFolder) -> Iterator[Finding]:
    place = data.path
    while not place.exists():
        place = place.parent
    writable = os.access(place, os.W_OK)
    free = shutil.disk_usage(place).free
    room = f"{free / 2**30:.1f} GiB free"
    if not writable:
        yield Finding("data folder", False, f"{data.path} cannot be written: give another with --data")
    elif free < _LITTLE_SPACE:
        yield Finding("data folder", False, f"{data.path}: only {free / 2**20:.0f} MiB free: make room")
    else:
        yield Finding("data folder", True, f"{data.path}, {room}")


def _library(data: DataFolder) -> Iterator[Finding]:
    try:
        with open_catalogue(data) as catalogue:
            faults = check(catalogue)
            found = stats(catalogue)
    except NothingFound as nothing:
        yield Finding("library", True, str(nothing))
        return
    except SegueError as error:
        yield Finding("library", False, str(error))
        return
    if faults:
        yield Finding("library", False, "; ".join(faults))
    else:
        yield Finding(
            "library", True, f"{found.tracks} tracks in {found.files} files, {found.problems} problems"
        )
    for root in found.roots:
        there = root.exists()
        yield Finding(
            "folder", there, str(root) if there else f"{root} is not there: mount it, or it stays as it is"
        )
    for encoder, count in found.encoders.items():
        if count < found.tracks and encoder == found.default_encoder:
            yield Finding("vectors", False, f"{encoder}: {count} of {found.tracks} tracks: run `segue scan`")
