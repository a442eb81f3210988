"""What comes next: similar songs, mixes, ways between songs, repeats; with filters, variety and reasons."""

from segue.ranking.answers import Ranked, mix, similar
from segue.ranking.filters import KINDS, Filters
from segue.ranking.path import path
from segue.ranking.recordings import duplicates
from segue.ranking.selection import Limits
from segue.ranking.space import (
    ByKey,
    Columns,
    Descriptors,
    Seed,
    Space,
    Table,
    Words,
    make_space,
    seed_in,
    seed_outside,
)

__all__ = [
    "KINDS",
    "ByKey",
    "Columns",
    "Descriptors",
    "Filters",
    "Limits",
    "Ranked",
    "Seed",
    "Space",
    "Table",
    "Words",
    "duplicates",
    "make_space",
    "mix",
    "path",
    "seed_in",
    "seed_outside",
    "similar",
]
