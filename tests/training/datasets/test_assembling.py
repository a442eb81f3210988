"""What readers found becomes a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from segue.errors import UsageError
from segue.training.datasets.assembling import Entry, Listing, assemble


def _files(folder: Path, *names: str) -> list[Path]:
    places = [folder / name for name in names]
    for place in places:
        place.touch()
    return places


def test_tracks_without_audio_are_left_out_and_counted(tmp_path: Path) -> None:
    here, gone = _files(tmp_path, "a.mp3")[0], tmp_path / "b.mp3"
    entries = (
        Entry("a", here, classes={"genre": "rock"}),
        Entry("b", gone, classes={"genre": "only of the missing"}),
    )
    dataset = assemble(Listing("some", entries))
    assert dataset.tracks == ("a",) and dataset.audio == (here,)
    assert dataset.target("genre").names == ("rock",)
    assert "1 of 2 audio files are missing" in dataset.notes[0]


def test_no_audio_at_all_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none of its 1 audio files is there, such as .*b\.mp3"):
        assemble(Listing("some", (Entry("b", tmp_path / "b.mp3"),)))
    with pytest.raises(UsageError, match="holds no track that can be used"):
        assemble(Listing("some", ()))


def test_data_of_numbers_need_no_audio() -> None:
    one, two = np.zeros(3, np.float32), np.ones(3, np.float32)
    listing = Listing("some", (Entry("a", vectors={"x": one}), Entry("b"), Entry("c", vectors={"x": two})))
    dataset = assemble(listing)
    assert dataset.audio == () and dataset.tracks == ("a", "c")
    assert dataset.vectors["x"].tolist() == [[0, 0, 0], [1, 1, 1]]
    assert dataset.notes == ("1 tracks lack x and were left out",)


def test_a_track_that_is_listed_twice_counts_once() -> None:
    dataset = assemble(Listing("some", (Entry("a", title="first"), Entry("a", title="second"))))
    assert dataset.titles == ("first",) and "listed twice" in dataset.notes[0]


def test_artists_of_two_tracks_are_classes() -> None:
    entries = tuple(Entry(str(row), artist=artist) for row, artist in enumerate(["X", "Y", "X", ""]))
    target = assemble(Listing("some", entries)).target("artist")
    assert target.names == ("X",) and target.values.tolist() == [0, -1, 0, -1]


def test_what_is_not_known_stays_unknown() -> None:
    entries = (
        Entry("a", classes={"genre": "pop"}, tags={"tags": ["slow"]}, values={"mood": {"calm": 0.5}}),
        Entry("b", tags={"tags": []}),
        Entry("c"),
    )
    dataset = assemble(Listing("some", entries))
    assert dataset.target("genre").known.tolist() == [True, False, False]
    assert dataset.target("tags").known.tolist() == [True, True, False]
    assert dataset.target("mood").known.tolist() == [True, False, False]
    assert "genre is not known of 2 of 3 tracks" in dataset.notes
    with pytest.raises(UsageError, match="it has genre, tags, mood"):
        dataset.target("factors")


def test_faults_and_repetitions_are_left_out_on_request(tmp_path: Path) -> None:
    tone = 0.1 * np.sin(np.arange(16000) / 20)
    for name, sound in (("a", tone), ("b", tone), ("c", -tone), ("d", tone / 2), ("e", tone / 3)):
        soundfile.write(tmp_path / f"{name}.wav", sound, 16000)
    keys = {"a": "", "b": "", "c": "1", "d": "1", "e": ""}
    entries = tuple(
        Entry(name, tmp_path / f"{name}.wav", recording=key, faulty=name == "e") for name, key in keys.items()
    )
    assert len(assemble(Listing("some", entries))) == 5
    dataset = assemble(Listing("some", entries), without_faults=True)
    assert dataset.tracks == ("a", "c")
    assert "1 tracks with known faults and 2 that repeat" in dataset.notes[0]
