"""How well would recommending have done on my own past?"""

from __future__ import annotations

from segue.evaluation.own_past import OwnPast, evaluate_own_past
from segue.evaluation.past_report import past_as_json, past_as_table
from segue.operations.history import refresh_matches
from segue.operations.library_factors import library_usage
from segue.operations.resident import opened
from segue.operations.taste import history_of
from segue.progress import Progress
from segue.settings import DataFolder

__all__ = ["OwnPast", "evaluate_past", "past_as_json", "past_as_table"]


def evaluate_past(
    data: DataFolder,
    *,
    listener: str = "",
    encoder: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> OwnPast:
    """Judge recommending by what a listener played later, at up to 40 times of the listener's past.

    Opinions and counts without a time are left out: nobody knows whether they were there already.

    Parameters
    ----------
    data
        The library.
    listener
        A name in the history; empty for the owner of the library.
    encoder
        Whose vectors are compared (default: the library's).
    seed
        Of controls and intervals.

    Raises
    ------
    NothingFound
        If there is no history, or too little of it has times and is in the library.
    """
    refresh_matches(data)
    with opened(data) as at_hand:
        listens, _ = history_of(at_hand.catalogue, listener)
        space = at_hand.space(at_hand.encoder(encoder), told=False)
        usage = library_usage(at_hand.catalogue, data, space)
        return evaluate_own_past(space, listens, usage=usage, seed=seed, progress=progress)
