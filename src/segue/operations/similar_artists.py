"""Which artists sound like one?"""

from __future__ import annotations

from segue.catalogue import Artist, artist, artist_tracks, links
from segue.errors import NothingFound
from segue.operations.answers import Choices
from segue.operations.mix import mix
from segue.operations.resident import Library, opened

_MOST_SEEDS = 12
_ASKED_AGAIN = 3  # tracks for an artist: those of one name may be filed under another


def similar_artists(library: Library, name: str, *, number: int = 20) -> list[Artist]:
    """The artists whose music goes with an artist's, the nearest first; none where nothing was heard of it.

    Asked is what goes with tracks from all over the artist's work, one track an artist.

    Parameters
    ----------
    name
        The id of the artist.

    Raises
    ------
    NothingFound
        If no artist has this id.
    """
    with opened(library) as at_hand:
        own = artist_tracks(at_hand.catalogue, name)
    if not own or number < 1:
        return []
    steps = min(len(own), _MOST_SEEDS)
    seeds = [own[round(step * (len(own) - 1) / max(steps - 1, 1))].id for step in range(steps)]
    choices = Choices(number=_ASKED_AGAIN * number, per_artist=1, per_album=0)
    try:
        answers = mix(library, seeds, choices=choices)
    except NothingFound:
        return []
    with opened(library) as at_hand:
        found = links(at_hand.catalogue, [answer.track.key for answer in answers])
        names = dict.fromkeys(link.artist_id for link in found if link.artist_id not in (None, name))
        return [artist(at_hand.catalogue, other) for other in list(names)[:number] if other]
