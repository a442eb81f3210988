"""Networks are found by name, built for an input, and refuse what does not fit in one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")

from torch import nn

from segue.errors import UsageError
from segue.training.networks.registry import build_network, network_names

Small = Callable[[str], tuple[nn.Module, tuple[int, ...]]]


@pytest.mark.parametrize("name", network_names())
def test_a_network_gives_embeddings_and_every_parameter_can_learn(name: str, small: Small) -> None:
    trunk, shape = small(name)
    torch.manual_seed(1)
    embeddings = trunk(torch.randn(3, *shape) * 10 - 30)
    assert embeddings.shape[0] == 3
    assert embeddings.shape[-1] == trunk.dim
    assert embeddings.ndim == (3 if trunk.per_step else 2)
    assert torch.isfinite(embeddings).all()
    if not list(trunk.parameters()):
        return
    (embeddings * torch.randn_like(embeddings)).sum().backward()
    for weights_name, weights in trunk.named_parameters():
        assert weights.requires_grad, weights_name
        assert weights.grad is not None and torch.isfinite(weights.grad).all(), weights_name


@pytest.mark.parametrize("name", ["carranza-factor-cnn", "gao-crnn", "pohl-choi"])
def test_the_same_seed_gives_the_same_weights(name: str, small: Small) -> None:
    first, _ = small(name)
    second, _ = small(name)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)


def test_silence_has_a_gradient(small: Small) -> None:
    trunk, shape = small("rubio-dieleman")
    inputs = torch.zeros(1, *shape, requires_grad=True)
    trunk(inputs).sum().backward()
    assert all(torch.isfinite(weights.grad).all() for weights in trunk.parameters())


def test_the_embedding_for_triplets_has_length_1(small: Small) -> None:
    trunk, shape = small("pohl-triplet")
    lengths = trunk(torch.randn(3, *shape)).norm(dim=1)
    assert torch.allclose(lengths, torch.ones(3), atol=1e-5)


def test_settings_change_a_network() -> None:
    trunk = build_network("carranza-factor-cnn", shape=(130, 128), settings={"filters": 16, "width": 7})
    assert trunk.dim == 7
    dense = build_network("dense", shape=(4,), settings={"hidden": [8, 5], "dropout": 0.1})
    assert dense.dim == 5
    assert any(isinstance(layer, nn.Dropout) for layer in dense.modules())


@pytest.mark.parametrize(
    ("name", "shape", "settings", "words"),
    [
        ("gao-cn", (128, 128), {}, "there is no network 'gao-cn': did you mean 'gao-cnn'"),
        ("gao-cnn", (128, 128), {"activaton": "elu"}, "gao-cnn has no setting 'activaton': did you mean"),
        ("linear", (4,), {"width": 3}, "linear has no setting 'width': it has none"),
        ("gao-cnn", (128, 128), {"activation": "tanh"}, "must be one of elu, relu, not 'tanh'"),
        ("carranza-factor-cnn", (130, 128), {"filters": 0}, "must be a whole number from 1, not 0"),
        ("carranza-factor-cnn", (130, 128), {"filters": "many"}, "must be a whole number from 1"),
        ("pohl-cnn", (256, 128), {"batch_norm": 1}, "must be true or false"),
        ("freitas-mlp", (4,), {"dropout": 1.5}, "must be a share"),
        ("dense", (4,), {"hidden": []}, r"must be sizes such as \[1024, 512\]"),
        ("gao-cnn", (20, 128), {}, "gao-cnn: nothing is left of inputs of .20, 128.: give longer ones"),
        ("carranza-factor-cnn-temporal", (40, 128), {}, "give longer ones"),
        ("gao-cnn", (128,), {}, "takes spectra of frames and bands"),
        ("gao-cnn-1d", (128, 128), {}, "takes vectors"),
        ("musicnn", (187, 128), {}, "hears 96 bands"),
        ("pohl-xception", (256, 128), {}, "needs weights=FILE, or mode='untrained'; the file is xception_"),
        ("pohl-choi", (256, 128), {"mode": "adapted"}, "needs weights=FILE.*transfer_learning_music"),
    ],
)
def test_what_does_not_fit_is_one_line(
    name: str, shape: tuple[int, ...], settings: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        build_network(name, shape=shape, settings=settings)
    assert "\n" not in str(caught.value)


def test_the_table_of_networks_is_read_without_torch() -> None:
    code = (
        "import sys; from segue.training.networks.registry import network_names, network_spec\n"
        "[network_spec(name) for name in network_names()]\n"
        "print('torch' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "False"


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from segue.errors import SegueError

    for module in ("torch", "segue.training.networks.gao", "segue.training.networks.trunk"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SegueError, match=r"segue\[train\]"):
        build_network("gao-cnn", shape=(128, 128))
