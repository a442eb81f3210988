"""Stored indexes: damage is noticed, what was there before survives a failure."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import numpy as np
import pytest

from segue.errors import DiskFull, VectorsError
from segue.neighbours import ApproximateIndex, ExactIndex, build_index, open_index, storage, stored_revision


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    vectors = np.random.default_rng(0).standard_normal((600, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = ApproximateIndex(16, seed=0)
    index.add(np.arange(600), vectors)
    index.save(tmp_path / "index", revision=12)
    return tmp_path / "index"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_is_stored(tmp_path: Path) -> None:
    with pytest.raises(VectorsError, match="no index is stored"):
        open_index(tmp_path / "nowhere")
    assert stored_revision(tmp_path) is None


def test_another_revision_is_refused(stored: Path) -> None:
    assert stored_revision(stored) == 12
    assert len(open_index(stored, revision=12)) == 600
    with pytest.raises(VectorsError, match="revision 12"):
        open_index(stored, revision=13)


@pytest.mark.parametrize("name", ["ids", "vectors", "codes", "header"])
@pytest.mark.parametrize("harm", ["flip", "truncate", "empty", "delete", "garbage"])
def test_damage_is_noticed(stored: Path, name: str, harm: str) -> None:
    path = next(path for path in stored.iterdir() if path.name.startswith(name))
    data = bytearray(path.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 0x10
    elif harm == "truncate":
        del data[-10:]
    elif harm == "empty":
        data.clear()
    elif harm == "garbage":
        data[:] = b"\x93NUMPY" + bytes(len(data))
    path.unlink()
    if harm != "delete":
        path.write_bytes(data)
    with pytest.raises(VectorsError):
        open_index(stored)


def test_damage_between_the_checked_blocks_is_noticed_when_every_byte_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_BLOCK", 16)
    monkeypatch.setattr(storage, "_BLOCKS_CHECKED", 4)
    storage.write_parts(tmp_path, storage.Parts("test", {}, {"a": np.zeros(10_000)}))
    path = next(tmp_path.glob("a-*"))
    data = bytearray(path.read_bytes())
    data[5_000] ^= 1
    path.write_bytes(data)
    storage.read_parts(tmp_path)
    with pytest.raises(VectorsError, match="damaged"):
        storage.read_parts(tmp_path, verify=True)


@pytest.mark.parametrize(
    "change",
    [{"version": 99}, {"format": "else"}, {"kind": "other"}, {"files": {}}, {"files": 3}, {"revision": 5}],
)
@pytest.mark.parametrize("signed", [False, True])
def test_a_header_that_lies_is_refused(stored: Path, change: dict[str, object], signed: bool) -> None:
    path = stored / "header.json"
    header = json.loads(path.read_text()) | change
    if signed:
        if "revision" in change:
            return
        body = {key: value for key, value in header.items() if key != "crc32"}
        header["crc32"] = storage._header_checksum(body)
    path.write_text(json.dumps(header))
    with pytest.raises(VectorsError):
        open_index(stored)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"format": "segue-vectors"}', "\x00"])
def test_a_header_that_is_none_is_refused(stored: Path, text: str) -> None:
    (stored / "header.json").write_text(text)
    with pytest.raises(VectorsError):
        open_index(stored)


def test_a_name_in_the_header_cannot_lead_out_of_the_folder(stored: Path) -> None:
    header = json.loads((stored / "header.json").read_text())
    (stored.parent / "outside.npy").write_bytes(next(stored.glob("ids-*")).read_bytes())
    header["files"]["ids"]["file"] = "../outside.npy"
    body = {key: value for key, value in header.items() if key != "crc32"}
    (stored / "header.json").write_text(json.dumps({**body, "crc32": storage._header_checksum(body)}))
    with pytest.raises(VectorsError):
        open_index(stored)


def test_parts_that_do_not_belong_together_are_refused(stored: Path) -> None:
    parts = storage.read_parts(stored)
    arrays = {**parts.arrays, "codes": np.frombuffer(b"no codes at all", dtype=np.uint8)}
    storage.write_parts(stored, storage.Parts(parts.kind, parts.about, arrays))
    with pytest.raises(VectorsError, match="codes"):
        open_index(stored)
    arrays = {"ids": np.arange(3), "vectors": parts.arrays["vectors"]}
    storage.write_parts(stored, storage.Parts("exact", {}, arrays))
    with pytest.raises(VectorsError, match="together"):
        open_index(stored)
    with pytest.raises(VectorsError, match="exact"):
        ApproximateIndex.load(stored)


@pytest.mark.parametrize(("code", "error"), [(errno.ENOSPC, DiskFull), (errno.EACCES, VectorsError)])
def test_a_failed_write_leaves_what_was_there(
    stored: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception]
) -> None:
    before = files(stored)

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, "as arranged")

    index = build_index(np.arange(1), np.ones((1, 1), dtype=np.float32))
    monkeypatch.setattr(storage.np, "save", fail)
    with pytest.raises(error):
        index.save(stored, revision=13)
    monkeypatch.undo()
    assert files(stored) == before
    assert len(open_index(stored, revision=12)) == 600


def test_an_open_index_outlives_its_replacement(stored: Path) -> None:
    opened = open_index(stored)
    before = opened.search(opened.vectors_of(np.array([5])), 3)[0].tolist()
    build_index(np.arange(2), np.eye(2, dtype=np.float32)).save(stored, revision=13)
    assert opened.search(opened.vectors_of(np.array([5])), 3)[0].tolist() == before
    assert isinstance(open_index(stored, revision=13), ExactIndex)
