"""The map may be coloured by kinds and by genres that are heard."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from segue.operations.clusters import kinds_of_music
from segue.operations.map_colours import labels_by_ear
from segue.settings import data_folder


def test_kinds_once_they_are_found_and_genres_by_ear(demo: Any, tmp_path: Path) -> None:
    shutil.copytree(demo.data, tmp_path / "data")
    data = data_folder(tmp_path / "data")
    labels = labels_by_ear(data, None)
    assert set(labels) == {"genre by ear"}
    assert len(labels["genre by ear"]) == 36
    assert set(labels["genre by ear"].values()) <= {"classical", "electronic", "pop", "rock"}
    found = kinds_of_music(data, k=3)
    labels = labels_by_ear(data, None)
    assert set(labels["kind"].values()) == {kind.name for kind in found.kinds}
    assert labels["kind"].keys() == labels["genre by ear"].keys()
