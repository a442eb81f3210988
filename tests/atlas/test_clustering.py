"""What is kept of a clustering."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from segue.atlas import Clustering, Curve, Kind, load_clustering, save_clustering
from segue.errors import SegueError

GOLDEN = Path(__file__).with_name("golden") / "clustering-1.npz"


def example() -> Clustering:
    """As the golden file holds it (`save_clustering(example(), GOLDEN)` made it)."""
    return Clustering(
        encoder="musicnn-msd-1",
        kinds=(Kind(1, "slow, dark"), Kind(4, "Evening", by_hand=True)),
        centres=np.array([[0.5, -0.5, 0], [0.25, 1, 0]], np.float32),
        mean=np.array([1, 2, 3], np.float32),
        std=np.array([1, 0.5, np.inf], np.float32),
        asked=None,
        seed=3,
        n_tracks=10,
        next_number=5,
        curve=Curve((1.0, 0.5, 0.25), (float("nan"), 0.5, 0.25), (float("nan"), 1.0, 0.5)),
    )


def same(first: Clustering, second: Clustering) -> bool:
    return all(
        np.array_equal(getattr(first, name), getattr(second, name)) for name in ("centres", "mean", "std")
    ) and all(
        str(getattr(first, name)) == str(getattr(second, name))
        for name in ("encoder", "kinds", "asked", "seed", "n_tracks", "next_number", "curve")
    )


def test_it_comes_back_as_it_went(tmp_path: Path) -> None:
    file = tmp_path / "new" / "kinds.npz"
    save_clustering(example(), file)
    assert same(load_clustering(file), example())
    with np.load(file, allow_pickle=False) as stored:
        json.loads(str(stored["header"]), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_files_of_version_1_are_read() -> None:
    assert same(load_clustering(GOLDEN), example())


def changed(file: Path, **header: object) -> Path:
    with np.load(GOLDEN, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in ("centres", "mean", "std")}
        fields = json.loads(str(stored["header"]))
    for name in list(arrays):
        if name in header:
            arrays[name] = header.pop(name)  # type: ignore[assignment]
    np.savez(file, header=np.array(json.dumps(fields | header)), **arrays)
    return file


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"version": 2}, "later version"),
        ({"format": "something"}, "not a clustering"),
        ({"kinds": []}, "damaged"),
        ({"kinds": [{"number": 1, "name": "a", "by_hand": False}] * 2}, "damaged"),
        ({"next_number": 4}, "damaged"),
        ({"centres": np.full((2, 3), np.nan, np.float32)}, "damaged"),
        ({"centres": np.zeros((2, 4), np.float32)}, "damaged"),
        ({"seed": "three"}, "damaged"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, wrong: dict[str, object], said: str) -> None:
    with pytest.raises(SegueError, match=said):
        load_clustering(changed(tmp_path / "kinds.npz", **wrong))


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", GOLDEN.read_bytes()[:300]])
def test_damaged_files_say_what_to_do(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "kinds.npz"
    file.write_bytes(content)
    with pytest.raises(SegueError, match="delete it") as said:
        load_clustering(file)
    assert "pickle" not in str(said.value)
