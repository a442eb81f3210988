"""The real data beside the project reads as its descriptions say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segue.errors import UsageError
from segue.listening import read_events, read_history, read_plays, sniff
from segue.types import BadRow


@pytest.mark.parametrize(
    ("name", "shape", "n_pairs"),
    [
        ("playlists", (1_137, 23_349), 29_500),
        ("playlists-large", (50_446, 20_635), 1_211_791),
        ("taste-profile", (1_630, 9_071), 42_739),
        ("artists", (1_890, 14_153), 76_053),
    ],
)
def test_tables_of_plays(shared: Path, name: str, shape: tuple[int, int], n_pairs: int) -> None:
    plays, report = read_plays(shared / "data" / name / "plays.parquet")
    assert plays.matrix.shape == shape
    assert plays.matrix.nnz == n_pairs
    assert (report.n_rows, report.n_bad) == (n_pairs, 0)
    assert plays.tracks.dtype == np.int64


def test_events(shared: Path) -> None:
    events, report = read_events(shared / "data" / "history" / "events.parquet")
    assert (len(events.listeners), len(events.tracks), len(events.time_s)) == (4_620, 57_684, 121_547)
    assert report.n_bad == 0
    assert (np.diff(events.listener) >= 0).all()
    assert (np.diff(events.time_s)[np.diff(events.listener) == 0] >= 0).all()
    assert (events.session >= 0).all()


def test_the_samples_of_formats(shared: Path) -> None:
    raw = shared / "data" / "formats" / "raw"
    expected = {
        "train_triplets.txt.gz": ("taste-profile", 42_739),
        "mpd.slice.0-36.sample.json.gz": ("million-playlist-dataset", 2_023),
        "lastfm-1k.sample5000.tsv.gz": ("lastfm-1k", 5_000),
    }
    for name, (known, n_listens) in expected.items():
        assert sniff(raw / name) == known
        rows = list(read_history(raw / name))
        assert not [row for row in rows if isinstance(row, BadRow)]
        assert len(rows) == n_listens
        assert read_plays(raw / name)[1].n_rows == n_listens


def test_the_slice_that_is_cut_off(shared: Path) -> None:
    with pytest.raises(UsageError, match="cut off"):
        read_plays(shared / "data" / "formats" / "raw" / "mpd.slice.truncated.json.gz")
