"""Start the processes of a training, on what the machine has, without Lightning's chatter."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch.multiprocessing.spawn import ProcessException

from segue.errors import SegueError, UsageError, own_words

if TYPE_CHECKING:
    from lightning.fabric import Fabric

_PORTS = range(15000, 32000)  # below those that systems give to whoever asks for any
_PRECISION = {"32": "32-true", "bf16": "bf16-mixed", "16": "16-mixed"}


def launch(work: Callable[[Fabric], None], *, devices: int, precision: str) -> None:
    """Do `work` in this process, or in one process a device.

    GPUs are used where there are any, else the CPU.

    Raises
    ------
    UsageError
        If there are not that many GPUs.
    SegueError
        If a process of several fails.
    """
    gpus = torch.cuda.device_count()
    if gpus and devices > gpus:
        raise UsageError(f"{devices} devices are asked for, but there are {gpus} GPUs")
    with _quiet():
        from lightning.fabric import Fabric  # here, since it takes seconds

        fabric = Fabric(
            accelerator="cuda" if gpus else "cpu",
            strategy="ddp_spawn" if devices > 1 else "auto",
            devices=devices,
            precision=_PRECISION[precision],  # type: ignore[arg-type]
        )
        with _port_of_our_own():
            try:
                fabric.launch(_Hushed(work))
            except ProcessException as error:
                raise SegueError(own_words(str(error)) or _last_line(str(error))) from error


class _Hushed:
    """Work that can be sent to another process; Lightning is silent there from the moment that it arrives."""

    def __init__(self, work: Callable[[Fabric], None]) -> None:
        self.work = work

    def __call__(self, fabric: Fabric) -> None:
        self.work(fabric)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        logging.disable(logging.WARNING)
        warnings.simplefilter("ignore")


def _last_line(report: str) -> str:
    return f"a process of the training failed: {report.strip().splitlines()[-1]}"


@contextmanager
def _port_of_our_own() -> Iterator[None]:
    """A port on which the processes meet, unless the environment names one.

    It is bound seconds later, when they have started. Lightning would take one that the system also gives to
    whoever asks for any, and that could be gone by then.
    """
    if "MASTER_PORT" in os.environ:
        yield
        return
    os.environ["MASTER_PORT"] = str(next(filter(_is_free, _PORTS[os.getpid() % 10_000 :])))
    try:
        yield
    finally:
        os.environ.pop("MASTER_PORT", None)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


@contextmanager
def _quiet() -> Iterator[None]:
    """No advice of Lightning and no warnings of its making."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import lightning.fabric  # noqa: F401 - it sets its loggers' levels when it is first imported
    loggers = [logging.getLogger(name) for name in ("lightning", "lightning.fabric", "lightning.pytorch")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"lightning(\.|$)")
        try:
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
