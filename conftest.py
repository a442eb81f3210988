"""One thread of arithmetic a test process; doctests about torch only where the extra `train` is installed."""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path

# Before NumPy is imported: the processes that share the cores would wait for each other's threads.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

_TORCH = re.compile(r"^(import|from) (torch|lightning)\b", re.MULTILINE)
collect_ignore = (
    []
    if importlib.util.find_spec("torch")
    else [
        str(file) for file in Path(__file__).with_name("src").rglob("*.py") if _TORCH.search(file.read_text())
    ]
)
