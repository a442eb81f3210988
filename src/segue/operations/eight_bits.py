"""Try an 8-bit variant of a freshly trained encoder on the music it was trained with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.audio import read_recording
from segue.encoders.folders import read_folder
from segue.encoders.onnx_encoder import OnnxTagger, network_encoder, patches_of
from segue.errors import AudioError, SegueError

if TYPE_CHECKING:
    from segue.training.contract import Rows, Split
    from segue.training.datasets.contract import Dataset, Target
    from segue.types import Matrix, Samples

    _Heard = tuple[int, list[Samples]]

_MOST_MEASURED = 24
_MOST_JUDGED = 200


def try_int8(folder: Path, dataset: Dataset, target: Target, split: Split) -> str:
    """Keep an 8-bit variant if it is nearly as good on the validation tracks; one line says what came of it.

    Quality is the share of classes told rightly, or of other targets the mean cosine between the vectors of
    the encoder and of the variant.
    """
    from segue.training.quantising import add_int8

    artefact, _ = read_folder(folder)
    rate = artefact.card.sample_rate
    train = _some(split.train, _MOST_MEASURED)
    patches = [
        next(patches_of(window, artefact, at_a_time=1))
        for _, windows in _heard(dataset, train, rate)
        for window in windows
    ]
    judged = list(_heard(dataset, _some(split.valid, _MOST_JUDGED), rate))
    if not patches or not judged:
        return "no 8-bit variant: there is nothing to judge it by"
    judge = _by_classes(judged, target) if target.kind == "class" else _by_vectors(judged, folder)
    try:
        return add_int8(folder, patches, judge=judge).why
    except SegueError as error:
        return str(error)


def _some(rows: Rows, most: int) -> Rows:
    return rows[:: -(-len(rows) // most)] if len(rows) else rows


def _heard(dataset: Dataset, rows: Rows, rate: int) -> Iterator[_Heard]:
    """Row and windows of those tracks that can be heard."""
    for row in rows.tolist():
        try:
            recording = read_recording(dataset.audio[row], sample_rates=[rate])
        except AudioError:
            continue
        yield row, list(recording.windows[rate])


def _by_classes(heard: Sequence[_Heard], target: Target) -> Callable[[Path], float]:
    """Judge an encoder by how often it tells the class rightly."""

    def judge(folder: Path) -> float:
        encoder = network_encoder(read_folder(folder)[0])
        assert isinstance(encoder, OnnxTagger)
        said = [int(np.argmax(encoder.encode_and_tag(windows)[1])) for _, windows in heard]
        return float(np.mean(said == target.values[[row for row, _ in heard]]))

    return judge


def _by_vectors(heard: Sequence[_Heard], original: Path) -> Callable[[Path], float]:
    """Judge an encoder by the mean cosine between its vectors and those of another."""

    def vectors(folder: Path) -> Matrix:
        encoder = network_encoder(read_folder(folder)[0])
        made = np.stack([encoder.encode(windows) for _, windows in heard])
        unit: Matrix = made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), np.float32(1e-30))
        return unit

    wanted = vectors(original)
    return lambda folder: float(np.mean(np.sum(vectors(folder) * wanted, axis=1)))
