"""A graph made ready for ONNX Runtime, on one thread of the processor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segue.errors import SegueError

if TYPE_CHECKING:
    import onnxruntime


def onnx_session(graph: bytes, *, path: Path, mend: str) -> onnxruntime.InferenceSession:
    """Make a graph ready.

    Parameters
    ----------
    graph
        In ONNX format.
    path
        Where it comes from, for messages.
    mend
        What a person can do if it is damaged.

    Raises
    ------
    SegueError
        If ONNX Runtime cannot read it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # A scan keeps the cores busy with several processes: threads within one would only get in their way.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # of many classes, none of which ONNX Runtime names for others
        raise SegueError(f"{path} is not a graph that ONNX Runtime reads: {mend}") from error
