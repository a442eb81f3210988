"""Blind listening test: two models' lists for one seed, side by side, without names."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from segue import catalogue as kept
from segue.catalogue import open_catalogue
from segue.operations.listening_test import open_ticket, tallies, two_lists
from segue.server import models
from segue.server.access import ServedNow, Somebody
from segue.server.records import tracks_of
from segue.types import TrackId

router = APIRouter(tags=["listening test"])


@router.get("/listening-test")
def read_test(
    served: ServedNow,
    person: Somebody,
    seed: Annotated[models.Id | None, Query(description="A track; one drawn at random by default.")] = None,
    n: Annotated[int, Query(ge=1, le=20)] = 5,
) -> models.ListeningTest:
    """Two lists, in an order that only the ticket tells; 404 where only one encoder has heard the library."""
    catalogue = served.catalogue()
    if seed is not None:
        kept.track(catalogue, TrackId(seed))
    found = two_lists(served.resident, None if seed is None else TrackId(seed), n)
    of = person.listener
    return models.ListeningTest(
        ticket=found.ticket,
        seed=tracks_of(catalogue, of, [found.seed])[0],
        first=tracks_of(catalogue, of, found.first),
        second=tracks_of(catalogue, of, found.second),
    )


@router.post("/listening-test", status_code=201)
def take_vote(asked: models.Vote, served: ServedNow, person: Somebody) -> models.Tallies:
    """Say which list fits better; a ticket is good for one vote."""
    ticket = open_ticket(served.data, asked.ticket)
    with open_catalogue(served.data, write=True) as catalogue:
        vote = kept.Vote(
            person.listener, ticket.drawn_at, ticket.seed, ticket.first, ticket.second, asked.preferred
        )
        kept.add_vote(catalogue, vote)
        return _tallies(catalogue)


@router.get("/listening-test/tally")
def read_tally(served: ServedNow, person: Somebody) -> models.Tallies:
    """All votes of all listeners, by pairs of models, with 95 % intervals."""
    catalogue = served.catalogue()
    return _tallies(catalogue)


def _tallies(catalogue: kept.Catalogue) -> models.Tallies:
    return models.Tallies(
        items=[
            models.Tally(
                model=one.model,
                other=one.other,
                wins=one.wins,
                n=one.n,
                ties=one.ties,
                share=one.share,
                low=one.low,
                high=one.high,
            )
            for one in tallies(kept.votes(catalogue))
        ]
    )
