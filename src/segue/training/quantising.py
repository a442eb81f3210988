"""An encoder in 8-bit integers, kept only where it is smaller and nearly as good."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.encoders.artefacts import read_graph
from segue.encoders.folders import is_encoder_folder, read_folder, read_header
from segue.errors import SegueError
from segue.training.export import write_encoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Patches = NDArray[np.float32]

LOSES_LESS_THAN = 0.01
_QUANTISED = ("Conv", "Gemm", "MatMul")


@dataclass(frozen=True, slots=True)
class Smaller:
    """What came of an 8-bit variant.

    Attributes
    ----------
    folder
        Where it is, itself an encoder; None where it was not kept.
    quality, quality_int8
        Of the encoder and of the variant.
    bytes_, bytes_int8
        Sizes of the graphs.
    why
        One line for a person.
    """

    folder: Path | None
    quality: float
    quality_int8: float
    bytes_: int
    bytes_int8: int
    why: str


def add_int8(folder: Path, patches: Sequence[Patches], *, judge: Callable[[Path], float]) -> Smaller:
    """Make an 8-bit variant of an encoder, and keep it as ``int8/`` beside the graph if it is nearly as good.

    Parameters
    ----------
    folder
        The encoder.
    patches
        Each ``(n, n_frames, 1 + n_fft // 2)`` float32 power spectra of music, from which the ranges of all
        that lies between the layers are measured.
    judge
        Tells the quality of the encoder in a folder; more is better.

    Returns
    -------
    Smaller
        Kept where it is smaller and loses less than 1 % of the encoder's quality.

    Raises
    ------
    SegueError
        If the encoder is damaged, or nothing can be written.
    """
    header, graph = read_header(folder), read_graph(read_folder(folder)[0])
    if is_encoder_folder(folder / "int8"):
        shutil.rmtree(folder / "int8")  # of an earlier encoder here
    small = quantise(graph, header["input"]["name"], patches)
    quality = judge(folder)
    with tempfile.TemporaryDirectory() as place:
        draft = {
            **header,
            "name": f"{header['name']}-int8",
            "description": f"{header['description']} In 8-bit integers.",
        }
        write_encoder(Path(place), draft, small)
        quality_int8 = judge(Path(place))
    lost = 1 - quality_int8 / quality if quality > 0 else 1.0
    sizes = f"{len(graph):,} to {len(small):,} bytes"
    if len(small) >= len(graph):
        why = f"no 8-bit variant: it would not be smaller ({sizes})"
        return Smaller(None, quality, quality_int8, len(graph), len(small), why)
    if not quality > 0:
        why = "no 8-bit variant: the encoder tells nothing rightly that it could be judged by"
        return Smaller(None, quality, quality_int8, len(graph), len(small), why)
    if not lost < LOSES_LESS_THAN:
        why = f"no 8-bit variant: it would lose {lost:.1%} of the quality of {quality:.4f}"
        return Smaller(None, quality, quality_int8, len(graph), len(small), why)
    metrics = {**header["metrics"], "quality in 8 bits": quality_int8, "quality before": quality}
    write_encoder(folder / "int8", {**draft, "metrics": metrics}, small)
    why = f"8-bit variant in {folder / 'int8'}: {sizes}, quality {quality:.4f} to {quality_int8:.4f}"
    return Smaller(folder / "int8", quality, quality_int8, len(graph), len(small), why)


def quantise(graph: bytes, takes: str, patches: Sequence[Patches]) -> bytes:
    """A graph whose convolutions and matrix products are of 8-bit integers, ranges measured on `patches`.

    What comes before the first logarithm, the mel bands of the power, spans too many powers of ten for 8 bits
    and stays as it is.

    Raises
    ------
    SegueError
        If ONNX Runtime cannot do it.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # untyped there
        def __init__(self) -> None:
            self._left = iter(patches)

        def get_next(self) -> dict[str, Patches] | None:
            found = next(self._left, None)
            return None if found is None else {takes: found}

    with tempfile.TemporaryDirectory() as place, _hushed():
        written = Path(place) / "int8.onnx"
        try:
            model = onnx.load_from_string(graph)
            quantize_static(
                model,
                str(written),
                Reader(),
                op_types_to_quantize=list(_QUANTISED),
                nodes_to_exclude=_before_the_logarithm(model),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )
            return written.read_bytes()
        except Exception as error:  # whatever ONNX Runtime raises, it is about this network
            raise SegueError(f"this network has no 8-bit variant: {error}") from error


def _before_the_logarithm(model: Any) -> list[str]:
    """Names of the nodes that the first logarithm is made from."""
    makers = {output: node for node in model.graph.node for output in node.output}
    log = next((node for node in model.graph.node if node.op_type == "Log"), None)
    names, waiting = [], list(log.input) if log is not None else []
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.name not in names:
            names.append(node.name)
            waiting += node.input
    return names


@contextmanager
def _hushed() -> Iterator[None]:
    """Without ONNX Runtime's advice to prepare the graph first, which the exporter did."""
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
