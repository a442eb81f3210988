"""Reads the cards of the networks that ship with Segue, and the graphs of all networks, never unchecked.

An artefact that ships (format 1) is two files side by side: ``ID.onnx``, a graph from patches of mel bands to
an embedding and perhaps probabilities of tags, and ``ID.json``, its card: everything Segue must know to feed
the graph, and the graph's digest. `segue.encoders.folders` reads those that a person trained (format 2).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.encoders.contract import Card
from segue.errors import SegueError
from segue.types import EncoderId

PACKAGE_DATA = Path(__file__).with_name("data")
"""Where the artefacts and scalings that ship with Segue are."""

_FORMAT = 1
_TEXTS = ("id", "name", "licence", "source", "description", "definition", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """How samples become the mel bands that a network hears: ``log10(offset + factor * mel power)``.

    Attributes
    ----------
    n_fft, hop
        Length and distance of the transforms, in samples; centred, zeros beyond the ends, Hann window.
    window_length
        Of the Hann window, in samples.
    n_mels, f_min, f_max
        Bands on Slaney's scale, from and to, in Hz.
    offset, factor
        Of the logarithm.
    """

    n_fft: int
    hop: int
    window_length: int
    n_mels: int
    f_min: float
    f_max: float
    offset: float
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerFrontEnd:
    """How samples become what a network hears that makes mel bands and decibels itself: power spectra.

    Attributes
    ----------
    n_fft, hop
        Length and distance of the transforms, in samples; centred, zeros beyond the ends, Hann window.
    window_length
        Of the Hann window, in samples.
    """

    n_fft: int
    hop: int
    window_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A network's card, where its graph is, and how the two fit together.

    Attributes
    ----------
    card
        For people.
    graph
        The ONNX file.
    front_end
        What to do to the samples.
    patch_frames
        Frames in one patch of the input ``(n, patch_frames, n_mels)``, or of power spectra
        ``(n, patch_frames, 1 + n_fft // 2)``.
    patch_hop
        Patches are spread evenly over a window, no further apart than so many frames, the first at its
        beginning and the last at its end. None: one follows the other, an incomplete last one is left out.
    input, embedding, tags
        Names in the graph: the input, the output ``(n, dim)`` and, where there is one, the output
        ``(n, n_tags)``.
    tag_names
        Words of the tags; empty without them.
    mend
        What a person can do when the graph is damaged.
    """

    card: Card
    graph: Path
    front_end: FrontEnd | PowerFrontEnd
    patch_frames: int
    patch_hop: int | None
    input: str
    embedding: str
    tags: str | None
    tag_names: tuple[str, ...]
    mend: str = "reinstall Segue"


def read_artefact(card: Path) -> Artefact:
    """Read a card. The graph is neither opened nor looked for.

    Raises
    ------
    SegueError
        If the card is missing, damaged, or of a later format.
    """
    try:
        fields = json.loads(card.read_text(encoding="utf-8"))
        if fields["format"] != _FORMAT:
            raise SegueError(
                f"{card} has format {fields['format']}, this Segue reads {_FORMAT}: update Segue"
            )
        return _artefact(fields, card)
    except OSError as error:
        raise SegueError(f"{card} cannot be read ({error.strerror}): reinstall Segue") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SegueError(f"{card} is not the card of a network ({error!r}): reinstall Segue") from error


def read_graph(artefact: Artefact) -> bytes:
    """The bytes of the graph, after comparing their digest with the card.

    Raises
    ------
    SegueError
        If the file is missing or is not what the card describes.
    """
    try:
        graph = artefact.graph.read_bytes()
    except OSError as error:
        raise SegueError(f"{artefact.graph} cannot be read ({error.strerror}): {artefact.mend}") from error
    if hashlib.sha256(graph).hexdigest() != artefact.card.sha256:
        raise SegueError(f"{artefact.graph} is damaged (its sha256 is not its card's): {artefact.mend}")
    return graph


def _artefact(fields: Mapping[str, Any], card: Path) -> Artefact:
    front, outputs = dict(fields["front_end"]), fields["outputs"]
    compression = front.pop("compression")
    tag_names = tuple(str(name) for name in fields.get("tag_names", ()))
    texts = {name: str(fields[name]) for name in _TEXTS}
    return Artefact(
        card=Card(
            id=EncoderId(texts.pop("id")),
            dim=int(fields["dim"]),
            sample_rate=int(fields["sample_rate"]),
            **texts,
        ),
        graph=card.with_name(Path(fields["artefact"]).name),
        front_end=FrontEnd(**front, **compression),
        patch_frames=int(fields["patch_frames"]),
        patch_hop=None,
        input=str(fields["input"]),
        embedding=str(outputs["embedding"]),
        tags=str(outputs["tags"]) if tag_names else None,
        tag_names=tag_names,
    )
