"""Whether what training needs is installed, asked before anything imports it."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from segue.errors import SegueError

_NEEDED = ("torch", "lightning", "onnx", "onnxscript", "matplotlib")


def require_torch() -> None:
    """Go on only where PyTorch and what belongs to it are installed; none of it is imported here.

    Raises
    ------
    SegueError
        Saying how to install what is missing.
    """
    require_installed(*_NEEDED)


def require_installed(*names: str) -> None:
    """Go on only where these packages of the extra `train` are installed.

    Raises
    ------
    SegueError
        Saying how to install what is missing.
    """
    missing = [name for name in names if not _there(name)]
    if missing:
        raise SegueError(
            f"training needs {', '.join(missing)}, which is not installed: pip install 'segue[train]'"
        )


def _there(name: str) -> bool:
    if name in sys.modules:
        return sys.modules[name] is not None
    return find_spec(name) is not None
