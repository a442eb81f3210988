"""The spool gives back what it was given, in order, from memory or from its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from segue.errors import DiskFull
from segue.scanning import spool as room
from segue.scanning.jobs import Errand, Job
from segue.scanning.spool import Spool


@pytest.mark.parametrize("in_memory", [100, 1 << 20])
def test_first_in_first_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr(room, "_IN_MEMORY", in_memory)
    files = [
        Job(f"/music/{number}/caf\udce9.mp3", number, -number, Errand(number % 3)) for number in range(50)
    ]
    got = []
    with Spool(tmp_path / "cache") as spool:
        for job in files:
            spool.put(job)
            if job.size % 3 == 0:
                got.append(spool.take())
        while spool:
            got.append(spool.take())
        spool.put(Job("/again", 1, 2))
        assert spool.take() == Job("/again", 1, 2)
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
            spool.put(Job("/a", 1, 1))
