"""What a server that runs for months does once an hour: expired sessions and old pictures go."""

from __future__ import annotations

import logging
import time
from functools import partial

from segue.catalogue import forget_expired, open_catalogue
from segue.errors import NothingFound, SegueError
from segue.operations.media import tidy_cache
from segue.server.repeating import Repeating
from segue.settings import DataFolder

_LOG = logging.getLogger("segue.server")
_EVERY_S = 3_600.0
_MOST_BYTES = 2 * 2**30
"""Waveforms, spectrograms and covers that are kept: those of some tens of thousands of tracks."""


def housekeeping(data: DataFolder) -> Repeating:
    """What tidies up from time to time, the first time in an hour."""
    return Repeating("segue housekeeping", partial(_tidied, data), _EVERY_S)


def _tidied(data: DataFolder) -> float:
    try:
        tidy(data)
    except (SegueError, OSError) as error:
        _LOG.warning("could not tidy up: %s", error)
    return _EVERY_S


def tidy(data: DataFolder) -> None:
    """Forget sessions and keys that have expired, and what nobody looked at for longest."""
    tidy_cache(data, _MOST_BYTES)
    try:
        with open_catalogue(data, write=True) as catalogue:
            forget_expired(catalogue, time.time())
    except NothingFound:
        pass
