"""`segue account`: who may come in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segue.catalogue import open_catalogue
from segue.operations import accounts
from segue.operations.accounts import account_of, logged_in
from segue.settings import DataFolder


@pytest.fixture
def at(tmp_path: Path, segue: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs `segue account …` on a library of its own."""
    monkeypatch.setenv("SEGUE_PASSWORD", "long enough")
    monkeypatch.setattr(accounts, "_LOG_N", 4)
    return lambda *arguments: segue("account", *arguments, "--data", tmp_path / "data")


def test_people_come_and_go(at: Callable[..., Any], tmp_path: Path) -> None:
    assert at("add", "ana").out == "ana may come in as an administrator\n"
    assert at("add", "ben").out == "ben may come in\n"
    assert at("list").out == "ana  (administrator)\nben\n"
    assert [one["name"] for one in at("list", "--json").json] == ["ana", "ben"]
    again = at("add", "BEN")
    assert again.code == 2 and again.err.count("\n") == 1
    assert at("remove", "ana").code == 2
    assert at("remove", "ben").code == 0
    gone = at("remove", "ben")
    assert gone.code == 2 and "ben" in gone.err
    with open_catalogue(DataFolder(tmp_path / "data")) as catalogue:
        assert logged_in(catalogue, "ana", "long enough") and not logged_in(catalogue, "ben", "long enough")


def test_a_password_is_changed(
    at: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at("add", "ana")
    monkeypatch.setenv("SEGUE_PASSWORD", "another word")
    assert at("password", "ana").code == 0
    with open_catalogue(DataFolder(tmp_path / "data")) as catalogue:
        assert logged_in(catalogue, "ana", "another word")
        assert not logged_in(catalogue, "ana", "long enough")
    monkeypatch.setenv("SEGUE_PASSWORD", "short")
    short = at("password", "ana")
    assert short.code == 2 and "8 characters" in short.err
    assert at("add", "ben").code == 2
    monkeypatch.setenv("SEGUE_PASSWORD", "long enough")
    assert at("password", "nobody").code == 2


def test_keys_open(at: Callable[..., Any], tmp_path: Path) -> None:
    at("add", "ana")
    key = at("key", "ana", "--days", "1").out.strip()
    app = at("app-password", "ana").out.strip()
    assert key.startswith("segue_") and len(app) == 19
    with open_catalogue(DataFolder(tmp_path / "data")) as catalogue:
        assert account_of(catalogue, "api-key", key)
        assert not account_of(catalogue, "session", key)
    assert at("key", "nobody").code == 2
    assert at("key", "ana", "--days", "0").code == 2


def test_without_a_library_there_is_nobody(at: Callable[..., Any], tmp_path: Path) -> None:
    for arguments in (("list",), ("remove", "ana"), ("key", "ana"), ("app-password", "ana")):
        outcome = at(*arguments)
        assert outcome.code == 2 and outcome.err.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_names_are_shown_in_one_line(at: Callable[..., Any]) -> None:
    refused = at("add", "\x1b[31mred\n")
    assert "\x1b" not in refused.out + refused.err and refused.err.count("\n") <= 1
