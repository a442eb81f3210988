"""The command line: one file a command: parse, one operation, print."""

from __future__ import annotations

from segue.cli.start import main

__all__ = ["main"]
