"""Reads the published scaling of each encoder: mean and spread of its vectors over real music."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np

from segue.encoders.artefacts import PACKAGE_DATA
from segue.encoders.contract import Scaling
from segue.errors import SegueError
from segue.types import EncoderId


@lru_cache(maxsize=32)
def read_scaling(encoder: EncoderId, dim: int) -> Scaling:
    """The scaling that ships with an encoder.

    Parameters
    ----------
    encoder
        Its id.
    dim
        Length of its vector.

    Raises
    ------
    SegueError
        If the file is missing or damaged.
    """
    path = PACKAGE_DATA / f"{encoder}.scaling.json"
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        mean, std = (np.asarray(fields[name], dtype=np.float32) for name in ("mean", "std"))
    except OSError as error:
        raise SegueError(f"{path} cannot be read ({error.strerror}): reinstall Segue") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SegueError(f"{path} is not a scaling ({error!r}): reinstall Segue") from error
    if mean.shape != (dim,) or std.shape != (dim,) or not np.all(std > 0) or not np.all(np.isfinite(mean)):
        raise SegueError(f"{path} is not a scaling of {dim} dimensions: reinstall Segue")
    mean.flags.writeable = std.flags.writeable = False
    return Scaling(mean, std)
