"""What the server names, the web app has words for."""

from __future__ import annotations

import json
import re
from pathlib import Path

from segue.encoders import TRAITS
from segue.server import problems

_ROOT = Path(__file__).resolve().parents[2]
_SERVER = Path(problems.__file__).parent
_WORDS = json.loads((_ROOT / "web" / "src" / "i18n" / "en.json").read_text(encoding="utf-8"))


def test_every_named_problem_has_words() -> None:
    refused = {
        name
        for file in _SERVER.rglob("*.py")
        for name in re.findall(r'Refused\([^()]*kind="([\w-]+)"', file.read_text(encoding="utf-8"))
    }
    named = {name for _, _, name in problems._STATUS if name} | refused
    assert refused and {key for key in _WORDS if key.startswith("problem.")} == {
        f"problem.{name}" for name in named
    }


def test_every_trait_of_sound_has_words() -> None:
    assert {f"word.{word}" for pair in TRAITS for word in pair} <= _WORDS.keys()
