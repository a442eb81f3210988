"""Studies of tables, of folders of audio and of the library, from the command line to the files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from segue.errors import NothingFound, UsageError
from segue.operations.analyse import StudyRequest, analyse
from segue.operations.descriptor_tables import describe_folder, describe_library
from segue.progress import Silent
from segue.settings import DataFolder
from segue.training.datasets.fma import audio_of

_RATE = 22050


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Eight short sounds of two kinds, a file that is no sound, and a table that names them all."""
    folder = tmp_path / "music"
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows = ["file,genre,artist"]
    for at in range(8):
        time = np.arange(2 * _RATE) / _RATE
        tone = np.sin(2 * np.pi * (220 + 20 * at) * time) if at % 2 else 0.3 * rng.normal(size=2 * _RATE)
        soundfile.write(folder / f"{at}.wav", (0.5 * tone).clip(-1, 1), _RATE)
        rows.append(f"{at}.wav,{'Tone' if at % 2 else ('noise' if at % 4 else 'NOISE')},artist {at // 2}")
    (folder / "broken.wav").write_text("no sound")
    rows.append("broken.wav,Tone,artist 9")
    (folder / "tracks.csv").write_text("\n".join(rows))
    return folder


def _analysed(tmp_path: Path, source: object, **wanted: Any) -> Any:
    request = StudyRequest(str(source), **wanted)
    return analyse(request, tmp_path / "report", data=DataFolder(tmp_path / "data"))


def test_a_folder_of_audio(tmp_path: Path, music: Path) -> None:
    found = _analysed(tmp_path, music, encoder="timbre", workers=1)
    assert found.n_problems == 1 and "1 of 9 files could not be heard" in " ".join(found.notes)
    assert found.study.names == ("NOISE", "Tone") and found.study.counts == (4, 4)
    assert found.study.table.grouped_by == "artist"
    page = (tmp_path / "report" / "index.html").read_text()
    assert page.count("<img src='data:image/png") == 2
    assert {path.name for path in found.files} == {path.name for path in (tmp_path / "report").iterdir()}
    # What was heard is a table itself: studied again, it says the same.
    again = analyse(
        StudyRequest(str(tmp_path / "report" / "descriptors.csv")),
        tmp_path / "again",
        data=DataFolder(tmp_path / "data"),
    )
    assert again.facts["drop"] == found.facts["drop"]
    assert [one.accuracy for one in again.trials] == [one.accuracy for one in found.trials]


def test_a_folder_without_labels_is_studied_by_its_tags(tmp_path: Path, music: Path) -> None:
    (music / "tracks.csv").unlink()
    found = describe_folder(
        music, encoder="timbre", data=DataFolder(tmp_path / "data"), workers=1, progress=Silent()
    )
    assert len(found.table) == 8 and found.table.classes == ()
    assert "genre is not known of 8 of 8 tracks" in found.table.notes
    assert found.place(0) == music / found.table.tracks[0]


def test_the_library(tmp_path: Path, demo: Any) -> None:
    found = analyse(StudyRequest("library"), tmp_path / "report", data=DataFolder(demo.data))
    assert found.study.table.columns[0].startswith("timbre.")
    assert set(found.study.table.families) == {"timbre", "harmony", "rhythm", "dynamics"}
    assert len(found.study.names) > 1
    rhythm = analyse(
        StudyRequest("library", families=("rhythm",), tracks_shown=(str(demo.pieces[0].path),)),
        tmp_path / "rhythm",
        data=DataFolder(demo.data),
    )
    assert set(rhythm.study.table.families) == {"rhythm"}
    assert (tmp_path / "rhythm" / "index.html").read_text().count("<img src='data:image/png") == 1
    by_artist = describe_library(DataFolder(demo.data), target="artist", encoder="musicnn").table
    assert by_artist.target == "artist" and by_artist.columns[1] == "musicnn.1"
    with pytest.raises(UsageError, match="knows no 'mood': choose genre, artist"):
        describe_library(DataFolder(demo.data), target="mood")


def _written(place: Path, rows: list[list[object]]) -> Path:
    with place.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return place


def test_a_track_that_cannot_be_drawn_costs_its_picture_only(tmp_path: Path, music: Path) -> None:
    table = _written(tmp_path / "t.csv", [["file", "x"], *([f"{at}", at * at] for at in range(5))])
    shown = (str(music / "broken.wav"), str(music / "1.wav"))
    found = _analysed(tmp_path, table, tracks_shown=shown)
    assert "broken.wav cannot be shown" in found.notes[-1]
    assert (tmp_path / "report" / "index.html").read_text().count("<img src=") == 1
    with pytest.raises(NothingFound, match="no such audio file"):
        _analysed(tmp_path, table, tracks_shown=("0",))


def test_the_study_of_gtzan(tmp_path: Path, shared: Path) -> None:
    found = _analysed(tmp_path, shared / "data" / "gtzan-attributes")
    assert found.study.table.name == "features_30_sec.csv" and len(found.study.names) == 10
    order = found.study.separation.ranking()
    assert found.study.table.columns[order[0]] == "chroma_stft_mean"
    assert found.study.table.columns[order[-1]] == "harmony_mean"
    assert 0.5 < found.trials[0].accuracy < 0.7
    assert (tmp_path / "report" / "index.html").stat().st_size < 1_000_000


def test_another_page_is_not_replaced(tmp_path: Path) -> None:
    table = _written(tmp_path / "t.csv", [["file", "x"], *([f"{at}", at * at] for at in range(5))])
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("mine")
    with pytest.raises(UsageError, match=r"holds another index\.html"):
        _analysed(tmp_path, table)
    assert (tmp_path / "report" / "index.html").read_text() == "mine"


def test_the_audio_of_fma_is_found_near_its_table(tmp_path: Path) -> None:
    place = tmp_path / "fma_small" / "000" / "000005.mp3"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"sound")
    for table in (tmp_path / "features.csv", tmp_path / "fma_metadata" / "features.csv"):
        assert audio_of(table, 5) == place and audio_of(table, 6) is None
