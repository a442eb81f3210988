"""What one folder asks for."""

from __future__ import annotations

import pytest

from segue.scanning.compare import Known, compare
from segue.scanning.walk import Refused, SeenFolder

SEEN = SeenFolder(
    "/nowhere/music",
    files={
        "same.mp3": (1, 10),
        "grown.mp3": (2, 10),
        "touched.mp3": (1, 11),
        "new.mp3": (1, 10),
        "bad.mp3": (5, 5),
    },
    refused={
        "link.mp3": Refused(1, 1, "missing", "links to nothing"),
        "pipe.mp3": Refused(0, 1, "not-a-file", "is a pipe"),
    },
)
KNOWN = {
    "same.mp3": Known(1, 10),
    "grown.mp3": Known(1, 10),
    "touched.mp3": Known(1, 10),
    "bad.mp3": Known(5, 5, "truncated"),
    "link.mp3": Known(1, 1, "missing"),
    "gone.mp3": Known(1, 10),
    "bad and gone.mp3": Known(1, 10, "silent"),
}


def test_each_kind_of_change() -> None:
    changes = compare(SEEN, KNOWN, retry=False)
    assert changes.hear == ["grown.mp3", "touched.mp3", "new.mp3"]
    assert list(changes.refused) == ["pipe.mp3"]
    assert changes.gone == ["gone.mp3", "bad and gone.mp3"]
    assert (changes.unchanged, changes.known_problems) == (1, 2)


def test_retry_tries_known_problems_only() -> None:
    changes = compare(SEEN, KNOWN, retry=True)
    assert changes.hear == ["grown.mp3", "touched.mp3", "new.mp3", "bad.mp3"]
    assert list(changes.refused) == ["link.mp3", "pipe.mp3"]
    assert (changes.unchanged, changes.known_problems) == (1, 0)


def test_a_folder_seen_in_part_loses_nothing() -> None:
    assert compare(SeenFolder("/nowhere/music", complete=False), KNOWN, retry=False).gone == []


@pytest.mark.parametrize(("readable", "heard"), [(True, ["shut.mp3"]), (False, [])])
def test_a_file_that_became_readable(
    monkeypatch: pytest.MonkeyPatch, readable: bool, heard: list[str]
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: readable)
    seen = SeenFolder("/nowhere/music", files={"shut.mp3": (1, 1)})
    assert compare(seen, {"shut.mp3": Known(1, 1, "no-permission")}, retry=False).hear == heard
