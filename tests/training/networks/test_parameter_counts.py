"""Networks have as many trainable parameters as their authors publish."""

from __future__ import annotations

import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")

from segue.training.networks.registry import build_network, n_parameters, network_spec

SIX_S, EIGHTEEN_S, SIXTY_S = (256, 128), (768, 128), (2560, 128)
MORE_DENSE = {"batch_norm": True, "extra_dense": 2}


def count(name: str, shape: tuple[int, ...], n_outputs: int, settings: dict[str, object]) -> int:
    """Of a network and its head; no memory is taken."""
    with torch.device("meta"):
        trunk = build_network(name, shape=shape, settings=settings)
    return n_parameters(trunk) + (trunk.dim + 1) * n_outputs


@pytest.mark.parametrize(
    ("name", "shape", "settings", "n_outputs", "published"),
    [
        ("pohl-cnn", SIX_S, {}, 200, 8_566_216),
        ("pohl-cnn", SIX_S, {"batch_norm": True}, 200, 8_566_600),
        ("pohl-cnn", SIX_S, MORE_DENSE, 200, 9_091_912),
        ("pohl-cnn", SIX_S, {**MORE_DENSE, "neurons": 2048}, 200, 42_433_864),
        ("bag-dense", (4000,), {}, 200, 6_401_224),
        ("bag-dense", (4000,), {"width": 2048}, 200, 16_996_552),
        ("pohl-lstm", SIX_S, {}, 200, 18_571_850),
        ("pohl-lstm", EIGHTEEN_S, {}, 200, 52_126_282),
        ("pohl-lstm", SIXTY_S, {}, 200, 169_566_794),
        ("pohl-choi", SIX_S, {"mode": "frozen"}, 200, 3_775_434),
        ("pohl-choi", SIX_S, {"mode": "adapted"}, 200, 3_812_746),
        ("pohl-choi", SIXTY_S, {"mode": "adapted"}, 200, 22_687_114),
        ("pohl-xception", SIX_S, {"mode": "frozen"}, 200, 6_082_088),
        ("pohl-1d-frequency", SIX_S, {}, 200, 2_751_464),
        ("pohl-1d-time", SIX_S, {}, 200, 2_243_560),
        ("dense", (384,), {}, 200, 2_071_240),
        ("gao-cnn-1d", (518,), {}, 16, 91_180),
        ("gao-cnn", (128, 128), {}, 8, 489_680),
    ],
)
def test_counts_are_the_published_ones(
    name: str, shape: tuple[int, ...], settings: dict[str, object], n_outputs: int, published: int
) -> None:
    assert count(name, shape, n_outputs, settings) == published


def test_counting_without_memory_is_counting() -> None:
    shape = (network_spec("pohl-cnn").n_frames, 128)
    built = n_parameters(build_network("pohl-cnn", shape=shape))
    assert built + 513 * 200 == count("pohl-cnn", shape, 200, {}) == 8_566_216


def test_longer_inputs_leave_as_many_values_to_the_dense_layer() -> None:
    assert len({count("pohl-cnn", shape, 200, {}) for shape in (SIX_S, EIGHTEEN_S, SIXTY_S)}) == 1
