"""Random lives of a library, against a dictionary that says what must be known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from segue.catalogue import (
    FileStat,
    album_tracks,
    albums,
    artist,
    artist_tracks,
    artists,
    check,
    find_track,
    fold,
    forget_paths,
    genres,
    has_vectors,
    iterate_tracks,
    known_files,
    known_folders,
    known_problems,
    load_vectors,
    open_catalogue,
    problems,
    record_analysis,
    record_problem,
    remove_tracks,
    repeated_tracks,
    revision,
    stats,
    track_ids,
    track_table,
    vector_keys,
)
from segue.settings import DataFolder

FOLDERS = ["/m", "/m/a", "/m/a b", "/m/a/c"]
PATHS = st.builds("{}/{}.mp3".format, st.sampled_from(FOLDERS), st.integers(0, 3))
PAYLOADS = st.integers(0, 5)
ENCODERS = ("x-1", "y-1")
# Artist, album artist and album: two artists, one of them in two spellings.
NAMES = st.sampled_from(
    [
        ("A", None, "X"),
        ("a!", None, "x"),
        ("A", "a!", "X"),
        ("B", "A", "X"),
        ("B", None, None),
        ("", "B", "Y"),
    ]
)


class Library(RuleBasedStateMachine):
    """The model: what each path holds, what is known of each payload, and which paths are broken."""

    heard: object
    place: Path
    lives = 0

    @initialize()
    def start(self):
        type(self).lives += 1
        self.cat = open_catalogue(DataFolder(self.place / str(self.lives)), write=True, create=True)
        self.files: dict[str, tuple[int, int]] = {}  # payload and time
        self.titles: dict[str, str] = {}  # of the files
        self.names: dict[str, tuple[str | None, ...]] = {}  # of the files
        self.tracks: dict[int, set[str]] = {}  # encoders
        self.broken: dict[str, tuple[int, int]] = {}  # time and attempts
        self.ids: dict[int, str] = {}
        self.clock = 0
        self.seen_revision = 0

    def teardown(self):
        self.cat.close()

    @rule(
        path=PATHS,
        payload=PAYLOADS,
        encoders=st.sets(st.sampled_from(ENCODERS)),
        title=st.sampled_from("PQR"),
        names=NAMES,
    )
    def record(self, path, payload, encoders, title, names):
        self.clock += 1
        vectors = {name: [payload, ENCODERS.index(name)] for name in encoders}
        name = record_analysis(
            self.cat,
            self.heard(
                path,
                payload,
                mtime_ns=self.clock,
                title=title,
                genres=(title,),
                vectors=vectors,
                **dict(zip(("artist", "album_artist", "album"), names, strict=True)),
            ),
        )
        assert self.ids.setdefault(payload, name) == name
        self.files[path] = (payload, self.clock)
        self.titles[path], self.names[path] = title, names
        self.tracks[payload] = self.tracks.get(payload, set()) | encoders
        self.broken.pop(path, None)

    @rule(path=PATHS, changed=st.booleans())
    def fail(self, path, changed):
        mtime, tries = self.broken.get(path, (0, 0))
        if changed or not tries:
            self.clock += 1
            mtime, tries = self.clock, 0
        record_problem(self.cat, FileStat(Path(path), 1_000, mtime), "truncated", "ends early")
        self.files.pop(path, None)
        self.broken[path] = (mtime, tries + 1)

    @rule(paths=st.lists(PATHS, max_size=4))
    def forget(self, paths):
        assert forget_paths(self.cat, map(Path, paths)) == len(set(paths) & set(self.files))
        for path in paths:
            self.files.pop(path, None)
            self.broken.pop(path, None)

    @rule(old=PATHS, new=PATHS)
    def move(self, old, new):
        if old in self.files and old != new:
            payload = self.files[old][0]
            self.record(new, payload, set(), self.titles[old], self.names[old])
            self.forget([old])

    @rule(payload=PAYLOADS)
    def remove(self, payload):
        known = payload in self.tracks
        assert remove_tracks(self.cat, [self.ids.get(payload, "never")]) == known
        self.tracks.pop(payload, None)
        self.files = {path: value for path, value in self.files.items() if value[0] != payload}

    @rule()
    def open_again(self):
        folder = DataFolder(self.cat.path.parent)
        self.cat.close()
        self.cat = open_catalogue(folder, write=True)

    @invariant()
    def files_are_those_of_the_model(self):
        known, bad = {}, {}
        for folder in known_folders(self.cat, Path("/m")):
            known |= {f"{folder}/{name}": mtime for name, (_, mtime) in known_files(self.cat, folder).items()}
            bad |= {
                f"{folder}/{name}": mtime for name, (_, mtime) in known_problems(self.cat, folder).items()
            }
        assert known == {path: mtime for path, (_, mtime) in self.files.items()}
        assert bad == {path: mtime for path, (mtime, _) in self.broken.items()}
        assert {str(p.path): p.attempts for p in problems(self.cat)} == {
            p: n for p, (_, n) in self.broken.items()
        }
        in_use = {path.rpartition("/")[0] for path in (*self.files, *self.broken)}
        assert {str(folder) for folder in known_folders(self.cat, Path("/m"))} == in_use

    @invariant()
    def tracks_are_those_of_the_model(self):
        paths: dict[int, list[str]] = {}
        for path, (payload, _) in sorted(self.files.items(), key=lambda item: item[0].rpartition("/")):
            paths.setdefault(payload, []).append(path)
        found = {track.id: track for track in iterate_tracks(self.cat)}
        assert {name: [str(p) for p in track.paths] for name, track in found.items()} == {
            self.ids[payload]: places for payload, places in paths.items()
        }
        for payload in paths:
            title = self.titles[paths[payload][0]]  # of the file that comes first
            tags = found[self.ids[payload]].tags
            assert (tags.title, tags.genres) == (title, (title,))
        assert set(repeated_tracks(self.cat)) == {
            self.ids[p] for p, places in paths.items() if len(places) > 1
        }
        figures = stats(self.cat)
        assert (figures.tracks, figures.files) == (len(paths), len(self.files))
        assert (figures.absent, figures.problems) == (len(self.tracks) - len(paths), len(self.broken))
        assert track_ids(self.cat, track_table(self.cat).keys) == [track.id for track in found.values()]
        for title in "PQR":
            wanted = {self.ids[payload] for payload in paths if self.titles[paths[payload][0]] == title}
            assert set(find_track(self.cat, title).ids) == wanted

    @invariant()
    def albums_and_artists_are_those_of_the_model(self):
        first: dict[int, str] = {}
        for path in sorted(self.files, key=lambda path: path.rpartition("/")):
            first.setdefault(self.files[path][0], path)
        held: dict[tuple[str, str], set[str]] = {}
        by: dict[str, set[str]] = {}
        for payload, path in first.items():
            own, of_album, album = (fold(name) for name in self.names[path])
            if album:
                held.setdefault((of_album or own, album), set()).add(self.ids[payload])
            for name in {own, of_album} - {""}:
                by.setdefault(name, set()).add(self.ids[payload])
        found = albums(self.cat)
        assert {
            (fold(one.artist), fold(one.name)): {track.id for track in album_tracks(self.cat, one.id)}
            for one in found
        } == held
        assert {one.n_tracks for one in found} == set(map(len, held.values()))
        assert {
            fold(one.name): {track.id for track in artist_tracks(self.cat, one.id)}
            for one in artists(self.cat)
        } == by
        assert all(artist(self.cat, one.id) == one for one in artists(self.cat))
        titles = [self.titles[path] for path in first.values()]
        assert {one.name: one.n_tracks for one in genres(self.cat)} == {
            title: titles.count(title) for title in titles
        }

    @invariant()
    def vectors_are_those_of_the_model(self):
        present = {payload for payload, _ in self.files.values()}
        for name in ENCODERS:
            keys, matrix = load_vectors(self.cat, name)
            rows = dict(zip(track_ids(self.cat, keys), matrix.tolist(), strict=True))
            assert rows == {
                self.ids[payload]: [payload, ENCODERS.index(name)]
                for payload, encoders in self.tracks.items()
                if name in encoders and payload in present
            }
            np.testing.assert_array_equal(vector_keys(self.cat, name), keys)
            for payload in range(6):
                digest = self.heard("/x", payload).digest
                assert has_vectors(self.cat, digest, [name]) == (name in self.tracks.get(payload, ()))

    @invariant()
    def the_file_is_sound(self):
        assert check(self.cat) == []
        assert revision(self.cat) >= self.seen_revision
        self.seen_revision = revision(self.cat)


def test_random_lives(heard, tmp_path):
    from hypothesis.stateful import run_state_machine_as_test

    life = type("Life", (Library,), {"heard": staticmethod(heard), "place": tmp_path})
    run_state_machine_as_test(life, settings=settings(max_examples=30, stateful_step_count=25, deadline=None))
