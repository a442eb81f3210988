"""A scan does what the music folder asks for, and no more."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from segue.catalogue import open_catalogue, roots, scan_lock, stats, track_by_path
from segue.errors import CatalogueBusy, DiskFull, SegueError, UsageError
from segue.scanning import known_as
from segue.scanning import scan as scan_function
from segue.scanning.jobs import Limits
from segue.types import EncoderId

TIMBRE, FMA = EncoderId("timbre-1"), EncoderId("fma518-1")
scan_module = sys.modules[scan_function.__module__]


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch):
    """Call it: from then on, starting a worker is a failure."""

    def forbid() -> None:
        def start(self: object) -> None:
            raise AssertionError("a worker was started")

        monkeypatch.setattr("segue.scanning.pool.Pool._start", start)

    return forbid


def test_first_scan_and_then_nothing(library, no_workers) -> None:
    for number in range(12):
        library.put(f"album {number % 3}/{number}.mp3", f"sound {number}", f"Title {number}")
    report = library.scan(workers=2)
    assert (report.found, report.analysed, report.unchanged, report.problem_count) == (12, 12, 0, 0)
    assert not report.stopped
    assert library.progress.totals[-1] == library.progress.steps == 12
    before = library.contents()
    no_workers()
    report = library.scan()
    assert (report.found, report.analysed, report.unchanged) == (12, 0, 12)
    assert library.contents() == before


def test_an_unchanged_library_costs_a_look(library, no_workers) -> None:
    for number in range(2000):
        library.put(f"{number % 100}/{number}.mp3", f"{number}")
    assert library.scan(workers=2).analysed == 2000
    no_workers()
    report = library.scan()
    assert report.unchanged == 2000
    assert report.duration_s < 3


def test_moved_retagged_copied_replaced(library) -> None:
    library.put("a/one.mp3", "one", "One")
    library.put("a/two.mp3", "two", "Two")
    library.put("a/three.mp3", "three", "Three")
    library.scan()
    with open_catalogue(library.data) as cat:
        ids = {
            name: track_by_path(cat, library.music / "a" / f"{name}.mp3").id
            for name in ("one", "two", "three")
        }
    (library.music / "b").mkdir()
    (library.music / "a/one.mp3").rename(library.music / "b/uno.mp3")
    library.put("a/two.mp3", "two", "Two, retagged")
    library.put("b/copy.mp3", "two", "Two, retagged")
    library.put("a/three.mp3", "another", "Another")
    report = library.scan()
    assert (report.moved, report.updated, report.copies, report.analysed, report.removed) == (1, 1, 1, 1, 1)
    with open_catalogue(library.data) as cat:
        assert track_by_path(cat, library.music / "a/one.mp3") is None
        assert track_by_path(cat, library.music / "b/uno.mp3").id == ids["one"]
        two = track_by_path(cat, library.music / "a/two.mp3")
        assert two.id == ids["two"] and two.tags.title == "Two, retagged" and len(two.paths) == 2
        assert track_by_path(cat, library.music / "a/three.mp3").id != ids["three"]
        counts = stats(cat)
        assert (counts.tracks, counts.files, counts.absent) == (3, 4, 1)


def test_deleted_files_and_folders_disappear_and_come_back_unheard(library) -> None:
    for name in ("a/1.mp3", "a/2.mp3", "b/c/3.mp3", "d/4.mp3"):
        library.put(name, name)
    library.scan()
    before = library.contents()
    (library.music / "a/1.mp3").unlink()
    (library.music / "b/c/3.mp3").unlink()
    (library.music / "b/c").rmdir()
    (library.music / "d").rename(library.music / ".d")
    assert library.scan().removed == 3
    assert list(library.contents()["files"]) == ["a/2.mp3"]
    (library.music / ".d").rename(library.music / "d")
    for name in ("a/1.mp3", "b/c/3.mp3"):
        library.put(name, name)
    report = library.scan()
    assert (report.analysed, report.moved) == (0, 3)
    assert library.contents()["vectors"] == before["vectors"]


def test_a_folder_inside_a_source_is_no_source_of_its_own(library) -> None:
    inside = library.put("a/1.mp3", "1").parent
    library.put("b/2.mp3", "2")
    hidden = library.put(".hidden/3.mp3", "3").parent
    library.scan(inside, library.music)
    library.scan(inside)
    library.scan(inside / "1.mp3")
    assert _roots(library) == (library.music,)
    library.scan(hidden)
    assert _roots(library) == (library.music, hidden), "a scan of the other would not meet it"
    assert library.scan(*_roots(library)).removed == 0


def test_a_mounted_folder_inside_a_source_is_a_source(library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.scan()
    nas = library.put("nas/1.mp3", "1").parent
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == nas)
    library.scan(nas)
    assert _roots(library) == (library.music, nas)


def test_a_folder_by_another_name_is_known(library, tmp_path: Path) -> None:
    deep = library.put("a/1.mp3", "1").parent
    link, round_about = tmp_path / "link", library.music / "b" / ".." / "a"
    link.symlink_to(library.music)
    known = (tmp_path / "gone", library.music)
    assert known_as(link, known) == known_as(library.music / "x" / "..", known) == library.music
    assert known_as(link / "a", known) == known_as(round_about, known) == deep
    assert known_as(library.music, (link,)) == link and known_as(deep, (link,)) == link / "a"
    assert known_as(tmp_path, known) == tmp_path and known_as(library.music, ()) == library.music


def _roots(library) -> tuple[Path, ...]:
    with open_catalogue(library.data) as cat:
        return roots(cat)


def test_an_unmounted_root_is_left_alone(library, tmp_path: Path) -> None:
    library.put("nas/1.mp3", "1")
    library.put("here/2.mp3", "2")
    nas, here = library.music / "nas", library.music / "here"
    library.scan(nas, here)
    before = library.contents()
    nas.rename(tmp_path / "away")
    for state in ("missing", "empty"):
        if state == "empty":
            nas.mkdir()
        for asked in ((nas, here), (library.music, nas), (library.music,)):
            report = library.scan(*asked)
            assert report.offline_roots == (nas,), (state, asked)
            assert report.removed == 0
            assert any(str(nas) in note and "mounted" in note for note in library.progress.notes)
            assert library.contents() == before
    nas.rmdir()
    (tmp_path / "away").rename(nas)
    report = library.scan(nas, here)
    assert (report.offline_roots, report.unchanged, report.analysed) == ((), 2, 0)


def test_a_root_that_never_was(library) -> None:
    with pytest.raises(UsageError, match="nowhere is not there"):
        library.scan(library.music / "nowhere")
    (library.music / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match="neither a folder nor a music file"):
        library.scan(library.music / "notes.txt")


def test_an_empty_folder_is_a_library_of_nothing(library) -> None:
    report = library.scan()
    assert (report.found, report.offline_roots) == (0, ())
    with open_catalogue(library.data) as cat:
        assert roots(cat) == (library.music,)


def test_a_single_file_as_root(library) -> None:
    song = library.put("a.mp3", "a")
    library.put("b.mp3", "b")
    assert library.scan(song).found == 1
    assert library.scan(song).unchanged == 1
    assert library.scan().analysed == 1
    song.unlink()
    assert library.scan(song).removed == 1
    assert list(library.contents()["files"]) == ["b.mp3"]


def test_rules_that_come_later_make_files_disappear(library) -> None:
    for name in ("a/1.mp3", "talk/2.mp3", "talk/deep/3.mp3", "x.wav"):
        library.put(name, name)
    assert library.scan().analysed == 4
    (library.music / "talk/.notmusic").touch()
    (library.music / ".segueignore").write_text("*.wav\n")
    report = library.scan()
    assert (report.removed, report.unchanged) == (3, 1)


def test_problems_are_recorded_once_and_tried_again_when_asked(library, no_workers) -> None:
    library.put("good.mp3", "good")
    library.put("bad.mp3", "broken")
    (library.music / "dangling.mp3").symlink_to("nowhere.mp3")
    os.mkfifo(library.music / "pipe.mp3")
    report = library.scan()
    expected = {"bad.mp3": "not-audio", "dangling.mp3": "missing", "pipe.mp3": "not-a-file"}
    assert (report.found, report.analysed, report.problem_count) == (4, 1, 3)
    assert {problem.path.name: problem.reason for problem in report.problems} == expected
    assert dict(library.progress.seen) == expected
    assert library.contents()["problems"] == expected
    report = library.scan(retry=True)
    assert (report.problem_count, report.known_problems) == (3, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("segue.scanning.pool.Pool._start", None)
        report = library.scan()
    assert (report.problem_count, report.known_problems, report.unchanged) == (0, 3, 1)
    library.put("bad.mp3", "mended")
    library.put("nowhere.mp3", "now somewhere")
    (library.music / "pipe.mp3").unlink()
    report = library.scan()
    assert (report.analysed, report.copies, report.problem_count) == (2, 1, 0)
    assert library.contents()["problems"] == {}


def test_bad_decoders_cost_their_file_only(library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "LIMITS", Limits(timeout_s=6.0, memory_bytes=300 << 20))
    for name in ("hang-1", "crash-1", "eat-1", "good-1", "good-2", "good-3"):
        library.put(f"{name}.mp3", name)
    report = library.scan(workers=2)
    assert report.analysed == 3
    assert library.contents()["problems"] == {
        "hang-1.mp3": "timed-out",
        "crash-1.mp3": "crashed",
        "eat-1.mp3": "out-of-memory",
    }


@pytest.mark.parametrize("name", [b"caf\xe9.mp3", "ü/ñ\n\t.mp3".encode()])
def test_strange_names(library, name: bytes) -> None:
    path = library.music / os.fsdecode(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"title\nsound")
    library.put("another.mp3", "another")
    assert library.scan().analysed == 2
    assert library.scan().unchanged == 2
    assert os.fsdecode(name) in library.contents()["files"]
    path.write_bytes(b"title\nbroken")
    assert library.scan().problem_count == 1
    path.unlink()
    library.scan()
    assert library.contents()["problems"] == {}


def test_another_encoder_hears_all_again_and_keeps_what_is_there(library, no_workers) -> None:
    for number in range(3):
        library.put(f"{number}.mp3", str(number))
    library.put("copy of 0.mp3", "0")
    library.put("bad.mp3", "broken")
    library.scan()
    before = library.contents()["vectors"]
    report = library.scan(encoders=(TIMBRE, FMA))
    assert (report.analysed, report.unchanged, report.known_problems, report.removed) == (3, 1, 1, 0)
    after = library.contents()["vectors"]
    assert {key: value for key, value in after.items() if key[0] == TIMBRE} == before
    assert len(after) == 6
    no_workers()
    assert library.scan(encoders=(FMA,)).unchanged == 4


def test_an_encoder_that_fails_on_a_file_does_not_take_it_away(library) -> None:
    path = library.put("x.mp3", "sounds")
    library.scan()
    state = path.stat()
    library.put("x.mp3", "broken")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    report = library.scan(encoders=(TIMBRE, FMA))
    assert (report.problem_count, report.analysed) == (1, 0)
    assert list(library.contents()["files"]) == ["x.mp3"]
    assert library.contents()["problems"] == {}


def test_two_scans_at_once(library) -> None:
    library.put("x.mp3", "x")
    with scan_lock(library.data), pytest.raises(CatalogueBusy, match=str(os.getpid())):
        library.scan()
    assert library.scan().analysed == 1


def test_ctrl_c_keeps_what_is_done(library, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = type(library.progress)
    for number in range(40):
        library.put(f"{number:02}.mp3", str(number))

    def press(self, steps: int = 1) -> None:
        self.steps += steps
        if self.steps == 10:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "advance", press)
        report = library.scan(workers=2)
    assert report.stopped
    assert 10 <= report.analysed < 40
    assert len(library.contents()["files"]) == report.analysed
    assert library.scan(workers=2).analysed == 40 - report.analysed


def test_ctrl_c_before_anything_is_heard(library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put("x.mp3", "x")

    def press(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setitem(scan_function.__globals__, "sort_roots", press)
        report = library.scan()
    assert report.stopped
    assert (report.found, report.analysed) == (0, 0)
    assert library.scan().analysed == 1


def test_a_full_disk_stops_the_scan_and_loses_nothing(library, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        library.put(f"{number}.mp3", str(number))
    import segue.scanning.record as record_module

    real, calls = record_module.record_analysis, []

    def full(cat: object, analysis: object) -> object:
        calls.append(analysis)
        if len(calls) > 3:
            raise DiskFull("no space left")
        return real(cat, analysis)

    with monkeypatch.context() as patch:
        patch.setattr(record_module, "record_analysis", full)
        with pytest.raises(DiskFull):
            library.scan()
    assert len(library.contents()["files"]) == 3
    report = library.scan()
    assert (report.analysed, report.unchanged) == (3, 3)


def test_a_broken_installation_blames_no_file(library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put("x.mp3", "x")
    monkeypatch.setattr(scan_module, "TARGET", "targets:no_start")
    with pytest.raises(SegueError, match="cannot start"):
        library.scan()
    assert library.contents() == {"files": {}, "vectors": {}, "problems": {}}


def test_a_blocked_folder_keeps_its_files(library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put("shut/deep/1.mp3", "1")
    library.put("open/2.mp3", "2")
    library.scan()
    before = library.contents()["files"]
    real = os.scandir

    def scandir(path: str) -> object:
        if os.fspath(path).endswith("shut"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        report = library.scan()
    assert [(problem.path.name, problem.reason) for problem in report.problems] == [("shut", "no-permission")]
    assert report.removed == 0
    assert library.contents()["files"] == before
    assert library.scan().problem_count == 0
    assert library.contents() == library.contents() | {"files": before, "problems": {}}
