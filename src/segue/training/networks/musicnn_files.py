"""The wheel in which musicnn's authors published their networks, and what is read from it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.errors import UsageError
from segue.training.networks.tf_checkpoint import read_checkpoint

REQUIREMENT = "musicnn==0.1.0"
_SHA256 = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
_WHERE = f"what `pip download --no-deps {REQUIREMENT}` gives"


def open_wheel(path: Path) -> zipfile.ZipFile:
    """The published wheel, and no other file.

    Raises
    ------
    UsageError
        If it cannot be read, or its sha256 is another.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); needed is {_WHERE}") from error
    if hashlib.sha256(content).hexdigest() != _SHA256:
        raise UsageError(
            f"{path} is not the published wheel of {REQUIREMENT}: its sha256 differs; needed is {_WHERE}"
        )
    return zipfile.ZipFile(io.BytesIO(content))


def read_network(wheel: zipfile.ZipFile, name: str) -> dict[str, NDArray[np.float32]]:
    """The arrays of one of its networks, such as MSD_vgg, by their names in the checkpoint."""
    folder = f"musicnn/{name}/"
    return read_checkpoint(wheel.read(f"{folder}.index"), wheel.read(f"{folder}.data-00000-of-00001"))
