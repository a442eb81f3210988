"""Segue's own network: its size, what it takes, and that it learns."""

from __future__ import annotations

import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")

from segue.errors import UsageError
from segue.training.networks.registry import build_network, n_parameters, network_spec

SMALL = {"channels": [2, 2, 2], "width": 4, "frame_width": 4}


def test_it_is_small() -> None:
    assert n_parameters(build_network("segue-cnn", shape=(40, 64))) == 146_512


@pytest.mark.parametrize("shape", [(40, 64), (12, 64), (215, 128)])
def test_any_length_and_number_of_bands(shape: tuple[int, int]) -> None:
    trunk = build_network("segue-cnn", shape=shape)
    assert trunk(torch.zeros(2, *shape)).shape == (2, trunk.dim)


def test_what_it_is_described_with_is_what_it_hears() -> None:
    spec = network_spec("segue-cnn")
    assert spec.hears is not None
    assert (spec.n_frames, spec.hears.n_mels, spec.hears.hop) == (40, 64, 1024)


def test_settings() -> None:
    settings = {"channels": [4, 6, 8, 8, 8], "width": 16, "frame_width": 4, "dropout": 0.5}
    assert build_network("segue-cnn", shape=(40, 64), settings=settings).dim == 2 * 16 + 6 * 4
    with pytest.raises(UsageError, match="convolutions or more"):
        build_network("segue-cnn", shape=(40, 64), settings={"channels": [4, 6]})
    with pytest.raises(UsageError, match="segue-cnn: nothing is left"):
        build_network("segue-cnn", shape=(3, 64))


def test_it_tells_low_from_high() -> None:
    """Bands are not pooled away: the same pattern in other bands is something else."""
    torch.manual_seed(0)
    trunk = build_network("segue-cnn", shape=(16, 32), settings=SMALL)
    head = torch.nn.Linear(trunk.dim, 2)
    classes = torch.arange(32) % 2
    inputs = 0.3 * torch.randn(32, 16, 32)
    inputs[classes == 0, :, 4:10] += 1
    inputs[classes == 1, :, 20:26] += 1
    weights = [*trunk.parameters(), *head.parameters()]
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(head(trunk(inputs)), classes)
        with torch.no_grad():
            for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                weight -= 0.3 * slope
    trunk.eval()
    assert (head(trunk(inputs)).argmax(dim=1) == classes).float().mean() == 1.0
