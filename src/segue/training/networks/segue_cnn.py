"""Segue's own network for few and short clips: small, with two ears that hear the same differently."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from segue.errors import UsageError
from segue.training.networks.trunk import Rearrange, Trunk, frames_last, shape_after

# Frames and bands that are pooled together, after each of the first convolutions.
_POOLINGS = ((2, 2), (2, 2), (1, 2))
_LEFT_OUT = 0.1  # of what the dense layers of a frame say, while training


def segue_cnn(
    shape: tuple[int, ...],
    *,
    channels: Sequence[int] = (16, 32, 48, 64),
    width: int = 128,
    frame_width: int = 96,
    dropout: float = 0.3,
) -> Trunk:
    """Convolutions over a picture, dense layers over its frames, statistics of both over time.

    What makes notes and beats is found by the convolutions, sound by the frames; the statistics make
    an embedding of the same length for windows of any length. Bands are never pooled away: where in the
    spectrum something sounds tells genres apart.

    Parameters
    ----------
    shape
        ``(n_frames, n_mels)``.
    channels
        Of the convolutions over the picture, three or more.
    width
        What all bands of a step of the picture are summed up in.
    frame_width
        Of both layers over frames.
    dropout
        Share of the embedding left out while training.

    Raises
    ------
    UsageError
        If there are fewer convolutions than poolings, or nothing is left of the input.
    """
    if len(channels) < len(_POOLINGS):
        raise UsageError(f"it has {len(_POOLINGS)} convolutions or more, not {len(channels)}")
    dim = 2 * width + 6 * frame_width
    both = _Both(_picture(shape, channels, width), _Frames(shape[1], frame_width), dim)  # n, 832
    return Trunk(nn.Sequential(both, nn.Dropout(dropout)), dim)


class MeanMax(nn.Module):
    """Mean and maximum over time, (n, channels, n_steps) to (n, 2 channels)."""

    def forward(self, values: Tensor) -> Tensor:
        """The two of some inputs."""
        return torch.cat([values.mean(dim=2), values.amax(dim=2)], dim=1)


class _ChannelsLast(nn.Module):
    """The same numbers, in the order of memory in which a processor convolves a third faster."""

    def forward(self, values: Tensor) -> Tensor:
        return values.contiguous(memory_format=torch.channels_last)


def _picture(shape: tuple[int, ...], channels: Sequence[int], width: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Unflatten(1, (1, -1)), _ChannelsLast()]  # n, 1, 40, 64
    for number, (before, after) in enumerate(zip((1, *channels), channels, strict=False)):
        layers += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        if number < len(_POOLINGS):
            layers.append(nn.MaxPool2d(_POOLINGS[number]))  # n, 16, 20, 32; n, 32, 10, 16; n, 48, 10, 8
    layers += [Rearrange(0, 1, 3, 2), nn.Flatten(1, 2)]  # n, 64 x 8, 10
    convolutions = nn.Sequential(*layers)
    convolutions.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    bands = shape_after(convolutions, shape)[0]
    return nn.Sequential(convolutions, *_over_time(bands, width, 1), MeanMax())  # n, 128, 10; n, 256


def _over_time(before: int, after: int, n_frames: int) -> list[nn.Module]:
    convolution = nn.Conv1d(before, after, n_frames, padding=n_frames // 2, bias=False)
    return [convolution, nn.BatchNorm1d(after), nn.ReLU()]


class _Frames(nn.Module):
    """Each frame by itself, then with its neighbours: mean, maximum and deviation of both over time."""

    def __init__(self, n_mels: int, width: int) -> None:
        super().__init__()
        self.alone = nn.Sequential(frames_last(), *_over_time(n_mels, width, 1), nn.Dropout(_LEFT_OUT))
        self.among = nn.Sequential(*_over_time(width, width, 3), nn.Dropout(_LEFT_OUT))

    def forward(self, inputs: Tensor) -> Tensor:
        alone = self.alone(inputs)  # n, 96, 40
        among = self.among(alone)  # n, 96, 40
        return torch.cat([_statistics(alone), _statistics(among)], dim=1)  # n, 576


def _statistics(values: Tensor) -> Tensor:
    """(n, channels, n_steps) to (n, 3 channels)."""
    mean = values.mean(dim=2, keepdim=True)
    # Where all values are equal, the root has no slope.
    deviation = ((values - mean).square().mean(dim=2) + 1e-4).sqrt()
    return torch.cat([mean.squeeze(2), values.amax(dim=2), deviation], dim=1)


class _Both(nn.Module):
    """What two networks make of the same inputs, on one scale, side by side."""

    def __init__(self, picture: nn.Module, frames: nn.Module, dim: int) -> None:
        super().__init__()
        self.picture = picture
        self.frames = frames
        self.scale = nn.BatchNorm1d(dim, affine=False)

    def forward(self, inputs: Tensor) -> Tensor:
        scaled: Tensor = self.scale(torch.cat([self.picture(inputs), self.frames(inputs)], dim=1))
        return scaled
