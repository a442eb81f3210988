"""`segue clusters` on the demo library, whose styles are known."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from segue.atlas import smooth_order, step_costs, way_cost
from segue.catalogue import open_catalogue, tracks, vector_keys
from segue.operations import transitions
from segue.operations.transitions import known_transitions
from segue.playlists import read_playlist
from segue.settings import DataFolder
from segue.types import EncoderId


@pytest.fixture
def data(demo, tmp_path: Path) -> Path:
    """The demo library to be changed."""
    place = tmp_path / "data"
    shutil.copytree(demo.data, place)
    return place


@pytest.fixture(scope="module")
def heard(demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo library after its playlists were written once, so that nothing is left to be heard."""
    from click.testing import CliRunner

    from segue.cli.app import cli

    place = tmp_path_factory.mktemp("clusters")
    shutil.copytree(demo.data, place / "data")
    arguments = ["--data", str(place / "data"), "clusters", "--k", "7", "--playlists", str(place / "lists")]
    outcome = CliRunner().invoke(cli, [*arguments, "--per-artist", "0", "--workers", "2"])
    assert outcome.exit_code == 0, outcome.output
    return place


def test_seven_kinds_are_the_seven_styles(segue, demo, heard):
    answer = segue("clusters", "--json", "--data", heard / "data")
    assert answer.code == 0
    assert [kind["number"] for kind in answer.json["kinds"]] == list(range(1, 8))
    assert sum(kind["tracks"] for kind in answer.json["kinds"]) == answer.json["tracks"]
    assert len({kind["name"] for kind in answer.json["kinds"]}) == 7
    for kind in answer.json["kinds"]:
        assert len({demo.piece(example["title"]).style for example in kind["examples"]}) == 1
        assert kind["apart"][0]["difference"] > 1
        assert kind["name"].startswith(kind["apart"][0]["word"].lower())
    named = {kind["name"].split(",")[0] for kind in answer.json["kinds"]}
    assert {"piano", "jazz", "ambient", "chiptune"} <= named


def test_auto_says_what_the_second_opinions_would_take(segue, data):
    answer = segue("clusters", "--k", "auto", "--json", "--quiet", "--data", data)
    curve = answer.json["curve"]
    assert len(answer.json["kinds"]) == curve["elbow"]
    assert 5 <= curve["elbow"] <= 8 and 5 <= curve["by_stability"] <= 8
    assert [row["k"] for row in curve["numbers"]] == list(range(1, 13))
    assert curve["numbers"][0]["silhouette"] is None
    said = f"{curve['elbow']} by the elbow of the inertia over 1 to 12; the silhouette would take"
    assert said in answer.err
    again = segue("clusters", "--data", data)
    assert "elbow" not in again.err and answer.json["kinds"][0]["name"] in again.out


def test_playlists_hold_one_style_in_a_smooth_order(segue, demo, heard, monkeypatch):
    monkeypatch.setattr(transitions, "hear", lambda *_: pytest.fail("it was heard before"))
    arguments = ("clusters", "--playlists", heard / "lists", "--per-artist", "0", "--data", heard / "data")
    answer = segue(*arguments, "--json")
    assert answer.code == 0 and answer.json["problems"] == []
    files = [Path(kind["playlist"]) for kind in answer.json["kinds"]]
    assert {path.name for path in (heard / "lists").iterdir() if not path.name.startswith(".")} == {
        file.name for file in files
    }
    styles = {piece.path: piece.style for piece in demo.pieces}
    for kind, file in zip(answer.json["kinds"], files, strict=True):
        playlist = read_playlist(file)
        assert playlist.title == kind["name"] and file.stem == kind["name"]
        assert len({styles[entry.path] for entry in playlist.entries}) == 1
        assert len(playlist.entries) >= 4
    ids = [name for kind in answer.json["kinds"] for name in kind["playlist_tracks"]]
    folder = DataFolder(heard / "data")
    with open_catalogue(folder) as catalogue:
        some = tracks(catalogue, ids)
        assert len(vector_keys(catalogue, EncoderId("transition-1"))) >= len(some) > 25
    known = known_transitions(folder, some, np.zeros((len(some), 1), np.float32))
    assert np.isfinite(known.end_db).all() and (known.key >= 0).mean() > 0.8
    costs = step_costs(known)
    rng = np.random.default_rng(0)
    usual = np.mean([way_cost(costs, rng.permutation(len(some))) for _ in range(50)])
    assert way_cost(costs, smooth_order(costs)) < 0.6 * usual


@pytest.mark.parametrize("suffix", ["m3u8", "xspf", "jspf"])
def test_formats_lengths_and_files_of_others(segue, heard, tmp_path, suffix):
    first = segue("clusters", "--json", "--data", heard / "data").json["kinds"][0]["name"]
    foreign = tmp_path / f"{first}.{suffix}"
    foreign.write_text("mine")
    options = ("--playlists", tmp_path, "--format", suffix, "--tracks", "2", "--relative")
    for _ in range(2):
        answer = segue("clusters", *options, "--json", "--data", heard / "data")
        assert answer.code == 0
        assert len(answer.json["kinds"][0]["playlist_tracks"]) == 2
    assert foreign.read_text() == "mine"
    written = tmp_path / f"{first} 2.{suffix}"
    assert answer.json["kinds"][0]["playlist"] == str(written)
    assert len(read_playlist(written).entries) == 2
    assert all(entry.path.exists() for entry in read_playlist(written).entries)
    short = segue("clusters", "--playlists", tmp_path, "--length", "1m", "--json", "--data", heard / "data")
    assert len(short.json["kinds"][0]["playlist_tracks"]) == 2


def test_names_stay_and_name_the_files(segue, data, heard, tmp_path):
    shutil.copytree(heard / "data", tmp_path / "mine")
    arguments = ("clusters", "--playlists", tmp_path / "lists", "--tracks", "1", "--data", tmp_path / "mine")
    assert segue(*arguments).code == 0
    named = segue(*arguments, "--name", "2=AC/DC & friends", "--json")
    assert (tmp_path / "lists" / "AC-DC & friends.m3u8").exists()
    assert len(list((tmp_path / "lists").glob("*.m3u8"))) == len(named.json["kinds"])
    refit = segue(*arguments, "--refit", "--k", "auto", "--json")
    assert "AC/DC & friends" in {kind["name"] for kind in refit.json["kinds"] if kind["by_hand"]}


def test_ctrl_c_while_hearing_keeps_the_kinds(segue, data, tmp_path, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(transitions, "hear", stopped)
    answer = segue("clusters", "--k", "3", "--playlists", tmp_path / "lists", "--data", data)
    assert answer.code == 130 and "stopped" in answer.err
    assert not (tmp_path / "lists").exists()
    monkeypatch.undo()
    assert len(segue("clusters", "--json", "--data", data).json["kinds"]) == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--k", "0"), "not auto or a number"),
        (("--k", "many"), "not auto or a number"),
        (("--k", "500"), "cannot be put into 500 kinds"),
        (("--name", "Evening"), "not NUMBER=NAME"),
        (("--name", "99=Evening"), "there is no kind 99"),
        (("--name", "1=a", "--name", "2=A"), "two kinds would be called"),
        (("--encoder", "transition"), "does not say what sounds alike"),
        (("--encoder", "fma518"), "no track has vectors of fma518-1"),
        (("--length", "long", "--playlists", "x"), "is not a length"),
        (("--format", "wav"), "is not one of"),
        (("--variety", "2"), "not in the range"),
    ],
)
def test_wrong_options_are_one_line(segue, heard, tmp_path, monkeypatch, wrong, said):
    monkeypatch.chdir(tmp_path)
    answer = segue("clusters", *wrong, "--quiet", "--data", heard / "data")
    assert answer.code == 2 and said in answer.err and answer.out == ""
    assert not (tmp_path / "x").exists()


def test_without_a_library_or_a_folder_it_says_so(segue, data, tmp_path):
    assert segue("clusters", "--data", tmp_path / "none").code == 2
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        answer = segue("clusters", "--playlists", folder, "--data", data)
        assert answer.code in (1, 2) and "file" in answer.err
    assert not (data / "clusters").exists()
