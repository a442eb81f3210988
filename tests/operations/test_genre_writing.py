"""Genres into files: shown, written, put back; and every way in which that can be stopped or refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from segue.audio import AudioInfo, payload_digest, read_tags, restore_genre_fields, write_genres
from segue.catalogue import (
    Analysis,
    FileStat,
    Track,
    open_catalogue,
    record_analysis,
    scan_lock,
    track_by_path,
)
from segue.errors import CatalogueBusy, CatalogueReadOnly, NothingFound, UsageError
from segue.genres import GenreModel, Member
from segue.operations import genre_journal, genre_model, genre_plan, genre_writing
from segue.operations.genre_journal import journal_file
from segue.operations.genre_plan import plan_genres
from segue.operations.genre_writing import undo_written, write_planned
from segue.settings import DataFolder

CLASSES = ("Jazz", "Rock", "Hip-Hop")
MODEL = GenreModel("toy-0", "toy-1", CLASSES, (Member("toy", lambda vectors: 6.0 * vectors),))
# Name, which class its vector says, how sure, and the genres in its tags.
FILES = (
    ("a.flac", 0, 1.0, ()),
    ("b.mp3", 1, 1.0, ()),
    ("c.wav", 2, 1.0, ()),
    ("d.flac", 0, 1.0, ("Rock",)),
    ("e.ogg", 1, 0.2, ()),
    ("f.aiff", 1, 1.0, ("rock",)),
)
UNTAGGED_AND_SURE = ["a.flac", "b.mp3", "c.wav"]


def noise(path: Path, seed: int) -> None:
    soundfile.write(path, np.random.default_rng(seed).uniform(-0.5, 0.5, 8000), 8000)


def analysis(path: Path, vector: Any) -> Analysis:
    status = path.stat()
    return Analysis(
        path,
        FileStat(path, status.st_size, status.st_mtime_ns),
        payload_digest(path),
        read_tags(path),
        AudioInfo(1.0, 8000, 1, path.suffix[1:], None),
        {} if vector is None else {"toy-1": np.array(vector, np.float32)},  # type: ignore[dict-item]
    )


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """A library of small files in ``music``, and a model that reads the genre off their vectors."""
    for room in (genre_model, genre_plan):
        monkeypatch.setattr(room, "the_genre_model", lambda data: MODEL)
    folder = DataFolder(tmp_path / "data")
    music = tmp_path / "music"
    music.mkdir()
    with open_catalogue(folder, write=True, create=True) as catalogue:
        for seed, (name, genre, sure, written) in enumerate(FILES):
            noise(music / name, seed)
            if written:
                write_genres(music / name, written)
            vector = np.full(3, 0.1)
            vector[genre] = sure
            record_analysis(catalogue, analysis(music / name, vector))
    return folder


def music_of(data: DataFolder) -> Path:
    return data.path.parent / "music"


def contents(data: DataFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(music_of(data).iterdir())}


def genres_of(data: DataFolder) -> dict[str, tuple[str, ...]]:
    return {name: read_tags(music_of(data) / name).genres for name, *_ in FILES}


def known(data: DataFolder, name: str) -> Track:
    with open_catalogue(data) as catalogue:
        found = track_by_path(catalogue, music_of(data) / name)
    assert found is not None
    return found


def test_nothing_is_written_before_it_is_asked_for(data: DataFolder) -> None:
    before, kept = contents(data), set(data.path.iterdir())
    plan = plan_genres(data)
    assert [change.path.name for change in plan.changes] == UNTAGGED_AND_SURE
    assert [change.new for change in plan.changes] == [("Jazz",), ("Rock",), ("Hip-Hop",)]
    assert (plan.tagged, plan.unsure, plan.untold, plan.left_alone) == (2, 1, 0, ())
    assert all(0.7 <= change.probability <= 1 for change in plan.changes)
    assert contents(data) == before
    assert {path for path in data.path.iterdir() if "sqlite" not in path.name} <= kept


def test_files_and_catalogue_get_the_genre_and_the_track_stays(data: DataFolder) -> None:
    ids = {name: known(data, name).id for name, *_ in FILES}
    outcome = write_planned(data, plan_genres(data).changes)
    assert len(outcome.changes) == 3
    assert outcome.left_alone == ()
    assert genres_of(data)["b.mp3"] == known(data, "b.mp3").tags.genres == ("Rock",)
    for name, *_ in FILES:
        track = known(data, name)
        assert (track.id, track.digest) == (ids[name], payload_digest(music_of(data) / name))
        assert (track.codec, track.duration_s) == (Path(name).suffix[1:], 1.0)
    assert plan_genres(data).changes == ()
    assert not list(music_of(data).glob(".*"))


def test_every_file_of_a_track_is_looked_at(data: DataFolder) -> None:
    copy = music_of(data) / "z-copy.flac"
    copy.write_bytes((music_of(data) / "d.flac").read_bytes())
    restore_genre_fields(copy, {"flac": []})
    with open_catalogue(data, write=True) as catalogue:
        record_analysis(catalogue, analysis(copy, None))
    assert copy in {change.path for change in plan_genres(data).changes}
    write_planned(data, plan_genres(data).changes)
    assert read_tags(copy).genres == ("Jazz",)
    assert genres_of(data)["d.flac"] == known(data, "d.flac").tags.genres == ("Rock",)


def test_overwriting_leaves_what_says_the_same(data: DataFolder) -> None:
    plan = plan_genres(data, overwrite=True, least=0.0)
    assert {change.path.name for change in plan.changes} == {*UNTAGGED_AND_SURE, "d.flac", "e.ogg"}
    write_planned(data, plan.changes)
    assert genres_of(data)["d.flac"] == ("Jazz",)
    assert genres_of(data)["f.aiff"] == ("rock",)
    undo_written(data)
    assert genres_of(data)["d.flac"] == ("Rock",)


def test_undo_puts_all_back_once(data: DataFolder) -> None:
    before = genres_of(data)
    write_planned(data, plan_genres(data).changes)
    write_planned(data, plan_genres(data, overwrite=True).changes)
    undone = undo_written(data)
    assert [change.path.name for change in undone.changes] == ["a.flac", "b.mp3", "c.wav", "d.flac"]
    assert genres_of(data) == before
    assert known(data, "a.flac").tags.genres == ()
    with pytest.raises(NothingFound, match="no genre was written"):
        undo_written(data)


def test_undo_leaves_alone_what_was_changed_since(data: DataFolder) -> None:
    write_planned(data, plan_genres(data).changes)
    music = music_of(data)
    write_genres(music / "a.flac", ["Bebop"])
    (music / "b.mp3").rename(music / "away.mp3")
    undone = undo_written(data)
    assert [change.path.name for change in undone.changes] == ["c.wav"]
    assert {(one.path.name, one.reason) for one in undone.left_alone} == {
        ("a.flac", "changed"),
        ("b.mp3", "missing"),
    }
    assert read_tags(music / "a.flac").genres == ("Bebop",)
    (music / "away.mp3").rename(music / "b.mp3")
    assert [change.path.name for change in undo_written(data).changes] == ["b.mp3"]


@pytest.mark.parametrize(
    "obstacle", ["read-only", "missing", "hard-links", "tags-unwritable", "has-genre", "changed"]
)
def test_one_file_costs_only_itself(data: DataFolder, obstacle: str) -> None:
    path = music_of(data) / "a.flac"
    plan = plan_genres(data)
    if obstacle == "read-only":
        path.chmod(0o444)
    elif obstacle == "missing":
        path.unlink()
    elif obstacle == "hard-links":
        os.link(path, path.with_name("other.flac"))
    elif obstacle == "tags-unwritable":
        path.write_bytes(b"fLaC" + bytes(range(256)))
    elif obstacle == "has-genre":
        write_genres(path, ["Bebop"])
    else:
        noise(path, 99)
    before = path.read_bytes() if path.exists() else None
    outcome = write_planned(data, plan.changes)
    assert [change.path.name for change in outcome.changes] == ["b.mp3", "c.wav"]
    (left,) = outcome.left_alone
    assert (left.path, left.reason) == (path, "changed" if obstacle == "has-genre" else obstacle)
    assert (path.read_bytes() if path.exists() else None) == before
    if obstacle != "changed":
        again = plan_genres(data)
        assert [(one.path, one.reason) for one in again.left_alone] == [(path, obstacle)]
        assert again.changes == ()


def test_a_link_stays_a_link_and_permissions_stay(data: DataFolder) -> None:
    path = music_of(data) / "a.flac"
    real = data.path.parent / "elsewhere" / "real.flac"
    real.parent.mkdir()
    path.rename(real)
    path.symlink_to(real)
    real.chmod(0o640)
    write_planned(data, plan_genres(data).changes)
    assert path.is_symlink()
    assert read_tags(real).genres == ("Jazz",)
    assert real.stat().st_mode & 0o777 == 0o640
    undo_written(data)
    assert path.is_symlink()
    assert read_tags(real).genres == ()


def test_a_name_that_is_no_text_comes_back(data: DataFolder) -> None:
    odd = Path(os.fsdecode(os.fsencode(music_of(data)) + b"/x\xff\n.wav"))
    noise(music_of(data) / "x.wav", 9)
    try:
        (music_of(data) / "x.wav").rename(odd)
    except OSError:
        pytest.skip("this file system takes no such name")
    with open_catalogue(data, write=True) as catalogue:
        record_analysis(catalogue, analysis(odd, [1, 0, 0]))
    assert odd in {change.path for change in write_planned(data, plan_genres(data).changes).changes}
    assert read_tags(odd).genres == ("Jazz",)
    undo_written(data)
    assert read_tags(odd).genres == ()


def test_what_cannot_be_kept_is_not_written(data: DataFolder) -> None:
    before = contents(data)
    journal_file(data).mkdir()
    with pytest.raises(CatalogueReadOnly):
        write_planned(data, plan_genres(data).changes)
    assert contents(data) == before


def test_two_at_once_are_refused(data: DataFolder) -> None:
    changes = plan_genres(data).changes
    with scan_lock(data), pytest.raises(CatalogueBusy):
        write_planned(data, changes)


STEPS = (
    ("genre_writing", "write_genres"),
    ("genre_writing", "keep_written"),
    ("Path", "replace"),
    ("genre_writing", "_keep_tags"),
)


@pytest.mark.parametrize(("owner", "name"), STEPS)
def test_ctrl_c_leaves_whole_files(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch, owner: str, name: str
) -> None:
    before, calls = contents(data), 0
    place = {"genre_writing": genre_writing, "Path": Path}[owner]
    real = getattr(place, name)

    def interrupted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    changes = plan_genres(data).changes
    monkeypatch.setattr(place, name, interrupted)
    outcome = write_planned(data, changes)
    monkeypatch.setattr(place, name, real)
    assert outcome.stopped
    now = genres_of(data)
    assert now["a.flac"] == ("Jazz",)
    assert now["b.mp3"] == (("Rock",) if name == "_keep_tags" else ())
    assert contents(data)["c.wav"] == before["c.wav"]
    assert set(contents(data)) == set(before)
    undo_written(data)
    assert genres_of(data)["a.flac"] == genres_of(data)["b.mp3"] == ()


_KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {here!r})
import test_genre_writing as tests
from segue.operations import genre_journal, genre_model, genre_plan, genre_writing
from segue.settings import DataFolder
for room in (genre_model, genre_plan):
    room.the_genre_model = lambda data: tests.MODEL
data = DataFolder(Path({data!r}))
changes = genre_plan.plan_genres(data, overwrite=True, least=0.0).changes
calls, real = 0, getattr({owner}, {name!r})
def kill(*arguments, **more):
    global calls
    calls += 1
    if calls == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **more)
setattr({owner}, {name!r}, kill)
genre_writing.write_planned(data, changes)
"""


@pytest.mark.parametrize(("owner", "name"), STEPS)
def test_a_kill_leaves_whole_files_and_all_can_be_undone(data: DataFolder, owner: str, name: str) -> None:
    before, names = genres_of(data), set(contents(data))
    code = _KILLED.format(here=str(Path(__file__).parent), data=str(data.path), owner=owner, name=name)
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    now = genres_of(data)
    assert now["a.flac"] == ("Jazz",)
    assert now["b.mp3"] == (("Rock",) if name == "_keep_tags" else ())
    undo_written(data)
    assert genres_of(data) == before
    assert set(contents(data)) == names, "no draft lies about"
    write_planned(data, plan_genres(data).changes)
    assert genres_of(data)["a.flac"] == known(data, "a.flac").tags.genres == ("Jazz",)


def test_what_is_wished_must_have_a_sense(data: DataFolder) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        plan_genres(data, least=1.5)


def test_tracks_without_the_vectors_are_counted(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    noise(music_of(data) / "g.wav", 5)
    with open_catalogue(data, write=True) as catalogue:
        record_analysis(catalogue, analysis(music_of(data) / "g.wav", None))
    assert plan_genres(data).untold == 1
    other = GenreModel("toy-0", "fma518-1", CLASSES, MODEL.members)
    monkeypatch.setattr(genre_plan, "the_genre_model", lambda data: other)
    with pytest.raises(NothingFound, match="segue scan --encoder fma518-1"):
        plan_genres(data)


def test_the_journal_is_one_line_a_file(data: DataFolder) -> None:
    write_planned(data, plan_genres(data).changes)
    lines = [json.loads(line) for line in journal_file(data).read_text().splitlines()]
    assert [Path(line["path"]).name for line in lines] == UNTAGGED_AND_SURE
    assert all(line["format"] == genre_journal.FORMAT for line in lines)
