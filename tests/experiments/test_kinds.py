"""Kinds of music: K-means of a table of attributes, named by the width of the spectrum."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segue.errors import UsageError
from segue.experiments.kinds import Attributes, find_kinds, kinds_by_track, read_attributes
from segue.training.datasets.contract import Dataset


def _dataset(*tracks: str) -> Dataset:
    empty = ("",) * len(tracks)
    return Dataset("drawn", tracks, (), empty, empty, empty, empty, {})


def _table(path: Path) -> Path:
    """Six clips in three heaps; the rows are in no order."""
    rows = ["filename,length,spectral_bandwidth_mean,tempo,label"]
    for name, width, tempo in (
        ("pop.1.wav", 9, 1), ("air.1.wav", 1, 1), ("metal.1.wav", 5, 9),
        ("air.2.wav", 1.1, 1.2), ("metal.2.wav", 5.1, 9.1), ("pop.2.wav", 9.1, 1.1),
    ):  # fmt: skip
        rows.append(f"{name},661794,{width},{tempo},x")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows))
    return path


def test_kinds_go_from_the_narrowest_spectrum_to_the_widest(tmp_path: Path) -> None:
    _table(tmp_path / "features_30_sec.csv")
    kinds, names = kinds_by_track(_dataset("pop/pop.2.ogg", "air.1.au", "metal.1", "other.wav"), tmp_path)
    assert names == ("melodic", "rhythmic", "popular")
    assert kinds.tolist() == [2, 0, 1, -1]


def test_the_table_is_found_beside_the_folder_or_where_it_is_said_to_be(tmp_path: Path) -> None:
    folder = tmp_path / "gtzan"
    folder.mkdir()
    with pytest.raises(UsageError, match=r"features_30_sec\.csv or data\.csv.*target\.attributes=FILE"):
        kinds_by_track(_dataset("pop.1.ogg"), folder)
    elsewhere = _table(tmp_path / "far" / "table.csv")
    assert kinds_by_track(_dataset("pop.1.ogg"), folder, table=elsewhere)[0].tolist() == [2]
    _table(tmp_path / "gtzan-attributes" / "data.csv")
    assert kinds_by_track(_dataset("air.1.ogg"), folder)[0].tolist() == [0]


def test_other_numbers_of_kinds_are_numbered(tmp_path: Path) -> None:
    attributes = read_attributes(_table(tmp_path / "data.csv"))
    assert attributes.columns == ("spectral_bandwidth_mean", "tempo")
    kinds, names = find_kinds(attributes, n_kinds=2)
    assert names == ("kind 1", "kind 2") and set(kinds.tolist()) == {0, 1}
    plain = Attributes(attributes.clips, ("a", "b"), attributes.values)
    assert find_kinds(plain)[1] == ("kind 1", "kind 2", "kind 3")


def test_a_column_that_never_moves_is_no_obstacle() -> None:
    values = np.array([[0.0, 5], [1, 5], [9, 5]])
    kinds, _ = find_kinds(Attributes(("a", "b", "c"), ("spectral_bandwidth", "b"), values))
    assert kinds.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,tempo\na,1\n", "no column 'filename'"),
        ("filename,tempo\na.wav,fast\n", "no number"),
        ("filename,tempo\na.wav,nan\n", "not finite"),
        ("filename,tempo\na.wav\n", "or no rows"),
        ("filename,tempo\na.wav,1\n", "1 clips cannot be put into 3 kinds"),
        ("filename,tempo\na.wav,1\nb.wav,2\nc.wav,4\n", "none of the tracks of drawn"),
    ],
)
def test_tables_of_another_shape_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "data.csv").write_text(text)
    with pytest.raises(UsageError, match=message):
        kinds_by_track(_dataset("z.wav"), tmp_path)


def test_the_kinds_of_gtzan_are_those_that_d_describes(shared: Path) -> None:
    path = shared / "data" / "gtzan-attributes" / "features_30_sec.csv"
    attributes = read_attributes(path)
    assert attributes.values.shape == (1_000, 57)
    kinds, names = find_kinds(attributes)
    genres = np.array([clip.partition(".")[0] for clip in attributes.clips])

    def share(genre: str, kind: str) -> float:
        return float(np.mean(kinds[genres == genre] == names.index(kind)))

    assert share("classical", "melodic") > 0.9
    assert share("metal", "rhythmic") > 0.9
    assert share("pop", "popular") > 0.9
