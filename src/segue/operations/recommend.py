"""What may I want to hear?"""

from __future__ import annotations

import contextlib
import time
from datetime import datetime

import numpy as np

from segue import ranking
from segue.catalogue import Catalogue, has_heard, open_catalogue, recommended, record_recommended
from segue.errors import CatalogueBusy, CatalogueReadOnly, DiskFull
from segue.operations.answers import Choices
from segue.operations.history import refresh_matches
from segue.operations.library_factors import library_usage
from segue.operations.reasons import Advice, advice
from segue.operations.resident import AtHand, Library, Resident, opened
from segue.operations.taste import history_of
from segue.operations.told_genres import genre_filters
from segue.progress import Progress
from segue.ranking import Filters, Lately, Listens, Manner, Space, Weighing, weigh
from segue.ranking.evidence import DAY_S
from segue.settings import DataFolder

_MEMORY_S = 60 * DAY_S
# A history that ended so long ago is old: ages are counted from its end then.
_OLD_S = 30 * DAY_S


def recommend(
    library: Library,
    *,
    choices: Choices | None = None,
    wanted: str = "",
    listener: str = "",
    manner: Manner | None = None,
    weighing: Weighing | None = None,
    now_s: float | None = None,
    progress: Progress | None = None,
) -> list[Advice]:
    """Tracks for a listener, from the listener's history and the library's vectors.

    The same question on the same day has the same answer; what was recommended on other days stands back.
    Where the data folder holds factors (`segue factors import`), other people's listening counts as well.

    Parameters
    ----------
    choices
        How many, and which.
    wanted
        Empty for a bit of everything, or ``new``, ``rediscover`` or ``familiar``.
    listener
        A name in the history; empty for the owner of the library.
    manner
        How familiar it shall be, and how scores are brought together.
    weighing
        How plays at different times count; all alike by default.
    now_s
        UTC epoch seconds; None for now.
    progress
        Is told what genres told by ear have left out.

    Raises
    ------
    NothingFound, UsageError
        As `segue.ranking.recommend`; also if there is no such listener, or no history.
    """
    choices = choices or Choices()
    now_s = time.time() if now_s is None else now_s
    _refresh_matches(library)
    with opened(library) as at_hand:
        listens, opinions = history_of(at_hand.catalogue, listener)
        space = at_hand.space(at_hand.encoder(choices.encoder), speech="speech" in choices.kinds)
        reference = _reference(listens, now_s)
        suggestions = ranking.recommend(
            space,
            weigh(listens, opinions, now_s=reference, weighing=weighing),
            choices.number,
            wanted=wanted,
            now_s=reference,
            manner=manner,
            filters=_filters(at_hand, space, choices, progress),
            limits=choices.limits,
            usage=library_usage(at_hand.catalogue, at_hand.data, space),
            lately=_before_today(at_hand.catalogue, listener, now_s),
        )
        answer = advice(at_hand.catalogue, suggestions)
    _remember(at_hand.data, listener, wanted, answer, now_s)
    return answer


def _filters(at_hand: AtHand, space: Space, choices: Choices, progress: Progress | None) -> Filters:
    return genre_filters(
        space,
        choices,
        catalogue=at_hand.catalogue,
        data=at_hand.data,
        told=at_hand.told,
        progress=progress,
    )


def _refresh_matches(library: Library) -> None:
    """Look for what was played where the history is new, or the library.

    A scan changes the library with every file: where it is held open, matches follow it now and then.
    """
    if not isinstance(library, Resident):
        refresh_matches(library)
        return
    library.keep("matches", lambda _: refresh_matches(library.data))
    if has_heard(library.catalogue(), only_new=True):
        refresh_matches(library.data)


def _reference(listens: Listens, now_s: float) -> float:
    """What ages are counted from: the end of the day, so that an answer holds all day.

    Of a history that is old or reaches into the future, its end.
    """
    now_s = _today(now_s) + DAY_S
    known = listens.time_s[np.isfinite(listens.time_s)]
    last = float(known.max()) if len(known) else now_s
    return last if last > now_s or now_s - last > _OLD_S else now_s


def _today(now_s: float) -> float:
    """When the day began where the person is, UTC epoch seconds."""
    now = datetime.fromtimestamp(now_s).astimezone()
    return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _before_today(catalogue: Catalogue, listener: str, now_s: float) -> Lately:
    """What was recommended on other days."""
    today = _today(now_s)
    tracks, times = recommended(catalogue, listener, today - _MEMORY_S)
    before = times < today
    return Lately(tracks=tracks[before], days_ago=(today - times[before]) / DAY_S)


def _remember(data: DataFolder, listener: str, wanted: str, answer: list[Advice], now_s: float) -> None:
    """Keep what was recommended today, once; where nothing can be written, the answer stands all the same."""
    keys = np.array([one.track.key for one in answer], dtype=np.int64)
    with (
        contextlib.suppress(CatalogueBusy, CatalogueReadOnly, DiskFull),
        open_catalogue(data, write=True) as catalogue,
    ):
        today = recommended(catalogue, listener, _today(now_s))[0]
        unseen = keys[~np.isin(keys, today)]
        if len(unseen):
            record_recommended(catalogue, listener, wanted or "mix", unseen, now_s)
