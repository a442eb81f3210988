"""Expired sessions and old pictures go."""

from __future__ import annotations

import os
import threading
import time

from segue.catalogue import add_credential, credentials, open_catalogue
from segue.errors import DiskFull
from segue.operations.accounts import add_account
from segue.server import housekeeping
from segue.server.housekeeping import tidy
from segue.server.repeating import Repeating
from segue.settings import DataFolder


def test_expired_sessions_and_old_pictures_go(tmp_path, monkeypatch):
    data = DataFolder(tmp_path / "data")
    add_account(data, "ann", "a long password")
    with open_catalogue(data, write=True) as catalogue:
        add_credential(catalogue, "ann", "session", "old", b"1" * 32, expires_at=time.time() - 1)
        add_credential(catalogue, "ann", "session", "new", b"2" * 32, expires_at=time.time() + 99)
    for name, age_s in (("old", 1_000), ("new", 1)):
        picture = data.cache / "covers" / name
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(b"x" * 600)
        os.utime(picture, (time.time() - age_s,) * 2)
    monkeypatch.setattr(housekeeping, "_MOST_BYTES", 1_000)
    tidy(data)
    with open_catalogue(data) as catalogue:
        assert [one.label for one in credentials(catalogue, "ann", "session")] == ["new"]
    assert [file.name for file in (data.cache / "covers").iterdir()] == ["new"]


def test_a_folder_without_a_library_is_no_trouble(tmp_path):
    tidy(DataFolder(tmp_path / "none"))
    assert not (tmp_path / "none" / "catalogue.sqlite").exists()


def test_what_cannot_be_tidied_is_tried_again(tmp_path, monkeypatch, caplog):
    tried, again = [], threading.Event()

    def tidy_nothing(data):
        tried.append(data)
        if len(tried) == 2:
            again.set()
        raise DiskFull("the disk is full")

    monkeypatch.setattr(housekeeping, "_EVERY_S", 0.01)
    monkeypatch.setattr(housekeeping, "tidy", tidy_nothing)
    keeper = housekeeping.housekeeping(DataFolder(tmp_path))
    keeper.start()
    assert again.wait(10)
    keeper.stop()
    assert "the disk is full" in caplog.text


def test_work_is_repeated_until_it_shall_end(caplog):
    done, ended = [], threading.Event()

    def work():
        done.append(1)
        if len(done) == 2:
            raise ValueError("a defect")
        if len(done) == 4:
            ended.set()
        return 0.0 if len(done) == 1 else 3_600.0

    thread = Repeating("test", work, 3_600.0)
    thread.start()
    thread.hurry()  # the first time; the second follows at once
    until = time.monotonic() + 10
    while len(done) < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
    while not ended.is_set():  # a defect does not end it
        thread.hurry()
        time.sleep(0.01)
    thread.stop()
    time.sleep(0.05)
    n = len(done)
    thread.hurry()
    time.sleep(0.05)
    assert len(done) == n and "a defect" in caplog.text
