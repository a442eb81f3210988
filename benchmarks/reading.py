"""Plays a second that the readers of histories make of made-up exports, beside a bare parse of the same JSON.

    python benchmarks/reading.py [--plays 100000] [--runs 3]

The exports are written to a temporary folder: a Spotify extended streaming history (one JSON array), a
ListenBrainz export (JSON Lines), and a table of plays of many listeners (CSV and Parquet). "After parsing"
is the time that reading takes on top of parsing alone. Printed are medians; all routes take turns in one
run, so their ratios hold even where the machine is busy.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from segue.listening import read_history, read_plays


def main() -> int:
    """Write the exports, time the routes, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--plays", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        spotify = spotify_history(Path(work) / "Streaming_History_Audio_2023.json", options.plays)
        listenbrainz = listenbrainz_export(Path(work) / "listens.jsonl", options.plays)
        table = plays_table(Path(work) / "plays.csv", options.plays)
        columns = plays_parquet(Path(work) / "plays.parquet", options.plays)
        routes: dict[str, Callable[[], object]] = {
            "Spotify, bare JSON": lambda: json.loads(spotify.read_bytes()),
            "Spotify, read_history": lambda: exhaust(spotify),
            "ListenBrainz, bare JSON": lambda: bare_lines(listenbrainz),
            "ListenBrainz, read_history": lambda: exhaust(listenbrainz),
            "CSV, read_plays": lambda: read_plays(table),
            "Parquet, read_plays": lambda: read_plays(columns),
        }
        medians = medians_s(routes, options.runs)
    print(f"{'route':<30}{'plays a second':>16}{'of the bare parse':>20}{'after parsing':>16}")
    for name, median in medians.items():
        line = f"{name:<30}{options.plays / median:>16,.0f}"
        bare = medians.get(name.replace("read_history", "bare JSON"))
        if bare is not None and name.endswith("read_history"):
            line += f"{median / bare:>20.2f}{options.plays / max(median - bare, 1e-9):>16,.0f}"
        print(line)
    return 0


def spotify_history(path: Path, n_plays: int) -> Path:
    """An extended streaming history with all of its fields."""
    rows = [
        {
            "ts": f"20{10 + i % 13}-{1 + i % 12:02}-{1 + i % 28:02}T{i % 24:02}:{i % 60:02}:{i % 59:02}Z",
            "platform": "some device (of some make)",
            "ms_played": (i * 7_919) % 300_000,
            "conn_country": "XX",
            "ip_addr": "192.0.2.1",
            "master_metadata_track_name": f"Title number {i % 9_973}",
            "master_metadata_album_artist_name": f"Artist {i % 1_009}",
            "master_metadata_album_album_name": f"Album {i % 3_001}",
            "spotify_track_uri": f"spotify:track:{i % 9_973:022}",
            "episode_name": None,
            "episode_show_name": None,
            "spotify_episode_uri": None,
            "reason_start": "trackdone",
            "reason_end": "fwdbtn" if i % 5 == 0 else "trackdone",
            "shuffle": i % 2 == 0,
            "skipped": i % 5 == 0,
            "offline": False,
            "offline_timestamp": 1_600_000_000 + i,
            "incognito_mode": False,
        }
        for i in range(n_plays)
    ]
    path.write_text(json.dumps(rows, indent=2))
    return path


def listenbrainz_export(path: Path, n_plays: int) -> Path:
    """Listens as JSON Lines."""
    with path.open("w") as file:
        for i in range(n_plays):
            info = {
                "artist_mbids": [f"{i % 1_009:08x}-0000-4000-8000-000000000000"],
                "recording_mbid": f"{i % 9_973:08x}-0000-4000-8000-000000000000",
                "submission_client": "some player",
                "duration_ms": 200_000 + i,
            }
            metadata = {
                "artist_name": f"Artist {i % 1_009}",
                "track_name": f"Title number {i % 9_973}",
                "release_name": f"Album {i % 3_001}",
                "additional_info": info,
            }
            listen = {
                "listened_at": 1_500_000_000 + 180 * i,
                "inserted_at": 1_700_000_000.0,
                "track_metadata": metadata,
            }
            file.write(json.dumps(listen) + "\n")
    return path


def _columns(n_plays: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    limits = {"listener": max(2, n_plays // 25), "track": max(2, n_plays // 60), "plays": 20}
    return {name: rng.integers(1, limit, n_plays) for name, limit in limits.items()}


def plays_table(path: Path, n_plays: int) -> Path:
    """Listener, track and plays as CSV."""
    columns = _columns(n_plays)
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    with path.open("w") as file:
        file.write(",".join(columns) + "\n")
        file.writelines(f"{listener},{track},{plays}\n" for listener, track, plays in rows)
    return path


def plays_parquet(path: Path, n_plays: int) -> Path:
    """Listener, track and plays as Parquet."""
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(_columns(n_plays)), path)
    return path


def exhaust(path: Path) -> int:
    """Read a history without keeping it."""
    return sum(1 for _ in read_history(path))


def bare_lines(path: Path) -> int:
    """Parse JSON Lines and nothing else."""
    with path.open() as file:
        return sum(1 for line in file if json.loads(line))


def medians_s(routes: dict[str, Callable[[], object]], n_runs: int) -> dict[str, float]:
    """Median processor time of each route in seconds, after one run that counts for nothing."""
    times: dict[str, list[float]] = {name: [] for name in routes}
    for run in range(n_runs + 1):
        for name, route in routes.items():
            began = time.process_time()
            route()
            if run:
                times[name].append(time.process_time() - began)
    return {name: statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    raise SystemExit(main())
