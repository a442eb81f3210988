"""Runs as they are kept: a folder for each, with what was asked, what was measured, and how long it took.

::

    runs/RECIPE-DATASET-DIGEST/
        asked.json         recipe with its changes, data, seed: what the digest is of
        fold-1/ …          split.json, history.jsonl, checkpoints, predictions.npz
        run.json           figures; written last, so that a run without it is unfinished
        pictures/, index.html
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from segue.errors import NothingFound, SegueError, UsageError
from segue.experiments.recipe import Recipe, recipe_from_table, recipe_table
from segue.files import write_whole

if TYPE_CHECKING:
    from segue.training.datasets.contract import Dataset

FORMAT = 1
ALL_TRACKS = "all"
"""Stands for what was kept apart where nothing was held out."""


class StoredFigure(NamedTuple):
    """One figure of a run.

    Attributes
    ----------
    name
        Such as ``accuracy``.
    value
        The figure.
    low, high
        Its 95 % interval; None where there is none.
    chance
        What a model without ears reaches; None where not known.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is of: equal questions have equal digests, and with them the same folder.

    Attributes
    ----------
    recipe
        With its changes.
    dataset, fingerprint
        Name and digest of the data, after tracks were left out.
    target
        What was learned.
    seed
        Of the split, the network and everything drawn.
    tracks
        At most so many were taken; 0: all.
    start
        Folder of the run whose network it went on from; empty: none.
    """

    recipe: Recipe
    dataset: str
    fingerprint: str
    target: str
    seed: int
    tracks: int = 0
    start: str = ""

    @property
    def digest(self) -> str:
        """8 hexadecimal digits."""
        text = json.dumps(asked_as_json(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def folder_name(self) -> str:
        """Such as ``pohl-cnn-emotify-1a2b3c4d``."""
        dataset = "".join(letter if letter.isalnum() else "-" for letter in self.dataset) or "data"
        return f"{self.recipe.name}-{dataset}-{self.digest}"


@dataclass(frozen=True, slots=True)
class Size:
    """How much data there was.

    Attributes
    ----------
    tracks, artists
        Their numbers; artists that are known.
    train, valid, test
        Tracks in the parts; of folds, the mean of the first two and all that were judged.
    classes
        Number of classes, tags or dimensions.
    """

    tracks: int
    artists: int
    train: int
    valid: int
    test: int
    classes: int


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run.

    Attributes
    ----------
    folder
        Where it is.
    asked
        What it is of.
    apart
        What was kept apart in fact, where artists may not have been known.
    size
        Of the data.
    figures
        On the test part, of all folds together.
    controls
        The same of models without ears, and of baselines under the same split, by name.
    confusion, names
        Counts, row = true class; names of classes, tags or dimensions.
    parameters
        That were trained.
    epochs
        That were trained, mean over the folds.
    seconds
        Of training, all folds together.
    device
        ``cpu``, or the accelerator's name.
    notes
        What a reader must know.
    """

    folder: Path
    asked: Asked
    apart: str
    size: Size
    figures: tuple[StoredFigure, ...]
    controls: Mapping[str, tuple[StoredFigure, ...]] = field(default_factory=dict)
    confusion: tuple[tuple[int, ...], ...] = ()
    names: tuple[str, ...] = ()
    parameters: int = 0
    epochs: float = 0.0
    seconds: float = 0.0
    device: str = "cpu"
    notes: tuple[str, ...] = ()

    def figure(self, name: str) -> StoredFigure | None:
        """A figure by its name, or None."""
        return next((figure for figure in self.figures if figure.name == name), None)


def fingerprint(dataset: Dataset, *, targets: Sequence[str], vectors: Sequence[str] = ()) -> str:
    """16 hexadecimal digits of what can be learned from: tracks, artists, labels, vectors, sizes of files.

    Parameters
    ----------
    dataset
        The tracks.
    targets, vectors
        Names of those that count.
    """
    digest = hashlib.sha256()
    for texts in (dataset.tracks, dataset.artists, dataset.albums, dataset.recordings):
        digest.update(json.dumps(texts).encode())
    for path in dataset.audio:
        digest.update(str(path.stat().st_size if path.is_file() else -1).encode())
    for name in sorted(targets):
        target = dataset.targets[name]
        digest.update(json.dumps([name, target.kind, target.names]).encode())
        digest.update(target.values.tobytes())
    for name in sorted(vectors):
        digest.update(name.encode())
        digest.update(dataset.vectors[name].tobytes())
    return digest.hexdigest()[:16]


def asked_as_json(asked: Asked) -> dict[str, Any]:
    """What a run is of, as JSON; words about the recipe (title, source, reported) are no part of it."""
    table = recipe_as_table(asked.recipe)
    rest = {
        name: getattr(asked, name) for name in ("dataset", "fingerprint", "target", "seed", "tracks", "start")
    }
    return {"format": FORMAT, "recipe": asked.recipe.name, "settings": table, **rest}


_SETTINGS = ("input", "bag", "augment", "target", "training")
_WORDS = ("name", "title", "source", "reported", "published", "shortened")


def recipe_as_table(recipe: Recipe) -> dict[str, Any]:
    """The settings of a recipe without words, in the form of its file."""
    table = {
        key: value
        for key, value in dataclasses.asdict(recipe).items()
        if key not in _WORDS and value is not None and value != {}
    }
    for place in (table, table.get("stage2", {})):
        for part in ("network", "objective"):
            chosen = place.get(part)
            if chosen and chosen["name"]:
                place[part] = {**{k: v for k, v in chosen.items() if k != "settings"}, **chosen["settings"]}
            else:
                place.pop(part, None)
    for part in _SETTINGS:
        table[part] = {key: value for key, value in table[part].items() if value is not None}
    plain: dict[str, Any] = json.loads(json.dumps(table, default=str))
    return plain


def keep_question(folder: Path, asked: Asked) -> None:
    """Write `asked.json`: from now on the folder is a run that was begun."""
    write_whole(folder / "asked.json", _dumped(asked_as_json(asked)))


def keep_run(run: Run) -> None:
    """Write `run.json`: from now on the run is finished."""
    content = {
        "format": FORMAT,
        "asked": asked_as_json(run.asked),
        "apart": run.apart,
        "size": dataclasses.asdict(run.size),
        "figures": [figure._asdict() for figure in run.figures],
        "controls": {name: [figure._asdict() for figure in rows] for name, rows in run.controls.items()},
        **{name: getattr(run, name) for name in _PLAIN},
    }
    write_whole(run.folder / "run.json", _dumped(content))


_PLAIN = ("confusion", "names", "parameters", "epochs", "seconds", "device", "notes")


def load_run(folder: Path) -> Run:
    """A finished run.

    Raises
    ------
    NothingFound
        If the folder holds none.
    SegueError
        If its `run.json` is damaged, or of a later version.
    """
    path = folder / "run.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] > FORMAT:
            raise SegueError(f"{path} was written by a later version of Segue: update Segue")
        return Run(
            folder=folder,
            asked=_asked(content["asked"]),
            apart=content["apart"],
            size=Size(**content["size"]),
            figures=tuple(StoredFigure(**row) for row in content["figures"]),
            controls={
                name: tuple(StoredFigure(**row) for row in rows) for name, rows in content["controls"].items()
            },
            **{name: _frozen(content[name]) for name in _PLAIN},
        )
    except (FileNotFoundError, NotADirectoryError):
        raise NothingFound(f"{folder} holds no finished run") from None
    except UsageError as error:
        raise SegueError(f"{path} does not fit this version: {error}; delete its folder") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SegueError(f"{path} is damaged ({error}): delete its folder and run again") from error


def stored_runs(folder: Path) -> tuple[Run, ...]:
    """All finished runs in a folder of runs, by name; unfinished ones are left out."""
    if not folder.is_dir():
        return ()
    return tuple(load_run(place) for place in sorted(folder.iterdir()) if (place / "run.json").is_file())


def find_run(name: str, runs: Path) -> Path:
    """The folder of a run with a trained network: a path, or the name of a folder among the runs.

    Raises
    ------
    NothingFound
        If it is neither, or no network was trained there.
    """
    for place in (Path(name), runs / name):
        if place.is_dir():
            if next(place.rglob("best.ckpt"), None) is None:
                raise NothingFound(f"{place} has no trained network to go on from: no best.ckpt is in it")
            return place
    there = [place.name for place in sorted(runs.iterdir()) if place.is_dir()] if runs.is_dir() else []
    near = difflib.get_close_matches(name, there, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"{runs} holds {len(there)} runs"
    raise NothingFound(f"there is no run {name!r}: {hint}")


def _asked(content: Mapping[str, Any]) -> Asked:
    table = dict(content["settings"])
    words = _words_of(content["recipe"])
    recipe = recipe_from_table(content["recipe"], {**words, **table})
    rest = {name: content[name] for name in ("dataset", "fingerprint", "target", "seed", "tracks", "start")}
    return Asked(recipe=recipe, **rest)


def _words_of(name: str) -> dict[str, Any]:
    """What the recipe's file says about it today; little where the recipe is gone."""
    try:
        table = recipe_table(name)
    except UsageError:
        return {"title": name, "source": "a recipe that is no longer here"}
    return {key: value for key, value in table.items() if key in _WORDS}


def _dumped(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(one) for one in value)
    return value


def named_figures(figures: Sequence[Any]) -> tuple[StoredFigure, ...]:
    """Figures with ``name``, ``value``, ``low``, ``high`` and ``chance`` as stored; only finite ones."""
    return tuple(
        StoredFigure(
            figure.name, figure.value, *(_finite(x) for x in (figure.low, figure.high, figure.chance))
        )
        for figure in figures
        if math.isfinite(figure.value)
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
