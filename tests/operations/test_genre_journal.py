"""What was written is read again, wherever a kill cut it, and leads back to the beginning."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import SegueError
from segue.operations.genre_journal import (
    Written,
    held_before,
    journal_file,
    keep_undone,
    keep_written,
    made_draft,
    read_journal,
    remove_left_draft,
)
from segue.settings import DataFolder

_GOLDEN = Path(__file__).with_name("golden") / "genres-written-1.jsonl"

names = st.binary(min_size=1, max_size=12).filter(lambda name: not set(b"/\0") & set(name))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
held = st.one_of(st.none(), st.lists(st.lists(st.one_of(st.integers(0, 9), texts), max_size=3), max_size=2))
fields = st.dictionaries(st.sampled_from(["id3", "ape", "flac"]), held, max_size=2)
entries = st.builds(
    Written,
    path=names.map(lambda name: Path(os.fsdecode(b"/music/" + name))),
    track=texts,
    before=fields,
    after=fields,
    old=st.lists(texts, max_size=2).map(tuple),
    new=st.lists(texts, max_size=2).map(tuple),
    time_s=st.floats(0, 1e10),
)


@settings(max_examples=40)
@given(written=st.lists(entries, max_size=6), data=st.data())
def test_what_was_kept_is_read_up_to_where_it_was_cut(
    tmp_path_factory: pytest.TempPathFactory, written: list[Written], data: st.DataObject
) -> None:
    folder = DataFolder(tmp_path_factory.mktemp("journal"))
    ends = [0]
    for entry in written:
        keep_written(folder, entry)
        ends.append(journal_file(folder).stat().st_size)
    cut = data.draw(st.integers(0, ends[-1]))
    if written:
        os.truncate(journal_file(folder), cut)
    whole = [entry for entry, end in zip(written, ends[1:], strict=True) if end - 1 <= cut]
    found, damaged = read_journal(folder)
    assert [entry for path in dict.fromkeys(e.path for e in whole) for entry in found[path]] == [
        entry for path in dict.fromkeys(e.path for e in whole) for entry in whole if entry.path == path
    ]
    assert sum(map(len, found.values())) == len(whole)
    assert damaged <= 1
    for entry in written:  # after a cut line it goes on
        keep_written(folder, entry)
    assert sum(map(len, read_journal(folder)[0].values())) == len(whole) + len(written)


@given(states=st.lists(st.integers(0, 3), min_size=2, max_size=8), data=st.data())
def test_every_state_of_a_file_leads_back_to_the_first(states: list[int], data: st.DataObject) -> None:
    """A file goes through states; some entries were kept and their writing was stopped."""
    now, history = states[0], []
    for state in states[1:]:
        history.append(_entry(now, state))
        if data.draw(st.booleans()):
            now = state
    assert held_before(history, _fields(now)) == _fields(states[0])
    assert held_before(history, _fields(states[0])) == _fields(states[0])
    assert held_before(history, {"flac": [[0, "GENRE", "another"]]}) is None


def _fields(state: int) -> dict[str, list[list[object]] | None]:
    return {"flac": [[0, "GENRE", str(state)]]}


def _entry(before: int, after: int) -> Written:
    return Written(Path("/a"), "t", _fields(before), _fields(after), (), (), 0.0)


def test_what_was_undone_is_over(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    keep_written(folder, _entry(0, 1))
    keep_undone(folder, Path("/a"))
    assert read_journal(folder) == ({}, 0)
    keep_written(folder, _entry(0, 2))
    assert read_journal(folder)[0][Path("/a")] == [_entry(0, 2)]


def test_a_changed_line_is_counted(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    keep_written(folder, _entry(0, 1))
    keep_written(folder, _entry(1, 2))
    text = journal_file(folder).read_text()
    journal_file(folder).write_text(text.replace('"GENRE", "0"', '"GENRE", "9"', 1) + "[1]\nnonsense\n")
    assert read_journal(folder) == ({Path("/a"): [_entry(1, 2)]}, 3)


def test_format_1_is_read(tmp_path: Path) -> None:
    shutil.copy(_GOLDEN, journal_file(DataFolder(tmp_path)))
    found, damaged = read_journal(DataFolder(tmp_path))
    assert damaged == 0
    (entry,) = found[Path("/music/caf\udce9.mp3")]
    assert entry == Written(
        Path("/music/caf\udce9.mp3"),
        "aaaaaaaaaaaaaaaa",
        {"id3": [[0, "(17)"]], "ape": None},
        {"id3": [[0, "Jazz"]], "ape": None},
        ("Rock",),
        ("Jazz",),
        1700000000.5,
    )


def test_a_later_format_is_refused(tmp_path: Path) -> None:
    journal_file(DataFolder(tmp_path)).write_text('{"format": 2}\n')
    with pytest.raises(SegueError, match="update Segue"):
        read_journal(DataFolder(tmp_path))


def test_a_draft_that_was_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    draft = made_draft(folder, tmp_path / "song.mp3")
    draft.write_text("half")
    remove_left_draft(folder)
    assert not draft.exists()
    song = tmp_path / "song.mp3"
    song.write_text("music")
    (tmp_path / "genres-written.draft").write_bytes(os.fsencode(song))
    remove_left_draft(folder)
    assert song.exists()
