"""`segue train adapt`, then `embed`, `scan` and `similar` with what it made; the weights are random."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

# ruff: noqa: E402 (torch is asked for first)
torch = pytest.importorskip("torch")

from segue.encoders import registry
from segue.training.networks.efficientat import Mn04


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_OWN", {})


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        torch.save(Mn04().state_dict(), tmp_path / "mn04.pt")
    return tmp_path / "mn04.pt"


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    time_s = np.arange(3 * 22050) / 22050
    for number in range(3):
        tone = 0.4 * np.sin(2 * np.pi * 200 * 2.3**number * time_s) * (time_s % 0.5 < 0.3)
        soundfile.write(folder / f"{number}.wav", tone, 22050)
    (folder / "broken.wav").write_bytes(b"none")
    return folder


def _classes(path: Path, names: list[str]) -> Path:
    rows = [f'{index},/m/{index},"{name}"' for index, name in enumerate(names)]
    path.write_text("\n".join(["index,mid,display_name", *rows]) + "\n")
    return path


def test_from_published_weights_to_neighbours(segue, weights, music, tmp_path):
    own, place = tmp_path / "mn04", tmp_path / "place"
    classes = _classes(tmp_path / "classes.csv", ["Music", "Male speech, man", *map(str, range(525))])
    options = ("--labels", classes, "--data", music, "--workers", "1", "--json")
    made = segue("train", "adapt", "mn04", "--weights", weights, "--output", own, *options)
    assert made.code == 0, made.err
    assert made.json["encoder"].startswith("mn04-") and "1 files could not be heard" in made.err
    assert [made.json[key] for key in ("labels", "heard", "problems")] == [527, 3, 1]

    header = json.loads((own / "encoder.json").read_text())
    assert header["input"]["window_length"] == 800 and header["licence"] == "MIT"
    assert header["labels"][1] == "Male speech, man" and "3 files" in header["data"]["scaling"]
    assert "window of 800 samples" in (own / "README.md").read_text()

    assert segue("embed", music, "--encoder", own, "-o", tmp_path / "v.npz", "--workers", "1").code == 0
    with np.load(tmp_path / "v.npz", allow_pickle=False) as stored:
        assert str(stored["encoder"]) == made.json["encoder"]
        np.testing.assert_allclose(
            stored["vectors"].mean(axis=0), header["scaling"]["mean"], rtol=1e-5, atol=1e-6
        )

    scanned = segue("scan", music, "--encoder", f"{own}+timbre", "--data", place, "--quiet", "--workers", "1")
    assert scanned.code == 0
    assert segue("similar", music / "1.wav", "--json", "--data", place).json


def test_wrong_use_is_one_line_and_leaves_nothing(segue, weights, tmp_path):
    out, wrong = tmp_path / "out", tmp_path / "wrong.pt"
    torch.save({"fc.weight": torch.zeros(3)}, wrong)
    few = _classes(tmp_path / "few.csv", ["Music"])
    (tmp_path / "no.csv").write_text("a,b\n1,2\n")
    for arguments, words in (
        (["--weights", wrong], "holds another network: 'features.0.0.weight' is missing"),
        (["--weights", tmp_path / "none.pt"], "there is no such file of weights; it is mn04_as_mAP_432.pt"),
        (["--weights", weights, "--labels", few], "names 1 classes, not AudioSet's 527"),
        (["--weights", weights, "--labels", tmp_path / "no.csv"], "no table with the columns"),
    ):
        refused = segue("train", "adapt", "mn04", "--output", out, *arguments)
        assert refused.code == 2
        assert words in refused.err and refused.err.count("\n") == 1
    assert not out.exists()


def test_another_wheel_is_refused_in_one_line(segue, weights, tmp_path):
    out = tmp_path / "out"
    table = _classes(tmp_path / "classes.csv", ["Music"])
    for arguments, words in (
        (["--weights", weights], "is not the published wheel of musicnn==0.1.0: its sha256 differs"),
        (["--weights", tmp_path / "none.whl"], "none.whl cannot be read"),
        (["--weights", weights, "--labels", table], "labels are for mn04: mtt-vgg gives vectors only"),
    ):
        refused = segue("train", "adapt", "mtt-vgg", "--output", out, *arguments)
        assert refused.code == 2
        assert words in refused.err and refused.err.count("\n") == 1
    assert not out.exists()
