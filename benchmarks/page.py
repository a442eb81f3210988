"""What a person waits for in a browser: the first page, a jump in a song, the map.

    python benchmarks/page.py [--tracks 100000] [--data FOLDER] [--runs 7] [--map]

It needs the built web app, `playwright` and a Chromium. The library is made up (`made_library.py`); the song
is noise of ten minutes. `--map` lays out the map of the whole library first, which takes minutes. The map is
drawn by the processor (SwiftShader), not by a GPU.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import Browser, sync_playwright

from made_library import fill
from segue.operations.scan import scan_library
from segue.settings import DataFolder

_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--mute-audio"),
    *("--autoplay-policy=no-user-gesture-required", "--disable-sync", "--disable-component-update"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
)
_SIZES = """() => {
  const found = { script: 0, other: 0 };
  for (const one of performance.getEntriesByType('resource'))
    found[one.name.endsWith('.js') ? 'script' : 'other'] += one.encodedBodySize;
  return found;
}"""
# The player's audio elements stand in no document.
_SPY = "const Real = Audio; window.sounds = []; window.Audio = function () {" + (
    "const made = new Real(); window.sounds.push(made); return made; };"
)
_JUMP = """(share) => new Promise((done) => {
  const sound = window.sounds.find((one) => !one.paused);
  const slider = document.querySelector('[role=slider]');
  const box = slider.getBoundingClientRect();
  const where = { clientX: box.left + share * box.width, clientY: box.top + 5, pointerId: 1,
    pointerType: 'mouse', button: 0, bubbles: true };
  slider.setPointerCapture = () => undefined;
  slider.dispatchEvent(new PointerEvent('pointerdown', where));
  const began = performance.now();
  sound.addEventListener('playing', () => done(performance.now() - began), { once: true });
  slider.dispatchEvent(new PointerEvent('pointerup', where));
})"""
_SAMPLE_RATE = 44_100


@contextmanager
def served(data: DataFolder) -> Iterator[str]:
    """A server in a process of its own, and its address."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "segue", "serve", "--no-scan", "--port", "0", "--data", str(data.path)],
            stderr=log,
        )
        try:
            while process.poll() is None:
                log.seek(0)
                if found := re.search(r"http://\S+", log.read()):
                    break
                time.sleep(0.05)
            else:
                raise SystemExit("the server did not start")
            yield found[0]
        finally:
            process.terminate()
            process.wait(60)


def first_page(browser: Browser, url: str, path: str, ready: str, runs: int) -> None:
    """Print how long it takes until a page is usable: the search can be typed in, its list is there."""
    usable, sizes = [], {"script": 0, "other": 0}
    for _ in range(runs + 1):  # the first warms the server
        context = browser.new_context()  # with an empty cache
        page = context.new_page()
        began = time.perf_counter()
        page.goto(url + path, wait_until="commit")
        page.wait_for_selector("input[type=search]:enabled")
        page.wait_for_selector(ready)
        usable.append(time.perf_counter() - began)
        page.wait_for_load_state("networkidle")
        sizes = page.evaluate(_SIZES)
        context.close()
    median_ms = 1_000 * statistics.median(usable[1:])
    print(
        f"| {path} | {median_ms:.0f} | {1_000 * max(usable[1:]):.0f} |"
        f" {sizes['script'] / 1_000:.0f} | {sizes['other'] / 1_000:.0f} |",
        flush=True,
    )


def seeking(browser: Browser, url: str, runs: int) -> None:
    """Print how soon sound comes after a jump in a file, to where nothing was loaded before."""
    context = browser.new_context()
    context.add_init_script(_SPY)
    page = context.new_page()
    page.goto(f"{url}/tracks")
    page.locator("[role=row] button").first.click()
    page.wait_for_function("() => window.sounds.some((one) => !one.paused && one.currentTime > 0.3)")
    took = []
    for run in range(runs):
        took.append(page.evaluate(_JUMP, 0.1 + run * 0.618 % 0.8))
        page.wait_for_timeout(400)
    print(f"\nFrom a jump to the sound: median {statistics.median(took):.0f} ms, longest {max(took):.0f} ms")
    context.close()


def drawing(browser: Browser, url: str) -> None:
    """Print how long the map takes to draw once, and how many frames a second it keeps when it is dragged."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{url}/map")
    page.wait_for_function("() => window.segueMap?.count > 0", timeout=1_200_000)
    page.wait_for_timeout(2_000)
    count, whole = page.evaluate("() => [window.segueMap.count, window.segueMap.measure(20)]")
    box = page.locator("canvas").first.bounding_box()
    assert box is not None
    page.evaluate(
        "() => { window.frames_ = []; const tick = (now) => { window.frames_.push(now);"
        " requestAnimationFrame(tick); }; requestAnimationFrame(tick); }"
    )
    page.mouse.move(box["x"] + 400, box["y"] + 300)
    page.mouse.down()
    for step in range(120):
        page.mouse.move(box["x"] + 400 + 150 * (step % 20) / 20, box["y"] + 300)
    page.mouse.up()
    frames = page.evaluate("() => window.frames_.slice(1).map((now, k) => now - window.frames_[k])")
    print(
        f"\nThe map, {count:,} points: all of them {statistics.median(whole):.0f} ms;"
        f" while it is dragged a frame each {statistics.median(frames):.0f} ms"
    )
    context.close()


def song(place: Path) -> DataFolder:
    """A library of one song of ten minutes, which no browser loads whole at once."""
    (place / "music").mkdir()
    noise = np.random.default_rng(0).normal(0, 0.1, 600 * _SAMPLE_RATE).astype(np.float32)
    soundfile.write(place / "music" / "noise.flac", noise, _SAMPLE_RATE)
    data = DataFolder(place / "song")
    scan_library(data, [place / "music"])
    return data


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="A data folder to use instead of a made one.")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--map", action="store_true", help="The map as well.")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder)
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        data = DataFolder(options.data) if options.data else fill(place / "large", options.tracks)
        with served(data) as url:
            print("| page | usable, median ms | longest | script, kB | other, kB |")
            print("| --- | ---: | ---: | ---: | ---: |")
            for path, ready in (
                ("/", "main li .card"),
                ("/tracks", "main [role=row] .title"),
                ("/artists", "main li a"),
                ("/search?q=art", "main [role=row] .title"),
            ):
                first_page(browser, url, path, ready, options.runs)
            if options.map:
                drawing(browser, url)
        with served(song(place)) as url:
            seeking(browser, url, options.runs)
        browser.close()


if __name__ == "__main__":
    main()
