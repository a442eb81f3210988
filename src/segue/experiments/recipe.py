"""A recipe: which model learns what, from which input and how, and the figure that was reported for it.

Recipes are TOML files in `recipes/`, one for each reported row. In a file::

    title, system, source, wants, model     `wants` names targets: the first that the data can give is learned
    [network]    name and the settings of that network
    [classifier] instead of a network: name, selection of columns, balanced
    [input]      what it hears: windows of log-mel spectra, or vectors; what is not said is the network's
    [bag]        of a bag of words or tones
    [augment]    how training inputs are varied
    [objective]  name, targets (if not the wanted one), and settings of that objective
    [target]     how the target is made, where the data come without it
    [training]   epochs, optimiser, patience …
    [stage2]     what follows on the trained network: a regression on its embeddings, or another task
    [split]      what is kept apart, how many folds
    [[reported]] figures and the setting they were measured in
    [published]  sizes as published, and the trainable parameters of the network in these sizes
    [shortened]  epochs and tracks of a run that takes minutes
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

from segue.errors import UsageError
from segue.experiments.classifying import ClassifierChoice
from segue.experiments.tables import settings_of, suggestion
from segue.experiments.targets import TargetSettings
from segue.training.augment import Augmentation
from segue.training.bags import BagSettings
from segue.training.fitting import TrainingSettings


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several by name, with its settings.

    Attributes
    ----------
    name
        As in its registry.
    settings
        Given to what makes it.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Objective:
    """What the loss is.

    Attributes
    ----------
    name
        As in the registry of objectives.
    targets
        What is learned; empty: what the recipe wants. ``wanted`` among others stands for that.
    weights
        How much each target counts; 1 where not given.
    settings
        Given to the objective.
    """

    name: str
    targets: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Input:
    """What a model hears; None is what its network hears.

    Attributes
    ----------
    sample_rate, n_fft, hop, n_mels, f_min, f_max
        Of the log-mel spectra, as in `LogMelSettings`.
    n_frames
        Length of a window of the spectra, in frames.
    choose, skip_start_s, skip_end_s, n_predict
        Which windows, as in `WindowSettings`.
    range_db
        Bands softer than the loudest by more than this are raised to there, in dB.
    vectors
        Content that comes as numbers, instead of spectra: the name of vectors of the data set, ``fma518`` or
        another encoder, or ``targets:NAME`` for what is known under that name.
    families
        Of the 518 descriptors only these, such as ``mfcc``; None for all.
    """

    sample_rate: int | None = None
    n_fft: int | None = None
    hop: int | None = None
    n_mels: int | None = None
    f_min: float | None = None
    f_max: float | None = None
    n_frames: int | None = None
    choose: Literal["random", "energy", "entropy"] = "random"
    skip_start_s: float = 0.0
    skip_end_s: float = 0.0
    n_predict: int = 8
    range_db: float = 80.0
    vectors: str = ""
    families: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.range_db > 0:
            raise UsageError(f"input.range_db is {self.range_db}: it must be above 0")


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """Which tracks judge.

    Attributes
    ----------
    apart
        What is never on two sides: ``artist``, ``album``, or ``track`` (the usual random split).
    folds
        1 for a single split.
    valid, test
        Shares; the test share of folds is one fold.
    """

    apart: Literal["artist", "album", "track"] = "artist"
    folds: int = 1
    valid: float = 0.15
    test: float = 0.15

    def __post_init__(self) -> None:
        if self.folds < 1:
            raise UsageError(f"split.folds is {self.folds}: it must be at least 1")
        if not (0 <= self.valid < 1 and 0 < self.test < 1):
            raise UsageError(
                f"split.valid is {self.valid} and split.test {self.test}: they are shares of the tracks, "
                "from 0 and above 0 to below 1"
            )


@dataclass(frozen=True, slots=True)
class Stage2:
    """What follows on the trained network.

    Attributes
    ----------
    kind
        ``regression``: a new network from embeddings of a track's windows to the wanted target;
        ``transfer``: the same network with a new head, trained on for the wanted target.
    network
        Of a regression.
    objective
        Of this stage.
    training
        Of this stage.
    """

    kind: Literal["regression", "transfer"]
    objective: Objective
    network: Choice | None = None
    training: TrainingSettings = field(default_factory=TrainingSettings)


@dataclass(frozen=True, slots=True)
class Reported:
    """What was published.

    Attributes
    ----------
    setting
        Data, split and whatever else it was measured in.
    figures
        By name, as ours are called (``accuracy``, ``overlap@10 cosine``): a share, 0.7 for 70 %, or a loss.
    words
        What was reported in words.
    """

    setting: str
    figures: Mapping[str, float] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """The network in the size in which it was published, whatever the data.

    Attributes
    ----------
    outputs
        Size of its head; 0 where not known.
    inputs
        Size of its vectors, where it takes any.
    parameters
        Trainable ones in that size, tested against the network; 0 where the sizes are not known.
    """

    outputs: int = 0
    inputs: int = 0
    parameters: int = 0


@dataclass(frozen=True, slots=True)
class Shortened:
    """A run of minutes.

    Attributes
    ----------
    epochs, tracks
        At most so many.
    """

    epochs: int = 2
    tracks: int = 60


@dataclass(frozen=True, slots=True)
class Recipe:
    """One experiment, ready to be run; the module says what each part is.

    A classifier and K-means have no network and no objective: their names are empty.
    """

    name: str
    title: str
    system: Literal["A", "B", "C", "D", "E", "S"]
    source: str
    wants: tuple[str, ...]
    model: Literal["network", "bag", "vectors", "classifier", "kmeans"]
    network: Choice = Choice("")
    objective: Objective = Objective("")
    classifier: ClassifierChoice | None = None
    input: Input = field(default_factory=Input)
    bag: BagSettings = field(default_factory=BagSettings)
    augment: Augmentation = field(default_factory=Augmentation)
    target: TargetSettings = field(default_factory=TargetSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    stage2: Stage2 | None = None
    split: SplitChoice = field(default_factory=SplitChoice)
    reported: tuple[Reported, ...] = ()
    published: Published = field(default_factory=Published)
    shortened: Shortened = field(default_factory=Shortened)

    @property
    def hears(self) -> str:
        """What data it needs, in a word: ``audio``, or the name of vectors."""
        return self.input.vectors if self.takes_vectors else "audio"

    @property
    def takes_vectors(self) -> bool:
        """Whether its content comes as numbers."""
        return self.model in ("vectors", "classifier", "kmeans")

    @property
    def hears_targets(self) -> tuple[str, ...]:
        """Names of targets of which the first to be had is its input; none for most recipes."""
        before, _, names = self.hears.partition("targets:")
        return tuple(names.split("|")) if names and not before else ()


@cache
def recipe_names() -> tuple[str, ...]:
    """All recipes, by system and name."""
    found = [file.name[:-5] for file in _folder().iterdir() if file.name.endswith(".toml")]
    return tuple(sorted(found, key=lambda name: (_system(name), name)))


def recipe_table(name: str) -> dict[str, Any]:
    """The content of a recipe's file.

    Raises
    ------
    UsageError
        If there is no such recipe.
    """
    if name not in recipe_names():
        choices = suggestion(name, recipe_names())
        hint = choices if choices.startswith("did") else "segue experiment list shows all"
        raise UsageError(f"there is no recipe {name!r}: {hint}")
    return tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8"))


def load_recipe(name: str) -> Recipe:
    """A recipe by its name.

    Raises
    ------
    UsageError
        If there is none, or its file is wrong.

    Examples
    --------
    >>> recipe = load_recipe("carranza-genre-cnn")
    >>> recipe.wants, recipe.reported[0].figures["accuracy"]
    (('genre5',), 0.7)
    """
    return recipe_from_table(name, recipe_table(name))


def recipe_from_table(name: str, table: Mapping[str, Any]) -> Recipe:
    """A recipe from the content of its file, strictly checked.

    Raises
    ------
    UsageError
        If something in it is unknown, missing or of the wrong type.
    """
    values = dict(table)
    for part, kind in _PARTS.items():
        if part in values:
            values[part] = settings_of(
                kind, _checked(values[part], f"{name} [{part}]"), where=f"{name} [{part}]"
            )
    if "network" in values:
        values["network"] = _choice(values["network"], f"{name} [network]")
    if "objective" in values:
        values["objective"] = _objective(values["objective"], f"{name} [objective]")
    if "stage2" in values:
        values["stage2"] = _stage2(values["stage2"], name)
    learns = _LEARNS.get(str(values.get("model")), ("network", "objective"))
    for part in ("classifier", "network", "objective"):
        if (part in learns) != (part in values):
            raise UsageError(f"{name} {'lacks' if part in learns else 'has no place for'} {part!r}")
    values["reported"] = tuple(
        settings_of(Reported, one, where=f"{name} [[reported]]") for one in values.get("reported", ())
    )
    return settings_of(Recipe, {"name": name, **values}, where=f"the recipe {name}")


_LEARNS: dict[str, tuple[str, ...]] = {"classifier": ("classifier",), "kmeans": ()}
_PARTS: dict[str, type] = {
    "classifier": ClassifierChoice,
    "input": Input,
    "bag": BagSettings,
    "augment": Augmentation,
    "target": TargetSettings,
    "training": TrainingSettings,
    "split": SplitChoice,
    "published": Published,
    "shortened": Shortened,
}


def _choice(table: object, where: str) -> Choice:
    settings = dict(_checked(table, where))
    name = settings.pop("name", None)
    if not isinstance(name, str):
        raise UsageError(f"{where} lacks 'name'")
    return Choice(name, settings)


def _objective(table: object, where: str) -> Objective:
    chosen = _choice(table, where)
    settings = dict(chosen.settings)
    targets = settings.pop("targets", [])
    if not isinstance(targets, list) or not all(isinstance(target, str) for target in targets):
        raise UsageError(f"{where} targets must be a list of names, not {targets!r}")
    weights = _checked(settings.pop("weights", {}), f"{where} weights")
    return Objective(chosen.name, tuple(targets), dict(weights), settings)


def _stage2(table: object, name: str) -> Stage2:
    where = f"{name} [stage2]"
    values = dict(_checked(table, where))
    if "network" in values:
        values["network"] = _choice(values["network"], f"{name} [stage2.network]")
    if "objective" in values:
        values["objective"] = _objective(values["objective"], f"{name} [stage2.objective]")
    if "training" in values:
        where2 = f"{name} [stage2.training]"
        values["training"] = settings_of(TrainingSettings, _checked(values["training"], where2), where=where2)
    stage = settings_of(Stage2, values, where=where)
    if (stage.kind == "regression") != (stage.network is not None):
        raise UsageError(f"{where}: a regression has a network, a transfer has none")
    return stage


def _checked(table: object, where: str) -> Mapping[str, Any]:
    if not isinstance(table, Mapping):
        raise UsageError(f"{where} must be a table, not {table!r}")
    return table


def _folder() -> Any:
    return resources.files("segue.experiments") / "recipes"


def _system(name: str) -> str:
    order = ("carranza", "rubio", "pohl", "freitas", "gao")
    family = name.partition("-")[0]
    return str(order.index(family)) if family in order else "z" + family
