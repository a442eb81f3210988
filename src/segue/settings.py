"""Where Segue keeps its data, and where music is looked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from segue.errors import UsageError


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The one folder that Segue writes to.

    Attributes
    ----------
    path
        The folder; it need not exist yet.
    """

    path: Path

    @property
    def catalogue(self) -> Path:
        """The SQLite file."""
        return self.path / "catalogue.sqlite"

    @property
    def index(self) -> Path:
        """Search indexes; made again from the catalogue when missing or damaged."""
        return self.path / "index"

    @property
    def clusters(self) -> Path:
        """Kinds of music that were found, a file an encoder."""
        return self.path / "clusters"

    @property
    def models(self) -> Path:
        """Artefacts that a person added."""
        return self.path / "models"

    @property
    def runs(self) -> Path:
        """Experiments that were run."""
        return self.path / "runs"

    @property
    def maps(self) -> Path:
        """Where each track lies on the map, by encoder."""
        return self.path / "maps"

    @property
    def cache(self) -> Path:
        """May be deleted at any time."""
        return self.path / "cache"

    @property
    def log(self) -> Path:
        """Logs of long work."""
        return self.path / "log"


def data_folder(explicit: Path | str | None = None) -> DataFolder:
    """The data folder: the one given, else ``$SEGUE_DATA``, else the platform's.

    Raises
    ------
    UsageError
        If the place is taken by something that is not a folder.
    """
    if explicit is not None:
        path = Path(explicit)
    elif os.environ.get("SEGUE_DATA"):
        path = Path(os.environ["SEGUE_DATA"])
    else:
        import platformdirs

        path = Path(platformdirs.user_data_dir("segue", appauthor=False))
    path = Path(os.path.expanduser(path)).absolute()  # noqa: PTH111 - pathlib's raises for an unknown user
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is not a folder: give another with --data or SEGUE_DATA")
    return DataFolder(path)


def music_folder() -> Path:
    """The platform's music folder (``~/Music`` or what the desktop calls it)."""
    import platformdirs

    return Path(platformdirs.user_music_dir())
