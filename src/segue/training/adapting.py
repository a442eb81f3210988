"""Networks that others published, as encoders: their weights in, a folder that needs no torch out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from segue.encoders import Scaling
from segue.training.export import About, encoder_name, export_module
from segue.training.networks import musicnn_wheel
from segue.training.networks.efficientat import (
    HIDDEN,
    HOP,
    N_FFT,
    N_FRAMES,
    SAMPLE_RATE,
    WINDOW_LENGTH,
    FromPower,
    Mn04,
)
from segue.training.networks.musicnn_files import open_wheel, read_network
from segue.training.networks.registry import n_parameters
from segue.training.networks.state_dicts import load_published
from segue.types import EncoderId

WHERE = "mn04_as_mAP_432.pt of the releases of github.com/fschmid56/EfficientAT, or its arrays as .npz"
"""Where a user gets the weights of mn04."""

_FRAMES = N_FRAMES + 1  # what a centred transform makes of 10 s, which a scan hears at once

_WHEEL: Mapping[str, tuple[type[musicnn_wheel.Vgg | musicnn_wheel.Musicnn], str]] = {
    "msd-vgg": (musicnn_wheel.Vgg, "MSD_vgg"),
    "mtt-vgg": (musicnn_wheel.Vgg, "MTT_vgg"),
    "mtt-musicnn": (musicnn_wheel.Musicnn, "MTT_musicnn"),
}
_LEARNED_FROM: Mapping[str, Mapping[str, str]] = {
    "MSD": {"name": "Million Song Dataset, 50 most frequent Last.fm tags"},
    "MTT": {
        "name": "MagnaTagATune, 50 most frequent tags",
        "overlap": "its music is from the label Magnatune, as Emotify's: it must not be judged on Emotify",
    },
}


def adapt_mn04(folder: Path, weights: Path, *, labels: Sequence[str]) -> EncoderId:
    """Write EfficientAT's mn04 as an encoder: 512 hidden values, and AudioSet's classes where they are named.

    Parameters
    ----------
    folder
        Made where there is none; an encoder in it is replaced. Its name is the encoder's.
    weights
        The published file.
    labels
        The 527 names of AudioSet's classes in their order, or none.

    Raises
    ------
    UsageError
        If the file is missing or holds other weights.
    SegueError
        If the folder cannot be written.
    """
    network = Mn04()
    load_published(network, weights, where=WHERE)
    return export_module(
        folder,
        FromPower(network, probabilities=bool(labels)),
        {
            "sample_rate": SAMPLE_RATE,
            "n_fft": N_FFT,
            "window_length": WINDOW_LENGTH,
            "hop": HOP,
            "n_frames": _FRAMES,
            "hop_frames": _FRAMES,
        },
        labels=labels,
        scaling=_not_scaled(HIDDEN),
        about=About(
            name=encoder_name(folder.absolute().name),
            description="Learned the sounds of AudioSet: the 512 values before its 527 classes.",
            source=(
                "EfficientAT's mn04_as; F. Schmid, K. Koutini, G. Widmer, Efficient large-scale audio "
                "tagging via transformer-to-CNN knowledge distillation, ICASSP 2023"
            ),
            network={"name": "mn04", "parameters": n_parameters(network)},
            data={"name": "AudioSet"},
            metrics={"mean average precision on AudioSet, as published": 0.432},
            licence="MIT",
            licence_notes="Of the published weights, by F. Schmid, K. Koutini, G. Widmer; pass it on.",
        ),
    )


def adapt_wheel(folder: Path, wheel: Path, network: str) -> EncoderId:
    """Write a network of musicnn's wheel as an encoder; it says no words.

    Parameters
    ----------
    folder
        Made where there is none; an encoder in it is replaced. Its name is the encoder's.
    wheel
        The published file.
    network
        msd-vgg or mtt-vgg (256 values), or mtt-musicnn (200).

    Raises
    ------
    UsageError
        If the file is missing or another one.
    SegueError
        If the folder cannot be written.
    """
    kind, name = _WHEEL[network]
    heard = kind()
    with open_wheel(wheel) as archive:
        musicnn_wheel.fill(heard, read_network(archive, name))
    values = (
        "mean and deviation of its 128 channels after the fourth pooling"
        if kind is musicnn_wheel.Vgg
        else "the 200 values before its 50 tags"
    )
    return export_module(
        folder,
        musicnn_wheel.FromPower(heard),
        {
            "sample_rate": musicnn_wheel.SAMPLE_RATE,
            "n_fft": musicnn_wheel.N_FFT,
            "hop": musicnn_wheel.HOP,
            "n_frames": musicnn_wheel.N_FRAMES,
            "hop_frames": musicnn_wheel.N_FRAMES,
        },
        labels=(),
        scaling=_not_scaled(heard.dim),
        about=About(
            name=encoder_name(folder.absolute().name),
            description=f"Learned to predict what listeners call music: {values}.",
            source=(
                f"{name} of the PyPI package musicnn 0.1.0; J. Pons, X. Serra, musicnn: pre-trained "
                "convolutional neural networks for music audio tagging, ISMIR 2019, late-breaking demo"
            ),
            network={"name": name, "parameters": n_parameters(heard)},
            data=_LEARNED_FROM[name[:3]],
            licence="ISC",
            licence_notes=(
                "Of the published weights: copyright Music Technology Group, Universitat Pompeu Fabra 2019; "
                "pass it on with the LICENSE.md of the wheel."
            ),
        ),
    )


def _not_scaled(dim: int) -> Scaling:
    """The scaling of an encoder whose vectors nobody has measured yet."""
    return Scaling(np.zeros(dim, np.float32), np.ones(dim, np.float32))
