"""An encoder of one's own, from audio and a table of labels to the vectors of other files."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch")

from segue.encoders import load_encoder, registry
from segue.errors import UsageError
from segue.operations.embed import embed_paths
from segue.operations.train import Trained, Wanted, train_encoder
from segue.settings import DataFolder

NETWORK = "carranza-factor-cnn"


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_OWN", {})


def _song(low: bool, seed: int) -> np.ndarray:
    """Three seconds of notes, either low and long or high and short."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(3 * 22050) / 22050
    pitch = rng.uniform(100, 200) if low else rng.uniform(2000, 4000)
    pulse = np.sin(2 * np.pi * (0.5 if low else 6) * time_s) > 0
    return (
        0.4 * np.sin(2 * np.pi * pitch * time_s) * pulse + 0.01 * rng.standard_normal(time_s.size)
    ).astype(np.float32)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """28 songs of seven artists, with a table of labels beside them."""
    folder = tmp_path_factory.mktemp("music")
    rows = ["file,artist,mood,tags"]
    for number in range(28):
        low = number % 2 == 0
        soundfile.write(folder / f"{number}.wav", _song(low, number), 22050)
        rows.append(
            f"{number}.wav,artist {number // 4},{'calm' if low else 'busy'},{'low|slow' if low else 'high'}"
        )
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    return DataFolder(tmp_path_factory.mktemp("data"))


def _train(music: Path, output: Path, data: DataFolder, **settings: Any) -> Trained:
    usual = Wanted(labels=music / "labels.csv", network=NETWORK, epochs=2, workers=1)
    return train_encoder(music, output, replace(usual, **settings), data=data)


@pytest.fixture(scope="module")
def trained(music: Path, data: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return _train(music, tmp_path_factory.mktemp("made") / "My Moods", data, target="mood", epochs=4)


def test_it_tells_apart_what_it_was_taught(trained: Trained, tmp_path: Path) -> None:
    assert trained.target == "mood" and sum(trained.counts) == 28
    assert trained.encoder.startswith("my-moods-")
    songs = [tmp_path / f"{number}.wav" for number in range(4)]
    for number, song in enumerate(songs):
        soundfile.write(song, _song(number % 2 == 0, 100 + number), 22050)
    vectors = embed_paths(songs, encoder=str(trained.folder), workers=1).vectors
    unit = vectors - vectors.mean(axis=0)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    assert (unit @ unit.T)[0].argsort()[::-1][:2].tolist() == [0, 2]


def test_its_folder_says_where_it_comes_from(trained: Trained, music: Path) -> None:
    header = json.loads((trained.folder / "encoder.json").read_text())
    assert header["labels"] == ["busy", "calm"]
    assert header["network"]["name"] == NETWORK and header["network"]["parameters"] > 1000
    assert header["data"]["learned from"] == trained.counts[0] and header["data"]["apart"] == "artist"
    assert "accuracy of mood" in header["metrics"]
    assert load_encoder(str(trained.folder)).dim == len(header["scaling"]["mean"])
    assert trained.int8
    for file in ("encoder.json", "README.md", "network.onnx"):
        assert str(music).encode() not in (trained.folder / file).read_bytes()


@pytest.mark.slow
def test_the_same_training_makes_the_same_encoder(
    trained: Trained, music: Path, data: DataFolder, tmp_path: Path
) -> None:
    again = _train(music, tmp_path / "My Moods", data, target="mood", epochs=4)
    assert again.encoder == trained.encoder


def test_a_training_goes_on_from_an_encoder_with_other_labels(
    trained: Trained, music: Path, data: DataFolder, tmp_path: Path
) -> None:
    tagged = _train(music, tmp_path / "tags", data, target="tags", start=trained.folder, epochs=1)
    assert tagged.target == "tags"
    assert json.loads((tagged.folder / "encoder.json").read_text())["labels"] == ["high", "low", "slow"]
    with pytest.raises(UsageError):
        _train(music, tmp_path / "other", data, target="mood", start=trained.folder, network="gao-cnn")


def test_a_training_that_is_done_is_only_exported_again(
    trained: Trained, music: Path, data: DataFolder, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(trained.folder, tmp_path / trained.folder.name))
    again = _train(music, folder, data, target="mood", epochs=4, resume=True)
    assert (again.encoder, again.epochs) == (trained.encoder, trained.epochs)


def test_a_folder_of_other_things_is_left_alone(music: Path, data: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(UsageError, match=r"holds other things, such as README\.md"):
        _train(music, tmp_path, data, target="mood")
    assert (tmp_path / "README.md").read_text() == "mine"


def test_the_library_itself_can_teach(demo, tmp_path: Path) -> None:
    data = DataFolder(Path(shutil.copytree(demo.data, tmp_path / "data")))
    wanted = Wanted(network=NETWORK, epochs=1, workers=1)
    trained = train_encoder(None, tmp_path / "own", wanted, data=data)
    assert trained.target == "genre" and sum(trained.counts) > 20
    with pytest.raises(UsageError, match="say with --data in which"):
        train_encoder(None, tmp_path / "own", replace(wanted, labels=tmp_path / "labels.csv"), data=data)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"target": "genre"}, "has no 'genre': it has .*mood"),
        ({"network": "gao-cmn"}, "did you mean 'gao-c"),
        ({"network": "gao-cnn-1d"}, "hears vectors, not audio"),
    ],
)
def test_wrong_words_are_told_before_any_work(
    music: Path, data: DataFolder, tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        _train(music, tmp_path / "out", data, **settings)
    assert not (tmp_path / "out").exists()


def test_what_is_no_training_is_told_before_any_music_is_heard(music: Path, tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    with pytest.raises(UsageError, match=r"no best\.ckpt is in it"):
        _train(music, tmp_path / "out", data, target="mood", start=tmp_path)
    assert not (tmp_path / "data").exists()


def test_only_what_can_be_heard_is_split(music: Path, data: DataFolder, tmp_path: Path) -> None:
    """Most files are no audio: were they shared out too, nothing might be left to judge."""
    for number in range(28):
        shutil.copy(music / f"{number}.wav", tmp_path)
    table = ["file,artist,mood", *(f"{n}.wav,artist {n // 4},{'ab'[n % 2]}" for n in range(28))]
    table += [f"x{n}.wav,other {n // 20},{'ab'[n % 2]}" for n in range(60)]
    for number in range(60):
        (tmp_path / f"x{number}.wav").write_bytes(b"no audio")
    (tmp_path / "labels.csv").write_text("\n".join(table))
    made = _train(tmp_path, tmp_path / "out", data, target="mood", epochs=1)
    assert sum(made.counts) == 28 and min(made.counts) > 0


def test_a_refused_training_leaves_the_folder_as_it_was(
    trained: Trained, music: Path, data: DataFolder, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(trained.folder, tmp_path / trained.folder.name))
    before = (folder / "training" / "split.json").read_bytes()
    with pytest.raises(UsageError, match="this training began with"):
        _train(music, folder, data, target="mood", epochs=4, resume=True, seed=1)
    with pytest.raises(UsageError, match="this training began with another"):
        _train(music, folder, data, target="mood", epochs=4, resume=True, network="carranza-genre-cnn")
    assert (folder / "training" / "split.json").read_bytes() == before
