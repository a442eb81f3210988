"""A small library of pretended music, and how to look at what a scan made of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from segue.catalogue import (
    known_files,
    known_folders,
    load_vectors,
    open_catalogue,
    problems,
    track_by_path,
    track_ids,
)
from segue.scanning import ScanReport, ScanSettings, scan
from segue.scanning import scan as scan_function
from segue.settings import DataFolder
from segue.types import EncoderId

TIMBRE, FMA = EncoderId("timbre-1"), EncoderId("fma518-1")


@dataclass
class Heard:
    """A `Progress` that remembers."""

    totals: list[int] = field(default_factory=list)
    steps: int = 0
    seen: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def start(self, label: str, total: int | None) -> None:
        pass

    def grow(self, total: int) -> None:
        self.totals.append(total)

    def advance(self, steps: int = 1) -> None:
        self.steps += steps

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        self.seen.append((Path(path).name, reason))

    def note(self, message: str) -> None:
        self.notes.append(message)

    def finish(self) -> None:
        pass


@dataclass
class Library:
    """A music folder and a data folder."""

    music: Path
    data: DataFolder
    progress: Heard = field(default_factory=Heard)

    def put(self, name: str, sound: str, title: str = "A title") -> Path:
        """A file whose sound and tags are told apart."""
        path = self.music / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"{title}\n{sound}".encode())
        return path

    def scan(
        self,
        *roots: Path,
        encoders: tuple[EncoderId, ...] = (TIMBRE,),
        workers: int = 1,
        retry: bool = False,
    ) -> ScanReport:
        """Scan the music folder, or `roots`."""
        self.progress = Heard()
        settings = ScanSettings(encoders=encoders, workers=workers, nice=0, retry=retry)
        return scan(self.data, roots or (self.music,), settings, progress=self.progress)

    def contents(self) -> dict[str, object]:
        """All that the catalogue says, apart from times and row numbers."""
        return contents(self.data, self.music)


def contents(data: DataFolder, music: Path) -> dict[str, object]:
    """Files with what is known of their tracks, vectors by track, problems."""
    with open_catalogue(data) as cat:
        files = {}
        for folder in known_folders(cat, music):
            for name, state in known_files(cat, folder).items():
                track = track_by_path(cat, folder / name)
                assert track is not None
                files[str((folder / name).relative_to(music))] = (state, track.id, track.digest, track.tags)
        vectors = {}
        for encoder in (TIMBRE, FMA):
            keys, matrix = load_vectors(cat, encoder)
            for name, vector in zip(track_ids(cat, keys), matrix, strict=True):
                vectors[encoder, name] = hashlib.sha256(vector.tobytes()).hexdigest()
        bad = {str(problem.path.relative_to(music)): problem.reason for problem in problems(cat)}
    return {"files": files, "vectors": vectors, "problems": bad}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """An empty library whose workers pretend to hear (`targets.hear`)."""
    pretend(monkeypatch)
    (tmp_path / "music").mkdir()
    return Library(tmp_path / "music", DataFolder(tmp_path / "data"))


def pretend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scans of this process use the pretended hearing."""
    import sys

    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    monkeypatch.setattr(sys.modules[scan_function.__module__], "TARGET", "targets:hear")


@pytest.fixture(scope="session")
def library_contents() -> Callable[[DataFolder, Path], dict[str, object]]:
    """All that a catalogue says, apart from times and row numbers."""
    return contents
