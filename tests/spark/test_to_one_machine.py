"""From files to a recommendation: what a cluster made is what one machine recommends by."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segue.catalogue import HistorySource, import_listens, open_catalogue
from segue.settings import DataFolder
from segue.types import Listen

if TYPE_CHECKING:
    from .conftest import Cluster

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]
STRANGERS = [f"Stranger - Song {row}" for row in range(9)]


def segue(*arguments: object) -> str:
    command = [sys.executable, "-m", "segue", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _plays(path: Path, here: list[str], there: list[str]) -> None:
    """Half of the listeners keep to some tracks and the strangers', half to the others."""
    rng = np.random.default_rng(0)
    rows = [
        (f"listener {one}", track)
        for one in range(60)
        for track in (there if one % 2 else [*here, *STRANGERS])
        if rng.random() < 0.5
    ]
    listeners, tracks = zip(*rows, strict=True)
    pq.write_table(pa.table({"listener": listeners, "track": tracks, "plays": [1] * len(rows)}), path)


def _vectors(folder: Path, here: list[str], there: list[str], unplayed: list[str]) -> None:
    """As `segue spark embed` leaves them: content tells of which half a track is."""
    rng = np.random.default_rng(0)
    names = [*here, *STRANGERS, *there, *unplayed]
    side = np.array([name in here or name in STRANGERS or name in unplayed for name in names])
    vectors = rng.standard_normal((len(names), 6)) * 0.1 + np.where(side, 1, -1)[:, None]
    folder.mkdir()
    table = {
        "name": names,
        "encoder": ["made-1"] * len(names),
        "vector": pa.array(list(vectors.astype(np.float32)), pa.list_(pa.float32())),
        "digest": [f"{row:064x}" for row in range(len(names))],
        "size": [1_000] * len(names),
        "modified_ns": [0] * len(names),
    }
    pq.write_table(pa.table(table), folder / f"part-{1:016x}.parquet")


def test_a_server_serves_what_a_cluster_made(idle: Cluster, demo: Any, tmp_path: Path) -> None:
    styles: dict[str, list[Any]] = {}
    for piece in demo.pieces:
        if piece.kind == "piece" and piece.style:
            styles.setdefault(piece.style, []).append(piece)
    loved, *others = styles.values()
    here = [f"{piece.artist} - {piece.title}" for piece in loved]
    there = [f"{piece.artist} - {piece.title}" for style in others for piece in style]
    _plays(tmp_path / "plays.parquet", here, there)
    _vectors(tmp_path / "vectors.parquet", here, there, ["New - Unheard"])
    master = ("--master", idle.master, "--quiet")
    settings = ("--n-factors", 4, "--iterations", 5, "--regularization", 1)
    segue("spark", "factors", tmp_path / "plays.parquet", "-o", tmp_path / "factors", *settings, *master)
    # On the cluster: lists of what each listener has not played, the new track among them.
    given = ("--vectors", tmp_path / "vectors.parquet", "--plays", tmp_path / "plays.parquet")
    segue(
        "spark", "recommend", tmp_path / "factors", *given, "-n", 5, "-o", tmp_path / "lists.parquet", *master
    )
    lists = pq.read_table(tmp_path / "lists.parquet").to_pylist()
    played = {
        (row["listener"], row["track"]) for row in pq.read_table(tmp_path / "plays.parquet").to_pylist()
    }
    assert {row["listener"] for row in lists} == {f"listener {one}" for one in range(60)}
    assert not {(row["listener"], row["track"]) for row in lists} & played
    first = {row["listener"]: row["track"] for row in lists if row["rank"] == 1}
    sides = [first[f"listener {one}"] in there for one in range(60)]
    assert np.mean(sides[1::2]) > 0.9 and np.mean(sides[::2]) < 0.1
    new = {row["listener"] for row in lists if row["track"] == "New - Unheard"}
    assert new and all(int(name.split()[1]) % 2 == 0 for name in new)
    # On one machine: a history of music that is not here is told by the same factors.
    data = Path(shutil.copytree(demo.data, tmp_path / "data"))
    now = time.time()
    listens = [Listen("Stranger", f"Song {row}", time_s=now - row * 86_400.0) for row in range(1, 7)]
    with open_catalogue(DataFolder(data), write=True) as catalogue:
        import_listens(catalogue, [(HistorySource("test", ""), listens)], listener="")
    segue("factors", "import", tmp_path / "factors", "--data", data)
    told = json.loads(segue("recommend", "-n", len(loved), "--per-artist", 0, "--json", "--data", data))
    assert told and {row["title"] for row in told} <= {piece.title for piece in loved}
