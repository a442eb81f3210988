"""What a player shows of a library from above, written to the cache: the map, and the kinds of music.

Laying out and clustering want all tracks in memory; a server lets another process do it and hands out files.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.atlas import Labels
from segue.catalogue import revision, track_ids
from segue.errors import NothingFound
from segue.files import whole_file
from segue.operations.clusters import KindsOfMusic, kinds_of_music
from segue.operations.map import LibraryMap, library_map
from segue.operations.map_colours import labels_by_ear
from segue.operations.resident import opened
from segue.ranking import Limits, around
from segue.settings import DataFolder

FORMAT = 1
MOST_OF_A_KIND = 1_000
"""Tracks of a kind that are written, the clearest first."""
_COLOURS = ("genre", "genre by ear", "kind", "artist", "album")
_MOST_LABELS = 500


@dataclass(frozen=True, slots=True)
class ViewFiles:
    """Where the views of a library are; each is replaced whole, the head last.

    Attributes
    ----------
    head
        JSON: format, and the catalogue's revision that the others show.
    map
        Gzipped JSON: encoder, ids, titles and colours of the tracks on the map.
    points
        Little-endian float32, x and y in turn.
    kinds
        Gzipped JSON: the kinds of music with their clearest tracks.
    """

    head: Path
    map: Path
    points: Path
    kinds: Path


def view_files(data: DataFolder) -> ViewFiles:
    """Where the views are, whether or not they are there."""
    folder = data.cache / "views"
    return ViewFiles(
        folder / "head.json", folder / "map.json.gz", folder / "points.f32", folder / "kinds.json.gz"
    )


def shown_revision(data: DataFolder) -> int | None:
    """The revision of the catalogue that the written views show; None without any that can be read."""
    try:
        head = json.loads(view_files(data).head.read_text(encoding="utf-8"))
        return int(head["revision"]) if head["format"] == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_views(data: DataFolder, *, names: Mapping[int, str] | None = None) -> None:
    """Bring map and kinds up to date, and write what a player shows of them.

    Parameters
    ----------
    names
        Names that a person gives to kinds, by number.

    Raises
    ------
    NothingFound
        If the library has no vectors.
    UsageError
        If there is no kind of a number.
    """
    with opened(data) as at_hand:
        shown = revision(at_hand.catalogue)
    kinds = kinds_of_music(data, names=names)
    laid_out = library_map(data, colours=labels_by_ear(data, None, kinds=kinds))
    files = view_files(data)
    files.head.parent.mkdir(parents=True, exist_ok=True)
    files.head.unlink(missing_ok=True)  # while they are replaced, the files are of two times
    _write_json(files.map, _map_record(laid_out))
    _write(files.points, laid_out.view.positions.astype("<f4").tobytes())
    _write_json(files.kinds, _kinds_record(data, kinds))
    _write(files.head, json.dumps({"format": FORMAT, "revision": shown}).encode())


def _write_json(file: Path, record: object) -> None:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    _write(file, gzip.compress(text.encode("utf-8", "replace"), 6, mtime=0))


def _write(file: Path, content: bytes) -> None:
    with whole_file(file) as out:
        out.write(content)


def _map_record(laid_out: LibraryMap) -> dict[str, Any]:
    view = laid_out.view
    return {
        "encoder": laid_out.encoder,
        "tracks": list(laid_out.tracks),
        "titles": list(view.titles),
        "colours": [_colour(name, view.labels[name]) for name in _COLOURS if name in view.labels]
        + ([_decades(view.numbers["year"])] if "year" in view.numbers else []),
        "notes": list(laid_out.notes),
    }


def _colour(name: str, labels: Labels) -> dict[str, Any]:
    """The commonest labels; a track of another is shown without."""
    codes = np.where(labels.codes < _MOST_LABELS, labels.codes, -1)
    return {"name": name, "labels": list(labels.names[:_MOST_LABELS]), "codes": codes.tolist()}


def _decades(years: NDArray[np.float64]) -> dict[str, Any]:
    known = np.isfinite(years)
    decade = np.where(known, years // 10 * 10, 0).astype(np.int64)
    names = np.unique(decade[known])
    codes = np.where(known, np.searchsorted(names, decade), -1)
    return {"name": "decade", "labels": [f"{year}s" for year in names.tolist()], "codes": codes.tolist()}


def _kinds_record(data: DataFolder, found: KindsOfMusic) -> dict[str, Any]:
    with opened(data) as at_hand:
        space = at_hand.space(found.encoder, told=False)
        items = []
        for kind in found.kinds:
            rows = space.positions(kind.keys)
            clearest = around(
                space, kind.centre, rows, MOST_OF_A_KIND, limits=Limits(per_artist=0, per_album=0)
            )
            items.append(
                {
                    "number": kind.number,
                    "name": kind.name,
                    "n_tracks": len(kind.keys),
                    "words": [evidence.word for evidence in kind.apart[:4]],
                    "tracks": list(track_ids(at_hand.catalogue, space.keys[clearest])),
                }
            )
    return {"encoder": found.encoder, "items": items}


def read_kinds(data: DataFolder) -> dict[str, Any]:
    """The kinds as written.

    Raises
    ------
    NothingFound
        If none are.
    """
    try:
        with gzip.open(view_files(data).kinds, "rt", encoding="utf-8") as stream:
            kinds: dict[str, Any] = json.load(stream)
            return kinds
    except (OSError, ValueError, EOFError):
        raise NothingFound("the kinds of music of this library are not found yet") from None
