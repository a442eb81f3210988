"""Genres told by ear in answers: as reasons, as a fence, and for tracks whose tags say nothing."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.audio import AudioInfo
from segue.catalogue import (
    Analysis,
    FileStat,
    Track,
    iterate_tracks,
    load_vectors,
    open_catalogue,
    record_analysis,
)
from segue.errors import NothingFound, SegueError, UsageError
from segue.genres import GenreModel, Member
from segue.operations import genre_model, told_genres
from segue.operations.answers import Choices
from segue.operations.genre_model import library_genres, the_genre_model
from segue.operations.history import import_history
from segue.operations.mix import mix
from segue.operations.recommend import recommend
from segue.operations.similar import similar
from segue.progress import Silent
from segue.settings import DataFolder
from segue.types import EncoderId

MUSICNN = EncoderId("musicnn-msd-1")
ALL = {"number": 60, "per_artist": 0, "per_album": 0}


class Notes(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def data(demo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """The demo library, and a model that has learned the genres in its tags by heart."""
    shutil.copytree(demo.data, tmp_path / "data")
    folder = DataFolder(tmp_path / "data")
    with open_catalogue(folder) as catalogue:
        keys, vectors = load_vectors(catalogue, MUSICNN)
        genres = {track.key: track.tags.genres[0] for track in iterate_tracks(catalogue)}
    classes = tuple(sorted(set(genres.values())))
    centres = np.stack(
        [vectors[[genres[key] == name for key in keys.tolist()]].mean(axis=0) for name in classes]
    )
    scale = 40 / np.median(np.square(vectors[:, None] - centres).sum(axis=2))

    def scores(asked: Any) -> Any:
        return -scale * np.square(asked[:, None] - centres).sum(axis=2).astype(np.float64)

    model = GenreModel("heart-0", MUSICNN, classes, (Member("heart", scores),))
    for room in (genre_model, told_genres):
        monkeypatch.setattr(room, "the_genre_model", lambda data: model)
    return folder


def tracks_of(data: DataFolder) -> dict[str, Track]:
    with open_catalogue(data) as catalogue:
        return {track.tags.title or "": track for track in iterate_tracks(catalogue)}


def write_tags(data: DataFolder, track: Track, **changes: Any) -> None:
    """Give a track other tags in the catalogue alone."""
    path = track.paths[0]
    with open_catalogue(data, write=True) as catalogue:
        record_analysis(
            catalogue,
            Analysis(
                path,
                FileStat(path, path.stat().st_size, path.stat().st_mtime_ns),
                track.digest,
                dataclasses.replace(track.tags, **changes),
                AudioInfo(track.duration_s, track.sample_rate, track.channels, track.codec, None),
            ),
        )


def told(data: DataFolder) -> dict[str, str]:
    """The class that each track is told to be of, by title."""
    with open_catalogue(data) as catalogue:
        model = genre_model.the_genre_model(data)
        keys, probabilities = library_genres(catalogue, data, model)
    best = {
        key: model.classes[at] for key, at in zip(keys.tolist(), probabilities.argmax(axis=1), strict=True)
    }
    return {title: best[track.key] for title, track in tracks_of(data).items()}


def test_within_genre_holds_the_class_of_the_seed_only(data: DataFolder) -> None:
    classes, notes = told(data), Notes()
    answer = similar(data, "Hail", choices=Choices(**ALL, within_genre=True), progress=notes)
    assert answer
    assert {classes[one.track.tags.title or ""] for one in answer} == {classes["Hail"]}
    (note,) = notes.said
    counts = Counter(classes.values())
    assert note.startswith(f"within {classes['Hail']} (") and f"{counts[classes['Hail']]} of" in note
    free = similar(data, "Hail", choices=Choices(**ALL))
    inside = [one.track.id for one in free if classes[one.track.tags.title or ""] == classes["Hail"]]
    assert [one.track.id for one in answer] == inside


def test_a_mix_stays_within_the_classes_of_its_seeds(data: DataFolder) -> None:
    classes = told(data)
    answer = mix(data, ["Hail", "Neon Ledger"], choices=Choices(**ALL, within_genre=True))
    assert {classes[one.track.tags.title or ""] for one in answer} == {
        classes["Hail"],
        classes["Neon Ledger"],
    }


def test_a_file_outside_is_told_by_ear(data: DataFolder, demo: Any, tmp_path: Path) -> None:
    seed, classes, notes = demo.piece("Hail"), told(data), Notes()
    outside = tmp_path / f"elsewhere{seed.path.suffix}"
    shutil.copy(seed.path, outside)
    answer = similar(data, str(outside), choices=Choices(**ALL, within_genre=True), progress=notes)
    assert answer
    assert {classes[one.track.tags.title or ""] for one in answer} == {classes["Hail"]}
    assert notes.said[0].startswith(f"within {classes['Hail']} (")


def test_without_vectors_the_genre_cannot_be_told(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    model = GenreModel("other-0", "fma518-1", ("a", "b"), ())
    for room in (genre_model, told_genres):
        monkeypatch.setattr(room, "the_genre_model", lambda data: model)
    assert similar(data, "Hail")
    with pytest.raises(NothingFound, match="segue scan --encoder fma518-1"):
        similar(data, "Hail", choices=Choices(within_genre=True))


def test_staying_within_needs_a_seed(data: DataFolder) -> None:
    track = tracks_of(data)["Hail"]
    history = data.path / "plays.m3u8"
    history.write_text(f"#EXTM3U\n{track.paths[0]}\n")
    import_history(data, [history])
    with pytest.raises(UsageError, match="seed"):
        recommend(data, choices=Choices(within_genre=True))


def test_an_unwanted_genre_is_told_where_tags_are_missing(data: DataFolder) -> None:
    tracks, classes = tracks_of(data), told(data)
    unwanted = classes["Neon Ledger"]
    same = [title for title in tracks if classes[title] == unwanted and title != "Neon Ledger"]
    bare, renamed = same[:2]
    write_tags(data, tracks[bare], genres=())
    write_tags(data, tracks[renamed], genres=("Something else",))
    notes = Notes()
    answer = similar(data, "Hail", choices=Choices(**ALL, genres=(unwanted.upper(),)), progress=notes)
    titles = {one.track.tags.title for one in answer}
    assert bare not in titles
    assert renamed in titles, "what a person wrote counts"
    assert notes.said == ["left out 1 track without genre tags that sounds like it"]
    notes = Notes()
    assert bare in {one.track.tags.title for one in similar(data, "Hail", choices=Choices(**ALL))}
    similar(data, "Hail", choices=Choices(**ALL, genres=("Polka",)), progress=notes)
    assert notes.said == []


def test_unwanted_genres_are_known_in_any_spelling(data: DataFolder) -> None:
    tracks = tracks_of(data)
    write_tags(data, tracks["Neon Ledger"], genres=("Hip-Hop",))
    answer = similar(data, "Hail", choices=Choices(**ALL, genres=("hip hop",)))
    assert "Neon Ledger" not in {one.track.tags.title for one in answer}


def test_a_genre_of_both_is_a_reason_where_tags_do_not_say_it(data: DataFolder) -> None:
    tracks, classes = tracks_of(data), told(data)
    near = [one.track.tags.title or "" for one in similar(data, "Hail", choices=Choices(number=3))]
    same = next(title for title in near if classes[title] == classes["Hail"])
    assert not any("both" in why for why in reasons(data, same))
    write_tags(data, tracks[same], genres=())
    (why,) = [why for why in reasons(data, same) if "both" in why]
    assert why.startswith(f"both {classes['Hail']} (") and why.endswith(" %)")
    write_tags(data, tracks[same], genres=("Polka",))
    assert any("both" in why for why in reasons(data, same)), (
        "a word that the model does not know says nothing"
    )
    other = next(name for name in set(classes.values()) if name != classes["Hail"])
    write_tags(data, tracks[same], genres=(other,))
    assert not any("both" in why for why in reasons(data, same)), "a person wrote otherwise"


def reasons(data: DataFolder, title: str) -> tuple[str, ...]:
    return next(
        one.reasons for one in similar(data, "Hail", choices=Choices(**ALL)) if one.track.tags.title == title
    )


def test_a_damaged_model_costs_reasons_and_not_the_answer(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(data: DataFolder) -> GenreModel:
        raise SegueError("damaged")

    for room in (genre_model, told_genres):
        monkeypatch.setattr(room, "the_genre_model", damaged)
    assert similar(data, "Hail")
    with pytest.raises(SegueError, match="damaged"):
        similar(data, "Hail", choices=Choices(within_genre=True))


def test_the_library_s_own_model_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path)
    monkeypatch.setattr(genre_model, "load_model", lambda place: place)
    assert the_genre_model(folder) == genre_model.SHIPPED
    own = folder.models / "genres"
    own.mkdir(parents=True)
    (own / "genres.json").write_text("{}")
    assert the_genre_model(folder) == own
    assert the_genre_model(folder, tmp_path) == tmp_path
