"""Migrations: from each old version, with a backup, all or nothing."""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from segue.catalogue import (
    HOW,
    KINDS,
    account_of_secret,
    accounts,
    albums,
    artists,
    check,
    connection_of,
    default_encoder,
    due_forwards,
    find_track,
    genres,
    heard_table,
    history_sources,
    listen_table,
    listeners,
    load_tag_probabilities,
    load_vectors,
    marks,
    matched_state,
    open_catalogue,
    opinion_table,
    play_queue,
    playlist_tracks,
    playlists_of,
    problems,
    recommended,
    record_analysis,
    roots,
    search_all,
    search_tracks,
    starred,
    stats,
    track,
    track_tags,
    votes,
)
from segue.catalogue import connection as connection_module
from segue.catalogue import migrations as migrations_module
from segue.catalogue.migrations import migrate, version_of
from segue.catalogue.schema import MIGRATIONS, Migration
from segue.errors import CatalogueDamaged, CatalogueReadOnly, CatalogueTooNew, DiskFull

GOLDEN = Path(__file__).parent / "golden"

NUMBER = len(MIGRATIONS)
NEXT = Migration(NUMBER + 1, ("CREATE TABLE plays (track_id INTEGER NOT NULL REFERENCES tracks (id))",
                     "INSERT INTO plays SELECT id FROM tracks"))  # fmt: skip
AFTER = Migration(NUMBER + 2, ("ALTER TABLE plays ADD COLUMN at REAL",))
FAILS = Migration(NUMBER + 2, ("ALTER TABLE plays ADD COLUMN at REAL", "INSERT INTO nowhere VALUES (1)"))
DANGLES = Migration(NUMBER + 1, (NEXT.statements[0], "INSERT INTO plays VALUES (99)"))


def test_numbers_follow_each_other():
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_catalogue_of_every_version_is_read_whole(folder, version):
    """The golden file of a version is made by golden/make.py of that version, and never again."""
    folder.path.mkdir()
    folder.catalogue.write_bytes(gzip.decompress((GOLDEN / f"v{version}.sqlite.gz").read_bytes()))
    with open_catalogue(folder) as cat:
        figures = stats(cat)
        assert (figures.tracks, figures.files, figures.problems, figures.absent) == (3, 4, 1, 1)
        assert figures.version == len(MIGRATIONS)
        assert figures.encoders == {"toy-1": 3, "other-1": 1}
        assert roots(cat) == (Path("/music"),) and default_encoder(cat) == "toy-1"
        (name,) = find_track(cat, "bjork - joga").ids
        found = track(cat, name)
        assert (found.tags.title, found.tags.year, found.tags.genres) == (
            "Jóga",
            1997,
            ("Electronic", "Art Pop"),
        )
        assert found.paths == (Path("/music/b/joga.flac"), Path("/music/c/joga copy.flac"))
        assert track_tags(cat, name)[0][0] == "female vocalists"
        assert search_tracks(cat, tag="female vocalists")[0].id == name
        np.testing.assert_array_equal(load_vectors(cat, "toy-1")[1], [[0.5, 1.0], [-0.25, 2.0], [0.0, 3.0]])
        np.testing.assert_allclose(load_tag_probabilities(cat, "toy-1")[1][0], [0.1, 0.9], rtol=1e-3)
        (problem,) = problems(cat)
        assert (problem.path, problem.reason, problem.attempts) == (Path("/music/broken.mp3"), "truncated", 2)
        assert check(cat) == []
        assert_shelves_are_filled(cat, name)
        if version >= 2:
            assert_history_is_whole(cat, name)
        if version >= 3:
            assert_people_are_whole(cat, name)
    assert len(list(folder.path.glob("backups/*.sqlite"))) == (version < len(MIGRATIONS))


def assert_history_is_whole(cat, name):
    """What golden/make.py put into the history since version 2."""
    key = track(cat, name).key
    assert listeners(cat)[:2] == ("", "Ann")
    listens = listen_table(cat)
    assert listens.track_key.tolist() == [key, key, -1, key]
    assert listens.time_s[:3].tolist() == [1_600_000_000, 1_600_000_300, 1_600_000_600]
    assert (listens.played_s[0], listens.skipped.tolist()) == (200.5, [0, -1, 1, -1])
    assert [KINDS[kind] for kind in listens.kind] == ["play", "play", "play", "playlist"]
    assert listen_table(cat, "Ann").count.tolist() == [7]
    assert opinion_table(cat).value.tolist() == [1.0]
    recordings = heard_table(cat)
    assert recordings.artist[:2] == ["Björk", "Nobody"] and recordings.album[:2] == ["Homogenic", ""]
    assert recordings.path[:2] == ["", "/m/x.mp3"] and recordings.score[:2].tolist() == [100.0, 0.0]
    assert [HOW[number] for number in recordings.how[:2]] == ["by hand", "nothing"]
    assert matched_state(cat) == "golden"
    assert recommended(cat, "", 0.0)[0].tolist() == [key]
    sources = [(source.format, source.plays) for source in history_sources(cat)]
    assert sources[:2] == [("golden", 3), ("by hand", 0)]


def assert_shelves_are_filled(cat, name):
    """What version 3 makes of the tracks of every version."""
    (one,) = albums(cat)
    assert (one.name, one.artist, one.year, one.n_tracks) == ("Homogenic", "Björk", 1997, 1)
    assert (one.cover_track, one.genres) == (name, ("Art Pop", "Electronic"))
    assert [(by.name, by.n_albums, by.n_tracks) for by in artists(cat)] == [
        ("Björk", 1, 1),
        ("some album_artist", 0, 1),
    ]
    assert [(genre.name, genre.n_tracks, genre.n_albums) for genre in genres(cat)] == [
        ("Art Pop", 1, 1),
        ("Electronic", 2, 1),
    ]
    answer = search_all(cat, "bjrok")
    assert ([track.id for track in answer.tracks], answer.corrected) == ([name], "bjork")
    assert answer.albums == [one]


def assert_people_are_whole(cat, name):
    """What golden/make.py put in since version 3."""
    assert [(one.name, one.listener, one.is_admin) for one in accounts(cat)] == [
        ("Owner", "", True),
        ("Zoë", "Zoë", False),
    ]
    zoe = account_of_secret(cat, "api-key", hashlib.sha256(b"key").digest(), 0.0)
    assert zoe is not None and (zoe.name, zoe.settings) == ("Zoë", {"theme": "dark"})
    assert connection_of(cat, "Zoë", "listenbrainz") == b"sealed"
    assert [one.listen for one in due_forwards(cat, "listenbrainz", 0.0, 9)] == [{"title": "Jóga"}]
    (kept,) = playlists_of(cat, "")
    assert (kept.name, kept.comment, kept.owner, kept.n_tracks) == ("Tea", "for two", "Zoë", 2)
    assert [track.id for track in playlist_tracks(cat, kept.id)] == [name, name]
    assert starred(cat, "Zoë", "track") == [(name, 1_700_000_000.0)]
    assert marks(cat, "Zoë", "artist", [artists(cat)[0].id])[artists(cat)[0].id].rating == 4
    queue = play_queue(cat, "Zoë")
    assert queue is not None and (queue.track_ids, queue.place, queue.position_ms) == ((name,), 0, 1_500)
    assert [vote.preferred for vote in votes(cat, "Zoë")] == [2]
    assert listen_table(cat, "Zoë").track_key.tolist() == [track(cat, name).key]
    assert opinion_table(cat, "Zoë").value.tolist() == [1.0]


def use(monkeypatch, *migrations):
    """Let this Segue be one with other migrations."""
    monkeypatch.setattr(connection_module, "MIGRATIONS", migrations)
    monkeypatch.setattr(connection_module, "migrate", lambda c, p: migrate(c, p, migrations))
    check_version = migrations_module.check_version
    monkeypatch.setattr(connection_module, "check_version", lambda c, p: check_version(c, p, migrations))


def test_migrating_keeps_everything_and_a_copy_of_before(cat, folder, heard, monkeypatch):
    name = record_analysis(cat, heard())
    use(monkeypatch, *MIGRATIONS, NEXT, AFTER)
    # The first connection stays open: a migration does not need the catalogue for itself.
    with open_catalogue(folder) as newer:
        assert version_of(newer.connection) == NUMBER + 2
        assert newer.connection.execute("SELECT count(*) FROM plays").fetchone() == (1,)
        assert track(newer, name).id == name
    (backup,) = folder.path.glob(f"backups/catalogue.before-v{NUMBER + 1}-*.sqlite")
    with sqlite3.connect(backup) as copy:
        assert version_of(copy) == NUMBER
        assert copy.execute("SELECT count(*) FROM tracks").fetchone() == (1,)
    copy.close()
    with open_catalogue(folder, write=True):
        assert len(list(folder.path.glob("backups/*"))) == 1


def test_a_migration_that_fails_leaves_the_version_before_it(cat, folder, heard, monkeypatch):
    record_analysis(cat, heard())
    cat.close()
    use(monkeypatch, *MIGRATIONS, NEXT, FAILS)
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            open_catalogue(folder, write=True)
        with sqlite3.connect(folder.catalogue) as raw:
            assert version_of(raw) == NUMBER + 1
            assert [row[1] for row in raw.execute("PRAGMA table_info(plays)")] == ["track_id"]
        raw.close()
    use(monkeypatch, *MIGRATIONS, NEXT, AFTER)
    with open_catalogue(folder) as newer:
        assert (version_of(newer.connection), stats(newer).tracks) == (NUMBER + 2, 1)


def test_a_migration_that_leaves_dangling_rows_is_undone(cat, folder, monkeypatch):
    cat.close()
    use(monkeypatch, *MIGRATIONS, DANGLES)
    with pytest.raises(CatalogueDamaged, match="points nowhere"):
        open_catalogue(folder)
    use(monkeypatch, *MIGRATIONS)
    with open_catalogue(folder) as old:
        assert stats(old).version == NUMBER


def test_nothing_is_migrated_without_room_for_the_copy(cat, folder, heard, monkeypatch):
    record_analysis(cat, heard())
    cat.close()
    use(monkeypatch, *MIGRATIONS, NEXT)

    def full(path: Path, version: int) -> Path:
        raise_full = sqlite3.connect(":memory:")
        raise_full.execute("PRAGMA max_page_count = 1")
        raise_full.execute("CREATE TABLE much (text)")
        raise AssertionError

    monkeypatch.setattr(migrations_module, "_backup", full)
    with pytest.raises(DiskFull):
        open_catalogue(folder, write=True)
    use(monkeypatch, *MIGRATIONS)
    with open_catalogue(folder) as old:
        assert (stats(old).version, stats(old).tracks) == (NUMBER, 1)


def test_an_old_catalogue_that_cannot_be_written_says_so(cat, folder, monkeypatch):
    cat.close()
    use(monkeypatch, *MIGRATIONS, NEXT)
    connect = connection_module._connect

    def protected(path: Path, mode: str) -> sqlite3.Connection:
        if mode == "rw":
            sqlite3.connect("file:/nonexistent/x?mode=rw", uri=True)
        return connect(path, mode)

    monkeypatch.setattr(connection_module, "_connect", protected)
    with pytest.raises(CatalogueReadOnly, match="older Segue"):
        open_catalogue(folder)


def test_after_a_migration_the_older_segue_refuses(cat, folder, monkeypatch):
    cat.close()
    use(monkeypatch, *MIGRATIONS, NEXT)
    open_catalogue(folder).close()
    use(monkeypatch, *MIGRATIONS)
    with pytest.raises(CatalogueTooNew, match=f"version {NUMBER + 1}"):
        open_catalogue(folder)
