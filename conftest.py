"""Doctests of modules about torch are left out where the extra `train` is not installed."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

_TORCH = re.compile(r"^(import|from) (torch|lightning)\b", re.MULTILINE)
collect_ignore = (
    []
    if importlib.util.find_spec("torch")
    else [
        str(file) for file in Path(__file__).with_name("src").rglob("*.py") if _TORCH.search(file.read_text())
    ]
)
