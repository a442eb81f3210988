"""Weights that others published by the names of PyTorch's parameters, put into modules of the same names."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from segue.errors import UsageError

_COUNTER = "num_batches_tracked"  # of batch normalisation: says nothing


def load_published(module: nn.Module, path: Path, *, where: str) -> None:
    """Put the weights of a file into a module, all of them or none.

    Parameters
    ----------
    module
        Its parameters have the file's names and shapes.
    path
        A PyTorch state dict, or an ``.npz`` with the same names; half precision is widened.
    where
        Where a user gets the file, for the message.

    Raises
    ------
    UsageError
        If there is no such file, it holds no weights, or those of another network; the first that is missing,
        too much, of another shape or not finite is named.
    """
    published = _read(path, where)
    wanted = {name: value for name, value in module.state_dict().items() if not name.endswith(_COUNTER)}
    for name in (*wanted, *published):
        ours, theirs = (tuple(some[name].shape) if name in some else None for some in (wanted, published))
        if ours != theirs:
            there = "is missing" if theirs is None else f"has {theirs}"
            raise UsageError(
                f"{path} holds another network: {name!r} {there}, expected {ours or 'none'}; "
                f"needed is {where}"
            )
        if not published[name].isfinite().all():
            raise UsageError(f"{path} is damaged: {name!r} is not finite; it is {where}")
    module.load_state_dict(published, strict=False)


def _read(path: Path, where: str) -> dict[str, Tensor]:
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file of weights; it is {where}")
    try:
        found = (
            _arrays(path)
            if path.suffix == ".npz"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
        tensors = {str(name): value for name, value in dict(found).items() if isinstance(value, Tensor)}
    except (
        *(OSError, EOFError, ValueError, TypeError, KeyError, AttributeError, RuntimeError),
        *(pickle.UnpicklingError, zipfile.BadZipFile),
    ) as error:
        why = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise UsageError(f"{path} is no file of PyTorch weights ({why}); it is {where}") from error
    return {name: value.float() for name, value in tensors.items() if not name.endswith(_COUNTER)}


def _arrays(path: Path) -> dict[str, Tensor]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
