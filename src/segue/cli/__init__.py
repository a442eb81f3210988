"""The command line: one file a command: parse, one operation, print."""

from __future__ import annotations

from segue.cli.app import main

__all__ = ["main"]
