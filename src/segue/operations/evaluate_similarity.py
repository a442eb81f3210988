"""Judge a file of vectors by a table of what people wrote about the same tracks."""

from __future__ import annotations

import csv
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from segue.errors import UsageError, VectorsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from segue.evaluation import Labels, SimilarityReport
    from segue.types import Matrix

EMOTIONS = (
    "amazement",
    "solemnity",
    "tenderness",
    "nostalgia",
    "calmness",
    "power",
    "joyful_activation",
    "tension",
    "sadness",
)
"""The nine emotions of the Geneva Emotional Music Scale; columns of these names are moods."""


@dataclass(frozen=True, slots=True)
class NamedVectors:
    """A file written by `segue embed`.

    Attributes
    ----------
    names
        Paths of the files.
    vectors : (n, dim) float32
        One row a name.
    encoder
        What made them.
    """

    names: tuple[str, ...]
    vectors: Matrix
    encoder: str


def evaluate_similarity(vectors: Path, tracks: Path, *, seed: int = 0) -> SimilarityReport:
    """Judge vectors by genre, artist and mood of the same tracks.

    Parameters
    ----------
    vectors
        An ``.npz`` with ``names``, ``vectors`` and ``encoder``, as `segue embed` writes it.
    tracks
        A CSV file with the columns ``file`` and ``artist``; ``genre`` and columns of moods (the nine of
        `EMOTIONS`, or names beginning with ``mood_``) if known. Rows and vectors are joined by file name,
        and by folders too where ``file`` has some. A row without artist counts as an artist of its own.
    seed
        Of folds, controls and intervals.

    Returns
    -------
    SimilarityReport
        With the files that found no partner.

    Raises
    ------
    VectorsError
        If the vectors cannot be read, or fewer than three fit.
    UsageError
        If the table cannot be read or lacks a column.
    """
    from segue.evaluation import measure_similarity

    named = read_vectors(vectors)
    rows = _read_rows(tracks)
    pairs = join_by_file(named.names, [row["file"] for row in rows])
    if not pairs:
        raise VectorsError(
            f"no file of {vectors} is in {tracks}: its column file must hold the names of embedded files"
        )
    chosen = [vector for vector, _ in pairs]
    labels = _labels([rows[row] for _, row in pairs])
    report = measure_similarity(named.vectors[chosen], labels, encoder=named.encoder, seed=seed)
    matched = {row for _, row in pairs}
    return replace(
        report,
        unmatched_vectors=tuple(name for at, name in enumerate(named.names) if at not in set(chosen)),
        unmatched_tracks=tuple(row["file"] for at, row in enumerate(rows) if at not in matched),
    )


def read_vectors(path: Path) -> NamedVectors:
    """Read an ``.npz`` of ``names``, ``vectors`` and ``encoder``.

    Raises
    ------
    VectorsError
        If the file is missing, of another kind, or its arrays do not fit each other.
    """
    import numpy as np

    try:
        # Opened here, because NumPy leaves a file open that it cannot read.
        with path.open("rb") as file:
            content = np.load(file, allow_pickle=False)
            arrays = {name: content[name] for name in content.files}
    except FileNotFoundError:
        raise VectorsError(f"{path} does not exist: make it with segue embed") from None
    except IsADirectoryError:
        raise VectorsError(f"{path} is a folder, not a file of vectors: make it with segue embed") from None
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise VectorsError(f"{path} is not a file of vectors: make it with segue embed") from error
    missing = [name for name in ("names", "vectors") if name not in arrays]
    if missing:
        raise VectorsError(f"{path} has no array {missing[0]!r}: make it with segue embed")
    names, vectors = arrays["names"], arrays["vectors"]
    if names.ndim != 1 or vectors.ndim != 2 or len(names) != len(vectors):
        raise VectorsError(f"{path}: names {names.shape} and vectors {vectors.shape} do not fit each other")
    if vectors.dtype.kind != "f" or names.dtype.kind not in "US":
        raise VectorsError(
            f"{path}: names must be text and vectors floats, not {names.dtype} and {vectors.dtype}"
        )
    encoder = str(arrays["encoder"]) if "encoder" in arrays else path.stem
    texts = tuple(name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names)
    return NamedVectors(texts, vectors.astype(np.float32), encoder)


def _read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of the table; every one has ``file`` and ``artist``."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restkey="", restval="")
            columns = reader.fieldnames or ()
            for needed in ("file", "artist"):
                if needed not in columns:
                    raise UsageError(
                        f"{path} has no column {needed!r}, but {', '.join(columns) or 'nothing'}"
                    )
            return [row for row in reader if row["file"]]
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: give the table of tracks") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} is not a table of tracks (CSV in UTF-8): {error}") from None


def join_by_file(names: tuple[str, ...], files: list[str]) -> list[tuple[int, int]]:
    """Pairs of vector and row: the same file name, and the same folders as far as both tell.

    A row or a vector is used once; where several fit and nothing tells them apart, none is taken.
    """
    by_name: dict[str, list[int]] = {}
    for row, file in enumerate(files):
        by_name.setdefault(_parts(file)[-1], []).append(row)
    taken: set[int] = set()
    pairs = []
    for vector, name in enumerate(names):
        parts = _parts(name)
        fitting = [row for row in by_name.get(parts[-1], ()) if _tails_agree(parts, _parts(files[row]))]
        if len(fitting) == 1 and fitting[0] not in taken:
            taken.add(fitting[0])
            pairs.append((vector, fitting[0]))
    return pairs


def _parts(name: str) -> tuple[str, ...]:
    return PurePath(name).parts or ("",)


def _tails_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    n = min(len(one), len(other))
    return one[-n:] == other[-n:]


def _labels(rows: list[dict[str, str]]) -> Labels:
    import numpy as np

    from segue.evaluation import Labels

    artists = _codes([row["artist"].strip() or f"\0{at}" for at, row in enumerate(rows)])
    columns = rows[0].keys()
    genres = None
    if "genre" in columns:
        texts = [row["genre"].strip() for row in rows]
        genres = np.where([bool(text) for text in texts], _codes(texts), -1)
    moods = tuple(name for name in columns if name in EMOTIONS or name.startswith("mood_"))
    values = np.array([[_number(row[name]) for name in moods] for row in rows]) if moods else None
    return Labels(artists, genres, values, moods)


def _codes(texts: list[str]) -> NDArray[np.int64]:
    import numpy as np

    return np.unique(texts, return_inverse=True)[1].astype(np.int64)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
