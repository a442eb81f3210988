"""Genre models on disk: a folder with a header, one ONNX graph a classifier, and a card (format 1).

``genres.json`` says whose vectors are taken, which genres are told, and how sure scores are. The graphs are
run by ONNX Runtime; boosted trees are kept in the format of their own library. The id of a model holds a
digest of all that makes its answers.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.encoders.onnx_session import onnx_session
from segue.errors import SegueError, UsageError
from segue.files import whole_file, write_whole
from segue.genres.classifiers import BOOSTED, as_scores, classifier_kind
from segue.genres.fitting import Fitted, spread_over
from segue.genres.model import GenreModel, Member
from segue.genres.votes import Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

HEADER = "genres.json"
CARD = "README.md"
FORMAT = 1
_NAME = "[a-z0-9]+(-[a-z0-9]+)*"
_IN_THE_ID = ("encoder", "dim", "classes", "members", "vote", "several", "thresholds", "parents")
_MEND = "train the genres again, or copy the whole folder again"
_OPSETS = {"": 17, "ai.onnx.ml": 3}
_OPTIONS = {"linear-svm": {"raw_scores": True}}
_BACKWARDS = "rbf-svm"
"""Of two classes, the graph of this one gives the scores in the other order."""


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A model that is not yet stored.

    Attributes
    ----------
    name
        Letters, digits and hyphens.
    encoder, classes, vote, several, thresholds, parents, card
        As in `GenreModel`.
    dim
        Of the vectors.
    members
        Kind, fitted classifier and temperature of each.
    """

    name: str
    encoder: str
    dim: int
    classes: tuple[str, ...]
    members: Sequence[tuple[str, Fitted, float]]
    vote: Vote
    several: bool
    thresholds: NDArray[np.float32] | None
    parents: Mapping[str, str]
    card: Mapping[str, Any]


def is_genre_folder(folder: Path) -> bool:
    """Whether there is a header in a folder; nothing is read."""
    return (folder / HEADER).is_file()


def model_id(header: Mapping[str, Any]) -> str:
    """Name of a model and eight hex digits of what makes its answers."""
    text = json.dumps({key: header[key] for key in _IN_THE_ID}, sort_keys=True)
    return f"{header['name']}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def save_model(folder: Path, draft: Draft, page: str) -> str:
    """Write a model; the header comes last, so that until it is there the folder is none.

    Parameters
    ----------
    folder
        Made if it is missing; a model in it is replaced.
    draft
        What is stored.
    page
        The card, in Markdown; ``{id}`` in it becomes the id.

    Returns
    -------
    id : str

    Raises
    ------
    SegueError
        If nothing can be written.
    """
    members = []
    (folder / HEADER).unlink(missing_ok=True)
    for number, (kind, fitted, temperature) in enumerate(draft.members, 1):
        content, ending = _frozen(kind, fitted, draft)
        name = f"classifier-{number}.{ending}"
        with whole_file(folder / name) as out:
            out.write(content)
        members.append(
            {
                "file": name,
                "sha256": hashlib.sha256(content).hexdigest(),
                "classifier": kind,
                "temperature": temperature,
                "columns": None if fitted.columns is None else fitted.columns.tolist(),
                "shown": fitted.shown.tolist(),
            }
        )
    header = {
        "format": FORMAT,
        "name": draft.name,
        "encoder": draft.encoder,
        "dim": draft.dim,
        "classes": list(draft.classes),
        "members": members,
        "vote": draft.vote,
        "several": draft.several,
        "thresholds": None if draft.thresholds is None else [float(one) for one in draft.thresholds],
        "parents": dict(draft.parents),
        "card": dict(draft.card),
    }
    header["id"] = model_id(header)
    write_whole(folder / CARD, page.replace("{id}", str(header["id"])))
    write_whole(folder / HEADER, json.dumps(header, indent=1, ensure_ascii=False) + "\n")
    return str(header["id"])


def load_model(folder: Path) -> GenreModel:
    """The model in a folder; its classifiers are read when they are first asked.

    Raises
    ------
    UsageError
        If the folder holds no model.
    SegueError
        If it is damaged, was changed, or is of a later format.
    """
    path = folder / HEADER
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
        if header["format"] > FORMAT:
            raise SegueError(f"{path} has format {header['format']}, this Segue reads {FORMAT}: update Segue")
        if not re.fullmatch(_NAME, header["name"]):
            raise ValueError(f"{header['name']!r} is no name")
        if model_id(header) != header["id"]:
            raise SegueError(f"{path} was changed (its id is not that of what it describes): {_MEND}")
        return _model(folder, header)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{folder} is not a genre model: there is no {HEADER} in it") from None
    except OSError as error:
        raise SegueError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SegueError(f"{path} is not the header of a genre model ({error!r}): {_MEND}") from error


def _model(folder: Path, header: Mapping[str, Any]) -> GenreModel:
    classes = tuple(str(name) for name in header["classes"])
    several = bool(header["several"])
    thresholds = header["thresholds"]
    return GenreModel(
        id=str(header["id"]),
        encoder=str(header["encoder"]),
        classes=classes,
        members=tuple(_member(folder, one, len(classes), several) for one in header["members"]),
        vote=header["vote"],
        several=several,
        thresholds=None if thresholds is None else np.array(thresholds, dtype=np.float32),
        parents={str(child): str(parent) for child, parent in header["parents"].items()},
        card=header["card"],
    )


def _member(folder: Path, stored: Mapping[str, Any], n_classes: int, several: bool) -> Member:
    kind = classifier_kind(stored["classifier"])
    path, digest = folder / str(stored["file"]), str(stored["sha256"])
    shown = np.array(stored["shown"], dtype=np.int64)

    def scores(vectors: Matrix) -> NDArray[np.float64]:
        given = _given(path, digest, vectors)
        if kind.name == _BACKWARDS and len(shown) == 2:
            given = given[:, ::-1]
        return spread_over(as_scores(given, "odds" if several else kind.gives), shown, n_classes)

    columns = None if stored["columns"] is None else np.array(stored["columns"], dtype=np.int64)
    return Member(kind.name, scores, float(stored["temperature"]), columns)


def _frozen(kind: str, fitted: Fitted, draft: Draft) -> tuple[bytes, str]:
    """The bytes of a fitted classifier, and the ending of its file."""
    if kind == BOOSTED:
        return bytes(fitted.pipeline[-1].get_booster().save_raw("ubj")), "ubj"
    try:
        from skl2onnx import to_onnx
    except ImportError as error:
        raise SegueError("genres are trained with skl2onnx: pip install 'segue[genres]'") from error
    width = draft.dim if fitted.columns is None else len(fitted.columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about its own use of scikit-learn
        graph = to_onnx(
            fitted.pipeline,
            np.zeros((1, width), np.float32),
            options={type(fitted.pipeline[-1]): _OPTIONS.get(kind, {"zipmap": False})},
            target_opset=_OPSETS,
        )
    return bytes(graph.SerializeToString()), "onnx"


def _given(path: Path, digest: str, vectors: Matrix) -> NDArray[Any]:
    """What a stored classifier gives, ``(n, n_classes)`` or ``(n,)``."""
    if path.suffix == ".ubj":
        from xgboost import DMatrix

        return np.asarray(_booster(path, digest).predict(DMatrix(vectors)))
    session = _session(path, digest)
    given = session.run(None, {session.get_inputs()[0].name: np.ascontiguousarray(vectors, np.float32)})
    return np.asarray(given[1])


def _content(path: Path, digest: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SegueError(f"{path} cannot be read: {error.strerror}: {_MEND}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise SegueError(f"{path} is damaged or was changed: {_MEND}")
    return content


@lru_cache(maxsize=8)
def _session(path: Path, digest: str) -> Any:
    return onnx_session(_content(path, digest), path=path, mend=_MEND)


@lru_cache(maxsize=2)
def _booster(path: Path, digest: str) -> Any:
    try:
        from xgboost import Booster
    except ImportError as error:
        raise SegueError("this genre model holds boosted trees: pip install 'segue[genres]'") from error
    booster = Booster()
    booster.load_model(bytearray(_content(path, digest)))
    return booster
