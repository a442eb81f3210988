"""The unit, the steps of the image, and the README's two commands on a fresh machine."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_UNIT = _ROOT / "deploy" / "segue.service"
_CONTAINERFILE = _ROOT / "deploy" / "Containerfile"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_the_unit_is_sound(tmp_path: Path) -> None:
    segue = tmp_path / ".local" / "bin" / "segue"
    segue.parent.mkdir(parents=True)
    segue.touch(mode=0o755)
    mistaken = tmp_path / "mistaken.service"
    mistaken.write_text(_UNIT.read_text().replace("ProtectSystem=", "ProtectSytem="))
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    for unit, complaints in ((_UNIT, ""), (mistaken, "ProtectSytem")):
        verified = subprocess.run(
            ["systemd-analyze", "--user", "verify", str(unit)],
            env=environment,
            capture_output=True,
            text=True,
        )
        assert complaints in verified.stderr
        assert bool(verified.stderr) == bool(complaints), verified.stderr


@dataclass
class _Stage:
    """One `FROM` of the Containerfile and what follows it."""

    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)


def _stages() -> list[_Stage]:
    text = re.sub(r"\\\n", " ", _CONTAINERFILE.read_text())
    stages: list[_Stage] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, words = line.partition(" ")
        if instruction == "FROM":
            image, _, name = words.partition(" AS ")
            assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-\w+", image)
            stages.append(_Stage(name))
        else:
            stages[-1].steps.append((instruction, words))
    return stages


def test_the_image_has_what_it_promises() -> None:
    *_, last = _stages()
    told = dict(last.steps)
    assert told["USER"] == "segue"
    assert json.loads(told["VOLUME"]) == ["/music", "/data"]
    assert told["EXPOSE"] == "4533"
    assert "/api/health" in told["HEALTHCHECK"]
    for instruction, words in (step for stage in _stages() for step in stage.steps):
        if instruction == "COPY" and not words.startswith("--from="):
            assert all((_ROOT / name).exists() for name in words.split()[:-1]), words


@dataclass
class _Built:
    """A stage after its steps: the machine, and what its process would be started with."""

    machine: Any
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = "/"
    user: str = "root"
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def _step(built: _Built, instruction: str, words: str, sources: Path, earlier: dict[str, _Built]) -> None:
    inside = built.machine.path
    match instruction:
        case "RUN":
            built.machine.run(words, cwd=built.cwd, user=built.user, env=built.env)
        case "COPY":
            *names, target = words.split()
            origin = sources
            if names[0].startswith("--from="):
                origin = earlier[names.pop(0).removeprefix("--from=")].machine.path
            place = inside / built.cwd.lstrip("/") / target
            place = inside / target.lstrip("/") if target.startswith("/") else place
            for name in names:
                source = origin / name.lstrip("/")
                if source.is_dir():
                    shutil.copytree(source, place, symlinks=True, dirs_exist_ok=True)
                else:
                    shutil.copy(source, place)
        case "WORKDIR":
            built.cwd = words
            (inside / words.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "ENV":
            built.env.update(word.split("=", 1) for word in shlex.split(words))
        case "USER":
            built.user = words
        case "HEALTHCHECK":
            built.health = json.loads(words.partition(" CMD ")[2])
        case "ENTRYPOINT":
            built.entry = json.loads(words)
        case "CMD":
            built.command = json.loads(words)
        case "VOLUME" | "EXPOSE":
            pass
        case _:
            raise AssertionError(f"the test does not know {instruction}")


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_the_steps_of_the_image_give_a_player_on_a_clean_debian(
    machine: Callable[[], Any], sources: Path
) -> None:
    """Its own Python stands in for the image's; no container engine is needed."""
    done: dict[str, _Built] = {}
    for stage in _stages():
        done[stage.name] = built = _Built(machine())
        for instruction, words in stage.steps:
            _step(built, instruction, words, sources, done)
    inside = {"cwd": built.cwd, "user": built.user, "env": built.env}

    built.machine.run("! command -v node; ! touch /music/x; ! touch /opt/segue/x; touch /data/x", **inside)
    said = built.machine.run(shlex.join([*built.entry, "doctor", "--json"]), **inside)
    findings = json.loads(said)
    assert [finding for finding in findings if not finding["ok"]] == []
    assert any(finding["check"] == "web app" for finding in findings)
    _serves(built, inside)


def _serves(built: _Built, inside: dict[str, Any]) -> None:
    """Started as the image starts it, it wants an account, gets healthy, shows the player, stops."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]  # 4533 may be taken here
    start = shlex.join([*built.entry, *built.command, "--port", str(port)])
    said = built.machine.run(f"! {start}", **inside)
    assert "segue account add" in said

    built.machine.run("SEGUE_PASSWORD='a long password' segue account add ana", **inside)
    with built.machine.start(f"exec {start}", **inside) as serving:
        try:
            _wait(serving, f"http://127.0.0.1:{port}/")
            built.machine.run(shlex.join(built.health).replace("4533", str(port)), **inside)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
                assert b'<div id="app">' in page.read()
        finally:
            (child,) = Path(f"/proc/{serving.pid}/task/{serving.pid}/children").read_text().split()
            os.kill(int(child), signal.SIGTERM)
        said, _ = serving.communicate(timeout=60)
    assert serving.returncode == 0, said


def _wait(serving: subprocess.Popen[str], url: str) -> None:
    """Until something answers."""
    for _ in range(600):
        assert serving.poll() is None, serving.communicate()[0]
        try:
            urllib.request.urlopen(url).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answers at {url}")


def _readme_command(number: int) -> str:
    text = (_ROOT / "README.md").read_text()
    found = re.search(rf"<!-- command {number} -->\n```sh\n(.*?)\n```", text, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_the_commands_of_the_readme_work_on_a_fresh_machine(
    machine: Callable[[], Any], sources: Path
) -> None:
    """The second command runs a part of the suite here: `.ci/run` gives it the whole."""
    fresh = machine()
    home = "/root/segue"
    shutil.copytree(sources, fresh.path / home.lstrip("/"))

    said = fresh.run(_readme_command(1), cwd=home)
    assert "segue scan" in said
    site = "lib/python3.11/site-packages/segue/server/web"
    assert (fresh.path / home.lstrip("/") / ".venv" / site / "index.html").is_file()

    shutil.rmtree(fresh.path / home.lstrip("/") / ".venv")
    part = "tests/test_docs.py tests/test_import_order.py tests/cli/test_process.py tests/audio"
    said = fresh.run(_readme_command(2), cwd=home, env={"PYTEST_ADDOPTS": part})
    assert re.search(r"\d+ passed", said.splitlines()[-1]), said[-1000:]
    assert "failed" not in said.splitlines()[-1]
