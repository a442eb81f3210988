"""The documentation keeps step with the code."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!\[; ]", requirement)[0] for requirement in requirements}


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    run, *pages = re.split("## To (?:train|develop)", (_ROOT / "docs" / "dependencies.md").read_text())
    needs = (project["dependencies"], extras["train"], extras["dev"])
    for needed, page in zip(needs, (run, *pages), strict=True):
        cells = {
            word
            for row in re.findall(r"^\| ([^|]+) \|", page, re.M)
            for word in re.findall(r"[a-z][\w-]+", row)
        }
        assert _names(needed) <= cells
        assert all(">=" in requirement or requirement.startswith("torch==") for requirement in needed)


def test_the_page_of_the_command_line_is_fresh() -> None:
    subprocess.run([sys.executable, str(_ROOT / "tools" / "make_cli_docs.py"), "--check"], check=True)


def test_links_between_pages_lead_somewhere() -> None:
    for page in [_ROOT / "README.md", *(_ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
