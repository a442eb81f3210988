"""One way for long work to say how far it is, whoever listens."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Progress(Protocol):
    """Receives the progress of one long job; all calls come from one thread."""

    def start(self, label: str, total: int | None) -> None:
        """A phase begins: `total` steps, or None while it is not known."""

    def grow(self, total: int) -> None:
        """The total is now known to be `total`."""

    def advance(self, steps: int = 1) -> None:
        """`steps` more are done."""

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        """One file was left out; text is the address of one that is not on a disk here."""

    def note(self, message: str) -> None:
        """A line for the person that is neither progress nor a file's problem."""

    def finish(self) -> None:
        """The phase is over."""


class Silent:
    """A `Progress` that tells nobody."""

    def start(self, label: str, total: int | None) -> None:
        pass

    def grow(self, total: int) -> None:
        pass

    def advance(self, steps: int = 1) -> None:
        pass

    def problem(self, path: Path | str, reason: str, detail: str) -> None:
        pass

    def note(self, message: str) -> None:
        pass

    def finish(self) -> None:
        pass
