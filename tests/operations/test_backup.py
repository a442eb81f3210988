"""A backup is whole and puts everything back; whatever is wrong with one, the library stays as it was."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from segue.catalogue import (
    add_root,
    check,
    open_catalogue,
    replacing,
    roots,
    scan_lock,
    serve_lock,
    transaction,
)
from segue.errors import CatalogueBusy, NothingFound, SegueError, UsageError
from segue.operations import backup as module
from segue.operations.backup import back_up, restore
from segue.settings import DataFolder

_GOLDEN = Path(__file__).with_name("golden") / "backup-v1.tar.gz"


def _library(path: Path, *folders: str) -> DataFolder:
    """A small library whose folders tell it from others."""
    data = DataFolder(path)
    with open_catalogue(data, write=True, create=True) as catalogue:
        for folder in folders:
            add_root(catalogue, Path(folder))
    return data


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    """A library with a file of every kind."""
    data = _library(tmp_path / "data", "/music/one")
    for name in ("models/genres/a.onnx", "clusters/toy.npz", "maps/toy.npz", "genres-written.jsonl"):
        _write(data.path / name, name)
    for name in ("index/toy.1", "cache/covers/1.jpg", "log/scan.log", "runs/1/report.json", "backups/old"):
        _write(data.path / name, name)
    _write(data.path / "models" / "linked" / "elsewhere.txt", "linked")
    (data.path / "models" / "round").symlink_to(data.path / "models")
    _write(data.path / "server.key", "secret")
    (data.path / "server.key").chmod(0o600)
    return data


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _contents(data: DataFolder) -> dict[str, bytes]:
    """Every file of a data folder but what any opening of the catalogue touches."""
    files = (path for path in data.path.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return {
        path.relative_to(data.path).as_posix(): path.read_bytes()
        for path in files
        if not path.name.startswith("catalogue.sqlite")
    }


def _folders(data: DataFolder) -> list[str]:
    with open_catalogue(data) as catalogue:
        assert check(catalogue) == []
        return [str(root) for root in roots(catalogue)]


def _changed(data: DataFolder) -> None:
    """Make the library another than the one that was backed up."""
    with open_catalogue(data, write=True) as catalogue:
        add_root(catalogue, Path("/music/two"))
    _write(data.models / "genres" / "a.onnx", "another")
    _write(data.models / "late.onnx", "late")


def test_what_was_backed_up_comes_back_and_what_was_there_is_kept(data: DataFolder, tmp_path: Path) -> None:
    made = back_up(data, tmp_path / "kept.tar.gz")
    assert made.file.stat().st_mode & 0o777 == 0o600
    _changed(data)

    report = restore(data, made.file)

    assert (report.files, report.bytes) == (made.files, made.bytes)
    assert _folders(data) == ["/music/one"]
    there = _contents(data)
    assert there["models/genres/a.onnx"] == b"models/genres/a.onnx"
    assert there["clusters/toy.npz"] == b"clusters/toy.npz"
    assert there["genres-written.jsonl"] == b"genres-written.jsonl"
    assert (data.path / "server.key").stat().st_mode & 0o777 == 0o600
    assert "models/late.onnx" not in there
    assert not any(name.startswith(("index/", "cache/", "restoring")) for name in there)
    assert {"log/scan.log", "runs/1/report.json", "backups/old"} <= there.keys()

    assert report.kept is not None
    assert _folders(DataFolder(report.kept)) == ["/music/one", "/music/two"]
    assert (report.kept / "models" / "late.onnx").read_text() == "late"


def test_a_library_moves_to_a_machine_that_has_none(data: DataFolder, tmp_path: Path) -> None:
    new = DataFolder(tmp_path / "new" / "data")
    assert restore(new, back_up(data, tmp_path).file).kept is None
    assert _folders(new) == ["/music/one"]
    assert (new.models / "linked" / "elsewhere.txt").read_text() == "linked"


def test_an_older_backup_is_read_for_ever(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    assert restore(data, _GOLDEN).files == 2
    assert _folders(data) == ["/music/golden"]
    assert (data.models / "note.txt").read_text() == "golden\n"


def test_a_backup_is_of_one_moment_while_others_write(data: DataFolder, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        with open_catalogue(data, write=True) as catalogue:
            while not stop.is_set():
                number += 1
                with transaction(catalogue):
                    add_root(catalogue, Path(f"/pair/{number}/a"))
                    add_root(catalogue, Path(f"/pair/{number}/b"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(4):
            with scan_lock(data), serve_lock(data):
                made = back_up(data, tmp_path / f"{number}.tar.gz")
            new = DataFolder(tmp_path / f"new{number}")
            restore(new, made.file)
            pairs = [folder for folder in _folders(new) if folder.startswith("/pair/")]
            assert len(pairs) % 2 == 0
    finally:
        stop.set()
        writer.join()


def _repacked(file: Path, change: Callable[[dict[str, bytes]], None], target: Path) -> Path:
    """An archive with other members, and a manifest that agrees where `change` does not write one."""
    with tarfile.open(file) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    change(members)
    with tarfile.open(target, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target


def _manifest(members: dict[str, bytes], **changes: object) -> None:
    told = json.loads(members.pop("manifest.json"))
    members["manifest.json"] = json.dumps({**told, **changes}).encode()


def _foreign_catalogue(members: dict[str, bytes]) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE notes (words TEXT)")
    connection.commit()
    _put(members, "catalogue.sqlite", connection.serialize())


def _put(members: dict[str, bytes], name: str, content: bytes) -> None:
    """A member that the manifest agrees with."""
    import hashlib

    told = json.loads(members.pop("manifest.json"))
    members[name] = content
    told["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    members["manifest.json"] = json.dumps(told).encode()


def _damage(members: dict[str, bytes]) -> None:
    page = bytearray(members["catalogue.sqlite"])
    page[4096 : 4096 * 6] = b"\xff" * (4096 * 5)
    _put(members, "catalogue.sqlite", bytes(page))


_CHANGES: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "no manifest": (lambda m: m.pop("manifest.json"), "not written to its end"),
    "another's": (lambda m: _manifest(m, format="tape"), "another's"),
    "no JSON": (lambda m: m.update({"manifest.json": b"{"}), "another's"),
    "later": (lambda m: _manifest(m, version=2), "later Segue"),
    "one file less": (lambda m: m.pop("clusters/toy.npz"), "damaged: clusters/toy.npz"),
    "another byte": (lambda m: m.update({"maps/toy.npz": b"?" * 13}), "damaged: maps/toy.npz"),
    "out of the folder": (lambda m: _put(m, "../evil", b"x"), "'../evil'"),
    "absolute": (lambda m: _put(m, "/tmp/evil", b"x"), "'/tmp/evil'"),
    "an index": (lambda m: _put(m, "index/evil", b"x"), "'index/evil'"),
    "a lock": (lambda m: _put(m, "scan.lock", b"x"), "'scan.lock'"),
    "a plan": (lambda m: _put(m, "restoring/plan.json", b"{}"), "restoring"),
    "foreign catalogue": (_foreign_catalogue, "another program's"),
    "damaged catalogue": (_damage, "damaged"),
    "no catalogue": (lambda m: (m.pop("catalogue.sqlite"), _manifest(m, files={})), "damaged"),
}


@pytest.mark.parametrize("case", sorted(_CHANGES))
def test_a_wrong_archive_changes_nothing(data: DataFolder, tmp_path: Path, case: str) -> None:
    change, words = _CHANGES[case]
    made = back_up(data, tmp_path / "good.tar.gz")
    wrong = _repacked(made.file, lambda members: change(members) and None, tmp_path / "wrong.tar.gz")
    _changed(data)
    before = _contents(data)
    with pytest.raises(UsageError, match=words):
        restore(data, wrong)
    assert _contents(data) == before
    assert _folders(data) == ["/music/one", "/music/two"]


def test_a_cut_or_foreign_file_changes_nothing(data: DataFolder, tmp_path: Path) -> None:
    made = back_up(data, tmp_path / "good.tar.gz").file.read_bytes()
    before = _contents(data)
    wrong = tmp_path / "wrong.tar.gz"
    flipped = bytearray(made)
    flipped[len(made) // 2] ^= 0xFF
    for content in (b"", b"PK\x03\x04", made[:500], made[: len(made) // 2], made[:-4], bytes(flipped)):
        wrong.write_bytes(content)
        with pytest.raises(UsageError):
            restore(data, wrong)
    with pytest.raises(UsageError):
        wrong.write_bytes(gzip.compress(b"not a tar" * 1000))
        restore(data, wrong)
    with pytest.raises(NothingFound):
        restore(data, tmp_path / "nowhere")
    assert _contents(data) == before


def test_links_in_an_archive_are_refused(data: DataFolder, tmp_path: Path) -> None:
    wrong = tmp_path / "links.tar.gz"
    with tarfile.open(wrong, "w:gz") as archive:
        link = tarfile.TarInfo("models")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(link)
    with pytest.raises(UsageError, match="'models'"):
        restore(data, wrong)


@pytest.mark.parametrize("lock", [scan_lock, serve_lock])
def test_nothing_is_put_back_under_a_scan_or_a_server(data, tmp_path, lock) -> None:
    made = back_up(data, tmp_path)
    with lock(data), pytest.raises(CatalogueBusy):
        restore(data, made.file)


def test_nothing_is_put_back_under_another_process_that_reads(data: DataFolder, tmp_path: Path) -> None:
    made = back_up(data, tmp_path)
    before = _contents(data)
    reader = (
        "import sys; from pathlib import Path\n"
        "from segue.catalogue import open_catalogue, stats\n"
        "from segue.settings import DataFolder\n"
        "catalogue = open_catalogue(DataFolder(Path(sys.argv[1]))); stats(catalogue)\n"
        "print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", reader, str(data.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(CatalogueBusy, match="stop `segue serve`"):
            restore(data, made.file)
        process.communicate()
    assert _contents(data) == before
    restore(data, made.file)


def test_a_damaged_library_is_replaced_too(data: DataFolder, tmp_path: Path) -> None:
    made = back_up(data, tmp_path)
    data.catalogue.write_bytes(b"no catalogue any more" * 100)
    report = restore(data, made.file)
    assert _folders(data) == ["/music/one"]
    assert report.kept is not None
    assert (report.kept / "catalogue.sqlite").read_bytes().startswith(b"no catalogue any more")


def test_no_space_and_a_stop_leave_all_as_it_was(data, tmp_path, monkeypatch) -> None:
    made = back_up(data, tmp_path / "good.tar.gz")
    before = _contents(data)
    for error in (OSError(28, "No space left on device"), KeyboardInterrupt()):

        def stop(*_: object, error: BaseException = error) -> None:
            raise error

        with monkeypatch.context() as broken:
            broken.setattr(module, "_write", stop)
            with pytest.raises((SegueError, KeyboardInterrupt)):
                restore(data, made.file)
        with monkeypatch.context() as broken:
            broken.setattr(module, "_add", stop)
            with pytest.raises((SegueError, KeyboardInterrupt)):
                back_up(data, tmp_path / "good.tar.gz")
    assert _contents(data) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "good.tar.gz"]
    restore(data, made.file)


def test_an_archive_is_not_made_inside_the_library(data: DataFolder) -> None:
    with pytest.raises(UsageError, match="outside"):
        back_up(data, data.models)
    back_up(data, data.path / "backups" / "mine.tar.gz")
    with pytest.raises(NothingFound):
        back_up(DataFolder(data.path / "nothing"), data.path.parent)


def _kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """End this process, a child, just before its `step`-th rename."""
    count = [0]

    def counted(name: str) -> None:
        original = getattr(Path, name)

        def rename(self: Path, target: Path) -> Path:
            count[0] += 1
            if count[0] == step:
                os.kill(os.getpid(), signal.SIGKILL)
            result: Path = original(self, target)
            return result

        monkeypatch.setattr(Path, name, rename)

    counted("rename")
    counted("replace")


def test_killed_at_any_step_it_is_the_old_or_the_new_library(data, tmp_path, monkeypatch) -> None:
    made = back_up(data, tmp_path / "good.tar.gz")
    _changed(data)
    seen = set()
    for step in range(1, 100):
        victim = DataFolder(tmp_path / f"victim{step}")
        shutil.copytree(data.path, victim.path, symlinks=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 warns of threads; they sleep
            child = os.fork()
        if child == 0:
            try:
                _kill_at(monkeypatch, step)
                restore(victim, made.file)
                os._exit(0)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        folders = _folders(victim)
        seen.add(tuple(folders))
        model = (victim.models / "genres" / "a.onnx").read_text()
        assert (folders, model) in (
            (["/music/one", "/music/two"], "another"),
            (["/music/one"], "models/genres/a.onnx"),
        )
        if folders == ["/music/one"]:
            (kept,) = (victim.path / "backups").glob("before-restore-*")
            assert (kept / "models" / "late.onnx").exists()
            assert _folders(DataFolder(kept)) == ["/music/one", "/music/two"]
            assert not replacing.is_pending(victim)
        restore(victim, made.file)
        assert _folders(victim) == ["/music/one"]
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
    assert len(seen) == 2
    assert step > 8


def test_the_command_line_says_what_it_did(data: DataFolder, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "segue", "library"]
    told = subprocess.run(
        [*program, "backup", "--json", "--data", str(data.path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    file = Path(json.loads(told.stdout)["file"])
    assert file.parent == tmp_path
    told = subprocess.run(
        [*program, "restore", str(file), "--data", str(data.path)], capture_output=True, text=True, check=True
    )
    assert "what was there before is in" in told.stderr
    assert time.strftime("%Y-%m-%d") in told.stderr
    told = subprocess.run(
        [*program, "restore", __file__, "--data", str(data.path)], capture_output=True, text=True
    )
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1
