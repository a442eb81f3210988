"""Send a function of Segue to the workers, who must have the same Segue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import segue
from segue.spark.failures import saying

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    Batches = Iterator[pa.RecordBatch]


def mapped(frame: DataFrame, work: Callable[..., Batches], schema: str, *values: Any) -> DataFrame:
    """What ``work(batches, *values)`` yields for each partition, as ``DataFrame.mapInArrow``.

    Parameters
    ----------
    work
        A function of a module of Segue: workers import it, nothing of it is sent.
    schema
        Of what it yields, as Spark writes it.
    values
        Whatever can be pickled; large ones as `pyspark.Broadcast`.

    Raises
    ------
    SegueError
        From the action that runs it: what `work` raises, and if a worker has no Segue or another version.
    """
    module, name, version = work.__module__, work.__qualname__, segue.__version__
    said_missing = saying(f"a worker has no Segue: install 'segue[spark]=={version}' where it runs")
    said_other = saying(
        f"a worker has Segue {{found}}, the driver {version}: install the same version on all machines"
    )

    # A function inside a function is sent whole, so that it can say what is the matter where Segue is not.
    def run(batches: Any) -> Any:
        import importlib

        try:
            found = importlib.import_module("segue").__version__
        except ImportError:
            raise RuntimeError(said_missing) from None
        if found != version:
            raise RuntimeError(said_other.replace("{found}", found))
        errors = importlib.import_module("segue.errors")
        failures = importlib.import_module("segue.spark.failures")
        try:
            yield from getattr(importlib.import_module(module), name)(batches, *values)
        except errors.DiskFull:
            raise  # the driver knows it by the system's own words
        except errors.SegueError as error:
            raise RuntimeError(failures.saying(str(error))) from error

    return frame.mapInArrow(run, schema)
