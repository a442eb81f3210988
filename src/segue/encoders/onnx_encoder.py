"""Encoders that are networks: patches of spectra through an ONNX graph, driven by the artefact's card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segue.encoders.artefacts import Artefact, FrontEnd, read_graph
from segue.encoders.contract import Card, checked_windows
from segue.encoders.onnx_session import onnx_session
from segue.errors import SegueError
from segue.features import mel_power, power_spectrum
from segue.types import EncoderId

if TYPE_CHECKING:
    import onnxruntime

    from segue.types import Samples, Vector

# A few patches at a time keep what lies between the layers in the processor's cache, and bound the memory
# that a recording of hours takes; more are slower.
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
            for patches in patches_of(window, artefact, at_a_time=_PATCHES_AT_A_TIME):
                n_patches += len(patches)
                for position, values in enumerate(session.run(outputs, {artefact.input: patches})):
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


def patches_of(window: Samples, artefact: Artefact, *, at_a_time: int) -> Iterator[NDArray[np.float32]]:
    """The spectra of one window as a network wants them, cut into patches.

    Parameters
    ----------
    window : (n_samples,) float32
        Mono samples.
    artefact
        The network that is to hear them.
    at_a_time
        Most patches given at once.

    Yields
    ------
    patches : (n, patch_frames, n_bands) float32
        Of a window shorter than a patch, the frames are repeated.
    """
    length = artefact.patch_frames
    n_frames = 1 + window.size // artefact.front_end.hop
    if n_frames < length:
        spectra = _spectra(window, artefact, 0, n_frames)
        yield np.resize(spectra, (1, length, spectra.shape[1]))
        return
    starts = _starts(n_frames - length, artefact)
    for first in range(0, len(starts), at_a_time):
        some = starts[first : first + at_a_time]
        spectra = _spectra(window, artefact, some[0], some[-1] + length)
        yield np.stack([spectra[start - some[0] :][:length] for start in some])


def _starts(spare: int, artefact: Artefact) -> list[int]:
    """Where patches begin in a window that has `spare` frames more than one patch."""
    if artefact.patch_hop is None:
        return list(range(0, spare + 1, artefact.patch_frames))
    n_gaps = -(-spare // artefact.patch_hop)
    return [round(spare * place / n_gaps) for place in range(n_gaps + 1)] if n_gaps else [0]


def _spectra(window: Samples, artefact: Artefact, start: int, stop: int) -> NDArray[np.float32]:
    """Frames from `start` to `stop` of a centred transform of the window, ``(stop - start, n_bands)``."""
    front, half = artefact.front_end, artefact.front_end.n_fft // 2
    first, last = start * front.hop - half, (stop - 1) * front.hop + half
    heard = np.pad(window[max(first, 0) : last], (max(-first, 0), max(last - window.size, 0)))
    power = power_spectrum(heard, front.n_fft, front.hop, window_length=front.window_length, centred=False)
    return _log_mel(power, front, artefact.card.sample_rate) if isinstance(front, FrontEnd) else power


def _log_mel(power: NDArray[np.float32], front: FrontEnd, sample_rate: int) -> NDArray[np.float32]:
    bands = mel_power(power, sample_rate, n_mels=front.n_mels, f_min=front.f_min, f_max=front.f_max)
    bands *= np.float32(front.factor)
    bands += np.float32(front.offset)
    return np.log10(bands, out=bands)


@lru_cache(maxsize=8)
def _session(artefact: Artefact) -> onnxruntime.InferenceSession:
    session = onnx_session(read_graph(artefact), path=artefact.graph, mend=artefact.mend)
    _check_fit(session, artefact)
    return session


def _check_fit(session: onnxruntime.InferenceSession, artefact: Artefact) -> None:
    """The graph takes and gives what the card says."""
    front = artefact.front_end
    n_bands = front.n_mels if isinstance(front, FrontEnd) else 1 + front.n_fft // 2
    wanted = {artefact.input: [artefact.patch_frames, n_bands], artefact.embedding: [artefact.card.dim]}
    if artefact.tags:
        wanted[artefact.tags] = [len(artefact.tag_names)]
    there = {node.name: node.shape[1:] for node in (*session.get_inputs(), *session.get_outputs())}
    for name, shape in wanted.items():
        if there.get(name) != shape:
            raise SegueError(
                f"{artefact.graph} does not fit its card: {name} is of shape {there.get(name, 'none')}, "
                f"not {shape}: {artefact.mend}"
            )
