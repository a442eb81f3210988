"""A library that is held open: what is kept, for how long, and by whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from segue.catalogue import n_tracks, open_catalogue
from segue.errors import CatalogueBusy, NothingFound
from segue.operations import resident
from segue.operations.resident import Resident, opened
from segue.settings import DataFolder


@pytest.fixture
def held(tmp_path: Path) -> Resident:
    data = DataFolder(tmp_path / "data")
    open_catalogue(data, write=True, create=True).close()
    return Resident(data)


def _change(held: Resident) -> None:
    with open_catalogue(held.data, write=True) as catalogue:
        catalogue.connection.execute("UPDATE settings SET value = value + 1 WHERE name = 'revision'")


def _wait(true: Callable[[], Any]) -> None:
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_it_is_made_once_for_all_who_ask_at_once(held: Resident) -> None:
    made = []

    def make(_: object) -> int:
        made.append(1)
        time.sleep(0.05)
        return len(made)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: held.keep("x", make), range(16))) == {1}
    assert held.keep("y", lambda _: "other") == "other"


def test_each_thread_has_a_catalogue_of_its_own(held: Resident) -> None:
    own = held.catalogue()
    assert held.catalogue() is own
    others = []
    thread = threading.Thread(target=lambda: others.append(held.catalogue()))
    thread.start()
    thread.join()
    assert others[0] is not own


def test_what_is_old_is_served_while_it_is_renewed(held: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resident, "_LEAST_PATIENCE_S", 0.0)
    monkeypatch.setattr(resident, "_PATIENCE", 0.0)
    go_on = threading.Event()
    values = iter(range(10))

    def make(_: object) -> int:
        value = next(values)
        assert value == 0 or go_on.wait(20)
        return value

    assert held.keep("x", make) == 0
    assert held.keep("x", make) == 0, "nothing has changed"
    _change(held)
    assert held.keep("x", make) == held.keep("x", make) == 0, "nobody waits"
    go_on.set()
    _wait(lambda: held.keep("x", make) == 1)
    assert held.keep("x", make) == 1, "it was made by one alone"


def test_a_library_that_changes_all_the_time_is_not_made_anew_all_the_time(held: Resident) -> None:
    made = []
    for _ in range(5):
        held.keep("x", lambda _: made.append(1))
        _change(held)
    assert len(made) == 1


@pytest.mark.parametrize("error", [CatalogueBusy("busy"), ValueError("a defect")])
def test_what_cannot_be_renewed_stays(
    held: Resident, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    monkeypatch.setattr(resident, "_LEAST_PATIENCE_S", 0.0)
    monkeypatch.setattr(resident, "_PATIENCE", 0.0)
    failing = [False, True, False]

    def make(_: object) -> int:
        if failing.pop(0):
            raise error
        return len(failing)

    assert held.keep("x", make) == 2
    _change(held)
    assert held.keep("x", make) == 2
    _wait(lambda: len(failing) == 1)
    _wait(lambda: held.keep("x", make) == 0)
    assert "x" in caplog.text


def test_what_cannot_be_made_is_tried_again(held: Resident) -> None:
    def nothing(_: object) -> int:
        raise NothingFound("no vectors")

    for _ in range(2):
        with pytest.raises(NothingFound):
            held.keep("x", nothing)
    assert held.keep("x", lambda _: 1) == 1


def test_without_a_library_there_is_nothing_to_hold(tmp_path: Path) -> None:
    with pytest.raises(NothingFound):
        Resident(DataFolder(tmp_path / "data")).keep("x", n_tracks)
    assert not (tmp_path / "data").exists()


def test_both_kinds_answer_alike(held: Resident) -> None:
    for library in (held, held.data):
        with opened(library) as at_hand:
            assert at_hand.keep("n", n_tracks) == 0
            assert at_hand.data == held.data
