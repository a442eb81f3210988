"""Make the pictures of docs/player.md: the browser's tests look at every page, and some looks are kept.

    python tools/make_pictures.py [--from FOLDER]

With --from it takes the screenshots of a run that was made with SEGUE_SCREENSHOTS=FOLDER.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
_QUALITY = 82
_MOST_BYTES = 150_000
# Screenshot -> picture.
_KEPT = {
    "home-light": "home",
    "playing-song-light": "playing",
    "playing-song-phone": "playing-phone",
    "station-playing-dark": "endless",
    "similar-light": "similar",
    "path-found-light": "path",
    "map-dark": "map",
    "map-phone": "map-phone",
    "live-dark": "live",
    "kinds-light": "kinds",
    "albums-light": "albums",
    "artist-light": "artist",
    "search-light": "search",
    "playlist-light": "playlist",
    "playlist-phone": "playlist-phone",
    "listening-test-light": "listening-test",
    "history-light": "history",
    "scan-light": "scan",
    "problems-light": "problems",
    "settings-dark": "settings",
    "setup-light": "setup",
}


def main() -> None:
    """Take the screenshots, if need be, and keep some."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--from", dest="folder", type=Path)
    given = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as scratch:
        keep(given or _taken(Path(scratch)))


def _taken(folder: Path) -> Path:
    """The screenshots of every page."""
    tests = ROOT / "tests" / "browser" / "test_pages.py"
    only = "test_page and not spanish"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow", "-k", only, str(tests)],
        env=os.environ | {"SEGUE_SCREENSHOTS": str(folder)},
        check=True,
        cwd=ROOT,
    )
    return folder


def keep(folder: Path) -> None:
    """Write the pictures, small."""
    PICTURES.mkdir(exist_ok=True)
    for name, picture in _KEPT.items():
        path = PICTURES / f"{picture}.webp"
        with Image.open(folder / f"{name}.png") as image:
            image.convert("RGB").save(path, quality=_QUALITY, method=6)
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise SystemExit(f"{path} has {size} bytes: at most {_MOST_BYTES}")
        print(f"{size:>7}  {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
