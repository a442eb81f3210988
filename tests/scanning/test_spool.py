"""The spool gives back what it was given, in order, from memory or from its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.errors import DiskFull
from segue.scanning import spool as room
from segue.scanning.spool import Spool


@pytest.mark.parametrize("in_memory", [100, 1 << 20])
def test_first_in_first_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr(room, "_IN_MEMORY", in_memory)
    files = [(f"/music/{number}/caf\udce9.mp3", number, -number, number % 2 == 0) for number in range(50)]
    got = []
    with Spool(tmp_path / "cache") as spool:
        for path, size, mtime_ns, known in files:
            spool.put(path, size, mtime_ns, known=known)
            if size % 3 == 0:
                got.append(spool.take())
        while spool:
            got.append(spool.take())
        spool.put("/again", 1, 2, known=False)
        assert spool.take() == ("/again", 1, 2, False)
    assert got == files
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Spool(tmp_path) as spool:

        class Full:
            def seek(self, position: int) -> None:
                raise OSError(28, "No space left on device")

            def close(self) -> None:
                pass

        spool._file.close()
        monkeypatch.setattr(spool, "_file", Full())
        with pytest.raises(DiskFull, match="no space"):
            spool.put("/a", 1, 1, known=False)
