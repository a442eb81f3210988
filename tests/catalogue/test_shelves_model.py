"""Random lives of playlists, against lists; and what is left of one when its writer dies."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from segue.catalogue import (
    append_and_remove,
    change_playlist,
    check,
    create_playlist,
    delete_playlist,
    forget_paths,
    open_catalogue,
    playlist,
    playlist_tracks,
    playlists_of,
    record_analysis,
)
from segue.errors import Conflict, DiskFull, NotAllowed, NothingFound
from segue.settings import DataFolder

N = 5
TRACKS = st.integers(0, N - 1)
LISTENERS = ("", "Ann")


class Shelves(RuleBasedStateMachine):
    """The model: whose each list is, whether others see it, its tracks with the gone ones, its version."""

    heard: object
    place: Path
    lives = 0

    @initialize()
    def start(self):
        type(self).lives += 1
        self.cat = open_catalogue(DataFolder(self.place / str(self.lives)), write=True, create=True)
        self.ids = [record_analysis(self.cat, self.heard(f"/m/{n}.mp3", n)) for n in range(N)]
        self.gone: set[int] = set()
        self.lists: dict[str, dict[str, object]] = {}

    def teardown(self):
        self.cat.close()

    def seen(self, tracks):
        return [n for n in tracks if n not in self.gone]

    @rule(who=st.sampled_from(LISTENERS), tracks=st.lists(TRACKS, max_size=6), public=st.booleans())
    def create(self, who, tracks, public):
        made = create_playlist(self.cat, who, "x", [self.ids[n] for n in tracks], is_public=public)
        self.lists[made.id] = {"who": who, "public": public, "tracks": tracks, "version": 1}

    @rule(n=TRACKS)
    def go_or_come(self, n):
        if n in self.gone:
            record_analysis(self.cat, self.heard(f"/m/{n}.mp3", n))
        else:
            forget_paths(self.cat, [Path(f"/m/{n}.mp3")])
        self.gone ^= {n}

    def attempt(self, who, one, version, act):
        """Whether `act` was right to be done; the model's own word on what must stop it."""
        if one["who"] != who:
            with pytest.raises(NotAllowed if one["public"] else NothingFound):
                act()
        elif version not in (None, one["version"]):
            with pytest.raises(Conflict):
                act()
        else:
            assert act().version == one["version"] + 1
            one["version"] += 1
            return True
        return False

    @rule(data=st.data(), who=st.sampled_from(LISTENERS), tracks=st.lists(TRACKS, max_size=6))
    def put(self, data, who, tracks):
        if self.lists:
            id = data.draw(st.sampled_from(sorted(self.lists, key=list(self.lists).index)))
            one, wanted = self.lists[id], self.seen(tracks)
            version = data.draw(st.sampled_from([None, one["version"], one["version"] - 1]))
            ids = [self.ids[n] for n in wanted]
            if self.attempt(
                who, one, version, lambda: change_playlist(self.cat, who, id, track_ids=ids, version=version)
            ):
                stored = [self.ids.index(name) for name in self.stored(id)]
                assert self.seen(stored) == wanted
                hidden = Counter(n for n in one["tracks"] if n in self.gone)
                assert Counter(n for n in stored if n in self.gone) == hidden
                one["tracks"] = stored

    @rule(data=st.data(), who=st.sampled_from(LISTENERS), more=st.lists(TRACKS, max_size=2))
    def append(self, data, who, more):
        if self.lists:
            id = data.draw(st.sampled_from(sorted(self.lists, key=list(self.lists).index)))
            one = self.lists[id]
            places = [at for at, n in enumerate(one["tracks"]) if n not in self.gone]
            dropped = data.draw(st.sets(st.sampled_from(range(len(places))))) if places else set()
            ids = [self.ids[n] for n in more]
            if self.attempt(
                who, one, None, lambda: append_and_remove(self.cat, who, id, ids, sorted(dropped))
            ):
                out = {places[at] for at in dropped}
                one["tracks"] = [n for at, n in enumerate(one["tracks"]) if at not in out] + more

    @rule(data=st.data())
    def delete(self, data):
        if self.lists:
            id = data.draw(st.sampled_from(sorted(self.lists, key=list(self.lists).index)))
            delete_playlist(self.cat, self.lists.pop(id)["who"], id)

    def stored(self, id):
        rows = self.cat.connection.execute(
            "SELECT e.track FROM playlist_tracks AS e JOIN playlists AS p ON p.id = e.playlist_id "
            "WHERE p.public_id = ? ORDER BY e.position",
            (id,),
        )
        return [name for (name,) in rows]

    @invariant()
    def lists_are_those_of_the_model(self):
        for id, one in self.lists.items():
            assert self.stored(id) == [self.ids[n] for n in one["tracks"]]
            tracks = [track.id for track in playlist_tracks(self.cat, id)]
            assert tracks == [self.ids[n] for n in self.seen(one["tracks"])]
            kept = playlist(self.cat, one["who"], id)
            assert (kept.n_tracks, kept.version, kept.is_public) == (
                len(tracks),
                one["version"],
                one["public"],
            )
        for who in LISTENERS:
            assert {one.id for one in playlists_of(self.cat, who)} == {
                id for id, one in self.lists.items() if one["public"] or one["who"] == who
            }
        assert check(self.cat) == []


def test_random_lives(heard, tmp_path):
    from hypothesis.stateful import run_state_machine_as_test

    life = type("Life", (Shelves,), {"heard": staticmethod(heard), "place": tmp_path})
    run_state_machine_as_test(life, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))


WRITER = """
import sys
from pathlib import Path
from segue.catalogue import change_playlist, open_catalogue
from segue.settings import DataFolder
with open_catalogue(DataFolder(Path(sys.argv[1])), write=True) as cat:
    print("ready", flush=True)
    for n in range(10**6):
        ids = [sys.argv[3 + n % 2]] * 500
        print(change_playlist(cat, "", sys.argv[2], name=f"list {n % 2}", track_ids=ids).version, flush=True)
"""


@pytest.mark.parametrize("rounds", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_a_killed_writer_leaves_the_old_list_or_the_new(cat, folder, heard, rounds):
    ids = [record_analysis(cat, heard(f"/m/{n}.mp3", n)) for n in range(2)]
    id, moments = create_playlist(cat, "", "list 0", ids[:1] * 500).id, random.Random(rounds)
    for _ in range(rounds):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder.path), id, *ids],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = process.stdout.readline()
        assert line == "ready\n", process.stderr.read()
        time.sleep(moments.uniform(0.0, 0.2))
        process.send_signal(signal.SIGKILL)
        said = [int(line) for line in process.communicate()[0].split()]
        kept = playlist(cat, "", id)
        assert kept.version >= max(said, default=1)
        (only,) = {track.id for track in playlist_tracks(cat, id)}
        assert (kept.name, kept.n_tracks) == (f"list {ids.index(only)}", 500) and check(cat) == []


def test_a_full_disk_leaves_the_old_list(cat, heard):
    ids = [record_analysis(cat, heard(f"/m/{n}.mp3", n)) for n in range(2)]
    made = create_playlist(cat, "", "old", ids)
    (pages,) = cat.connection.execute("PRAGMA page_count").fetchone()
    cat.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull):
        change_playlist(cat, "", made.id, name="new", track_ids=ids * 20_000)
    assert playlist(cat, "", made.id) == made and playlists_of(cat, "") == [made]
    assert [track.id for track in playlist_tracks(cat, made.id)] == ids
