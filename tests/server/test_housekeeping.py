"""Expired sessions and old pictures go."""

from __future__ import annotations

import os
import time

from segue.catalogue import add_credential, credentials, open_catalogue
from segue.operations.accounts import add_account
from segue.server import housekeeping
from segue.server.housekeeping import Housekeeping, tidy
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


def test_the_thread_ends_when_told(tmp_path, monkeypatch):
    tidied = []
    monkeypatch.setattr(housekeeping, "_EVERY_S", 0.01)
    monkeypatch.setattr(housekeeping, "tidy", tidied.append)
    keeper = Housekeeping(DataFolder(tmp_path))
    keeper.start()
    while not tidied:
        time.sleep(0.01)
    keeper.stop()
    time.sleep(0.05)
    n = len(tidied)
    time.sleep(0.05)
    assert len(tidied) == n
