"""A torch module to an ONNX graph: any number of inputs at once, no word of the machine it was made on."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from segue.errors import SegueError


def onnx_graph(module: nn.Module, example: Tensor, *, takes: str, gives: Sequence[str]) -> bytes:
    """The graph of a module, whose first axis is left open.

    Parameters
    ----------
    module
        Takes one tensor; it is left in evaluation mode.
    example : (n, ...)
        An input, at least two of them.
    takes, gives
        Names of the input and of the outputs.

    Returns
    -------
    bytes
        Of an ONNX file; the same for the same weights.

    Raises
    ------
    SegueError
        If the module does what ONNX cannot say.
    """
    module.eval()
    with _hushed(), torch.no_grad():
        try:
            program = torch.onnx.export(
                module,
                (example,),
                input_names=[takes],
                output_names=list(gives),
                dynamic_shapes=({0: torch.export.Dim("n")},),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
        except torch.onnx.errors.OnnxExporterError as error:
            why = str(error).strip().splitlines()[0]
            raise SegueError(f"this network cannot be written as ONNX: {why}") from error
    assert program is not None
    proto = program.model_proto
    _strip(proto)
    return bytes(proto.SerializeToString(deterministic=True))


def _strip(proto: Any) -> None:
    """Without the notes of the exporter: they hold paths and lines of source."""
    for part in (proto, proto.graph, *proto.graph.node, *proto.graph.initializer, *proto.graph.value_info):
        del part.metadata_props[:]
        part.doc_string = ""
    for function in proto.functions:
        for node in function.node:
            del node.metadata_props[:]


@contextmanager
def _hushed() -> Iterator[None]:
    """Without the exporter's remarks on packages that are not there and on its own future."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            for kind in (FutureWarning, DeprecationWarning, UserWarning):
                warnings.simplefilter("ignore", kind)
            yield
    finally:
        logger.setLevel(level)
