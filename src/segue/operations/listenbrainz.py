"""Take the listens that players submit as they would to ListenBrainz."""

from __future__ import annotations

import time
from dataclasses import dataclass

from segue.catalogue import HistorySource, Imported, import_listens, open_catalogue, plays_known
from segue.operations.forwarding import keep_for_forwarding
from segue.services.listenbrainz import parse_submission
from segue.settings import DataFolder
from segue.types import Listen

FORMAT = "listenbrainz-api"
"""The format of the source of submitted listens; each listener has one of their own."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a submission.

    Attributes
    ----------
    playing_now
        What plays now, where the submission says that; it is not stored.
    listens
        What was stored, with those that were known already.
    stored
        What that changed in the catalogue; None where there was nothing to store.
    """

    playing_now: Listen | None
    listens: tuple[Listen, ...]
    stored: Imported | None


def take_listens(data: DataFolder, body: bytes, *, listener: str = "") -> Taken:
    """Store the listens of the body of ``POST /1/submit-listens``; a listen sent twice counts once.

    New ones are passed on to ListenBrainz, where the listener wants that.

    Which tracks they are is found when it is next asked for, because that looks at the whole library.

    Parameters
    ----------
    listener
        Whose they are; empty is the owner of the library.

    Raises
    ------
    UsageError
        In words for the player, if the body is not as it should be; then nothing was stored.
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored, and the player should send it again.
    """
    said = parse_submission(body, now_s=time.time())
    if said.is_playing_now:
        return Taken(said.listens[0], (), None)
    with open_catalogue(data, write=True, create=True) as catalogue:
        # First: what is stored but not queued would never be passed on, the other way round it is sent again.
        known = plays_known(catalogue, listener, said.listens)
        new = [one for one, is_known in zip(said.listens, known, strict=True) if not is_known]
        keep_for_forwarding(catalogue, listener, new)
        source = HistorySource(FORMAT, f"{FORMAT}:{listener}")
        stored = import_listens(catalogue, [(source, said.listens)], listener=listener)
    return Taken(None, said.listens, stored)
