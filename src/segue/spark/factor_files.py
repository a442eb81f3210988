"""The folder of factors that a cluster writes: a header, Parquet of both sides, and an npz where it fits.

``factors.json`` says format, version, settings and numbers, and which data folders belong to it. It is
written last and replaced in one step, so a folder without it, or with one of an earlier run, is never read as
more than it is. The data folders are ``listener_factors-<run>.parquet`` (listener, factor) and
``track_factors-<run>.parquet`` (track, factor). Up to `MOST_NPZ_BYTES` of factors there are also
``factors.npz`` and ``tracks.parquet`` as `segue factors fit` writes them, for one machine.
"""

from __future__ import annotations

import json
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from segue.errors import SegueError, UsageError
from segue.factors import Factors, Names, save_factors, save_names
from segue.factors.model import FILE as NPZ
from segue.factors.names import FILE as NAMES
from segue.spark import folders
from segue.spark.failures import translated
from segue.spark.solving import collected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame, SparkSession

    from segue.factors.model import Labels

    Floats = NDArray[np.float32]

FILE = "factors.json"
FORMAT = "segue-spark-factors"
VERSION = 1
MOST_NPZ_BYTES = 2 << 30
"""Of factors that are also written for one machine: 8 million rows of 64."""

_MOST_HEADER = 1 << 20
_OF_A_RUN = re.compile(r"(?:(?:listener|track)_factors-[0-9a-f]{16}\.parquet|_working-[0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class FactorHeader:
    """What ``factors.json`` says.

    Attributes
    ----------
    run
        16 hexadecimal digits, in the names of the data folders.
    n_listeners, n_tracks, n_factors
        Rows of both sides, and the length of a factor.
    n_pairs
        Pairs of listener and track that were learned from.
    settings
        How they were made, as in `segue.factors.Factors`.
    """

    run: str
    n_listeners: int
    n_tracks: int
    n_factors: int
    n_pairs: int
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def listener_folder(self) -> str:
        """The name of the folder with factors of listeners."""
        return f"listener_factors-{self.run}.parquet"

    @property
    def track_folder(self) -> str:
        """The name of the folder with factors of tracks."""
        return f"track_factors-{self.run}.parquet"


class Side(NamedTuple):
    """Factors of listeners or of tracks: columns id int from 0 in the order of the labels, label, factor."""

    frame: DataFrame
    n_rows: int


def header_as_json(header: FactorHeader) -> str:
    """The text of ``factors.json``."""
    said = {
        "format": FORMAT,
        "version": VERSION,
        "run": header.run,
        "listeners": header.n_listeners,
        "tracks": header.n_tracks,
        "factors": header.n_factors,
        "pairs": header.n_pairs,
        "settings": dict(header.settings),
        "listener_factors": header.listener_folder,
        "track_factors": header.track_folder,
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def header_of_json(text: str | bytes, place: str) -> FactorHeader:
    """What a ``factors.json`` says.

    Raises
    ------
    SegueError
        If it is damaged, something else, or of a later version.
    """
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            raise ValueError(f"its format is {said['format']!r}")
        if said["version"] > VERSION:
            raise SegueError(f"{place} was written by a later version of Segue: update Segue")
        header = FactorHeader(
            str(said["run"]),
            int(said["listeners"]),
            int(said["tracks"]),
            int(said["factors"]),
            int(said["pairs"]),
            dict(said["settings"]),
        )
        if (said["listener_factors"], said["track_factors"]) != (header.listener_folder, header.track_folder):
            raise ValueError("its folders are not those of its run")
        if not re.fullmatch("[0-9a-f]{16}", header.run) or min(header.n_listeners, header.n_factors) < 1:
            raise ValueError("its run or numbers are none")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SegueError(f"{place} is damaged ({_said(error)}): make the factors again") from error
    return header


def _said(error: Exception) -> str:
    return f"it says no {error}" if isinstance(error, KeyError) else str(error)


@contextmanager
def new_run(session: SparkSession, folder: str) -> Iterator[tuple[str, str]]:
    """The name of a new run, and a folder for what it keeps between its steps, which goes away at the end.

    What the run wrote beside it goes away too, unless `write_factors` made it the folder's factors.
    """
    run = secrets.token_hex(8)
    working = f"{folder}/_working-{run}"
    try:
        with folders.passing(session, working):
            yield run, working
    finally:
        with suppress(SegueError):  # a cluster that is gone must not hide why
            if _current(session, folder) != run:
                for side in ("listener", "track"):
                    folders.remove(session, f"{folder}/{side}_factors-{run}.parquet")


def write_factors(
    session: SparkSession,
    folder: str,
    header: FactorHeader,
    listeners: Side,
    tracks: Side,
    names_of: Callable[[Labels], Names],
) -> Names | None:
    """Write a whole folder of factors; the folders of earlier runs go away when the header has been replaced.

    Parameters
    ----------
    names_of
        What tracks are called, for ``tracks.parquet``.

    Returns
    -------
    Names or None
        Of the tracks, where the factors were also written for one machine.

    Raises
    ------
    SegueError
        If they cannot be written, are not all finite, or not all machines see the folder.
    """
    with translated():
        for side, name in ((listeners, header.listener_folder), (tracks, header.track_folder)):
            label = name.partition("_")[0]
            place = f"{folder}/{name}"
            side.frame.selectExpr(f"label as {label}", "factor").write.mode("overwrite").parquet(place)
            _check_written(session, place, side.n_rows)
        rows = listeners.n_rows + tracks.n_rows
        named = None
        if rows * header.n_factors * 4 <= MOST_NPZ_BYTES:
            named = _write_npz(session, folder, header, listeners, tracks, names_of)
    folders.write_whole(session, f"{folder}/{FILE}", header_as_json(header))
    old = [
        name
        for name in folders.names(session, folder)
        if _OF_A_RUN.fullmatch(name) and header.run not in name
    ]
    for name in (*old, *(() if named else (NPZ, NAMES))):
        folders.remove(session, f"{folder}/{name}")
    return named


def _check_written(session: SparkSession, place: str, n_rows: int) -> None:
    from pyspark.sql import functions as f

    broken = f.exists("factor", lambda value: f.isnan(value) | (f.abs(value) == float("inf")))
    wrong = f.count(f.when(broken, True))
    n_found, n_broken = folders.reader(session).parquet(place).agg(f.count("*"), wrong).collect()[0]
    if n_found != n_rows:
        raise SegueError(
            f"{place} holds {n_found:,} of {n_rows:,} rows: do all machines of the cluster see this folder?"
        )
    if n_broken:
        raise SegueError(f"{n_broken:,} factors are no finite numbers: raise the regularisation")


def _write_npz(
    session: SparkSession,
    folder: str,
    header: FactorHeader,
    listeners: Side,
    tracks: Side,
    names_of: Callable[[Labels], Names],
) -> Names:
    sides = [_collected(side, header.n_factors) for side in (listeners, tracks)]
    (listener_labels, listener_factors), (track_labels, track_factors) = sides
    factors = Factors(listener_labels, track_labels, listener_factors, track_factors, header.settings)
    names = names_of(track_labels)
    here = folders.local_path(folder)
    if here is not None:
        save_names(track_labels, names, here)
        save_factors(factors, here)
        return names
    with tempfile.TemporaryDirectory() as draft:
        save_names(track_labels, names, Path(draft))
        save_factors(factors, Path(draft))
        for name in (NAMES, NPZ):
            folders.upload(session, Path(draft, name), f"{folder}/{name}")
    return names


def _collected(side: Side, width: int) -> tuple[Labels, Floats]:
    """Labels and factors in order."""
    labels = side.frame.select("id", "label").toArrow().sort_by("id")["label"].to_pylist()
    return np.array(labels), collected(side.frame, side.n_rows, width)


def _current(session: SparkSession, folder: str) -> str:
    """The run that a folder's header names; empty if there is none."""
    try:
        return read_header(session, folder).run
    except SegueError:
        return ""


def read_header(session: SparkSession, folder: str) -> FactorHeader:
    """What a folder's ``factors.json`` says.

    Raises
    ------
    UsageError
        If there is none: no factors, or a run that did not end.
    SegueError
        If it cannot be used.
    """
    place = f"{folder}/{FILE}"
    if not folders.exists(session, place):
        raise UsageError(f"{folder} holds no {FILE}: `segue spark factors` writes it when all else is there")
    return header_of_json(folders.head(session, place, _MOST_HEADER), place)


def read_factors(session: SparkSession, folder: str) -> tuple[FactorHeader, DataFrame, DataFrame]:
    """The factors in a folder.

    Parameters
    ----------
    folder
        As an address (`folders.address`).

    Returns
    -------
    header, listeners, tracks
        Frames with the columns listener (or track), bigint or string, and factor, array<float>.

    Raises
    ------
    UsageError
        If there are none.
    SegueError
        If they are damaged, or of a later version of Segue.
    """
    header = read_header(session, folder)
    with translated():
        frames = []
        for label, name, n_rows in (
            ("listener", header.listener_folder, header.n_listeners),
            ("track", header.track_folder, header.n_tracks),
        ):
            place = f"{folder}/{name}"
            if not folders.exists(session, place):
                raise SegueError(f"{place} is missing: make the factors again")
            frame = folders.reader(session).parquet(place)
            kinds = dict(frame.dtypes)
            if kinds.get(label) not in ("bigint", "string") or kinds.get("factor") != "array<float>":
                raise SegueError(
                    f"{place} holds other columns than {label} and factor: make the factors again"
                )
            n_found = frame.count()
            if n_found != n_rows:
                raise SegueError(f"{place} holds {n_found:,} of {n_rows:,} rows: make the factors again")
            frames.append(frame.select(label, "factor"))
    return header, frames[0], frames[1]
