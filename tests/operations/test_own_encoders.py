"""A person's own encoder in a library: scanned with, kept, asked, mended; and all of it without torch."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segue.encoders import registry
from segue.errors import SegueError, UsageError
from segue.operations.answers import Choices
from segue.operations.doctor import examine
from segue.operations.embed import embed_paths
from segue.operations.scan import scan_library
from segue.operations.similar import similar
from segue.settings import DataFolder

GOLDEN = Path(__file__).parents[1] / "encoders" / "golden"
ID = "golden-97984604"


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_OWN", {})


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN, tmp_path / "mine"))


@pytest.fixture
def music(demo, tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for number, piece in enumerate(demo.pieces[:5]):
        shutil.copy(piece.path, folder / f"{number}{piece.path.suffix}")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process."""
    monkeypatch.setattr(registry, "_OWN", {})


def test_a_library_keeps_the_encoder_it_was_scanned_with(
    music: Path, data: DataFolder, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scan_library(data, [music], encoder=str(own), workers=1, nice=0).analysed == 5
    shutil.rmtree(own)
    _forget(monkeypatch)
    seed = min(music.iterdir())
    assert len(similar(data, str(seed), choices=Choices(number=3))) == 3
    outside = Path(shutil.move(seed, tmp_path / seed.name))
    assert similar(data, str(outside), choices=Choices(number=3, encoder="golden"))
    _forget(monkeypatch)
    shutil.copy(outside, music / f"again{outside.suffix}")
    scan_library(data, [], workers=1, nice=0)
    assert next(finding for finding in examine(data) if finding.check == f"encoder {ID}").ok


def test_vectors_stay_of_use_when_the_encoder_is_gone(
    music: Path, data: DataFolder, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan_library(data, [music], encoder=str(own), workers=1, nice=0)
    shutil.rmtree(data.models)
    _forget(monkeypatch)
    seed = min(music.iterdir())
    assert similar(data, str(seed), choices=Choices(number=2))
    with pytest.raises(UsageError, match=f"there is no encoder '{ID}'"):
        scan_library(data, [], workers=1, nice=0)


def test_a_damaged_copy_is_told_and_mended(music: Path, data: DataFolder, own: Path) -> None:
    scan_library(data, [music], encoder=str(own), workers=1, nice=0)
    graph = data.models / ID / "network.onnx"
    graph.write_bytes(b"")
    (finding,) = [finding for finding in examine(data) if finding.check == f"encoder {ID}"]
    assert not finding.ok and "network.onnx is damaged" in finding.detail
    scan_library(data, [music], encoder=str(own), workers=1, nice=0)
    assert graph.read_bytes() == (own / "network.onnx").read_bytes()


def test_a_damaged_encoder_is_refused_before_the_scan(music: Path, data: DataFolder, own: Path) -> None:
    (own / "network.onnx").write_bytes(b"")
    with pytest.raises(SegueError, match=r"network\.onnx is damaged"):
        scan_library(data, [music], encoder=str(own), workers=1, nice=0)
    assert not data.catalogue.exists()
    with pytest.raises(SegueError, match=r"network\.onnx is damaged"):
        embed_paths([music], encoder=str(own), workers=1)


def test_files_are_embedded_by_folder_by_name_and_in_a_sum(
    music: Path, data: DataFolder, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_folder = embed_paths([music], encoder=str(own), workers=1)
    assert (by_folder.encoder, by_folder.vectors.shape) == (ID, (5, 4))
    scan_library(data, [music], encoder=str(own), workers=1, nice=0)
    _forget(monkeypatch)
    with pytest.raises(UsageError, match="there is no encoder"):
        embed_paths([music], encoder="golden", workers=1)
    by_name = embed_paths([music], encoder="golden", workers=1, data=data)
    assert np.array_equal(by_name.vectors, by_folder.vectors)
    pair = embed_paths([music], encoder=f"{own}+timbre", workers=1)
    assert (pair.encoder, pair.vectors.shape) == (f"timbre-1+{ID}", (5, 365))


def test_an_encoder_needs_nothing_that_training_needs(music: Path, tmp_path: Path) -> None:
    """Neither in this process nor in the one that hears."""
    for name in ("torch", "lightning", "onnx", "onnxscript", "h5py", "matplotlib"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('nobody may import this')")
    code = f"""
import sys
from segue.cli.app import main
song, encoder, vectors = {str(min(music.iterdir()))!r}, {str(GOLDEN)!r}, {str(tmp_path / "v.npz")!r}
main(["embed", song, "--encoder", encoder, "--workers", "1", "-o", vectors])
"""
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert "1 vectors of 4 numbers by golden-97984604" in done.stderr
    assert np.load(tmp_path / "v.npz", allow_pickle=False)["vectors"].shape == (1, 4)
