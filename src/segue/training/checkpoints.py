"""What a training keeps in its folder after every epoch: no more than the running epoch can be lost."""

from __future__ import annotations

import pickle
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from segue.errors import SegueError, UsageError
from segue.files import whole_file
from segue.training.history import Epoch

if TYPE_CHECKING:
    from torch import Tensor

_FORMAT = 1
_ADVICE = "go on with the same, or begin anew without --resume"
_DAMAGED = (OSError, RuntimeError, ValueError, EOFError, KeyError, TypeError, pickle.UnpicklingError)


@dataclass(slots=True)
class Checkpoint:
    """A training after some epochs.

    Attributes
    ----------
    made_with
        Settings that a resumed training must have too, by name; under ``digests`` those of its parts.
    epochs
        What happened.
    best
        Number of the best epoch, -1 before the first.
    weights, optimiser
        Their states.
    """

    made_with: dict[str, Any]
    epochs: list[Epoch]
    best: int
    weights: dict[str, Tensor]
    optimiser: dict[str, Any]

    def check(self, made_with: dict[str, Any], folder: Path) -> None:
        """Raise a `UsageError` if the training that goes on is another one."""
        for part, digest in made_with["digests"].items():
            if self.made_with.get("digests", {}).get(part) != digest:
                raise UsageError(f"{folder}: this training began with another {part}: {_ADVICE}")
        for name, now in made_with.items():
            if self.made_with.get(name) != now:
                was = self.made_with.get(name)
                raise UsageError(f"{folder}: this training began with {name} {was}, not {now}: {_ADVICE}")


def save_last(folder: Path, checkpoint: Checkpoint) -> None:
    """Write ``last.ckpt``, whole."""
    _save(folder / "last.ckpt", {**_fields(checkpoint), "format": _FORMAT})


def save_best(folder: Path, weights: dict[str, Tensor]) -> None:
    """Write ``best.ckpt``, whole."""
    _save(folder / "best.ckpt", {"format": _FORMAT, "weights": weights})


def load_last(folder: Path) -> Checkpoint | None:
    """``last.ckpt``, or None if there is none.

    Raises
    ------
    SegueError
        If it is damaged, or of another version.
    """
    if not (folder / "last.ckpt").is_file():
        return None
    kept = _load(folder / "last.ckpt")
    kept.pop("format")
    return Checkpoint(**{**kept, "epochs": [Epoch(**epoch) for epoch in kept["epochs"]]})


def load_best(folder: Path) -> dict[str, Tensor]:
    """The weights of ``best.ckpt``."""
    weights: dict[str, Tensor] = _load(folder / "best.ckpt")["weights"]
    return weights


def clear(folder: Path) -> None:
    """Remove what an earlier training left, and drafts of one that was killed."""
    for path in (folder / "last.ckpt", folder / "best.ckpt", folder / "history.jsonl"):
        with suppress(FileNotFoundError):
            path.unlink()
    clear_drafts(folder)


def clear_drafts(folder: Path) -> None:
    """Remove half-written files of a training that was killed."""
    for path in folder.glob(".*.ckpt.*.partial"):
        with suppress(OSError):
            path.unlink()


def _fields(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "made_with": checkpoint.made_with,
        "epochs": [asdict(epoch) for epoch in checkpoint.epochs],
        "best": checkpoint.best,
        "weights": checkpoint.weights,
        "optimiser": checkpoint.optimiser,
    }


def _save(path: Path, content: dict[str, Any]) -> None:
    with whole_file(path) as out:
        torch.save(content, out)


def _load(path: Path) -> dict[str, Any]:
    advice = "remove it and train anew"
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        version = content["format"]
    except _DAMAGED as error:
        raise SegueError(f"{path} is damaged: {advice}") from error
    if version != _FORMAT:
        raise SegueError(f"{path} was written by another version of Segue (format {version}): {advice}")
    return content
