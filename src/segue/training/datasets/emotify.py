"""Emotify: clips of four genres by known artists, with the share of raters who felt each of nine emotions.

A. Aljanin, F. Wiering, R. C. Veltkamp, "Studying emotion induced by music through a crowdsourcing game",
Information Processing & Management 52, 2016.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from segue.training.datasets.assembling import Entry, Listing
from segue.training.datasets.tables import has_columns, read_table

EMOTIONS = (
    *("amazement", "solemnity", "tenderness", "nostalgia", "calmness"),
    *("power", "joyful_activation", "tension", "sadness"),
)
"""The nine of the Geneva Emotional Music Scale."""

WANTS = "tracks.csv with file, genre, artist and nine emotions (amazement, solemnity, …)"


def matches(folder: Path) -> bool:
    """Whether the table is there and names the emotions."""
    return has_columns(folder / "tracks.csv", ("file", "genre", "artist", *EMOTIONS))


def read(folder: Path) -> Listing:
    """Targets ``genre`` and ``mood`` (nine shares)."""
    table = read_table(folder / "tracks.csv")
    entries = tuple(
        Entry(
            track=row["file"],
            audio=folder / row["file"],
            title=row.get("title", ""),
            artist=row["artist"],
            album=row.get("album", ""),
            classes={"genre": row["genre"]},
            values={"mood": _shares(row)},
        )
        for row in table.rows
    )
    return Listing(folder.resolve().name, entries, table.notes)


def _shares(row: Mapping[str, str]) -> dict[str, float]:
    try:
        return {emotion: float(row[emotion]) for emotion in EMOTIONS}
    except ValueError:
        return {}
