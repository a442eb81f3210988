"""Where the built web app is, and why where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "server" / "web"
_REASON = "not-built.txt"  # tools/build_web.py writes it where a build failed
_AGAIN = "install Segue again where npm's registry can be reached"


@dataclass(frozen=True, slots=True)
class WebApp:
    """The web app as it was installed.

    Attributes
    ----------
    folder
        Where its files are; None where there are none.
    missing
        One line that says why there is no app, or only an older one, and what to do; empty where all is well.
    """

    folder: Path | None
    missing: str


def web_app(folder: Path = _FOLDER) -> WebApp:
    """Look for the web app that was built when Segue was installed."""
    try:
        reason = (folder / _REASON).read_text(encoding="utf-8").strip()
    except OSError:
        reason = ""
    if (folder / "index.html").is_file():
        return WebApp(folder, f"older than this Segue ({reason}): {_AGAIN}" if reason else "")
    return WebApp(None, f"not built ({reason or 'this is no installed Segue'}): {_AGAIN}")
