"""Networks that others published, as encoders: their weights in, a folder that needs no torch out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from segue.encoders import Scaling
from segue.training.export import About, encoder_name, export_module
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
from segue.training.networks.registry import n_parameters
from segue.training.networks.state_dicts import load_published
from segue.types import EncoderId

WHERE = "mn04_as_mAP_432.pt of the releases of github.com/fschmid56/EfficientAT, or its arrays as .npz"
"""Where a user gets the weights of mn04."""

NOT_SCALED = Scaling(np.zeros(HIDDEN, np.float32), np.ones(HIDDEN, np.float32))
"""The scaling of an encoder whose vectors nobody has measured yet."""

_FRAMES = N_FRAMES + 1  # what a centred transform makes of 10 s, which a scan hears at once


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
        scaling=NOT_SCALED,
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
