"""EfficientAT's mn04: its weights by their published names, and what it says beside a plain computation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")

from torch.nn import functional

from segue.errors import UsageError
from segue.features import power_spectrum
from segue.training.networks.efficientat import HOP, N_FFT, WINDOW_LENGTH, FromPower, Mn04
from segue.training.networks.state_dicts import load_published

Weights = dict[str, torch.Tensor]
_LAST_RECTIFIED = 6


def drawn() -> Weights:
    """Weights of the right shapes, with means and variances that do something."""
    with torch.random.fork_rng():
        torch.manual_seed(7)
        weights = Mn04().state_dict()
        for name, value in weights.items():
            if name.endswith(("running_mean", ".1.bias")):
                weights[name] = 0.1 * torch.randn_like(value)
            elif name.endswith("running_var"):
                weights[name] = torch.rand_like(value) + 0.5
    return weights


def heard_plainly(samples: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Hidden values and logits of ten seconds, as the authors' description says, from the names alone."""
    x = torch.from_numpy(samples)[None]
    x = x[:, 1:] - 0.97 * x[:, :-1]
    window = torch.hann_window(WINDOW_LENGTH, periodic=False)
    power = torch.stft(x, N_FFT, HOP, WINDOW_LENGTH, window, return_complex=True).abs() ** 2
    x = ((torch.log(bank() @ power + 1e-5) + 4.5) / 5)[None]

    def convolved(x: torch.Tensor, name: str, **how: int) -> torch.Tensor:
        norm = [weights[f"{name}.1.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return functional.batch_norm(
            functional.conv2d(x, weights[f"{name}.0.weight"], **how), *norm, eps=1e-3
        )

    x = functional.hardswish(convolved(x, "features.0", stride=2, padding=1))
    for number in range(1, 16):
        bend = functional.relu if number <= _LAST_RECTIFIED else functional.hardswish
        before, parts = x, f"features.{number}.block"
        steps = sorted({name.split(".")[3] for name in weights if name.startswith(f"{parts}.")})
        for step in steps[:-1]:
            if f"{parts}.{step}.0.weight" in weights:
                channels, within, kernel, _ = weights[f"{parts}.{step}.0.weight"].shape
                deep = within == 1 and channels > 1
                stride = 2 if deep and number in (2, 4, 7, 13) else 1
                how = {"groups": channels, "padding": kernel // 2, "stride": stride} if deep else {}
                x = bend(convolved(x, f"{parts}.{step}", **how))
            else:
                factors = x.mean((2, 3))
                for layer, after in (("fc1", functional.relu), ("fc2", torch.sigmoid)):
                    name = f"{parts}.{step}.conc_se_layers.0.{layer}"
                    factors = after(factors @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])
                x = x * factors[:, :, None, None]
        x = convolved(x, f"{parts}.{steps[-1]}")
        x = x + before if x.shape == before.shape else x
    x = functional.hardswish(convolved(x, "features.16")).mean((2, 3))
    hidden = functional.hardswish(x @ weights["classifier.2.weight"].T + weights["classifier.2.bias"])
    logits = hidden @ weights["classifier.5.weight"].T + weights["classifier.5.bias"]
    return hidden[0].numpy(), logits[0].numpy()


def bank() -> torch.Tensor:
    """Kaldi's triangles from 0 to 15 kHz, one bin after the other."""
    top = 1127 * np.log(1 + 15000 / 700)
    weights = np.zeros((128, 513), np.float32)
    for place in range(512):
        mel = 1127 * np.log(1 + place * 32000 / 1024 / 700) / top * 129  # of 129 steps between the edges
        for band in range(128):
            weights[band, place] = max(0.0, 1 - abs(mel - band - 1))
    return torch.from_numpy(weights)


def said(samples: np.ndarray, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """What our module says of ten seconds: hidden values and probabilities."""
    network = Mn04()
    network.load_state_dict(weights, strict=False)
    power = power_spectrum(samples, N_FFT, HOP, window_length=WINDOW_LENGTH)
    with torch.no_grad():
        hidden, probabilities = FromPower(network, probabilities=True).eval()(torch.from_numpy(power)[None])
    return hidden[0].numpy(), probabilities[0].numpy()


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_it_says_what_the_plain_computation_says() -> None:
    samples = (0.2 * np.random.default_rng(0).standard_normal(320_000)).astype(np.float32)
    weights = drawn()
    hidden, probabilities = said(samples, weights)
    expected, logits = heard_plainly(samples, weights)
    assert cosine(hidden, expected) > 0.9999
    np.testing.assert_allclose(probabilities, 1 / (1 + np.exp(-logits)), atol=2e-3)


def test_with_the_published_weights_it_hears_music_as_they_do(shared: Path) -> None:
    import soundfile
    import soxr

    with np.load(shared / "encoders/mn04/mn04_as-f16.npz", allow_pickle=False) as stored:
        weights = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    for name in ("rock-34", "classical-10"):
        samples, rate = soundfile.read(shared / f"data/emotify/{name}.mp3", dtype="float32")
        samples = soxr.resample(samples, rate, 32_000)[:320_000].astype(np.float32)
        hidden, probabilities = said(samples, weights)
        expected, logits = heard_plainly(samples, weights)
        assert cosine(hidden, expected) > 0.999
        assert probabilities.argmax() == logits.argmax() == 137  # AudioSet's class "Music"


def test_weights_are_read_from_both_kinds_of_file(tmp_path: Path) -> None:
    weights = drawn()
    torch.save(weights, tmp_path / "weights.pt")
    np.savez(
        tmp_path / "weights.npz",
        **{
            name: value.numpy().astype(np.float16 if value.ndim > 1 else np.float32)
            for name, value in weights.items()
            if not name.endswith("num_batches_tracked")
        },
    )
    for name, off in (("weights.pt", 0.0), ("weights.npz", 1e-3)):
        network = Mn04()
        load_published(network, tmp_path / name, where="there")
        for key, value in network.state_dict().items():
            torch.testing.assert_close(value, weights[key], rtol=off, atol=off / 10)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"classifier.5.weight": None},
            "'classifier.5.weight' is missing, expected \\(527, 512\\); needed is there",
        ),
        ({"features.0.0.weight": torch.zeros(16, 1, 3, 3)}, r"has \(16, 1, 3, 3\), expected \(8, 1, 3, 3\)"),
        ({"features.17.0.weight": torch.zeros(3)}, r"'features.17.0.weight' has \(3,\), expected none"),
        ({"classifier.5.bias": torch.full((527,), torch.nan)}, "damaged: 'classifier.5.bias' is not finite"),
    ],
)
def test_weights_of_another_network_are_refused(
    tmp_path: Path, change: dict[str, torch.Tensor | None], words: str
) -> None:
    weights = {name: value for name, value in {**drawn(), **change}.items() if value is not None}
    torch.save(weights, tmp_path / "weights.pt")
    network = Mn04()
    before = network.features[0][0].weight.clone()
    with pytest.raises(UsageError, match=words):
        load_published(network, tmp_path / "weights.pt", where="there")
    assert torch.equal(network.features[0][0].weight, before)


@pytest.mark.parametrize("name", ["weights.pt", "weights.npz"])
@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04 cut off"])
def test_what_is_no_file_of_weights_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=f"{name} is no file of PyTorch weights .*; it is there") as refused:
        load_published(Mn04(), tmp_path / name, where="there")
    assert "\n" not in str(refused.value)


def test_code_in_a_file_is_never_run(tmp_path: Path) -> None:
    torch.save({"x": Path("x")}, tmp_path / "weights.pt")
    with pytest.raises(UsageError, match="no file of PyTorch weights"):
        load_published(Mn04(), tmp_path / "weights.pt", where="there")


def test_a_missing_file_says_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file of weights; it is there"):
        load_published(Mn04(), tmp_path / "none.pt", where="there")
