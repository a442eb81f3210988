"""The first moment of the program, in which Ctrl-C may come before anything is ready for it."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Load the command line and run it; it exits with a documented code."""
    try:
        from segue.cli import app
    except KeyboardInterrupt:
        sys.stderr.write("segue: stopped\n")
        sys.exit(130)
    app.main(arguments)
