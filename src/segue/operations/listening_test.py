"""Blind listening test: which of two encoders' lists do people like better?

The ticket of a test says which list is whose. It is sealed: who votes can neither read nor make one.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from segue.catalogue import Track, Vote, stats, track_ids, tracks
from segue.encoders import internal_encoders
from segue.errors import NothingFound, SealBroken, UsageError
from segue.operations.accounts import key_file
from segue.operations.answers import Choices
from segue.operations.opening import covered_keys
from segue.operations.resident import Library, opened
from segue.operations.similar import similar
from segue.services import seal, server_key, unseal
from segue.settings import DataFolder
from segue.types import EncoderId, TrackId

_Z = 1.959964  # of a two-sided 95 % interval


@dataclass(frozen=True, slots=True)
class TwoLists:
    """One test: a seed, two lists, and the sealed ticket."""

    seed: Track
    first: tuple[Track, ...]
    second: tuple[Track, ...]
    ticket: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """Which encoder's list was the first and which the second; good for one vote of a listener.

    Attributes
    ----------
    drawn_at
        UTC epoch seconds; a second vote with the same time is taken for the first.
    """

    seed: TrackId
    first: str
    second: str
    drawn_at: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How often one encoder's lists were preferred to another's.

    Attributes
    ----------
    wins, n
        Votes for `model`, of `n` that preferred one.
    ties
        Votes for neither.
    share, low, high
        Of wins, with a 95 % interval (Wilson 1927); None without votes.
    """

    model: str
    other: str
    wins: int
    n: int
    ties: int
    share: float | None
    low: float | None
    high: float | None


def two_lists(library: Library, seed: TrackId | None, n: int) -> TwoLists:
    """What two encoders that have heard the library give for one seed, drawn at random.

    Raises
    ------
    NothingFound
        If fewer than two encoders have heard the library, or the seed.
    """
    with opened(library) as at_hand:
        catalogue, data = at_hand.catalogue, at_hand.data
        counts = stats(catalogue).encoders
        asked = sorted(encoder for encoder in counts if encoder not in internal_encoders())
        if len(asked) < 2:
            raise NothingFound(
                "a listening test compares two encoders, and this library was heard by "
                f"{asked[0] if asked else 'none'}: scan with another, `segue scan --encoder timbre`"
            )
        pair: list[EncoderId] = [asked[place] for place in _drawn(len(asked), 2)]
        if seed is None:
            both = np.intersect1d(covered_keys(catalogue, pair[0]), covered_keys(catalogue, pair[1]))
            if not len(both):
                raise NothingFound("no track was heard by both encoders yet: let the scan end first")
            seed = track_ids(catalogue, both[[secrets.randbelow(len(both))]])[0]
        [heard] = tracks(catalogue, [seed])
    lists = [
        tuple(one.track for one in similar(library, seed, choices=Choices(number=n, encoder=encoder)))
        for encoder in pair
    ]
    said = {"seed": seed, "first": pair[0], "second": pair[1], "drawn_at": time.time()}
    sealed = seal(server_key(key_file(data)), json.dumps(said))
    return TwoLists(heard, lists[0], lists[1], sealed.decode("ascii"))


def _drawn(n: int, k: int) -> list[int]:
    return secrets.SystemRandom().sample(range(n), k)


def open_ticket(data: DataFolder, ticket: str) -> Ticket:
    """What a ticket says.

    Raises
    ------
    UsageError
        If it was not made here.
    """
    try:
        said = json.loads(unseal(server_key(key_file(data)), ticket.encode("ascii", "replace")))
        return Ticket(said["seed"], said["first"], said["second"], float(said["drawn_at"]))
    except (SealBroken, ValueError, KeyError, TypeError):
        raise UsageError("this ticket is not of this server: take the test again") from None


def tallies(votes: Sequence[Vote]) -> list[Tally]:
    """All votes by pairs of encoders, in the order of their names."""
    names = sorted({name for vote in votes for name in (vote.first, vote.second)})
    found = []
    for one, other in combinations(names, 2):
        pair = [vote for vote in votes if {vote.first, vote.second} == {one, other}]
        if not pair:
            continue
        wins = sum(_preferred(vote) == one for vote in pair)
        losses = sum(_preferred(vote) == other for vote in pair)
        low, high = wilson(wins, wins + losses)
        share = wins / (wins + losses) if wins + losses else None
        found.append(Tally(one, other, wins, wins + losses, len(pair) - wins - losses, share, low, high))
    return found


def _preferred(vote: Vote) -> str | None:
    return {1: vote.first, 2: vote.second}.get(vote.preferred)


def wilson(wins: int, n: int) -> tuple[float | None, float | None]:
    """The 95 % interval of a share (Wilson, Probable inference, 1927, p. 209); None without trials.

    >>> [round(bound, 3) for bound in wilson(7, 10)]
    [0.397, 0.892]
    """
    if n == 0:
        return None, None
    share, spread = wins / n, _Z * _Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * float(np.sqrt(share * (1 - share) / n + spread / (4 * n)))
    return max(0.0, middle - half), min(1.0, middle + half)
