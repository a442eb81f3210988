"""What people played: histories of every known shape, read row by row or as matrices and events."""

from segue.listening.events import Events, read_events
from segue.listening.formats import read_history, sniff
from segue.listening.matching import Matches, match_recordings
from segue.listening.plays import Plays, read_plays
from segue.listening.rows import RowReport, RowTally

__all__ = [
    "Events",
    "Matches",
    "Plays",
    "RowReport",
    "RowTally",
    "match_recordings",
    "read_events",
    "read_history",
    "read_plays",
    "sniff",
]
