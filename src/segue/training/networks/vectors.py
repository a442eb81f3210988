"""Networks for content that comes as numbers: descriptors, bags of tones, embeddings of another network."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from segue.training.networks.trunk import Trunk, dense, flat_size, he_normal


def linear(shape: tuple[int, ...]) -> Trunk:
    """The vector itself: with its head, linear regression or logistic regression."""
    return Trunk(nn.Identity(), shape[0])


def hidden_layers(
    shape: tuple[int, ...], *, hidden: Sequence[int] = (1024, 1024, 512), dropout: float = 0.0
) -> Trunk:
    """Dense layers with ELU, as the end of system C's networks and the second stage of its triplet.

    Parameters
    ----------
    shape
        ``(dim,)`` of a vector.
    hidden
        Size of each layer; the last is the embedding.
    dropout
        Share of the values left out after each layer while training.
    """
    return Trunk(he_normal(dense((shape[0], *hidden), nn.ELU, dropout=dropout)), hidden[-1])


def bag(shape: tuple[int, ...], *, layers: int = 3, width: int = 1024) -> Trunk:
    """Regression on a bag of tones, as system C: equal dense layers with ELU.

    Parameters
    ----------
    shape
        ``(n_words,)`` of a histogram; C has 4,000 words.
    layers, width
        Number of layers and size of each. C's text says two, its counts of parameters say three.
    """
    return hidden_layers(shape, hidden=(width,) * layers)


def attributes(shape: tuple[int, ...], *, hidden: Sequence[int] = (256, 128), dropout: float = 0.3) -> Trunk:
    """System D's perceptron on attributes of GTZAN.

    The sizes are not published: two layers with ReLU and dropout.

    Parameters
    ----------
    shape
        ``(n_attributes,)``.
    hidden
        Size of each layer.
    dropout
        Share of the values left out after each layer while training.
    """
    return Trunk(dense((shape[0], *hidden), nn.ReLU, dropout=dropout), hidden[-1])


def descriptor_cnn(shape: tuple[int, ...]) -> Trunk:
    """System E's convolutions along the 518 descriptors, as if they were a signal.

    Parameters
    ----------
    shape
        ``(518,)``.
    """
    convolutions = nn.Sequential(
        nn.Unflatten(1, (1, -1)),  # n, 1, 518
        *(nn.Conv1d(1, 200, 32), nn.ReLU(), nn.MaxPool1d(2)),  # n, 200, 243
        *(nn.Conv1d(200, 8, 32), nn.ReLU(), nn.MaxPool1d(2)),  # n, 8, 106
        *(nn.Conv1d(8, 8, 32), nn.ReLU(), nn.MaxPool1d(2)),  # n, 8, 37
        nn.Flatten(),  # n, 296
    )
    return Trunk(
        nn.Sequential(convolutions, nn.Linear(flat_size(convolutions, shape), 100), nn.ReLU()),  # n, 100
        100,
    )
