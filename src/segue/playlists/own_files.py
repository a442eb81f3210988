"""Playlists in a folder that others use, too: only what Segue wrote, and nobody changed, is replaced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segue.files import write_whole
from segue.playlists.entries import Entry
from segue.playlists.file_names import safe_file_name
from segue.playlists.files import write_playlist

MANIFEST = ".segue-playlists.json"
"""Says which files of a folder are Segue's: name, what it is the playlist of, digest of its bytes."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class OwnPlaylist:
    """A playlist to write.

    Attributes
    ----------
    of
        What it is the playlist of, the same from run to run, whatever its name.
    title
        Its name, from which the file is named.
    entries
        In order.
    """

    of: str
    title: str
    entries: Sequence[Entry]


def write_own_playlists(
    folder: Path, playlists: Sequence[OwnPlaylist], *, group: str, suffix: str, relative: bool = False
) -> dict[str, Path]:
    """Write playlists into a folder, and take away those of the same group that have another name by now.

    A file that was there before, or that somebody changed since, is never touched: the playlist gets a number
    behind its name then.

    Parameters
    ----------
    folder
        Made if it is missing.
    group
        Begins what all playlists of this kind are `of`; files of other groups and endings stay.
    suffix
        Of the format, such as ``.m3u8``.
    relative
        Whether paths are relative to the folder.

    Returns
    -------
    files
        By what each is the playlist `of`.

    Raises
    ------
    SegueError
        If the folder or a file cannot be written.
    """
    known = _read(folder / MANIFEST)
    own = {name: said for name, said in known.items() if _digest(folder / name) == said["sha256"]}
    write_whole(folder / MANIFEST, _text(own))  # makes the folder, and fails before anything is written
    earlier = {
        name
        for name, said in own.items()
        if said["of"].startswith(group) and name.lower().endswith(suffix.lower())
    }
    others = {path.name.casefold() for path in folder.iterdir()} - {name.casefold() for name in earlier}
    written: dict[str, Path] = {}
    taken = set(others)
    for playlist in playlists:
        name = _free_name(playlist.title, suffix, taken)
        taken.add(name.casefold())
        file = folder / name
        # The folder may not tell cases apart: the earlier file must not keep its old spelling.
        for old in [old for old in own if old != name and old.casefold() == name.casefold()]:
            _remove(folder / old)
            del own[old]
        write_playlist(file, playlist.entries, title=playlist.title, relative=relative)
        own[name] = {"of": playlist.of, "sha256": _digest(file) or ""}
        write_whole(folder / MANIFEST, _text(own))
        written[playlist.of] = file
    for name in earlier - {file.name for file in written.values()}:
        if name in own:
            _remove(folder / name)
            del own[name]
    write_whole(folder / MANIFEST, _text(own))
    return written


def _free_name(title: str, suffix: str, taken: set[str]) -> str:
    stem = safe_file_name(title)
    name, number = f"{stem}{suffix}", 2
    while name.casefold() in taken:
        name, number = f"{stem} {number}{suffix}", number + 1
    return name


def _read(manifest: Path) -> dict[str, dict[str, str]]:
    """What it says; nothing where it is missing or damaged, and then no file is Segue's."""
    try:
        fields = json.loads(manifest.read_text(encoding="utf-8"))
        files = fields["files"] if fields["version"] == _VERSION else {}
        return {
            name: {"of": str(said["of"]), "sha256": str(said["sha256"])}
            for name, said in files.items()
            if Path(name).name == name
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _text(own: Mapping[str, Mapping[str, str]]) -> str:
    return (
        json.dumps({"version": _VERSION, "files": own}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    )


def _digest(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None
    except OSError:
        return None


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink()
