"""What comes next: similar songs, mixes, ways, recommendations; with filters, variety and reasons."""

from segue.ranking.answers import Ranked, mix, similar
from segue.ranking.around import around
from segue.ranking.because import Anchor, Because, Suggestion
from segue.ranking.carrying_on import continue_playlist
from segue.ranking.evidence import Evidence, Listens, Opinions, Weighing, weigh
from segue.ranking.filters import KINDS, Filters
from segue.ranking.hybrids import HYBRIDS
from segue.ranking.lists import LISTS
from segue.ranking.path import path
from segue.ranking.reasons import usual_of
from segue.ranking.recommend import Lately, Manner, recommend
from segue.ranking.recordings import duplicates
from segue.ranking.selection import Limits
from segue.ranking.space import (
    ByKey,
    Columns,
    Descriptors,
    Genres,
    Seed,
    Space,
    Table,
    Words,
    make_space,
    seed_in,
    seed_outside,
)
from segue.ranking.station import Course, Happened, go_on
from segue.ranking.usage import Usage

__all__ = [
    "HYBRIDS",
    "KINDS",
    "LISTS",
    "Anchor",
    "Because",
    "ByKey",
    "Columns",
    "Course",
    "Descriptors",
    "Evidence",
    "Filters",
    "Genres",
    "Happened",
    "Lately",
    "Limits",
    "Listens",
    "Manner",
    "Opinions",
    "Ranked",
    "Seed",
    "Space",
    "Suggestion",
    "Table",
    "Usage",
    "Weighing",
    "Words",
    "around",
    "continue_playlist",
    "duplicates",
    "go_on",
    "make_space",
    "mix",
    "path",
    "recommend",
    "seed_in",
    "seed_outside",
    "similar",
    "usual_of",
    "weigh",
]
