"""Reads encoders that a person trained: a folder with a graph, a header and a card (format 2).

``encoder.json`` is the header: what the graph hears, what it answers, where it comes from, how good it is.
``network.onnx`` is the graph, from power spectra ``(n, n_frames, 1 + n_fft // 2)`` to an embedding and
perhaps probabilities of labels. ``README.md`` says the same to people. The id of the encoder holds a digest
of all that makes its answers: a folder changed by hand is noticed, and two trainings are never mixed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from segue.encoders.artefacts import Artefact, PowerFrontEnd
from segue.encoders.contract import Card, Scaling
from segue.errors import SegueError, UsageError
from segue.types import EncoderId

HEADER = "encoder.json"
GRAPH = "network.onnx"
CARD = "README.md"
FORMAT = 2
_NAME = "[a-z0-9]+(-[a-z0-9]+)*"  # it becomes part of file names
_IN_THE_ID = ("sha256", "dim", "input", "outputs", "labels")
_MEND = "train or export the encoder again, or copy the whole folder again"


def encoder_id(name: str, header: Mapping[str, Any]) -> EncoderId:
    """The id of an encoder: its name, and eight hex digits of what makes its vectors and words.

    Examples
    --------
    >>> encoder_id("mine", {"sha256": "0" * 64, "dim": 2, "input": {}, "outputs": {}, "labels": []})
    'mine-2642c344'
    """
    text = json.dumps({key: header[key] for key in _IN_THE_ID}, sort_keys=True)
    return EncoderId(f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}")


def is_encoder_folder(folder: Path) -> bool:
    """Whether there is a header in a folder; nothing is read."""
    return os.path.isfile(folder / HEADER)  # noqa: PTH113 - pathlib's raises for some words that are no paths


def read_header(folder: Path) -> dict[str, Any]:
    """All that the header says.

    Raises
    ------
    UsageError
        If the folder holds no encoder.
    SegueError
        If the header is damaged or of a later format.
    """
    path = folder / HEADER
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
        if header["format"] > FORMAT:
            raise SegueError(f"{path} has format {header['format']}, this Segue reads {FORMAT}: update Segue")
        if not re.fullmatch(_NAME, header["name"]):
            raise ValueError(f"{header['name']!r} is no name")
        if header["format"] != FORMAT or encoder_id(header["name"], header) != header["id"]:
            raise SegueError(f"{path} was changed (its id is not that of what it describes): {_MEND}")
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{folder} is not an encoder: there is no {HEADER} in it") from None
    except OSError as error:
        raise SegueError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SegueError(f"{path} is not the header of an encoder ({error!r}): {_MEND}") from error
    return dict(header)


def window_samples(heard: Mapping[str, Any]) -> int:
    """Length of the Hann window that ``input`` of a header asks for; where it says nothing, of the transform.

    Examples
    --------
    >>> window_samples({"n_fft": 1024, "window_length": 800}), window_samples({"n_fft": 1024})
    (800, 1024)
    """
    return int(heard.get("window_length", heard["n_fft"]))


def read_folder(folder: Path) -> tuple[Artefact, Scaling]:
    """The encoder in a folder, and mean and spread of its vectors over the tracks it was trained on.

    The graph is not read; `segue.encoders.artefacts.read_graph` does that, and compares its digest.

    Raises
    ------
    UsageError
        If the folder holds no encoder.
    SegueError
        If the header is damaged or of a later format.
    """
    header = read_header(folder)
    try:
        return _artefact(folder, header), _scaling(header)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SegueError(f"{folder / HEADER} is not the header of an encoder ({error!r}): {_MEND}") from error


def _artefact(folder: Path, header: Mapping[str, Any]) -> Artefact:
    heard, outputs = header["input"], header["outputs"]
    n_fft, window_length = int(heard["n_fft"]), window_samples(heard)
    if not 0 < window_length <= n_fft:
        raise ValueError(f"a window of {window_length} samples does not fit into a transform of {n_fft}")
    labels = tuple(str(label) for label in header["labels"])
    return Artefact(
        card=Card(
            id=EncoderId(header["id"]),
            name=str(header["name"]),
            dim=int(header["dim"]),
            sample_rate=int(heard["sample_rate"]),
            licence=str(header["licence"]),
            source=str(header["source"]),
            description=str(header["description"]),
            definition=(
                f"Power spectra (Hann {window_length}, hop {heard['hop']}) in stretches of "
                f"{heard['n_frames']} frames, spread evenly, at most {heard['hop_frames']} apart; their mean."
            ),
            sha256=str(header["sha256"]),
        ),
        graph=folder / GRAPH,
        front_end=PowerFrontEnd(n_fft=n_fft, hop=int(heard["hop"]), window_length=window_length),
        patch_frames=int(heard["n_frames"]),
        patch_hop=int(heard["hop_frames"]),
        input=str(heard["name"]),
        embedding=str(outputs["embedding"]),
        tags=str(outputs["probabilities"]) if labels else None,
        tag_names=labels,
        mend=_MEND,
    )


def _scaling(header: Mapping[str, Any]) -> Scaling:
    """A spread that is null means: never changed, so it says nothing."""
    mean = np.array(header["scaling"]["mean"], dtype=np.float32)
    std = np.array([np.inf if value is None else value for value in header["scaling"]["std"]], np.float32)
    dim = header["dim"]
    if mean.shape != (dim,) or std.shape != (dim,) or not np.all(std > 0) or not np.isfinite(mean).all():
        raise ValueError(f"the scaling is not of {dim} dimensions")
    mean.flags.writeable = std.flags.writeable = False
    return Scaling(mean, std)
