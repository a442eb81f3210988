"""A network as it is trained and used: scaled inputs, a trunk that makes an embedding, a head a target."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from segue.errors import UsageError
from segue.training.contract import Heard, Source
from segue.training.front_end import InputScale
from segue.training.networks.registry import build_network

if TYPE_CHECKING:
    from segue.training.contract import Rows
    from segue.training.datasets.contract import Kind

_MOST_HEARD = 500
"""Tracks that the scale of inputs is learned from; more change it by less than a hundredth of its spread."""


class HearingModel(nn.Module):
    """Inputs to an embedding, and from it to what each head says.

    Parameters
    ----------
    trunk
        Has `dim`, the length of its embedding; where its `per_step` is true it makes ``(n, n_steps, dim)``,
        and the embedding and what the heads say are averaged over the steps.
    heads
        Number of outputs by the name of the target; may be empty.
    shape
        Of one input: ``(n_frames, n_mels)`` in dB, or ``(dim,)``.
    range_db
        Spectra are raised to this far below their own maximum; None, or where the trunk's `own_scale` is
        true: left as they are.
    kinds
        What each head says, ``class`` where not given. `fit` sets it from the objective.

    Attributes
    ----------
    names
        Of the heads, in order.
    """

    def __init__(
        self,
        trunk: nn.Module,
        heads: Mapping[str, int],
        *,
        shape: tuple[int, ...],
        range_db: float | None = 80.0,
        kinds: Mapping[str, Kind] | None = None,
    ) -> None:
        super().__init__()
        self.shape = shape
        self.range_db = None if getattr(trunk, "own_scale", False) else range_db
        self.names = tuple(heads)
        self.kinds: dict[str, Kind] = {name: (kinds or {}).get(name, "class") for name in heads}
        self.scale = InputScale(shape, range_db=self.range_db)
        self.trunk = trunk
        self.dim = int(trunk.dim)  # type: ignore[arg-type]
        self.heads = nn.ModuleList(nn.Linear(self.dim, n_outputs) for n_outputs in heads.values())
        for at, (_, head) in enumerate(self.named_heads()):
            if getattr(trunk, "zero_head", False):
                nn.init.zeros_(head.weight)
                nn.init.zeros_(head.bias)
            self.register_buffer(f"centre_{at}", torch.zeros(head.out_features))
            self.register_buffer(f"width_{at}", torch.ones(head.out_features))

    def forward(self, inputs: Tensor) -> Heard:
        """``(n, *shape)`` to the embedding ``(n, dim)`` and the outputs of the heads.

        Classes and tags come as logits, values centred and scaled as they were learned: `answers` gives
        probabilities and units.
        """
        made = self.trunk(self.scale(inputs))  # (n, dim) or (n, n_steps, dim)
        outputs = {name: head(made) for name, head in zip(self.names, self.heads, strict=True)}
        if made.ndim == 3:
            outputs = {name: _over_steps(output, self.kinds[name]) for name, output in outputs.items()}
            made = made.mean(dim=1)
        return Heard(made, outputs)

    def answers(self, heard: Heard) -> dict[str, Tensor]:
        """By head ``(n, n_names)``: probabilities of classes or tags, or values in their own units."""
        said = {}
        for at, name in enumerate(self.names):
            output = heard.outputs[name]
            if self.kinds[name] == "class":
                said[name] = output.softmax(dim=1)
            elif self.kinds[name] == "tags":
                said[name] = output.sigmoid()
            else:
                said[name] = output * self.get_buffer(f"width_{at}") + self.get_buffer(f"centre_{at}")
        return said

    def named_heads(self) -> Iterator[tuple[str, nn.Linear]]:
        """Names of the heads with their layers."""
        for name, head in zip(self.names, self.heads, strict=True):
            assert isinstance(head, nn.Linear)
            yield name, head

    def set_units(self, name: str, centre: Tensor, width: Tensor) -> None:
        """From now on the values of a head are ``output * width + centre``."""
        at = self.names.index(name)
        self.get_buffer(f"centre_{at}").copy_(centre)
        self.get_buffer(f"width_{at}").copy_(width)

    def train(self, mode: bool = True) -> HearingModel:
        """As in torch, but batch normalisation that is frozen stays as it was learned."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.affine:
                module.train(mode and bool(module.weight.requires_grad))
        return self


def new_model(
    network: str,
    heads: Mapping[str, int],
    *,
    settings: Mapping[str, object],
    shape: tuple[int, ...],
    range_db: float | None,
    seed: int,
) -> HearingModel:
    """A network of the registry with its heads, untrained: the same seed gives the same weights.

    Parameters
    ----------
    network, settings
        As for `build_network`.
    heads, shape, range_db
        As for `HearingModel`.
    seed
        Of the weights.

    Raises
    ------
    UsageError
        As for `build_network`.
    """
    with seeded(seed):
        trunk = build_network(network, shape=shape, settings=settings)
        return HearingModel(trunk, heads, shape=shape, range_db=range_db)


def _over_steps(outputs: Tensor, kind: Kind) -> Tensor:
    """``(n, n_steps, n_names)`` to ``(n, n_names)``: the mean of probabilities, as logits, or of values."""
    if kind == "class":
        return outputs.log_softmax(dim=2).logsumexp(dim=1) - math.log(outputs.shape[1])
    if kind == "tags":
        return outputs.sigmoid().mean(dim=1).logit(eps=1e-6)
    return outputs.mean(dim=1)


def fit_scale(model: HearingModel, source: Source, rows: Rows) -> None:
    """Learn the mean and the spread of inputs, by band or by dimension, from the training rows.

    Parameters
    ----------
    model
        Whose first layer is set. Nothing is done where the trunk's `own_scale` is true: it was trained on
        inputs as they are.
    source
        Gives the inputs; at most 500 tracks are heard, spread evenly over `rows`.
    rows : (n,) int64
        Training rows only: no other part of the split may be seen.

    Raises
    ------
    UsageError
        If no row has an input that is finite.
    """
    if getattr(model.trunk, "own_scale", False):
        return
    count, first = 0, torch.zeros(model.shape[-1], dtype=torch.float64)
    total, square = torch.zeros_like(first), torch.zeros_like(first)
    for row in rows[:: math.ceil(max(len(rows), 1) / _MOST_HEARD)]:
        windows = torch.from_numpy(np.ascontiguousarray(source.windows(int(row))))
        windows = windows[windows.isfinite().flatten(1).all(dim=1)]  # of others `fit` complains, by name
        if not len(windows):
            continue
        values = model.scale.raised(windows).double().reshape(-1, model.shape[-1])
        if count == 0:
            first = values[0]  # sums of differences to it lose no digits
        count += len(values)
        total += (values - first).sum(dim=0)
        square += ((values - first) ** 2).sum(dim=0)
    if count == 0:
        raise UsageError("the training part has no inputs: no audio could be heard")
    mean = total / count
    std = (square / count - mean**2).clamp(min=0).sqrt()
    model.scale.mean.copy_(first + mean)
    model.scale.std.copy_(torch.where(std > 1e-6, std, 1.0))


@contextmanager
def seeded(*numbers: int) -> Iterator[None]:
    """Torch's randomness follows from `numbers` inside, and outside is as if nothing had happened.

    Examples
    --------
    >>> with seeded(1, 2):
    ...     first = torch.rand(3)
    >>> with seeded(1, 2):
    ...     assert torch.equal(first, torch.rand(3))
    """
    with torch.random.fork_rng(range(torch.cuda.device_count())):
        torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1))
        yield
