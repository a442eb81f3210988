"""Sources give the same bytes for the same arguments, and windows of what they should."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from segue.errors import UsageError
from segue.training import log_mel_files
from segue.training.augment import Augmentation
from segue.training.contract import Batch, LogMelSettings, Source
from segue.training.log_mels import LogMels
from segue.training.sources import LogMelSource, VectorSource
from segue.training.windows import WindowSettings

torch = pytest.importorskip("torch")

_SETTINGS = LogMelSettings(sample_rate=1000, hop=100, n_mels=4)  # 10 frames a second
_LENGTHS = (50, 7, 120, 0)


@pytest.fixture
def log_mels(tmp_path: Path) -> LogMels:
    """Spectra whose frames say where they are: 0.01 dB more a frame, 10 dB more a track, from -50."""
    places: list[Path | None] = []
    for track, length in enumerate(_LENGTHS):
        place = tmp_path / f"{track}.logmel"
        steps = -5000 + 1000 * track + np.arange(length)
        frames = np.repeat(steps[:, None], 4, axis=1).astype(np.int16)
        if length:
            log_mel_files.store(place, frames, str(track), _SETTINGS)
        places.append(place if length else None)
    return LogMels(_SETTINGS, tuple(places), np.array(_LENGTHS))


def _batches(source: Source, rows: list[int], *, seed: int = 0, epoch: int = 0, size: int = 4) -> list[Batch]:
    return list(source.batches(np.array(rows), batch_size=size, seed=seed, epoch=epoch))


def _bytes(batches: list[Batch]) -> list[bytes]:
    return [batch.inputs.numpy().tobytes() for batch in batches]


def test_windows_of_the_tracks_in_order(log_mels: LogMels) -> None:
    source = LogMelSource(log_mels, WindowSettings(20))
    batches = _batches(source, [2, 0, 0, 1, 2])
    assert source.shape == (20, 4)
    assert [tuple(batch.inputs.shape) for batch in batches] == [(4, 20, 4), (1, 20, 4)]
    assert [batch.rows.tolist() for batch in batches] == [[2, 0, 0, 1], [2]]
    first = batches[0].inputs[:, :, 0].numpy()
    assert batches[0].inputs.dtype == torch.float32 and batches[0].partner is None
    assert np.array_equal(np.round((first[:, 0] + 50) // 10), [2, 0, 0, 1])
    assert np.allclose(np.diff(first[:3], axis=1), 0.01, atol=1e-4)  # consecutive frames
    assert set(np.round((first[3] + 40) * 100).astype(int)) == set(range(7))  # the short one goes round


@pytest.mark.parametrize("choose", ["random", "energy", "entropy"])
def test_the_same_arguments_give_the_same_bytes(log_mels: LogMels, choose: str) -> None:
    window = WindowSettings(20, choose)  # type: ignore[arg-type]
    changes = Augmentation(1, 4, 1, 2, 0.3, 3.0, 1.0, 0.1)
    rows = [0, 1, 2, 2, 1, 0, 0]
    wanted = _bytes(_batches(LogMelSource(log_mels, window, changes), rows))
    source = LogMelSource(log_mels, window, changes)
    _batches(source, [2, 2], seed=9)
    assert _bytes(_batches(source, rows)) == wanted
    assert _bytes(_batches(source, rows, epoch=1)) != wanted
    assert _bytes(_batches(source, rows, seed=1)) != wanted


def test_mixtures_are_told(log_mels: LogMels) -> None:
    (batch,) = _batches(LogMelSource(log_mels, WindowSettings(20), Augmentation(mixup_alpha=1)), [0, 1, 2])
    assert batch.partner is not None and batch.share is not None
    assert batch.partner.dtype == torch.int64 and batch.share.dtype == torch.float32


def test_predictions_hear_all_and_change_nothing(log_mels: LogMels) -> None:
    source = LogMelSource(log_mels, WindowSettings(20, n_predict=8), Augmentation(gain_db=9))
    heard = source.windows(0)
    assert heard.shape == (3, 20, 4) and heard.dtype == np.float32
    assert np.array_equal(np.round((heard[:, 0, 0] + 50) * 100), [0, 15, 30])
    assert source.windows(1).shape == (1, 20, 4) and source.windows(2).shape == (6, 20, 4)
    assert len(LogMelSource(log_mels, WindowSettings(20, n_predict=2)).windows(2)) == 2


def test_introductions_and_endings_are_skipped(log_mels: LogMels) -> None:
    source = LogMelSource(log_mels, WindowSettings(20, skip_start_s=4, skip_end_s=3))
    frames = np.round((source.windows(2)[:, :, 0] + 30) * 100)
    assert frames.min() == 40 and frames.max() == 89
    drawn = [
        batch.inputs[0, :, 0].numpy() for epoch in range(50) for batch in _batches(source, [2], epoch=epoch)
    ]
    frames = np.round((np.array(drawn) + 30) * 100)
    assert frames.min() >= 40 and frames.max() <= 89


def test_a_track_that_cannot_be_heard_is_refused(log_mels: LogMels) -> None:
    source = LogMelSource(log_mels, WindowSettings(20))
    with pytest.raises(UsageError, match="track 3 of the data set cannot be heard"):
        _batches(source, [0, 3])
    with pytest.raises(UsageError, match="cannot be heard"):
        source.windows(3)


def test_settings_are_checked(log_mels: LogMels) -> None:
    with pytest.raises(UsageError):
        LogMelSource(log_mels, WindowSettings(0))
    with pytest.raises(UsageError):
        LogMelSource(log_mels, WindowSettings(5), Augmentation(stretch=2))


def test_vectors_as_inputs() -> None:
    matrix = np.arange(12).reshape(4, 3)
    source = VectorSource(matrix)  # type: ignore[arg-type]
    batches = _batches(source, [3, 0, 1], size=2)
    assert source.shape == (3,)
    assert [batch.inputs.tolist() for batch in batches] == [[[9, 10, 11], [0, 1, 2]], [[3, 4, 5]]]
    assert batches[0].inputs.dtype == torch.float32 and batches[1].rows.tolist() == [1]
    assert source.windows(2).tolist() == [[6, 7, 8]]


def test_a_source_goes_to_other_processes_without_its_spectra(log_mels: LogMels) -> None:
    source = LogMelSource(log_mels, WindowSettings(20, "energy"), Augmentation(mixup_alpha=0.3))
    wanted = _bytes(_batches(source, [0, 2]))
    sent = pickle.dumps(source)
    assert len(sent) < 4000  # places of spectra, none of their numbers
    assert _bytes(_batches(pickle.loads(sent), [0, 2])) == wanted
