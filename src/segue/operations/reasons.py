"""What speaks for a recommended track, in words and as records."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from segue.catalogue import Catalogue, Track, tracks_by_key
from segue.operations.answers import Recommendation
from segue.ranking import Anchor, Suggestion

_KNOWN = ("played", "liked")


@dataclass(frozen=True, slots=True)
class Known:
    """A track of the listener's history.

    Attributes
    ----------
    track
        The track.
    plays
        How often it was played.
    last_s
        When it was last played, UTC epoch seconds; None where unknown.
    opinion
        -1 disliked to 1 liked, 0 where there is none.
    """

    track: Track
    plays: int
    last_s: float | None
    opinion: float


@dataclass(frozen=True, slots=True)
class Advice(Recommendation):
    """A recommended track.

    Attributes
    ----------
    kind
        ``sound``, ``usage``, ``played`` or ``liked``: the kind of evidence, see `segue.ranking.Because`.
    near
        The played tracks it is near to, nearest first.
    own
        What the history says of the track itself, None where nothing.
    taste
        Which of the listener's tastes it is for, 0 the weightiest.
    """

    kind: str
    near: tuple[Known, ...]
    own: Known | None
    taste: int


def advice(catalogue: Catalogue, suggestions: Sequence[Suggestion]) -> list[Advice]:
    """The tracks behind suggestions, and why they are there; what is gone meanwhile is left out."""
    found = tracks_by_key(catalogue, {key for one in suggestions for key in _keys(one)})
    answer = []
    for suggestion in suggestions:
        if not found.keys() >= set(_keys(suggestion)):
            continue
        because = suggestion.because
        near = tuple(_known(anchor, found) for anchor in because.anchors)
        own = None if because.own is None else _known(because.own, found)
        words = tuple(_words(because.kind, near, own))
        if because.kind not in _KNOWN:
            words += suggestion.reasons
        track = found[suggestion.key]
        answer.append(Advice(track, suggestion.match, words, because.kind, near, own, suggestion.taste))
    return answer


def _keys(suggestion: Suggestion) -> Iterable[int]:
    return (suggestion.key, *(anchor.key for anchor in suggestion.because.anchors))


def _known(anchor: Anchor, found: Mapping[int, Track]) -> Known:
    return Known(found[anchor.key], anchor.plays, anchor.last_s, anchor.opinion)


def _words(kind: str, near: Sequence[Known], own: Known | None) -> list[str]:
    """The evidence in words."""
    if kind in _KNOWN and own is not None:
        return [_history(own)]
    names = " and ".join(map(_named, near)) or "what you play"
    return [f"listeners of {names} also play it" if kind == "usage" else f"sounds like {names}"]


def _history(own: Known) -> str:
    """As "played 12 times, last in March 2025", "liked, played once" or "liked"."""
    words = ["liked"] if own.opinion > 0 else []
    if own.plays > 0:
        words.append("played once" if own.plays == 1 else f"played {own.plays} times")
    if own.last_s is not None:
        words.append(f"last in {time.strftime('%B %Y', time.gmtime(own.last_s))}")
    return ", ".join(words)


def _named(known: Known) -> str:
    tags = known.track.tags
    name = " - ".join(filter(None, (tags.artist, tags.title))) or known.track.id
    if known.plays > 0:
        return f"{name} (played {'once' if known.plays == 1 else f'{known.plays} times'})"
    return f"{name} (liked)" if known.opinion > 0 else name
