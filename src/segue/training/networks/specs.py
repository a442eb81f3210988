"""The table of networks: who described each, on which spectra, and what builds it; torch is not needed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segue.training.contract import LogMelSettings
from segue.training.torch_here import require_installed

if TYPE_CHECKING:
    from torch import nn

_A = "F. Carranza, thesis, Universidad Nacional de Córdoba, 2018"
_B = "L. Rubio, master's project, Afi, 2019"
_C = "B. Pohl, MSc thesis, Queen Mary University of London, 2019"
_D = "R. Sousa Freitas, master's project, 2020"
_E = "Gao, Luo, Lin, Liu, Shi, 2020"
_PONS = "J. Pons, X. Serra, musicnn, ISMIR 2019"
_SEGUE = "Segue"

# What they hear, and frames of an input. A, D and E do not say which transform made their spectra: librosa's
# usual one is taken, with the hop of 512 samples that A's numbers of frames ask for.
_LIBROSA = LogMelSettings(n_fft=2048, hop=512)
_3_S, _9_S, _SLICE = (_LIBROSA, 130), (_LIBROSA, 388), (_LIBROSA, 128)
_6_S = (LogMelSettings(n_fft=1024, hop=512, f_max=11025.0), 256)
_30_S = (LogMelSettings(n_fft=2048, hop=1024), 646)
_2_S = (LogMelSettings(n_mels=64), 40)
_MUSICNN = (LogMelSettings(sample_rate=16000, n_fft=512, hop=256, n_mels=96), 187)


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A network that can be built.

    Attributes
    ----------
    name
        As recipes name it.
    source
        Who described it.
    hears
        The spectra it was described with; None if it takes vectors.
    n_frames
        Frames of one input; 0 if it takes vectors.
    description
        One line.
    builder
        Module in `segue.training.networks` and function, such as ``carranza:factor_cnn``.
    preset
        Settings of the builder that make it this network.
    """

    name: str
    source: str
    hears: LogMelSettings | None
    n_frames: int
    description: str
    builder: str
    preset: Mapping[str, object] = field(default_factory=dict)

    @property
    def build(self) -> Callable[..., nn.Module]:
        """The builder, ``(shape, **settings) -> trunk``; torch is imported now.

        Raises
        ------
        SegueError
            If torch is not installed.
        """
        require_installed("torch")
        module, _, function = self.builder.partition(":")
        found: Callable[..., nn.Module] = getattr(
            importlib.import_module(f"segue.training.networks.{module}"), function
        )
        return found


def _of(
    source: str,
    name: str,
    description: str,
    builder: str,
    hears: tuple[LogMelSettings | None, int] = (None, 0),
    **preset: object,
) -> NetworkSpec:
    return NetworkSpec(name, source, *hears, description, builder, preset)


SPECS = (
    _of(_A, "carranza-factor-cnn", "3 s to factors: filters over all bands", "carranza:factor_cnn", _3_S),
    _of(
        *(_A, "carranza-factor-cnn-temporal", "3 s to factors: filters wide in time, for rhythm"),
        *("carranza:factor_cnn_shaped", _3_S),
        form="temporal",
    ),
    _of(
        *(_A, "carranza-factor-cnn-frequency", "3 s to factors: filters tall in frequency, for timbre"),
        *("carranza:factor_cnn_shaped", _3_S),
        form="frequency",
    ),
    _of(
        *(_A, "carranza-factor-cnn-rectangular", "3 s to factors: filters of both extents"),
        *("carranza:factor_cnn_shaped", _3_S),
        form="rectangular",
    ),
    _of(_A, "carranza-genre-cnn", "9 s to genre: two convolutions", "carranza:genre_cnn", _9_S),
    _of(_B, "rubio-dieleman", "30 s to genre: mean, maximum and L2 over time", "rubio:dieleman", _30_S),
    _of(_B, "rubio-deepsound", "30 s to genre: convolutions, LSTM, every step", "rubio:deepsound", _30_S),
    _of(_B, "rubio-cnn-lstm", "30 s to genre: convolutions, LSTM", "rubio:cnn_lstm", _30_S),
    _of(_C, "pohl-cnn", "6 s to factors: three convolutions, dense layers", "pohl_cnn:cnn", _6_S),
    _of(
        *(_C, "pohl-1d-frequency", "6 s to factors: convolutions over time"),
        *("pohl_cnn:one_dimensional", _6_S),
        along="time",
    ),
    _of(
        *(_C, "pohl-1d-time", "6 s to factors: convolutions over frequency"),
        *("pohl_cnn:one_dimensional", _6_S),
        along="frequency",
    ),
    _of(_C, "pohl-lstm", "6 s to factors: three LSTMs", "pohl_lstm:lstm", _6_S),
    _of(_C, "pohl-choi", "6 s to factors: a music tagger, transferred", "choi:choi", _6_S),
    _of(_C, "pohl-xception", "6 s to factors: from photographs, transferred", "xception:xception", _6_S),
    _of(_C, "pohl-triplet", "6 s to an embedding: the CNN, for triplets", "pohl_cnn:triplet", _6_S),
    _of(_C, "bag-dense", "bag of tones to factors: equal dense layers", "vectors:bag"),
    _of(_D, "freitas-cnn", "3 s to genre: three convolutions", "freitas:spectrogram_cnn", _SLICE),
    _of(_D, "freitas-mlp", "attributes to genre: dense layers", "vectors:attributes"),
    _of(_E, "gao-cnn-1d", "518 descriptors to genre: convolutions along them", "vectors:descriptor_cnn"),
    _of(_E, "gao-cnn", "slices of 3 s to genre: five convolutions", "gao:slice_cnn", _SLICE),
    _of(_E, "gao-crnn", "slices of 3 s to genre: convolutions and GRU", "gao:slice_crnn", _SLICE),
    _of(_PONS, "musicnn", "the encoder that ships, to be trained on", "musicnn:musicnn", _MUSICNN),
    _of(_SEGUE, "segue-cnn", "2 s to anything: small, for few tracks", "segue_cnn:segue_cnn", _2_S),
    _of(_SEGUE, "dense", "vectors to anything: dense layers", "vectors:hidden_layers"),
    _of(_SEGUE, "linear", "vectors to anything: the head alone", "vectors:linear"),
)
"""In the order in which they are listed."""
