"""Opening: what is there, what is not, what is damaged, and what must not be written."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from segue.catalogue import (
    check,
    faults,
    forget_paths,
    load_vectors,
    open_catalogue,
    record_analysis,
    snapshot,
    stats,
    track_table,
    transaction,
)
from segue.catalogue import connection as connection_module
from segue.errors import (
    CatalogueBusy,
    CatalogueDamaged,
    CatalogueError,
    CatalogueReadOnly,
    CatalogueTooNew,
    DiskFull,
    NothingFound,
)
from segue.settings import DataFolder


def test_no_library_yet(folder):
    with pytest.raises(NothingFound, match="segue scan"):
        open_catalogue(folder)
    with pytest.raises(NothingFound, match="segue scan"):
        open_catalogue(folder, write=True)
    assert not folder.path.exists()


def test_an_empty_file_is_no_library_until_it_is_written(folder):
    folder.path.mkdir()
    folder.catalogue.touch()
    with pytest.raises(NothingFound, match="empty"):
        open_catalogue(folder)
    with open_catalogue(folder, write=True) as cat:
        assert stats(cat).tracks == 0
    with open_catalogue(folder) as cat:
        assert stats(cat).version == 3
    assert not (folder.path / "backups").exists()


@pytest.mark.parametrize(
    "content", [b"not a database at all, only text " * 100, b"SQLite format 3\0" + bytes(5_000)]
)
def test_a_file_of_something_else(folder, content):
    folder.path.mkdir()
    folder.catalogue.write_bytes(content)
    for write in (False, True):
        with pytest.raises(CatalogueDamaged, match="move it away"):
            open_catalogue(folder, write=write, create=write)
    assert folder.catalogue.read_bytes() == content


def test_another_programs_database(folder):
    folder.path.mkdir()
    with sqlite3.connect(folder.catalogue) as other:
        other.execute("CREATE TABLE notes (text)")
    other.close()
    with pytest.raises(CatalogueDamaged, match="another program"):
        open_catalogue(folder, write=True, create=True)


def test_a_later_version_names_both_versions(cat, folder):
    cat.connection.execute("PRAGMA user_version = 7")
    cat.close()
    for write in (False, True):
        with pytest.raises(CatalogueTooNew, match="version 7, and this Segue reads up to version 3"):
            open_catalogue(folder, write=write)


def test_damage_inside_is_named_where_it_is_met(cat, folder, heard):
    with transaction(cat):
        for n in range(300):
            record_analysis(cat, heard(f"/m/{n}.mp3", n, vectors={"toy-1": [float(n)] * 200}))
    cat.close()
    data = bytearray(folder.catalogue.read_bytes())
    for start in range(8 * 4_096, len(data), 4_096):
        data[start : start + 4_096] = os.urandom(4_096)
    folder.catalogue.write_bytes(data)
    with pytest.raises(CatalogueDamaged, match="put back a copy"), open_catalogue(folder) as broken:
        load_vectors(broken, "toy-1")
        track_table(broken)


def test_a_reader_cannot_write(cat, folder, heard):
    with open_catalogue(folder) as reader, pytest.raises(CatalogueReadOnly, match="--data"):
        record_analysis(reader, heard())
    assert stats(cat).tracks == 0


def test_a_file_that_sqlite_opens_for_reading_only(cat, folder, heard, monkeypatch):
    """Permissions do not bind root: the protected file is played by SQLite's own read-only mode."""
    record_analysis(cat, heard())
    cat.close()
    connect = connection_module._connect
    monkeypatch.setattr(connection_module, "_connect", lambda path, mode: connect(path, "ro"))
    with pytest.raises(CatalogueReadOnly, match="cannot be written"):
        open_catalogue(folder, write=True)
    with open_catalogue(folder) as reader:
        assert stats(reader).tracks == 1


AS_SOMEBODY = """
import errno, os, sys
from pathlib import Path
import segue.errors
from segue.catalogue import open_catalogue, scan_lock, stats
from segue.settings import DataFolder
folder = DataFolder(Path(sys.argv[1]))
os.setgid(65534)
os.setuid(65534)  # after the imports: the interpreter itself may lie in a folder of root
try:
    with open_catalogue(folder) as cat:
        print("read", stats(cat).tracks)
except segue.errors.SegueError as error:
    print(type(error).__name__)
for attempt in (lambda: open_catalogue(folder, write=True), lambda: scan_lock(folder).__enter__(),
                lambda: open_catalogue(DataFolder(folder.path / "new"), write=True, create=True)):
    try:
        attempt()
    except segue.errors.SegueError as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
@pytest.mark.parametrize("file_mode", [0o644, 0o666])
def test_a_folder_of_somebody_else_can_be_read(heard, file_mode):
    place = Path(tempfile.mkdtemp(prefix="segue-test-"))
    try:
        place.chmod(0o755)
        folder = DataFolder(place / "data")
        with open_catalogue(folder, write=True, create=True) as cat:
            record_analysis(cat, heard())
        folder.catalogue.chmod(file_mode)
        command = [sys.executable, "-c", AS_SOMEBODY, str(folder.path)]
        run = subprocess.run(command, capture_output=True, text=True, cwd="/")
        assert run.stdout.split("\n")[:4] == ["read 1"] + ["CatalogueReadOnly"] * 3, run.stderr
    finally:
        shutil.rmtree(place)


def test_a_full_disk_loses_nothing_and_the_catalogue_goes_on(cat, heard):
    for n in range(20):
        record_analysis(cat, heard(f"/m/{n}.mp3", n))
    pages = cat.connection.execute("PRAGMA page_count").fetchone()[0]
    cat.connection.execute(f"PRAGMA max_page_count = {pages}")
    before = stats(cat)
    with pytest.raises(DiskFull, match="no space left"), transaction(cat):
        for n in range(20, 2_000):
            record_analysis(cat, heard(f"/m/{n}.mp3", n))
    assert stats(cat) == before
    with pytest.raises(DiskFull):
        for n in range(2_000):
            record_analysis(cat, heard(f"/n/{n}.mp3", -n, vectors={"toy-1": [n, 1.0]}))
    stored = stats(cat).tracks
    assert check(cat) == []
    cat.connection.execute("PRAGMA max_page_count = 1000000")
    record_analysis(cat, heard("/z.mp3", "z"))
    assert stats(cat).tracks == stored + 1


def test_a_full_disk_caught_inside_a_transaction_leaves_whole_tracks(cat, heard):
    pages = cat.connection.execute("PRAGMA page_count").fetchone()[0]
    cat.connection.execute(f"PRAGMA max_page_count = {pages}")
    with contextlib.suppress(CatalogueError), transaction(cat):  # SQLite may or may not undo the whole step
        for n in range(500):
            try:
                record_analysis(cat, heard(f"/m/{n}.mp3", n))
            except DiskFull:
                break
    cat.connection.execute("PRAGMA max_page_count = 1000000")
    figures = stats(cat)
    assert figures.tracks == figures.files
    assert check(cat) == []


def test_two_writers_take_turns_and_then_give_up(cat, folder, heard, monkeypatch):
    monkeypatch.setattr(connection_module, "_BUSY_TIMEOUT_MS", 50)
    with open_catalogue(folder, write=True) as other:
        with transaction(cat):
            record_analysis(cat, heard("/m/1.mp3", 1))
            with pytest.raises(CatalogueBusy, match="another process is writing"):
                record_analysis(other, heard("/m/2.mp3", 2))
        record_analysis(other, heard("/m/2.mp3", 2))
    assert stats(cat).tracks == 2


def test_a_reader_sees_one_moment_while_another_writes(cat, folder, heard):
    record_analysis(cat, heard("/m/1.mp3", 1))
    with open_catalogue(folder) as reader:
        with snapshot(reader):
            before = stats(reader)
            record_analysis(cat, heard("/m/2.mp3", 2))
            forget_paths(cat, [Path("/m/1.mp3")])
            assert stats(reader) == before
            assert len(load_vectors(reader, "toy-1")[0]) == len(track_table(reader).keys) == 1
        assert (stats(reader).tracks, stats(reader).absent) == (1, 1)


def test_a_data_folder_with_odd_signs(tmp_path, heard):
    folder = DataFolder(Path(os.fsdecode(os.fsencode(tmp_path) + b"/a b?c#d%20\xff")))
    with open_catalogue(folder, write=True, create=True) as cat:
        record_analysis(cat, heard())
    assert folder.catalogue.exists()
    with open_catalogue(folder) as cat:
        assert stats(cat).tracks == 1


def test_the_file_is_set_up_as_the_page_says(cat):
    def pragma(name: str) -> object:
        return cat.connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 1, 1)
    assert pragma("busy_timeout") >= 5_000


@pytest.mark.parametrize(
    ("code", "free", "meant"),
    [
        (sqlite3.SQLITE_BUSY, 2**40, CatalogueBusy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, 2**40, CatalogueBusy),
        (sqlite3.SQLITE_READONLY_DIRECTORY, 2**40, CatalogueReadOnly),
        (sqlite3.SQLITE_FULL, 2**40, DiskFull),
        (sqlite3.SQLITE_IOERR_SHMSIZE, 0, DiskFull),
        (sqlite3.SQLITE_IOERR_WRITE, 2**40, CatalogueError),
        (sqlite3.SQLITE_CORRUPT_VTAB, 2**40, CatalogueDamaged),
        (sqlite3.SQLITE_NOTADB, 2**40, CatalogueDamaged),
        (sqlite3.SQLITE_CANTOPEN, 2**40, CatalogueError),
    ],
)
def test_every_refusal_of_sqlite_has_a_name_and_one_line(tmp_path, monkeypatch, code, free, meant):
    monkeypatch.setattr(
        faults.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**40, 2**40 - free, free)
    )
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    with pytest.raises(meant) as caught, faults.translated(tmp_path / "catalogue.sqlite"):
        raise error
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)
    assert caught.value.__cause__ is error


def test_a_mistake_in_a_statement_is_not_blamed_on_the_file(cat):
    with pytest.raises(sqlite3.OperationalError, match="no such table"), transaction(cat) as connection:
        connection.execute("SELECT * FROM nowhere")
