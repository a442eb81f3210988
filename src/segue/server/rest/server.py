"""The server itself: health, figures about the library, the newest evaluation."""

from __future__ import annotations

from fastapi import APIRouter

import segue
from segue import catalogue as kept
from segue.operations.resident import opened
from segue.server import models
from segue.server.access import ServedNow, Somebody

router = APIRouter(tags=["server"])


@router.get("/health")
async def read_health() -> models.Health:
    """Whether the server answers; strangers may ask this."""
    # Not in a thread: all of them may be at work.
    return models.Health(status="ok", version=segue.__version__)


@router.get("/about")
def read_about(served: ServedNow, person: Somebody) -> models.About:
    """The library in figures, and what it is heard with."""
    with opened(served.resident) as at_hand:
        facts = at_hand.keep("stats", kept.stats)
        model = at_hand.genre_model
    return models.About(
        version=segue.__version__,
        licence="MIT",
        tracks=facts.tracks,
        artists=facts.artists,
        albums=facts.albums,
        duration_s=facts.duration_s,
        encoder=facts.default_encoder,
        genre_model=model.id,
    )


@router.get("/evaluation")
def read_evaluation(served: ServedNow, person: Somebody) -> models.Evaluation:
    """How well recommending would have done on this person's own past, as last measured."""
    return served.evaluations.read(person.listener)


@router.post("/evaluation", status_code=202)
def measure(served: ServedNow, person: Somebody) -> models.Evaluation:
    """Measure it anew; takes from seconds to minutes."""
    served.evaluations.begin(person.listener)
    return served.evaluations.read(person.listener)
