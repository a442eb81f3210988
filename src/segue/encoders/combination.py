"""Vectors of several encoders side by side, each given the same say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segue.encoders.contract import Scaling
from segue.errors import UsageError
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.types import Matrix


@dataclass(frozen=True, slots=True)
class Combination:
    """An encoder made of others: it hears nothing itself, its vectors are made from its members' vectors.

    Attributes
    ----------
    id
        The members' ids with ``+`` between them.
    members
        The encoders it is made of.
    dim
        Length of its vectors, the sum of its members'.
    scalings
        The published scaling of each member.
    """

    id: EncoderId
    members: tuple[EncoderId, ...]
    dim: int
    scalings: tuple[Scaling, ...]

    def combine(self, blocks: Sequence[Matrix]) -> Matrix:
        """Standardise each block by its encoder's scaling, bring its rows to length 1, lay them side by side.

        The rows are ready for the cosine: its value is the mean of the members' cosines. Standardising them
        again would give the longest block the most say.

        Parameters
        ----------
        blocks
            One ``(n_tracks, dim)`` float32 a member, in the order of `members`, rows of the same tracks.

        Returns
        -------
        vectors : (n_tracks, dim) float32
            C order, rows of length 1.

        Raises
        ------
        UsageError
            If the blocks are not those of the members.

        Examples
        --------
        >>> plain = Scaling(np.zeros(2, np.float32), np.ones(2, np.float32))
        >>> pair = Combination(EncoderId("a-1+b-1"), (EncoderId("a-1"), EncoderId("b-1")), 4, (plain, plain))
        >>> pair.combine([np.array([[2, 0]], np.float32), np.array([[0, 9]], np.float32)]).round(2)
        array([[0.71, 0.  , 0.  , 0.71]], dtype=float32)
        """
        expected = [scaling.mean.size for scaling in self.scalings]
        shapes = [block.shape for block in blocks]
        if [shape[-1] for shape in shapes] != expected or len({shape[:-1] for shape in shapes}) != 1:
            raise UsageError(f"{self.id} takes one block for each of {self.members}, not arrays of {shapes}")
        parts = []
        for block, scaling in zip(blocks, self.scalings, strict=True):
            part = (block - scaling.mean) / scaling.std
            length = np.linalg.norm(part, axis=1, keepdims=True)
            parts.append(part / np.maximum(length, np.finfo(np.float32).tiny))
        combined = np.concatenate(parts, axis=1) / np.sqrt(np.float32(len(parts)))
        return np.ascontiguousarray(combined, dtype=np.float32)
