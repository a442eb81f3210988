"""Hear new and changed music, once or for as long as one likes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from segue.audio import DEFAULT_PLAN, WindowPlan
from segue.catalogue import default_encoder, open_catalogue, roots, set_default_encoder
from segue.encoders import DEFAULT_ENCODER, members, resolve
from segue.errors import NothingFound
from segue.operations.own_encoders import keep_own_encoders, know_own_encoders
from segue.progress import Progress, Silent
from segue.scanning import ScanReport, ScanSettings, known_as, remember_roots, scan, watch
from segue.settings import DataFolder, music_folder
from segue.types import EncoderId

_ALWAYS = ("timbre", "fingerprint")
"""Heard whatever answers, for they are cheap: one says in what two tracks agree, the other what is a copy."""


def scan_library(
    data: DataFolder,
    folders: Sequence[Path | str] = (),
    *,
    encoder: str | None = None,
    windows: WindowPlan = DEFAULT_PLAN,
    workers: int | None = None,
    nice: int = 10,
    retry: bool = False,
    progress: Progress | None = None,
) -> ScanReport:
    """Hear what is new or changed in some folders.

    Parameters
    ----------
    data
        The library, made where there is none.
    folders
        Where to look (default: the folders of earlier scans, else the platform's music folder).
    encoder
        Becomes the library's encoder; one that a person trained is copied into the data folder. Tracks that
        lack its vectors are heard again; until all have them, the earlier vectors answer.
    windows
        How much of each track is heard.
    workers
        Processes that hear at once (default: one a core).
    nice
        How much they give way to other programs, 0 to 19.
    retry
        Try files again that failed before.
    progress
        Is told how far it is.

    Raises
    ------
    NothingFound
        If a folder does not exist and was never scanned.
    UsageError
        If there is no such encoder.
    CatalogueBusy
        If another scan of this library is at work.
    """
    places, settings = _prepare(data, folders, encoder, windows, workers, nice, retry)
    return scan(data, places, settings, progress=progress or Silent())


def watch_library(
    data: DataFolder,
    folders: Sequence[Path | str] = (),
    *,
    encoder: str | None = None,
    windows: WindowPlan = DEFAULT_PLAN,
    workers: int | None = None,
    nice: int = 10,
    retry: bool = False,
    progress: Progress | None = None,
) -> None:
    """Scan, then keep up with changes until interrupted; the parameters are those of `scan_library`."""
    places, settings = _prepare(data, folders, encoder, windows, workers, nice, retry)
    watch(data, places, settings, progress=progress or Silent())


def add_music_folder(data: DataFolder, folder: Path) -> None:
    """Let a folder be a source of the library's music, to be scanned.

    One that is a source by another name, or that lies in one, is no second source.
    """
    with open_catalogue(data, write=True, create=True) as catalogue:
        remember_roots(catalogue, [known_as(folder, roots(catalogue))])


def _prepare(
    data: DataFolder,
    folders: Sequence[Path | str],
    encoder: str | None,
    windows: WindowPlan,
    workers: int | None,
    nice: int,
    retry: bool,
) -> tuple[list[Path], ScanSettings]:
    know_own_encoders(data)
    if encoder is not None:
        keep_own_encoders(data, members(encoder))
    with open_catalogue(data, write=True, create=True) as catalogue:
        known = roots(catalogue)
        places = _places(folders, known)
        before = default_encoder(catalogue)
        name = resolve(encoder or before or DEFAULT_ENCODER).id
        if name != before:
            set_default_encoder(catalogue, name)
    settings = ScanSettings(
        encoders=heard_for(name),
        plan=windows,
        workers=workers or os.cpu_count() or 1,
        nice=nice,
        retry=retry,
    )
    return places, settings


def heard_for(encoder: str) -> tuple[EncoderId, ...]:
    """The encoders whose vectors a library needs that ranks by `encoder`."""
    return tuple(dict.fromkeys(part for name in (encoder, *_ALWAYS) for part in members(name)))


def _places(folders: Sequence[Path | str], known: Sequence[Path]) -> list[Path]:
    if not folders and known:
        return list(known)
    # Not pathlib's own: it raises for an unknown user.
    asked = [Path(os.path.expanduser(folder)).absolute() for folder in folders] or [music_folder()]  # noqa: PTH111
    places: list[Path] = []
    for folder in asked:
        place = known_as(folder, (*known, *places))
        places.append(place)
        if not place.exists() and place not in known:
            raise NothingFound(f"{place} does not exist: give the folder where your music is")
    return places
