"""Clean Debian systems in folders, in which commands run as on a fresh machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PASSED_ON = re.compile(
    r"(PIP_|npm_config_|SSL_CERT|NODE_EXTRA_CA|REQUESTS_CA|CURL_CA|\w+_proxy$)", re.IGNORECASE
)
# Mounts live in a namespace of their own and are gone with the command.
_ENTER = """
root=$1 cwd=$2 user=$3 path=$4 command=$5; shift 5
chroot=$(command -v chroot)
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
for folder in "$@"; do mkdir -p "$root$folder"; mount --bind "$folder" "$root$folder"; done
export PATH="$path"
exec "$chroot" --userspec="$user" "$root" /bin/sh -euc 'cd "$1"; eval "$2"' - "$cwd" "$command"
"""


@dataclass(frozen=True)
class Machine:
    """A Debian with Python and nothing else, below a folder.

    Attributes
    ----------
    path
        Its root.
    indexes
        Folders of this machine that pip takes packages from; they are there in the clean one too.
    """

    path: Path
    indexes: tuple[Path, ...]

    def start(
        self, command: str, *, cwd: str = "/", user: str = "root", env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Begin a shell command in it; with `exec` before it, it has the process id 1 there."""
        passed_on = {name: value for name, value in os.environ.items() if _PASSED_ON.match(name)}
        home = "/root" if user == "root" else "/tmp"
        inside = {"HOME": home, "LANG": "C.UTF-8", **(env or {})}
        words = [self.path, cwd, user, inside.pop("PATH", _PATH), command, *self.indexes]
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "bash", "-euc", _ENTER, "-", *words],
            env={**passed_on, **inside, "PATH": _PATH},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(
        self, command: str, *, cwd: str = "/", user: str = "root", env: Mapping[str, str] | None = None
    ) -> str:
        """What a shell command printed there; it must succeed."""
        with self.start(command, cwd=cwd, user=user, env=env) as running:
            said, _ = running.communicate(timeout=1500)
        assert running.returncode == 0, f"{command}\n{said[-4000:]}"
        return said


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it would be fetched: nothing that was installed, built or cached here."""
    place = tmp_path_factory.mktemp("sources") / "segue"
    ours = shutil.ignore_patterns(
        ".git", ".*cache", ".venv", ".hypothesis", "node_modules", "__pycache__", "dist"
    )
    shutil.copytree(ROOT, place, ignore=ours)
    shutil.rmtree(place / "src" / "segue" / "server" / "web", ignore_errors=True)
    return place


@pytest.fixture(scope="session")
def _debian(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Debian that debootstrap made once; tests work in copies of it."""
    if os.geteuid() != 0:
        pytest.skip("making a clean Debian root needs root")
    missing = [tool for tool in ("debootstrap", "unshare", "chroot") if not shutil.which(tool)]
    if missing:
        pytest.skip(f"a clean Debian root needs {', '.join(missing)} (apt-get install debootstrap)")
    place = tmp_path_factory.mktemp("debian") / "root"
    packages = "--include=python3,python3-venv,ca-certificates"
    command = ["debootstrap", "--variant=minbase", packages, "bookworm", str(place)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=1200)
    if made.returncode != 0:
        pytest.skip(f"debootstrap made no Debian root: {(made.stdout + made.stderr).splitlines()[-1]}")
    _take_settings(place)
    return place


@pytest.fixture
def machine(_debian: Path, tmp_path: Path) -> Iterator[Callable[[], Machine]]:
    """Makes fresh machines; all are thrown away after the test."""
    made: list[Path] = []

    def fresh() -> Machine:
        made.append(tmp_path / f"machine{len(made)}")
        subprocess.run(["cp", "-a", "--reflink=auto", str(_debian), str(made[-1])], check=True)
        return Machine(made[-1], _indexes())

    yield fresh
    for path in made:
        shutil.rmtree(path)


def _take_settings(root: Path) -> None:
    """Let the clean system reach packages as this machine does: names, certificates, indexes."""
    certificates = [
        Path(value) for name, value in os.environ.items() if _PASSED_ON.match(name) and value[:1] == "/"
    ]
    pip = [Path.home() / ".pip" / "pip.conf", Path.home() / ".config" / "pip" / "pip.conf"]
    settings = ["/etc/resolv.conf", "/etc/pip.conf", "/etc/npmrc", Path.home() / ".npmrc"]
    for file in map(Path, [*settings, *pip, *certificates]):
        if file.is_file():
            home = file.is_relative_to(Path.home())
            target = root / "root" / file.relative_to(Path.home()) if home else root / file.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _indexes() -> tuple[Path, ...]:
    """The folders that pip's settings name, with what stands beside them and is linked to."""
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True
    ).stdout
    named = [Path(path) for path in re.findall(r"(?:file://|(?<=[' =]))(/[^\s']+)", told)]
    folders = {path.parent if path.parent.parent != Path("/") else path for path in named if path.is_dir()}
    return tuple(sorted(folders - {Path("/")}))
