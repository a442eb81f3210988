"""How alike the tracks of a batch are by one target, and which partners they are given in an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from segue.training.objectives.drawing import Nearness, class_partners, class_strangers, tag_partners

if TYPE_CHECKING:
    from segue.training.contract import Rows
    from segue.training.datasets.contract import Target


class Likeness(nn.Module):
    """Likeness of tracks by a target.

    Two tracks are alike if they are of one class; by the share of their tags that both have (Jaccard); or if
    one is among the nearest of the other by the cosine of values. They are unlike if of two classes, if they
    have no tag in common, or if each is farther from the other than half of the tracks. The same track is
    always alike.

    Parameters
    ----------
    target
        Of any kind.
    nearest, farthest
        Tracks that are drawn as near and as far, of values; at most a tenth and a half of the tracks.
    """

    def __init__(self, target: Target, nearest: int, farthest: int = 500) -> None:
        super().__init__()
        self._target, self._nearest, self._farthest = target, nearest, farthest
        self._neighbours: dict[bytes, Nearness] = {}
        self.register_buffer("right", torch.from_numpy(np.nan_to_num(target.values)), False)
        self.register_buffer("known", torch.from_numpy(target.known.copy()), False)
        for name in ("near_at", "middle_at"):
            self.register_buffer(name, torch.full((len(target.values),), torch.nan), False)

    def partners(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """For each row, the target of all being known, one that is like it; itself if there is none."""
        if self._target.kind == "class":
            return rows[class_partners(self._classes(rows), rng)]
        if self._target.kind == "tags":
            return rows[tag_partners(np.asarray(self._target.values[rows], dtype=np.float32), rng)]
        return rows[self._nearness(rows).partners(rng)]

    def strangers(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """For each row, about all of which the class or the values are known, one that is unlike it."""
        if self._target.kind == "class":
            return rows[class_strangers(self._classes(rows), rng)]
        return rows[self._nearness(rows).strangers(rng)]

    def between(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """(n, n) float from 0 to 1, how alike, and (n, n) bool, which are unlike; the unknown is neither.

        Of values, only rows that were drawn from before are known.
        """
        right, known = self.get_buffer("right")[rows], self.get_buffer("known")[rows]
        same = rows[:, None] == rows[None]
        if self._target.kind == "class":
            alike = (right[:, None] == right[None]).float()
            unlike = alike == 0
        elif self._target.kind == "tags":
            both = right @ right.T
            either = right.sum(dim=1)[:, None] + right.sum(dim=1)[None] - both
            alike = both / either.clamp(min=1)
            unlike = both == 0
        else:
            alike, unlike = self._by_values(right, rows)
        both_known = known[:, None] & known[None]
        return torch.where(same, 1.0, alike * both_known), unlike & both_known & ~same

    def _by_values(self, values: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        pointing = nn.functional.normalize(values, dim=1, eps=1e-9)
        cosine = pointing @ pointing.T
        near = cosine >= self.get_buffer("near_at")[rows][:, None] - 1e-6
        far = cosine < self.get_buffer("middle_at")[rows][:, None]
        return (near | near.T).float(), far & far.T

    def _classes(self, rows: Rows) -> Rows:
        return np.asarray(self._target.values[rows], dtype=np.int64)

    def _nearness(self, rows: Rows) -> Nearness:
        """Of these rows among themselves; found once."""
        key = rows.tobytes()
        if key not in self._neighbours:
            found = Nearness(np.asarray(self._target.values[rows]), self._nearest, self._farthest)
            self._neighbours[key] = found
            for name, known in (("near_at", found.near_at), ("middle_at", found.middle_at)):
                buffer = self.get_buffer(name)
                buffer[torch.from_numpy(rows)] = torch.from_numpy(known).to(buffer.device)
        return self._neighbours[key]
