"""Factors are kept whole, without pickle, and files of every released version stay readable.

``golden/factors-1.npz`` is what `save_factors` of version 1 wrote of `golden()`; it is never made again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segue.errors import SegueError, UsageError
from segue.factors import Factors, load_factors, names_of_labels, save_factors, save_names
from segue.factors import model as kept

GOLDEN = Path(__file__).parent / "golden" / "factors-1.npz"


def golden() -> Factors:
    """Two listeners, three tracks, two factors."""
    return Factors(
        listeners=np.array([3, 8]),
        tracks=np.array(["Björk - Jóga", "x", "夜"]),
        listener_factors=np.array([[1, 0.5], [-2, 0]], dtype=np.float32),
        track_factors=np.array([[0, 1], [0.25, 3], [1, 1]], dtype=np.float32),
        settings={"method": "wmf", "n_factors": 2, "alpha": 2.0, "confidence": "log"},
        fingerprint="ab" * 32,
    )


def assert_same(one: Factors, other: Factors) -> None:
    for name in ("listeners", "tracks", "listener_factors", "track_factors"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert dict(one.settings) == dict(other.settings)
    assert one.fingerprint == other.fingerprint


def test_the_golden_file_is_read() -> None:
    assert_same(load_factors(GOLDEN), golden())


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    save_factors(golden(), tmp_path / "new" / "folder")
    assert_same(load_factors(tmp_path / "new" / "folder"), golden())
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == ["factors.npz"]


def test_the_same_factors_are_the_same_arrays_in_any_number_type(tmp_path: Path) -> None:
    odd = Factors(
        np.array([3, 8], dtype=np.uint8),
        np.array([1, 2], dtype=np.int32),
        np.eye(2),
        np.eye(2)[::-1],
    )
    save_factors(odd, tmp_path)
    back = load_factors(tmp_path)
    assert back.listeners.dtype == back.tracks.dtype == np.int64
    assert back.track_factors.dtype == np.float32


def test_arrays_alone_are_read_too(tmp_path: Path) -> None:
    given = golden()
    np.savez(
        tmp_path / "factors.npz",
        listeners=given.listeners,
        tracks=given.tracks,
        listener_factors=given.listener_factors.astype(np.float64),
        track_factors=given.track_factors,
    )
    assert load_factors(tmp_path).settings == {}


@pytest.mark.parametrize("name", ["listeners", "track_factors"])
def test_a_missing_array_is_named(tmp_path: Path, name: str) -> None:
    with np.load(GOLDEN) as stored:
        arrays = {key: stored[key] for key in stored if key != name}
    np.savez(tmp_path / "factors.npz", **arrays)
    with pytest.raises(SegueError, match=name):
        load_factors(tmp_path)


@pytest.mark.parametrize("how", ["cut", "empty", "text", "object"])
def test_damage_is_said(tmp_path: Path, how: str) -> None:
    file = tmp_path / "factors.npz"
    whole = GOLDEN.read_bytes()
    if how == "object":
        np.savez(file, listeners=np.array([{}], dtype=object), tracks=0, listener_factors=0, track_factors=0)
    else:
        file.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "text": b"hello"}[how])
    with pytest.raises(SegueError, match="damaged"):
        load_factors(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tracks": np.array(["a", "b"])}, "2 tracks do not fit"),
        ({"listeners": np.array([3, 3])}, "twice"),
        ({"listener_factors": np.full((2, 2), np.nan)}, "finite"),
        ({"listener_factors": np.ones((2, 5))}, "differ in length"),
        ({"track_factors": np.array([["a", "b"]] * 3)}, "finite numbers"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, np.ndarray], said: str) -> None:
    with np.load(GOLDEN) as stored:
        arrays = {key: stored[key] for key in stored} | change
    np.savez(tmp_path / "factors.npz", **arrays)
    with pytest.raises(SegueError, match=said):
        load_factors(tmp_path)


def test_a_later_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "VERSION", 2)
    save_factors(golden(), tmp_path)
    monkeypatch.undo()
    with pytest.raises(SegueError, match="later version"):
        load_factors(tmp_path)


def test_nothing_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="segue factors fit"):
        load_factors(tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SegueError, match="cannot be written"):
        save_factors(golden(), tmp_path / "file")


def test_killed_while_writing_the_old_stays(tmp_path: Path) -> None:
    save_factors(golden(), tmp_path)
    code = (
        "import os, signal, sys, pathlib, numpy as np\n"
        "from segue.factors import Factors, save_factors\n"
        "real = os.fsync\n"
        "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
        "f = Factors(np.arange(9), np.arange(9), np.ones((9, 3)), np.ones((9, 3)))\n"
        "save_factors(f, pathlib.Path(sys.argv[1]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert_same(load_factors(tmp_path), golden())


def test_names_are_kept_beside(tmp_path: Path) -> None:
    import pyarrow.parquet

    tracks = golden().tracks
    save_names(tracks, names_of_labels(tracks), tmp_path)
    rows = pyarrow.parquet.read_table(tmp_path / "tracks.parquet").to_pylist()
    assert rows[0] == {
        "track": "Björk - Jóga",
        "artist": "Björk",
        "title": "Jóga",
        "album": "",
        "mbid": "",
        "isrc": "",
    }
    assert [row["title"] for row in rows] == ["Jóga", "", ""]


if __name__ == "__main__":
    save_factors(golden(), GOLDEN.parent)
    shutil.move(GOLDEN.parent / "factors.npz", GOLDEN)
    os.sync()
