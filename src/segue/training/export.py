"""A trained model to an encoder: a folder with graph, header and card that needs no torch any more."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from segue.encoders import Scaling, encoder_names
from segue.encoders.folders import CARD, FORMAT, GRAPH, HEADER, encoder_id
from segue.errors import SegueError, UsageError
from segue.files import whole_file, write_whole
from segue.training.card import card_page
from segue.training.front_end import PowerToDb
from segue.training.onnx_graph import onnx_graph
from segue.types import EncoderId

if TYPE_CHECKING:
    from segue.training.contract import LogMelSettings
    from segue.training.model import HearingModel

_INPUT, _EMBEDDING, _PROBABILITIES = "power", "embedding", "probabilities"
_NOT_STATED = "NOASSERTION"
_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the card of an encoder says of where it comes from and how good it is.

    Attributes
    ----------
    name
        Short; what ``--encoder`` accepts once a library knows it. See `encoder_name`.
    description
        What it was taught, in a sentence.
    source
        The paper of the network, or who made it.
    network
        Name and settings.
    data
        What it learned from: name, counts, fingerprint.
    metrics
        Figures by name; pairs are intervals.
    licence, licence_notes
        SPDX identifier of the terms of its numbers, and what else a reader must know of them.
    """

    name: str
    description: str
    source: str
    network: Mapping[str, object]
    data: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)
    licence: str = _NOT_STATED
    licence_notes: str = "Ask who owns the music and the labels it learned from before you pass it on."


def encoder_name(text: str) -> str:
    """Text as the name of an encoder, which takes no name from one that ships.

    Examples
    --------
    >>> encoder_name("My Encoder/2"), encoder_name("timbre"), encoder_name("…")
    ('my-encoder-2', 'own-timbre', 'own')
    """
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return f"own-{name}".rstrip("-") if name in (*encoder_names(), "fingerprint", "transition", "") else name


def export_encoder(
    folder: Path,
    model: HearingModel,
    log_mel: LogMelSettings,
    *,
    labels: Mapping[str, Sequence[str]],
    scaling: Scaling,
    about: About,
    hop_frames: int | None = None,
) -> EncoderId:
    """Write a model as an encoder that runs in ONNX Runtime.

    Parameters
    ----------
    folder
        Made where there is none; an encoder in it is replaced.
    model
        Hears log-mel spectra ``(n_frames, n_mels)``.
    log_mel
        The settings of the spectra it was trained on.
    labels
        Names of the classes or tags by head: what the probabilities are of. Other heads are left out.
    scaling
        Mean and spread of the embedding over the tracks it was trained on.
    about
        What the card says.
    hop_frames
        Most frames from one stretch to the next; the length of a stretch if not given.

    Returns
    -------
    EncoderId
        The name with a digest of all that makes the vectors.

    Raises
    ------
    UsageError
        If the model does not hear spectra of these settings, or the name is none.
    SegueError
        If the network cannot be written as ONNX, the graph does not answer as the network does, or the
        folder cannot be written.
    """
    if len(model.shape) != 2 or model.shape[1] != log_mel.n_mels:
        raise UsageError(
            f"only a network that hears spectra of {log_mel.n_mels} bands can become an encoder with these "
            f"settings; this one takes {model.shape}"
        )
    n_frames = model.shape[0]
    return export_module(
        folder,
        _FromPower(model, log_mel, tuple(labels)),
        {
            "sample_rate": log_mel.sample_rate,
            "n_fft": log_mel.n_fft,
            "hop": log_mel.hop,
            "n_frames": n_frames,
            "hop_frames": hop_frames or n_frames,
        },
        labels=_label_names(labels),
        scaling=scaling,
        about=about,
    )


def export_module(
    folder: Path,
    module: nn.Module,
    heard: Mapping[str, int],
    *,
    labels: Sequence[str],
    scaling: Scaling,
    about: About,
) -> EncoderId:
    """Write any network that hears power spectra as an encoder.

    Parameters
    ----------
    folder
        Made where there is none; an encoder in it is replaced.
    module
        From ``(n, n_frames, 1 + n_fft // 2)`` to a tuple: embeddings ``(n, dim)`` and, with labels, their
        probabilities ``(n, n_labels)``.
    heard
        What it hears: sample_rate, n_fft, hop, n_frames, hop_frames and, where the window is shorter than the
        transform, window_length.
    labels
        What the probabilities are of.
    scaling
        Mean and spread of the embedding, ``(dim,)``, over music.
    about
        What the card says.

    Returns
    -------
    EncoderId
        The name with a digest of all that makes the vectors.

    Raises
    ------
    UsageError
        If the name is none.
    SegueError
        If the network cannot be written as ONNX, the graph does not answer as the network does, or the
        folder cannot be written.
    """
    if encoder_name(about.name) != about.name:
        raise UsageError(
            f"{about.name!r} is no name for an encoder: {encoder_name(about.name)!r} would be one"
        )
    module.eval()
    example = _example(heard["n_frames"], heard["n_fft"])
    gives = [_EMBEDDING, _PROBABILITIES] if labels else [_EMBEDDING]
    graph = onnx_graph(module, example, takes=_INPUT, gives=gives)
    _compare(graph, module, example)
    header = {
        "format": FORMAT,
        **asdict(about),
        "dim": scaling.mean.size,
        "input": {"name": _INPUT, **heard},
        "outputs": dict(zip(("embedding", "probabilities"), gives, strict=False)),
        "labels": list(labels),
        "scaling": scaling_numbers(scaling),
    }
    return write_encoder(folder, header, graph)


def write_encoder(folder: Path, header: Mapping[str, Any], graph: bytes) -> EncoderId:
    """Write the three files of an encoder, the header last; its digest and id are made here.

    Raises
    ------
    SegueError
        If the folder cannot be written.
    """
    complete = {**header, "sha256": hashlib.sha256(graph).hexdigest()}
    complete["id"] = encoder_id(complete["name"], complete)
    with whole_file(folder / GRAPH) as out:
        out.write(graph)
    write_whole(folder / CARD, card_page(complete))
    lines = [
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in complete.items()
    ]
    write_whole(folder / HEADER, "{\n" + ",\n".join(lines) + "\n}\n")
    return EncoderId(complete["id"])


class _FromPower(nn.Module):
    """Power spectra to the embedding, and to the probabilities of all labels side by side."""

    def __init__(self, model: HearingModel, log_mel: LogMelSettings, heads: tuple[str, ...]) -> None:
        super().__init__()
        self.to_db = PowerToDb(log_mel)
        self.model = model
        self.heads = heads

    def forward(self, power: Tensor) -> tuple[Tensor, ...]:
        """From ``(n, n_frames, n_bins)`` to ``(n, dim)``, and ``(n, n_labels)`` where there are labels."""
        heard = self.model(self.to_db(power))
        if not self.heads:
            return (heard.embedding,)
        said = self.model.answers(heard)
        return heard.embedding, torch.cat([said[head] for head in self.heads], dim=1)


def _label_names(labels: Mapping[str, Sequence[str]]) -> list[str]:
    """Of one head as they are; of several with the head before each."""
    if len(labels) == 1:
        return [name for names in labels.values() for name in names]
    return [f"{head}: {name}" for head, names in labels.items() for name in names]


def scaling_numbers(scaling: Scaling) -> dict[str, list[float | None]]:
    """As the header keeps it: a spread that is infinite, because nothing ever changed, is null."""
    std = [float(value) if np.isfinite(value) else None for value in scaling.std]
    return {"mean": scaling.mean.tolist(), "std": std}


def _example(n_frames: int, n_fft: int) -> Tensor:
    """Two stretches of power spectra, one loud and one soft."""
    noise = np.random.default_rng(0).exponential(size=(2, n_frames, 1 + n_fft // 2))
    return torch.from_numpy((noise * np.array([100.0, 0.01])[:, None, None]).astype(np.float32))


def _compare(graph: bytes, module: nn.Module, example: Tensor) -> None:
    """The graph must answer as the network does, for one input as for several."""
    import onnxruntime

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for some in (example, example[:1]):
        with torch.no_grad():
            expected = [output.numpy() for output in module(some)]
        for want, got in zip(expected, session.run(None, {_INPUT: some.numpy()}), strict=True):
            if not np.allclose(got, want, rtol=_TOLERANCE, atol=_TOLERANCE * max(1.0, np.abs(want).max())):
                raise SegueError(
                    f"the ONNX graph differs from the network by {np.abs(got - want).max():.2g}: "
                    "this network cannot be exported"
                )
