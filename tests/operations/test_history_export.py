"""What is exported comes back: all of it from a table, plays and opinions from listens of ListenBrainz."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.catalogue import HistorySource, import_listens, iterate_listens, open_catalogue
from segue.errors import SegueError, UsageError
from segue.operations.history import import_history
from segue.operations.history_export import export_history
from segue.operations.history_upkeep import forget
from segue.settings import DataFolder
from segue.texts import is_named, text_of
from segue.types import Listen

# What readers let through: clean text, and paths of any bytes but NUL.
_TEXT = st.one_of(
    st.sampled_from(
        ["", "A", "Björk", '"quoted", with comma', "千本桜", "0", "1999", "=1+1", "'; --", "a\tb"]
    ),
    st.text(max_size=12),
).map(text_of)
_PATH = st.one_of(
    st.just(""),
    st.binary(min_size=1, max_size=9).map(
        lambda raw: os.fsdecode(b"/m/x" + raw.replace(b"\0", b"").replace(b"/", b"."))
    ),
)
_LISTENS = st.builds(
    Listen,
    artist=_TEXT,
    title=_TEXT,
    album=_TEXT,
    time_s=st.one_of(st.none(), st.integers(1_200_000_000, 1_200_000_200).map(float)),
    played_s=st.one_of(st.none(), st.integers(0, 400_000).map(lambda ms: ms / 1_000)),
    skipped=st.sampled_from([None, False, True]),
    count=st.integers(1, 3),
    opinion=st.none(),
    listener=st.sampled_from(["", "ann", "Жанна"]),
    recording_mbid=st.sampled_from(["", "0b1d8a4e-3c4b-4b53-a6f9-5e5ce4d0c0a1"]),
    isrc=st.sampled_from(["", "GBAYC9500123"]),
    uri=st.sampled_from(["", "spotify:track:abc", "http://x/y z"]),
    path=_PATH,
    duration_s=st.one_of(st.none(), st.integers(1, 900_000).map(lambda ms: ms / 1_000)),
)


@st.composite
def histories(draw):
    """Listens of every kind that a reader may yield."""
    listens = []
    for listen in draw(st.lists(_LISTENS, max_size=12)):
        if not is_named(listen.artist, listen.title, *listen[10:14]):
            continue
        kind = draw(st.sampled_from(["play", "count", "playlist", "opinion"]))
        if kind == "play":
            count = 0 if listen.skipped else 1
            time_s = listen.time_s or 1_200_000_000.0
            listen = listen._replace(count=count, time_s=time_s)
        elif kind == "opinion":
            listen = listen._replace(count=0, opinion=draw(st.sampled_from([-1.0, -0.5, 0.0, 1.0])))
        listens.append(listen._replace(kind=kind))
    return listens


def stored(data):
    with open_catalogue(data) as catalogue:
        return sorted(map(repr, iterate_listens(catalogue)))


def fill(data, listens):
    with open_catalogue(data, write=True, create=True) as catalogue:
        import_listens(catalogue, [(HistorySource("made", "/made"), listens)])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_a_table_holds_the_whole_history(listens):
    with tempfile.TemporaryDirectory() as folder:
        data, file = DataFolder(Path(folder) / "data"), Path(folder) / "out.csv"
        fill(data, listens)
        before = stored(data)
        assert export_history(data, file) == (len(before), 0)
        assert import_history(data, [file]).stored.new_plays == 0
        assert stored(data) == before
        forget(data)
        assert stored(data) == []
        assert import_history(data, [file]).rows.n_bad == 0
        assert stored(data) == before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories())
def test_lines_hold_what_listenbrainz_has(listens):
    owners = [one._replace(listener="", path="") for one in listens if one.artist and one.title]
    with tempfile.TemporaryDirectory() as folder:
        data, file = DataFolder(Path(folder) / "data"), Path(folder) / "out.jsonl"
        fill(data, owners)
        with open_catalogue(data) as catalogue:
            before = list(iterate_listens(catalogue))
        held = [
            one._replace(played_s=None, skipped=None, uri=one.uri if one.uri.startswith("spotify:") else "")
            for one in before
            if (one.kind == "play" and one.count) or (one.kind == "opinion" and one.opinion)
        ]
        assert export_history(data, file) == (len(held), len(before) - len(held))
        if not held:
            return
        forget(data)
        report = import_history(data, [file])
        assert (report.formats, report.rows.n_bad) == ({"listenbrainz": 1}, 0)
        with open_catalogue(data) as catalogue:
            after = list(iterate_listens(catalogue))
        assert _plays(after) == _plays(held)
        assert {_names(one) for one in after} == {_names(one) for one in held}


def _plays(listens):
    return {
        (one.time_s, one.artist.casefold(), one.title.casefold()) for one in listens if one.kind == "play"
    }


def _names(listen):
    return (listen.artist.casefold(), listen.title.casefold(), listen.recording_mbid, listen.isrc, listen.uri)


def test_lines_as_listenbrainz_writes_them(tmp_path):
    data, file = DataFolder(tmp_path / "data"), tmp_path / "out.jsonl"
    play = Listen("A", "B", "C", 1.6e9, 200.0, False, uri="spotify:track:x", duration_s=210.5)
    fill(data, [play, play._replace(kind="opinion", count=0, opinion=-0.5, time_s=None)])
    assert export_history(data, file) == (2, 0)
    listen, feedback = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    said = {"spotify_id": "https://open.spotify.com/track/x", "duration_ms": 210_500}
    metadata = {"artist_name": "A", "track_name": "B", "release_name": "C", "additional_info": said}
    assert listen == {"listened_at": 1_600_000_000, "track_metadata": metadata}
    assert feedback == {"score": -1, "recording_mbid": None, "track_metadata": metadata}


def test_lines_hold_one_listener(tmp_path):
    data, file = DataFolder(tmp_path / "data"), tmp_path / "out.jsonl"
    fill(data, [Listen("A", "B", time_s=1.6e9), Listen("C", "D", time_s=1.6e9, listener="ann")])
    with pytest.raises(UsageError, match="--listener"):
        export_history(data, file)
    assert not list(tmp_path.glob("out*"))
    assert export_history(data, file, listener="ann") == (1, 0)


def test_an_opinion_on_tracks_without_names_is_kept_apart(demo, tmp_path):
    from segue.operations.history_upkeep import say_opinion

    shutil.copytree(demo.data, tmp_path / "data")
    data = DataFolder(tmp_path / "data")
    with open_catalogue(data, write=True) as catalogue:
        keys = [
            key for (key,) in catalogue.connection.execute("SELECT id FROM tracks WHERE n_files > 0 LIMIT 2")
        ]
        catalogue.connection.execute("UPDATE tracks SET artist = NULL, title = NULL, album = NULL")
        files = [
            os.fsdecode(folder.rstrip(b"/") + b"/" + name)
            for key in keys
            for folder, name in catalogue.connection.execute(
                "SELECT d.path, f.name FROM files AS f JOIN folders AS d ON d.id = f.folder_id "
                "WHERE f.track_id = ? LIMIT 1",
                (key,),
            )
        ]
    assert [say_opinion(data, file, 1.0) for file in files] == [Path(file).name for file in files]
    from segue.catalogue import opinion_table

    with open_catalogue(data) as catalogue:
        assert sorted(opinion_table(catalogue).track_key.tolist()) == keys
    assert export_history(data, tmp_path / "out.csv").rows == 2
    forget(data)
    import_history(data, [tmp_path / "out.csv"])
    with open_catalogue(data) as catalogue:
        assert sorted(opinion_table(catalogue).track_key.tolist()) == keys


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_a_full_disk_leaves_nothing(tmp_path, name):
    data = DataFolder(tmp_path / "data")
    fill(data, [Listen("A", f"T{at}", time_s=1.6e9 + at) for at in range(5_000)])
    (tmp_path / f"{name}.part").symlink_to("/dev/full")
    with pytest.raises(SegueError, match=rf"{name} cannot be written: No space"):
        export_history(data, tmp_path / name)
    assert not list(tmp_path.glob("out*"))
