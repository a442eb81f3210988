"""The rooms import only downwards, in the order of the architecture page; heavy libraries come late."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

_SOURCE = Path(__file__).resolve().parents[1] / "src" / "segue"
ORDER = [
    *(
        "types",
        "errors",
        "files",
        "settings",
        "progress",
        "texts",
        "audio",
        "features",
        "encoders",
        "neighbours",
        "playlists",
    ),
    *(
        "services",
        "catalogue",
        "scanning",
        "listening",
        "factors",
        "ranking",
        "genres",
        "atlas",
        "evaluation",
        "training",
    ),
    *("experiments", "spark", "operations", "server", "cli"),
]
HEAVY = {
    "av",
    "soundfile",
    "soxr",
    "mutagen",
    "onnxruntime",
    "scipy",
    "sklearn",
    "pyarrow",
    "faiss",
    "torch",
    "lightning",
    "onnx",
    "matplotlib",
    "h5py",
    "implicit",
    "rapidfuzz",
    "skl2onnx",
    "xgboost",
    "openTSNE",
    "PIL",
    "cryptography",
    "requests",
    "spotipy",
    "fastapi",
    "starlette",
    "uvicorn",
    "prometheus_client",
    "pydantic",
    "pyspark",
    "py4j",
    "pandas",
}
_FILES = sorted(_SOURCE.rglob("*.py"))


def _imports(tree: ast.AST) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative imports hide the room"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


@pytest.mark.parametrize("file", _FILES, ids=lambda f: str(f.relative_to(_SOURCE)))
def test_a_room_imports_only_from_rooms_above_it(file: Path) -> None:
    here = file.relative_to(_SOURCE).parts[0].removesuffix(".py")
    if here in {"__init__", "__main__"}:
        return
    assert here in ORDER, f"{here} is not a room of the house"
    for name in _imports(ast.parse(file.read_text())):
        parts = name.split(".")
        if parts[0] == "segue" and len(parts) > 1 and parts[1] in ORDER:
            assert ORDER.index(parts[1]) <= ORDER.index(here), f"{here} imports {name}"


def test_the_command_line_starts_without_heavy_libraries() -> None:
    code = "import sys, segue, segue.cli.app; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    assert not loaded & (HEAVY | {"numpy", "rich", "sqlite3"})


def test_rooms_start_without_heavy_libraries() -> None:
    rooms = [f"segue.{room}" for room in ORDER if (_SOURCE / room).is_dir() and room != "cli"]
    code = f"import sys, {', '.join(rooms)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    assert not loaded & HEAVY


def test_modules_say_what_they_do_in_their_first_line() -> None:
    for file in _FILES:
        assert ast.get_docstring(ast.parse(file.read_text())), f"{file} has no first line"
