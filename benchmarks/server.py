"""How fast the server answers: many clients at once while a scan runs, the first page, seeking, memory.

    python benchmarks/server.py [--tracks 100000] [--clients 32] [--seconds 30] [--data FOLDER]

The library is made up (`made_library.py`); the scan that runs meanwhile hears new files of noise. Each
client asks one question at a time and waits a second on average before the next (no person or player asks
faster); `--pause 0` asks without a pause, which measures how many answers a second two cores give.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from made_library import fill
from segue.catalogue import open_catalogue, track_ids, vector_keys
from segue.encoders import DEFAULT_ENCODER, members
from segue.settings import DataFolder

_PORT = 45_331
_ROOT = f"http://127.0.0.1:{_PORT}"
_WORDS = ("art", "title 1", "album 77", "bala", "gefi mano", "artsit 12", "titel 99", "a", "genre 3")


@dataclass(frozen=True)
class Asked:
    """Latencies of one kind of question, in milliseconds."""

    kind: str
    ms: list[float]

    def row(self) -> str:
        """A line of the table: median and percentiles."""
        ordered = sorted(self.ms)
        place = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95, 0.99)]
        return f"| {self.kind} | {len(ordered)} | " + " | ".join(f"{value:.1f}" for value in place) + " |"


@asynccontextmanager
async def served(data: DataFolder, *folders: Path) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A server in a process of its own; with folders it scans them meanwhile."""
    scan = [str(folder) for folder in folders] or ["--no-scan"]
    process = subprocess.Popen(
        [sys.executable, "-m", "segue", "serve", *scan, "--port", str(_PORT), "--data", str(data.path)],
        stderr=subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(300):
                try:
                    await client.get(f"{_ROOT}/api/health")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


async def ask(kind: str, paths: Sequence[str], clients: int, seconds: float, pause: float) -> Asked:
    """Let many clients ask."""
    rng = random.Random(0)
    ms: list[float] = []
    end = time.monotonic() + seconds

    async def one(client: httpx.AsyncClient) -> None:
        await asyncio.sleep(rng.uniform(0, pause))
        while time.monotonic() < end:
            path = rng.choice(paths)
            began = time.perf_counter()
            answer = await client.get(_ROOT + path)
            ms.append(1_000 * (time.perf_counter() - began))
            answer.raise_for_status()
            if pause:
                await asyncio.sleep(rng.expovariate(1 / pause))

    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        await asyncio.gather(*(one(client) for _ in range(clients)))
    return Asked(kind, ms)


async def seek(song: str, duration_s: float, runs: int) -> dict[str, float]:
    """Median milliseconds until the first bytes after a jump: in the file, and in a stream that is made."""
    found = {}
    rng = random.Random(1)
    async with httpx.AsyncClient(timeout=60) as client:
        size = int((await client.head(f"{_ROOT}/api/tracks/{song}/audio")).headers["content-length"])
        for kind in ("range", "opus", "mp3"):
            times = []
            for _ in range(runs):
                place = rng.random()
                headers = {"Range": f"bytes={int(place * size)}-"} if kind == "range" else {}
                query = "" if kind == "range" else f"?format={kind}&start_s={place * duration_s * 0.9:.1f}"
                began = time.perf_counter()
                address = f"{_ROOT}/api/tracks/{song}/audio{query}"
                async with client.stream("GET", address, headers=headers) as answer:
                    await anext(answer.aiter_bytes())
                    times.append(1_000 * (time.perf_counter() - began))
            found[kind] = statistics.median(times)
    return found


def resident_mib(process: subprocess.Popen[bytes]) -> int:
    """Memory of the server's process, without the scan's."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def noises(place: Path, n: int) -> Path:
    """A folder of `n` files of noise, four seconds each, none like one of an earlier run."""
    rng = np.random.default_rng()
    place.mkdir()
    for number in range(n):
        with wave.open(str(place / f"{number}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16_000)
            file.writeframes(rng.integers(-9_000, 9_000, 64_000, dtype=np.int16).tobytes())
    return place


def demo(place: Path) -> None:
    """The songs of `segue demo`, to jump about in."""
    subprocess.run(
        [sys.executable, "-m", "segue", "demo", "--folder", str(place)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def measure(data: DataFolder, music: Path, clients: int, seconds: float, pause: float) -> None:
    """Print the tables."""
    with open_catalogue(data) as catalogue:
        keys = vector_keys(catalogue, members(DEFAULT_ENCODER)[0])
        rng = random.Random(2)
        seeds = track_ids(catalogue, keys[rng.sample(range(len(keys)), 200)])
    similar = [f"/api/similar?seed={seed}" for seed in seeds]
    search = [f"/api/search?q={word}" for word in _WORDS]
    print(f"{len(keys):,} tracks, {clients} clients, a pause of {pause:g} s on average, while a scan runs\n")
    async with served(data, music) as process:
        async with httpx.AsyncClient(timeout=120) as client:
            began = time.perf_counter()
            (await client.get(_ROOT + similar[0])).raise_for_status()
            print(f"The first answer, which reads the library: {time.perf_counter() - began:.2f} s")
        print("\n| question | n | median ms | 95 % | 99 % |\n| --- | ---: | ---: | ---: | ---: |")
        for kind, paths in (
            ("similar", similar),
            ("search", search),
            ("albums", [f"/api/albums?offset={100 * n}" for n in range(50)]),
            ("tracks", [f"/api/tracks?offset={100 * n}" for n in range(50)]),
            ("artists", ["/api/artists"]),
        ):
            few = 2 if kind == "artists" else clients
            print((await ask(kind, paths, few, seconds, pause)).row(), flush=True)
        async with httpx.AsyncClient(timeout=60) as client:
            state = (await client.get(f"{_ROOT}/api/scan")).json()
        print(
            f"\nThe scan {'still runs' if state['running'] else 'has ended'}: {state['done']} files of noise"
        )
        print(f"Memory of the server: {resident_mib(process)} MiB")


async def measure_seeking(place: Path) -> None:
    """Print how soon sound comes after a jump."""
    data = DataFolder(place / "demo" / "data")
    async with served(data), httpx.AsyncClient() as client:
        track = (await client.get(f"{_ROOT}/api/tracks?limit=1")).json()["items"][0]
        found = await seek(track["id"], track["duration_s"], 20)
    shown = ", ".join(f"{kind} {ms:.0f} ms" for kind, ms in found.items())
    print(f"From a jump to the first bytes, median: {shown}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--noises", type=int, default=4_000, help="Files that the scan hears meanwhile.")
    parser.add_argument(
        "--data", type=Path, help="Use this data folder; what is scanned meanwhile stays in it."
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        data = DataFolder(options.data) if options.data else fill(place / "large", options.tracks)
        demo(place / "demo")
        music = noises(place / "noises", options.noises)
        asyncio.run(measure(data, music, options.clients, options.seconds, options.pause))
        asyncio.run(measure_seeking(place))


if __name__ == "__main__":
    main()
