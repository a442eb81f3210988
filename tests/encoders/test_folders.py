"""Encoders that a person trained: the golden folder, names, sums, and whatever can be wrong with a folder."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from segue.encoders import (
    TaggingEncoder,
    encoder_folders,
    know_encoder,
    load_encoder,
    members,
    published_scaling,
    registry,
    resolve,
)
from segue.encoders.artefacts import read_graph
from segue.encoders.folders import encoder_id, read_folder
from segue.encoders.onnx_encoder import patches_of
from segue.errors import SegueError, UsageError
from segue.features import power_spectrum

GOLDEN = Path(__file__).with_name("golden")
"""Made by `segue.training.export.export_encoder` when format 2 was new; it must load for ever."""


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_OWN", {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOLDEN, tmp_path / "golden"))


def _change(folder: Path, **changes: object) -> None:
    """Change the header as a careful person would, with the id that belongs to it."""
    path = folder / "encoder.json"
    header = {**json.loads(path.read_text()), **changes}
    header["id"] = encoder_id(header["name"], header)
    path.write_text(json.dumps(header))


def test_the_golden_encoder_says_what_it_always_said() -> None:
    encoder = load_encoder(str(GOLDEN))
    assert isinstance(encoder, TaggingEncoder)
    time_s = np.arange(5 * 8000) / 8000
    tones = 0.3 * np.sin(2 * np.pi * 330 * time_s) + 0.1 * np.sin(2 * np.pi * (1000 + 100 * time_s) * time_s)
    samples = tones.astype(np.float32)
    vector, probabilities = encoder.encode_and_tag([samples, samples[:4000]])
    expected = json.loads((GOLDEN / "expected.json").read_text())
    assert encoder.id == "golden-97984604" and encoder.tag_names == ("blues", "jazz", "rock")
    np.testing.assert_allclose(vector, expected["vector"], atol=1e-4)
    np.testing.assert_allclose(probabilities, expected["probabilities"], atol=1e-4)
    assert encoder.describe().sample_rate == 8000
    assert np.array_equal(encoder.encode([samples]), encoder.encode([samples]))


def test_a_folder_is_known_by_its_id_and_its_name_from_then_on(folder: Path) -> None:
    with pytest.raises(UsageError, match="there is no encoder 'golden'"):
        members("golden")
    (id_,) = members(str(folder))
    assert members("golden") == members(id_) == (id_,)
    assert load_encoder("golden") is load_encoder(id_) is resolve(str(folder))
    assert encoder_folders([id_, "timbre-1"]) == {id_: folder}


def test_sums_with_a_folder_have_one_order(folder: Path) -> None:
    pair = resolve(f"{folder}+timbre")
    assert pair.id == resolve(f"timbre + {folder}").id == "timbre-1+golden-97984604"
    assert pair.dim == 361 + 4


def test_a_folder_may_have_a_plus_in_its_name(folder: Path) -> None:
    strange = folder.rename(folder.with_name("rock+roll"))
    assert resolve(str(strange)).id == "golden-97984604"


def test_a_folder_in_reach_is_meant_before_another_of_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know_encoder(GOLDEN)
    _change(folder, sha256="0" * 64)
    monkeypatch.chdir(folder.parent)
    assert members("golden") != members(str(GOLDEN))


def test_its_scaling_is_that_of_the_tracks_it_learned_from() -> None:
    scaling = published_scaling(str(GOLDEN))
    assert scaling.mean.tolist() == [0.5] * 4
    assert scaling.std.tolist() == [0.25, 0.25, 0.25, np.inf]


def test_patches_cover_the_window_to_its_end() -> None:
    artefact, _ = read_folder(GOLDEN)
    noise = np.random.default_rng(0).standard_normal(80 * 256).astype(np.float32)
    patches = np.concatenate(list(patches_of(noise, artefact, at_a_time=2)))
    whole = np.concatenate(list(patches_of(noise[: 32 * 256 - 1], artefact, at_a_time=2)))
    assert patches.shape == (3, 32, 129)
    np.testing.assert_allclose(patches[0, :31], whole[0, :31], rtol=1e-4, atol=1e-4)
    # 81 frames: patches begin at 0, 24 (of 24.5) and 49.
    np.testing.assert_allclose(patches[0, 24:], patches[1, :8], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(patches[1, 25:], patches[2, :7], rtol=1e-4, atol=1e-4)


def test_a_window_may_be_shorter_than_the_transform(folder: Path) -> None:
    before = know_encoder(folder)
    heard = json.loads((folder / "encoder.json").read_text())["input"]
    _change(folder, input={**heard, "window_length": 100})
    encoder = load_encoder(str(folder))
    artefact, _ = read_folder(folder)
    noise = np.random.default_rng(0).standard_normal(31 * 256).astype(np.float32)
    (patches,) = patches_of(noise, artefact, at_a_time=2)
    expected = power_spectrum(noise, 256, 256, window_length=100)
    np.testing.assert_allclose(patches[0], expected, rtol=1e-4, atol=1e-4)
    assert encoder.id != before and "Hann 100" in encoder.describe().definition


@pytest.mark.parametrize("length", [0, 257, "long"])
def test_a_window_that_does_not_fit_is_named(folder: Path, length: object) -> None:
    heard = json.loads((folder / "encoder.json").read_text())["input"]
    _change(folder, input={**heard, "window_length": length})
    with pytest.raises(SegueError, match=r"encoder\.json is not the header of an encoder"):
        load_encoder(str(folder))


def test_two_of_one_name_ask_which(folder: Path) -> None:
    know_encoder(GOLDEN)
    _change(folder, sha256="0" * 64)
    other = know_encoder(folder)
    with pytest.raises(UsageError, match=f"several encoders are called 'golden'.*{other}"):
        members("golden")


def test_a_folder_that_was_trained_again_replaces_what_was_known_of_it(folder: Path) -> None:
    before = know_encoder(folder)
    _change(folder, sha256="0" * 64)
    assert know_encoder(folder) != before
    with pytest.raises(UsageError, match="there is no encoder"):
        members(before)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "{}", '{"format": 2}', '{"format": "2"}', '{"format": 2, "name": 3}']
)
def test_a_damaged_header_is_named(folder: Path, text: str) -> None:
    (folder / "encoder.json").write_text(text)
    with pytest.raises(SegueError, match=r"encoder\.json is not the header of an encoder"):
        load_encoder(str(folder))


@pytest.mark.parametrize("key", ["input", "labels", "scaling", "licence", "outputs", "name"])
def test_a_header_that_lacks_something_is_named(folder: Path, key: str) -> None:
    path = folder / "encoder.json"
    header = json.loads(path.read_text())
    del header[key]
    path.write_text(json.dumps(header))
    with pytest.raises(SegueError, match=rf"encoder\.json is not the header of an encoder.*{key}"):
        load_encoder(str(folder))


def test_a_header_changed_by_hand_is_noticed(folder: Path) -> None:
    path = folder / "encoder.json"
    header = path.read_text()
    for before, after in (('"hop": 256', '"hop": 128'), ('"jazz", ', "")):
        path.write_text(header.replace(before, after))
        with pytest.raises(SegueError, match="was changed"):
            load_encoder(str(folder))
    path.write_text(header.replace("NOASSERTION", "CC0-1.0"))
    assert load_encoder(str(folder)).describe().licence == "CC0-1.0"


@pytest.mark.parametrize("name", ["", "../up", "a+b", "a/b", "Ä", "-"])
def test_a_name_that_could_lead_elsewhere_is_refused(folder: Path, name: str) -> None:
    _change(folder, name=name)
    with pytest.raises(SegueError, match="is no name"):
        load_encoder(str(folder))


def test_a_scaling_of_another_length_is_named(folder: Path) -> None:
    _change(folder, scaling={"mean": [0.0], "std": [1.0]})
    with pytest.raises(SegueError, match="not of 4 dimensions"):
        load_encoder(str(folder))


def test_a_later_format_asks_for_an_update(folder: Path) -> None:
    (folder / "encoder.json").write_text('{"format": 3}')
    with pytest.raises(SegueError, match="update Segue"):
        load_encoder(str(folder))


def test_a_damaged_graph_is_never_run(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    graph = folder / "network.onnx"
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(SegueError, match=r"network\.onnx is damaged.*copy the whole folder again"):
        encoder.encode([np.ones(8000, np.float32)])
    graph.unlink()
    with pytest.raises(SegueError, match=r"network\.onnx cannot be read"):
        read_graph(read_folder(folder)[0])


def test_what_is_no_encoder_says_what_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "music").mkdir()
    for name in ("music", "music/", "nowhere/", str(tmp_path / "nowhere")):
        with pytest.raises(UsageError, match=r"is not an encoder: there is no encoder\.json in it"):
            resolve(name)
    for name in ("nowhere", "x" * 5000, "a\0b"):
        with pytest.raises(UsageError, match=r"there is no encoder.*musicnn.*folder"):
            resolve(name)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"dim": 7, "scaling": {"mean": [0.0] * 7, "std": [1.0] * 7}},
            r"does not fit its card: \w+ is of shape",
        ),
        ({"labels": ["blues", "jazz"]}, "does not fit its card"),
    ],
)
def test_a_graph_of_something_else_is_never_run(folder: Path, changes: dict[str, object], words: str) -> None:
    _change(folder, **changes)
    with pytest.raises(SegueError, match=words):
        load_encoder(str(folder)).encode([np.ones(8000, np.float32)])


def test_what_is_no_graph_is_said(folder: Path) -> None:
    (folder / "network.onnx").write_bytes(b"none")
    _change(folder, sha256=hashlib.sha256(b"none").hexdigest())
    with pytest.raises(SegueError, match=r"network\.onnx is not a graph that ONNX Runtime reads"):
        load_encoder(str(folder)).encode([np.ones(8000, np.float32)])
