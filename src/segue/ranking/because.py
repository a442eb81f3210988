"""Why a track is recommended: the played tracks it is near to, and the kind of evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.ranking.affinity import WIDTH
from segue.ranking.evidence import Evidence
from segue.ranking.profile import Profile
from segue.ranking.reasons import Explainer
from segue.ranking.space import Floats, Ids, Seed, Space, seed_in
from segue.ranking.usage import Usage

# A second played track is named when it speaks for the track at least half as much as the first.
_WORTH_NAMING = 0.5


@dataclass(frozen=True, slots=True)
class Anchor:
    """A track that the listener knows, and what the history says of it.

    Attributes
    ----------
    key
        The track.
    plays
        How often it was played.
    last_s
        When it was last played, UTC epoch seconds; None where unknown.
    opinion
        -1 disliked to 1 liked, 0 where there is none.
    """

    key: int
    plays: int
    last_s: float | None
    opinion: float


@dataclass(frozen=True, slots=True)
class Because:
    """What speaks for a track.

    Attributes
    ----------
    kind
        ``sound`` (it sounds like the anchors), ``usage`` (listeners of the anchors play it), ``played`` or
        ``liked`` (the listener knows it: `own`).
    anchors
        The played tracks it is near to, nearest first; one or two, none where the library has no other.
    own
        What the history says of the track itself, where it says something.
    """

    kind: str
    anchors: tuple[Anchor, ...]
    own: Anchor | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A recommended track.

    Attributes
    ----------
    key
        The track.
    match
        0 to 100, with the played track that it is nearest to, as in `segue.ranking.Ranked`.
    taste
        To which of the listener's tastes it belongs, 0 the weightiest.
    because
        The kind of evidence and the played tracks behind it.
    reasons
        In what it agrees with the nearest of them, most telling first.
    """

    key: int
    match: float
    taste: int
    because: Because
    reasons: tuple[str, ...]


class Teller:
    """Says what speaks for tracks.

    Parameters
    ----------
    space, evidence, profile, usage
        What the tracks were chosen by.
    rows
        ``(m,)`` int64: those that will be told of.
    """

    def __init__(
        self, space: Space, evidence: Evidence, profile: Profile, usage: Usage | None, *, rows: Ids
    ) -> None:
        self._space = space
        self._evidence = evidence
        self._profile = profile
        self._usage = usage
        self._explainer = Explainer(space, space.keys[rows])
        self._liked = profile.positions[profile.liked]
        self._vectors = space.vectors(self._liked)
        self._seeds: dict[int, Seed] = {}
        self._item = {int(row): item for item, row in enumerate(profile.positions) if row >= 0}

    def suggestion(self, row: int, *, usage_leads: bool = False, fit: float = 1.0) -> Suggestion:
        """The track in this row with what speaks for it.

        Parameters
        ----------
        usage_leads
            Whether other people's plays speak for it more than its sound does.
        fit
            From 0 to 1 how well it fits, as `segue.ranking.profile.fit_scores` has it: the match where there
            is no played track that it could be compared with.
        """
        key = int(self._space.keys[row])
        vector = self._space.vectors(np.array([row]))
        others = np.flatnonzero(self._liked != row)
        mine = np.flatnonzero(self._liked == row)
        own = self._own(row)
        if len(others) == 0:
            kind = _kind_of_known(own) or "usage"
            return Suggestion(key, 100.0 if own else 100.0 * fit, 0, Because(kind, (), own), ())
        by_usage = self._by_usage(row, others) if usage_leads else None
        force = self._by_sound(vector, row, others) if by_usage is None else by_usage
        order = np.argsort(-force, kind="stable")[:2]
        named = order[force[order] >= _WORTH_NAMING * force[order[0]]]
        anchors = tuple(self._anchor(int(self._profile.liked[place])) for place in others[named])
        nearest = int(others[order[0]])
        kind = _kind_of_known(own) or ("sound" if by_usage is None else "usage")
        return Suggestion(
            key,
            self._match(vector, nearest),
            int(self._profile.taste[mine[0] if len(mine) else nearest]),
            Because(kind, anchors, own),
            () if kind == "usage" else self._reasons(anchors[0].key, key),
        )

    def _reasons(self, anchor: int, key: int) -> tuple[str, ...]:
        """In what a track agrees with its first anchor."""
        if anchor not in self._seeds:
            self._seeds[anchor] = seed_in(self._space, anchor)
        return self._explainer.reasons(self._seeds[anchor], key)

    def _by_sound(self, vector: Floats, row: int, others: Ids) -> NDArray[np.float64]:
        """How much each other liked track speaks for it by sound."""
        cosines = vector @ self._vectors[others].T
        scores = self._profile.near.of(cosines, np.array([row]), self._liked[others])[0]
        force = np.exp(np.minimum(scores / WIDTH, 80.0))
        return np.asarray(force * self._evidence.liking[self._profile.liked[others]])

    def _by_usage(self, row: int, others: Ids) -> NDArray[np.float64] | None:
        """The same by the cosine of factors; None where they know none of them."""
        assert self._usage is not None
        rows = self._usage.of_library[self._liked[others]]
        own = int(self._usage.of_library[row])
        if own < 0 or not (rows >= 0).any():
            return None
        factors = self._usage.track_factors
        products = factors[np.maximum(rows, 0)] @ factors[own]
        lengths = np.linalg.norm(factors[np.maximum(rows, 0)], axis=1) * np.linalg.norm(factors[own])
        cosines = np.where(rows >= 0, products / np.maximum(lengths, 1e-9), -1.0)
        return np.asarray(np.maximum(cosines, 0.0))

    def _match(self, vector: Floats, place: int) -> float:
        neighbourhood = self._space.neighbourhood
        likeness = neighbourhood.similarity(
            vector, self._vectors[place : place + 1], self._liked[place : place + 1]
        )
        return float(neighbourhood.calibration.match(likeness)[0])

    def _own(self, row: int) -> Anchor | None:
        item = self._item.get(row)
        return None if item is None else self._anchor(item)

    def _anchor(self, item: int) -> Anchor:
        evidence = self._evidence
        last = float(evidence.last_s[item])
        return Anchor(
            int(evidence.track[item]),
            round(float(evidence.plays[item])),
            last if np.isfinite(last) else None,
            float(evidence.opinion[item]),
        )


def _kind_of_known(own: Anchor | None) -> str:
    """``played`` or ``liked``; empty for a track that the listener does not know so."""
    if own is None:
        return ""
    return "played" if own.plays > 0 else "liked" if own.opinion > 0 else ""
