"""MagnaTagATune: ``annotations_final.csv``, ``clip_info_final.csv`` and clips in folders 0 to f.

E. Law, K. West, M. Mandel, M. Bay, J. S. Downie, "Evaluation of algorithms using games: the case of music
tagging", ISMIR 2009.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from segue.training.datasets.assembling import Entry, Listing
from segue.training.datasets.tables import Table, has_columns, read_table

WANTS = "annotations_final.csv (tabs; clip_id, tags, mp3_path), clip_info_final.csv and clips in 0/ to f/"
_ANNOTATIONS, _INFO = "annotations_final.csv", "clip_info_final.csv"
_NO_TAGS = frozenset({"clip_id", "mp3_path", ""})
_USUAL = 50
_PLACES = ("", "mp3", "audio", "clips")


def matches(folder: Path) -> bool:
    """Whether the annotations are there."""
    return has_columns(folder / _ANNOTATIONS, ("clip_id", "mp3_path"), separator="\t")


def read(folder: Path) -> Listing:
    """Targets ``tags``, the 50 most frequent ones as is usual, and ``all-tags``.

    A clip with none of the 50 has none, which is known of it. Clips of one song share its artist and album.
    """
    table = read_table(folder / _ANNOTATIONS, separator="\t")
    info = _info(folder / _INFO)
    usual = _usual(table)
    root = _root(folder, table)
    entries = []
    for row in table.rows:
        known = info.get(row["clip_id"], {})
        tags = [name for name in table.columns if name not in _NO_TAGS and row[name] == "1"]
        entries.append(
            Entry(
                track=row["mp3_path"],
                audio=root / row["mp3_path"],
                title=known.get("title", ""),
                artist=known.get("artist", ""),
                album=known.get("album", ""),
                tags={"tags": [tag for tag in tags if tag in usual], "all-tags": tags},
            )
        )
    return Listing(folder.resolve().name, tuple(entries), table.notes)


def _info(file: Path) -> dict[str, Mapping[str, str]]:
    if not has_columns(file, ("clip_id",), separator="\t"):
        return {}
    return {row["clip_id"]: row for row in read_table(file, separator="\t").rows}


def _usual(table: Table) -> frozenset[str]:
    counts = Counter(
        {name: sum(row[name] == "1" for row in table.rows) for name in table.columns if name not in _NO_TAGS}
    )
    return frozenset(name for name, _ in counts.most_common(_USUAL))


def _root(folder: Path, table: Table) -> Path:
    """Where the first clip that can be found is."""
    for row in table.rows[:100]:
        for place in _PLACES:
            if (folder / place / row["mp3_path"]).is_file():
                return folder / place
    return folder
