"""The layers before a network say what `segue.features` says, in torch and in ONNX."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")

from torch import nn

from segue.errors import UsageError
from segue.features import decibels, mel_power, power_spectrum
from segue.training.contract import LogMelSettings
from segue.training.front_end import InputScale, Power, PowerToDb
from segue.training.onnx_graph import onnx_graph

SETTINGS = [
    LogMelSettings(),
    LogMelSettings(n_fft=1024, hop=512, f_max=11025.0),
    LogMelSettings(sample_rate=16000, n_fft=512, hop=256, n_mels=96),
]


def music(n_samples: int = 22050) -> np.ndarray:
    """Two recordings, (2, n_samples): noise that grows from nearly nothing, and a chord after silence."""
    noise = np.random.default_rng(0).standard_normal(n_samples) * np.geomspace(1e-6, 1, n_samples)
    time = np.arange(n_samples) / 22050
    chord = sum(np.sin(2 * np.pi * hz * time) for hz in (220, 277, 330)) / 6 * (time > 0.2)
    return np.stack([noise, chord + 1e-4 * noise]).astype(np.float32)


def expected(samples: np.ndarray, settings: LogMelSettings) -> tuple[np.ndarray, np.ndarray]:
    power = power_spectrum(samples, settings.n_fft, settings.hop)
    bands = mel_power(
        power, settings.sample_rate, n_mels=settings.n_mels, f_min=settings.f_min, f_max=settings.f_max
    )
    return power, decibels(bands, range_db=None)


def heard(layer: nn.Module, values: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return layer(torch.from_numpy(values)).numpy()


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_decibels_of_power_are_those_of_features(settings: LogMelSettings) -> None:
    for samples in music():
        power, db = expected(samples, settings)
        assert np.abs(heard(PowerToDb(settings), power[None])[0] - db).max() < 1e-3


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_decibels_of_samples_are_those_of_features(settings: LogMelSettings) -> None:
    both = music()
    db = heard(nn.Sequential(Power(settings), PowerToDb(settings)), both)
    for samples, ours in zip(both, db, strict=True):
        _, theirs = expected(samples, settings)
        assert ours.shape == theirs.shape
        # Below a pure chord there is only the rounding of the two transforms.
        assert np.abs(ours - theirs)[theirs > theirs.max() - 60].max() < 1e-3


def test_real_music_is_heard_as_features_hear_it_also_in_onnx(shared: Path) -> None:
    soundfile, onnxruntime = pytest.importorskip("soundfile"), pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    clips = sorted((shared / "data" / "gtzan").glob("*.ogg"))[:2]
    if not clips:
        pytest.skip("there are no clips of GTZAN beside the project")
    samples = np.stack([np.resize(soundfile.read(clip, dtype="float32")[0], 22050) for clip in clips])
    settings = LogMelSettings(n_fft=1024, hop=512)
    theirs = np.stack([expected(clip, settings)[1] for clip in samples])
    loud = theirs > theirs.max(axis=(1, 2), keepdims=True) - 80

    front = nn.Sequential(Power(settings), PowerToDb(settings))
    assert np.abs(heard(front, samples) - theirs)[loud].max() < 1e-3
    graph = onnx_graph(front, torch.zeros(3, 22050), takes="samples", gives=["levels"])
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    (levels,) = session.run(None, {"samples": samples})
    assert np.abs(levels - theirs)[loud].max() < 1e-3


def test_silence_is_100_db_below_one() -> None:
    assert heard(PowerToDb(LogMelSettings()), np.zeros((1, 3, 1025), np.float32)).max() == -100


def test_levels_far_below_the_loudest_of_their_input_are_raised() -> None:
    scale = InputScale((2, 3))
    levels = torch.tensor([[[0.0, -10, -200], [-70, -80, -90]], [[-100.0, -100, -100], [-150, -180, -300]]])
    raised = scale(levels)
    assert raised[0].tolist() == [[0, -10, -80], [-70, -80, -80]]
    assert raised[1].tolist() == [[-100, -100, -100], [-150, -180, -180]]
    assert torch.equal(InputScale((2, 3), range_db=None)(levels), levels)


def test_inputs_are_standardised_by_band_and_the_scale_is_no_parameter() -> None:
    scale = InputScale((4, 2))
    scale.mean += torch.tensor([1.0, 2])
    scale.std *= 2
    assert scale(torch.ones(1, 4, 2)).tolist() == [[[0, -0.5]] * 4]
    assert not list(scale.parameters())
    assert set(scale.state_dict()) == {"mean", "std"}


def test_vectors_have_no_range() -> None:
    vectors = torch.tensor([[0.0, -500]])
    assert torch.equal(InputScale((2,))(vectors), vectors)


def test_a_range_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="above 0"):
        InputScale((2, 3), range_db=0)
