"""Encoders that are networks: log-mel patches through an ONNX graph, driven by the artefact's card."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.encoders.artefacts import Artefact, FrontEnd, read_graph
from segue.encoders.contract import Card, checked_windows
from segue.errors import SegueError
from segue.features import mel_power, power_spectrum
from segue.types import EncoderId, Samples, Vector

if TYPE_CHECKING:
    import onnxruntime

# A few patches at a time keep what lies between the layers in the processor's cache, and bound the memory that a
# recording of hours takes; more are slower.
_PATCHES_AT_A_TIME = 2


class OnnxEncoder:
    """A network behind the contract of `Encoder`.

    The graph is read, checked against its card and made ready at the first recording, once a process.

    Parameters
    ----------
    artefact
        The network.
    """

    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact

    @property
    def id(self) -> EncoderId:
        """The definition of the vector."""
        return self._artefact.card.id

    @property
    def dim(self) -> int:
        """Length of the vector."""
        return self._artefact.card.dim

    @property
    def sample_rate(self) -> int:
        """Of the windows, in Hz."""
        return self._artefact.card.sample_rate

    def describe(self) -> Card:
        """The card."""
        return self._artefact.card

    def encode(self, windows: Sequence[Samples]) -> Vector:
        """The mean embedding of all patches of all windows.

        Parameters
        ----------
        windows
            Each ``(n_samples,)`` float32, mono, at `sample_rate`.

        Returns
        -------
        vector : (dim,) float32

        Raises
        ------
        SegueError
            If the artefact is missing or damaged.
        ValueError
            If there is no window, or one without samples.
        """
        return self._means(windows, [self._artefact.embedding])[0]

    def _means(self, windows: Sequence[Samples], outputs: list[str]) -> list[NDArray[np.float32]]:
        artefact, session = self._artefact, _session(self._artefact)
        sums: list[NDArray[np.float64]] = [np.zeros(1)] * len(outputs)
        n_patches = 0
        for window in checked_windows(windows):
            patches = log_mel_patches(window, artefact.front_end, self.sample_rate, artefact.patch_frames)
            n_patches += len(patches)
            for start in range(0, len(patches), _PATCHES_AT_A_TIME):
                some = {artefact.input: patches[start : start + _PATCHES_AT_A_TIME]}
                for position, values in enumerate(session.run(outputs, some)):
                    # Summed in double precision, so that the order of the windows cannot be seen.
                    sums[position] = sums[position] + values.sum(axis=0, dtype=np.float64)
        return [(total / n_patches).astype(np.float32) for total in sums]


class OnnxTagger(OnnxEncoder):
    """A network with a second output, behind the contract of `TaggingEncoder`."""

    @property
    def tag_names(self) -> tuple[str, ...]:
        """The words it knows, in the order of the probabilities."""
        return self._artefact.tag_names

    def encode_and_tag(self, windows: Sequence[Samples]) -> tuple[Vector, NDArray[np.float32]]:
        """As `encode`, with the mean probability of each tag, ``(n_tags,)`` float32 in [0, 1]."""
        vector, tags = self._means(windows, [self._artefact.embedding, self._artefact.tags or ""])
        return vector, tags


def network_encoder(artefact: Artefact) -> OnnxEncoder:
    """The encoder of an artefact, one that tags where the network does."""
    return OnnxTagger(artefact) if artefact.tag_names else OnnxEncoder(artefact)


def log_mel_patches(
    window: Samples, front_end: FrontEnd, sample_rate: int, patch_frames: int
) -> NDArray[np.float32]:
    """The log-mel bands of one window, cut into consecutive patches.

    Parameters
    ----------
    window : (n_samples,) float32
        Mono samples.
    front_end
        The definition.
    sample_rate
        In Hz.
    patch_frames
        Frames in a patch.

    Returns
    -------
    patches : (n_patches, patch_frames, n_mels) float32
        An incomplete last patch is left out; of a window shorter than a patch, the frames are repeated.
    """
    hop, n_fft = front_end.hop, front_end.n_fft
    n_patches = (1 + window.size // hop) // patch_frames
    if n_patches:
        # Frames past the last whole patch need not be computed; its own last frame ends half a transform later.
        window = window[: (n_patches * patch_frames - 1) * hop + n_fft // 2]
    power = power_spectrum(window, n_fft, hop, window_length=front_end.window_length)
    bands = mel_power(
        power, sample_rate, n_mels=front_end.n_mels, f_min=front_end.f_min, f_max=front_end.f_max
    )
    bands *= np.float32(front_end.factor)
    bands += np.float32(front_end.offset)
    np.log10(bands, out=bands)
    n_frames = max(n_patches, 1) * patch_frames
    return np.resize(bands, (n_frames, front_end.n_mels)).reshape(-1, patch_frames, front_end.n_mels)


@lru_cache(maxsize=8)
def _session(artefact: Artefact) -> onnxruntime.InferenceSession:
    graph = read_graph(artefact)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # A scan keeps the cores busy with several processes: threads within one would only get in their way.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


