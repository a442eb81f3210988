"""Where a scan looks, by whatever name a person calls it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segue.catalogue import open_catalogue, roots
from segue.errors import NothingFound
from segue.operations.scan import add_music_folder, scan_library
from segue.settings import DataFolder


def _roots(data: DataFolder) -> tuple[Path, ...]:
    with open_catalogue(data) as catalogue:
        return roots(catalogue)


def test_one_folder_is_one_source_by_whatever_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, music, link = DataFolder(tmp_path / "data"), tmp_path / "music", tmp_path / "link"
    (music / "inside").mkdir(parents=True)
    link.symlink_to(music)
    scan_library(data, [music], nice=0)
    monkeypatch.chdir(tmp_path)
    scan_library(data, [f"{music}{os.sep}", "music", link, link / "inside", music / "inside" / ".."], nice=0)
    for folder in (link, music / "inside", music):
        add_music_folder(data, folder)
    assert _roots(data) == (music,)
    with pytest.raises(NothingFound, match="does not exist"):
        scan_library(data, [link / "nowhere"], nice=0)
    add_music_folder(data, tmp_path / "more")
    assert _roots(data) == (music, tmp_path / "more")


def test_two_names_of_a_new_folder_are_one_source(tmp_path: Path) -> None:
    data, music, link = DataFolder(tmp_path / "data"), tmp_path / "music", tmp_path / "link"
    music.mkdir()
    link.symlink_to(music)
    scan_library(data, [link, music], nice=0)
    assert _roots(data) == (link,)
