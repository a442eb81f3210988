"""A model becomes a folder that hears as it does, with nothing of this machine in it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from segue.encoders import Scaling, TaggingEncoder, load_encoder, published_scaling, registry  # noqa: E402
from segue.encoders.onnx_encoder import OnnxTagger  # noqa: E402
from segue.errors import UsageError  # noqa: E402
from segue.features import decibels, mel_power, power_spectrum  # noqa: E402
from segue.training.contract import LogMelSettings  # noqa: E402
from segue.training.export import About, encoder_name, export_encoder  # noqa: E402
from segue.training.model import HearingModel  # noqa: E402

SETTINGS = LogMelSettings(sample_rate=8000, n_fft=512, hop=256, n_mels=16)
ABOUT = About(
    name="toy",
    description="Learned nothing.",
    source="Segue",
    network={"name": "toy", "settings": {}},
    data={"name": "none", "learned from": 12_000},
    metrics={"accuracy": [0.5, 0.25, 0.75]},
)
PLAIN = Scaling(np.zeros(6, np.float32), np.array([1, 1, 2, 2, 1, np.inf], np.float32))


class Toy(torch.nn.Module):  # type: ignore[misc, name-defined]
    """A convolution, batch normalisation and the mean over time, or over steps of time."""

    dim = 6

    def __init__(self, per_step: bool = False) -> None:
        super().__init__()
        self.per_step = per_step
        self.convolution = torch.nn.Conv1d(16, 6, 5)
        self.norm = torch.nn.BatchNorm1d(6)

    def forward(self, x):
        x = torch.relu(self.norm(self.convolution(x.transpose(1, 2))))  # n, dim, n_frames - 4
        return x.unfold(2, 12, 12).mean(3).transpose(1, 2) if self.per_step else x.mean(2)


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_OWN", {})


def _model(heads: dict[str, int], kinds: dict[str, str] | None = None, **settings: bool) -> HearingModel:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = HearingModel(Toy(**settings), heads, shape=(40, 16), kinds=kinds)  # type: ignore[arg-type]
    model.scale.mean.fill_(-20.0)
    model.scale.std.fill_(15.0)
    return model.eval()


def _song(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(8000 * 3) * np.linspace(0.01, 0.3, 8000 * 3)).astype(np.float32)


def _log_mel(samples: np.ndarray) -> np.ndarray:
    power = power_spectrum(samples, SETTINGS.n_fft, SETTINGS.hop)
    return decibels(mel_power(power, SETTINGS.sample_rate, n_mels=SETTINGS.n_mels), range_db=None)


@pytest.mark.parametrize("per_step", [False, True])
def test_the_encoder_hears_what_the_model_hears(tmp_path: Path, per_step: bool) -> None:
    model = _model({"genre": 3}, per_step=per_step)
    labels = {"genre": ("blues", "jazz", "rock")}
    id_ = export_encoder(tmp_path / "e", model, SETTINGS, labels=labels, scaling=PLAIN, about=ABOUT)
    encoder = load_encoder(str(tmp_path / "e"))
    assert isinstance(encoder, TaggingEncoder)
    assert encoder.id == id_ and encoder.tag_names == labels["genre"]
    frames = _log_mel(_song())  # 94: stretches begin at 0, 27 and 54
    stretches = np.stack([frames[start : start + 40] for start in (0, 27, 54)])
    with torch.no_grad():
        heard = model(torch.from_numpy(stretches))
        said = model.answers(heard)["genre"].numpy().mean(axis=0)
    vector, probabilities = encoder.encode_and_tag([_song()])
    np.testing.assert_allclose(vector, heard.embedding.numpy().mean(axis=0), rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(probabilities, said, atol=1e-4)
    assert published_scaling(id_).std.tolist() == [1, 1, 2, 2, 1, np.inf]


def test_the_same_model_makes_the_same_bytes_without_a_trace_of_the_machine(tmp_path: Path) -> None:
    for name in ("a", "b"):
        export_encoder(tmp_path / name, _model({}), SETTINGS, labels={}, scaling=PLAIN, about=ABOUT)
    for file in ("network.onnx", "encoder.json", "README.md"):
        content = (tmp_path / "a" / file).read_bytes()
        assert content == (tmp_path / "b" / file).read_bytes()
        assert str(Path(__file__).parent).encode() not in content
        assert b"site-packages" not in content and b".py" not in content


def test_labels_of_several_heads_are_told_apart_and_values_left_out(tmp_path: Path) -> None:
    model = _model(
        {"genre": 2, "mood": 2, "factors": 5}, {"genre": "class", "mood": "tags", "factors": "values"}
    )
    labels = {"genre": ("jazz", "rock"), "mood": ("calm", "sad")}
    export_encoder(tmp_path, model, SETTINGS, labels=labels, scaling=PLAIN, about=ABOUT)
    encoder = load_encoder(str(tmp_path))
    assert isinstance(encoder, OnnxTagger)
    assert encoder.tag_names == ("genre: jazz", "genre: rock", "mood: calm", "mood: sad")
    _, told = encoder.encode_and_tag([_song()])
    assert told[:2].sum() == pytest.approx(1, abs=1e-5)
    assert np.all((told > 0) & (told < 1))


def test_a_network_without_labels_is_a_plain_encoder(tmp_path: Path) -> None:
    export_encoder(tmp_path, _model({"factors": 4}), SETTINGS, labels={}, scaling=PLAIN, about=ABOUT)
    assert not isinstance(load_encoder(str(tmp_path)), TaggingEncoder)


def test_stretches_may_overlap(tmp_path: Path) -> None:
    export_encoder(tmp_path / "1", _model({}), SETTINGS, labels={}, scaling=PLAIN, about=ABOUT)
    export_encoder(tmp_path / "2", _model({}), SETTINGS, labels={}, scaling=PLAIN, about=ABOUT, hop_frames=5)
    one, two = (load_encoder(str(tmp_path / name)) for name in "12")
    assert one.id != two.id
    assert 0 < np.abs(one.encode([_song()]) - two.encode([_song()])).max() < 0.1


def test_the_card_says_it_all(tmp_path: Path) -> None:
    export_encoder(
        tmp_path, _model({"genre": 2}), SETTINGS, labels={"genre": ("a|b", "c")}, scaling=PLAIN, about=ABOUT
    )
    page = (tmp_path / "README.md").read_text()
    for words in ("# toy", "1.3 s at 8,000 Hz", "a\\|b, c", "0.5 (0.25 to 0.75)", "learned from: 12,000"):
        assert words in page
    header = json.loads((tmp_path / "encoder.json").read_text())
    assert header["data"] == ABOUT.data and header["licence"] == "NOASSERTION"


def test_a_model_that_hears_something_else_is_refused(tmp_path: Path) -> None:
    for model, settings in ((_vectors_model(), SETTINGS), (_model({}), LogMelSettings(n_mels=64))):
        with pytest.raises(UsageError, match="only a network that hears spectra"):
            export_encoder(tmp_path / "x", model, settings, labels={}, scaling=PLAIN, about=ABOUT)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", ["timbre", "a+b", "../up", ""])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    about = dataclasses.replace(ABOUT, name=name)
    with pytest.raises(UsageError, match="would be one"):
        export_encoder(tmp_path / "x", _model({}), SETTINGS, labels={}, scaling=PLAIN, about=about)


def _vectors_model() -> HearingModel:
    trunk = torch.nn.Identity()
    trunk.dim = 6  # type: ignore[assignment]
    return HearingModel(trunk, {}, shape=(6,))


def test_names_are_short_and_take_none_that_ships() -> None:
    assert encoder_name("Rock & Roll 1955") == "rock-roll-1955"
    assert encoder_name("musicnn") == "own-musicnn"
    assert encoder_name("fingerprint") == "own-fingerprint"
