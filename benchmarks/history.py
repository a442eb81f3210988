"""What a history costs: storing its plays, storing them again, and finding them in the library.

    python benchmarks/history.py [--full]

Plays and tracks have made-up names: half of the recordings are in the library, many of them written otherwise
(remasters, guests, another case, wrong letters). Small by default; `--full` takes 1,000,000 plays of 150,000
recordings and a library of 100,000 tracks. Parsing the plays is not part of the seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from segue.audio import AudioInfo, Tags
from segue.catalogue import (
    Analysis,
    Catalogue,
    FileStat,
    HistorySource,
    import_listens,
    listen_table,
    open_catalogue,
    record_analysis,
    transaction,
)
from segue.operations.history import coverage, match_history
from segue.settings import DataFolder
from segue.types import Listen

_SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ran",
    "te",
    "ver",
    "sol",
    "dun",
    "pra",
    "el",
    "os",
    "tin",
    "mar",
    "quo",
    "zi",
)
_UNKNOWN: dict[str, Any] = {field.name: None for field in fields(Tags)} | {"genres": (), "has_cover": False}
_TRACKS_AT_ONCE = 1_000


def words(rng: random.Random, most: int) -> str:
    """A name of up to `most` words."""
    return " ".join(
        "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))).title() for _ in range(rng.randint(1, most))
    )


def otherwise(rng: random.Random, artist: str, title: str) -> tuple[str, str]:
    """The same names as another service may write them, or as they are."""
    at = rng.randrange(len(title))
    ways = (
        (artist, title),
        (artist, f"{title} - {rng.randint(1990, 2020)} Remaster"),
        (f"{artist} feat. {words(rng, 2)}", title),
        (artist.upper(), title.lower()),
        (artist, f"{title[:at]}x{title[at + 1 :]}"),
    )
    return rng.choice(ways)


def fill(catalogue: Catalogue, tracks: list[tuple[str, str, str]]) -> None:
    """A library of these tracks, without vectors."""
    for start in range(0, len(tracks), _TRACKS_AT_ONCE):
        with transaction(catalogue):
            for number, (artist, title, album) in enumerate(tracks[start : start + _TRACKS_AT_ONCE], start):
                path = Path(f"/music/{number // 1_000}/{number}.mp3")
                tags = Tags(**_UNKNOWN | {"title": title, "artist": artist, "album": album})
                info = AudioInfo(120.0 + number % 240, 44_100, 2, "mp3", 256_000)
                digest = hashlib.sha256(str(number).encode()).hexdigest()
                record_analysis(catalogue, Analysis(path, FileStat(path, 1, 1), digest, tags, info))


def plays_of(
    rng: random.Random, tracks: list[tuple[str, str, str]], n_plays: int, n_heard: int
) -> list[Listen]:
    """Plays in the order of time, few recordings often and many seldom."""
    recordings = []
    for number in range(n_heard):
        artist, title, album = rng.choice(tracks)
        names = otherwise(rng, artist, title) if number % 2 else (words(rng, 3), words(rng, 4))
        recordings.append((*names, album))
    plays = []
    for number in range(n_plays):
        # Every recording once, then by a law of powers.
        at = number if number < n_heard else int(n_heard * rng.random() ** 3)
        time_s = 1.2e9 + 300.0 * number
        plays.append(Listen(*recordings[at], time_s=time_s, played_s=200.5, skipped=False))
    return plays


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """How many seconds it takes by the clock, and of the processor."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="1,000,000 plays and 100,000 tracks")
    full = parser.parse_args().full
    n_plays, n_heard, n_tracks = (1_000_000, 150_000, 100_000) if full else (100_000, 15_000, 10_000)
    rng = random.Random(0)
    artists = [words(rng, 3) for _ in range(n_tracks // 10)]
    tracks = [(rng.choice(artists), words(rng, 4), words(rng, 3)) for _ in range(n_tracks)]
    plays = plays_of(rng, tracks, n_plays, n_heard)
    source = HistorySource("benchmark", "/plays")
    print(f"{n_plays:,} plays of {n_heard:,} recordings, {n_tracks:,} tracks, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as place:
        data = DataFolder(Path(place))
        with open_catalogue(data, write=True, create=True) as catalogue:
            before = data.catalogue.stat().st_size
            for name in ("stored", "stored again"):
                seconds, used = timed(lambda: import_listens(catalogue, [(source, plays)]))
                rate = f"{n_plays / seconds:,.0f} plays a second"
                print(f"{name}: {seconds:.1f} s ({used:.1f} s of the processor), {rate}")
            catalogue.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = data.catalogue.stat().st_size - before
            print(f"size: {size / 1e6:.1f} MB, {size / n_plays:.0f} bytes a play")
            print(f"read as columns: {timed(lambda: listen_table(catalogue))[0]:.1f} s")
            fill(catalogue, tracks)
            seconds, used = timed(lambda: match_history(catalogue))
            found = coverage(catalogue)
            share = f"{found.matched:,} of {found.recordings:,} recordings"
            print(f"matched: {seconds:.1f} s ({used:.1f} s of the processor), {share}, {found.near:,} near")
            print(f"nothing to match: {timed(lambda: match_history(catalogue))[0]:.3f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory, the plays included: {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
