"""What happened in a training, epoch by epoch, as lines of JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from segue.errors import SegueError
from segue.files import write_whole
from segue.progress import Progress

_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Epoch:
    """One time through the training rows.

    Attributes
    ----------
    epoch
        From 0.
    train_loss, valid_loss
        Mean over the inputs; None without validation rows.
    seconds
        That it took, validation included.
    loading_seconds
        Of these, how long the network waited for inputs.
    learning_rate
        At its end.
    train_accuracy, valid_accuracy
        Share of the known classes that were told rightly, all heads of classes together; None without such.
        In training of inputs as they were given, varied, by a network that was still learning.
    """

    epoch: int
    train_loss: float
    valid_loss: float | None
    seconds: float
    loading_seconds: float
    learning_rate: float
    train_accuracy: float | None = None
    valid_accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A whole training.

    Attributes
    ----------
    epochs
        In order.
    best
        Number of the epoch whose weights were kept: the lowest validation loss, or the last without
        validation.
    stopped
        Why it ended: ``epochs`` were done, or ``patience`` was over.
    """

    epochs: tuple[Epoch, ...]
    best: int
    stopped: str

    @property
    def seconds(self) -> float:
        """That all epochs took together."""
        return sum(epoch.seconds for epoch in self.epochs)


def write_epochs(path: Path, epochs: list[Epoch]) -> None:
    """One line of JSON an epoch; the file appears whole."""
    write_whole(path, "".join(json.dumps(asdict(epoch)) + "\n" for epoch in epochs))


def read_epochs(path: Path) -> tuple[Epoch, ...]:
    """What `write_epochs` wrote.

    Raises
    ------
    SegueError
        If the file is missing or damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(Epoch(**json.loads(line)) for line in lines)
    except (OSError, ValueError, TypeError) as error:
        raise SegueError(f"{path} is not the history of a training: {error}") from error


@contextmanager
def followed(path: Path, n_epochs: int, progress: Progress) -> Iterator[None]:
    """Tell of the epochs of a training in other processes, by looking at its history now and then."""
    over = threading.Event()

    def follow() -> None:
        progress.start("training, epochs", n_epochs)
        told, last = 0, False
        while not last:
            last = over.wait(_LOOK_S)
            done = len(read_epochs(path)) if path.exists() else 0
            progress.advance(done - told)
            told = done
        progress.finish()

    thread = threading.Thread(target=follow, name="progress of training")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
