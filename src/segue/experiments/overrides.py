"""A recipe changed from the command line: `--set part.name=value`, `--epochs`, `--tracks`, `--short`."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from segue.errors import UsageError
from segue.experiments.recipe import Recipe, recipe_from_table, recipe_table
from segue.experiments.tables import suggestion
from segue.training.networks.registry import network_settings
from segue.training.objectives.registry import objective_settings

_TABLES = (
    "network",
    "classifier",
    "input",
    "bag",
    "augment",
    "target",
    "objective",
    "training",
    "stage2",
    "split",
)


def changed_recipe(name: str, assignments: Sequence[str] = (), *, epochs: int | None = None) -> Recipe:
    """A recipe with some of its settings changed.

    Parameters
    ----------
    name
        Of the recipe.
    assignments
        Each ``part.name=value``, as ``network.filters=256`` or ``training.optimiser=sgd``; the value is read
        as in TOML, and as a text where it is none.
    epochs
        At most so many, in a second stage too; classifiers know none.

    Raises
    ------
    UsageError
        If there is no such recipe, part or setting, or the value has the wrong type.

    Examples
    --------
    >>> changed_recipe("carranza-factor-cnn", ["network.filters=256"]).network.settings["filters"]
    256
    """
    table = copy.deepcopy(recipe_table(name))
    if epochs is not None and "classifier" not in table:
        _limit_epochs(table, epochs)
    for assignment in assignments:
        _assign(table, assignment)
    return recipe_from_table(name, table)


def known_changes(name: str, assignments: Sequence[str]) -> tuple[str, ...]:
    """Those of some changes that a recipe has a place for; whether their values fit is not asked.

    Networks and objectives differ in what can be set of them, and not every recipe has a second stage.

    Examples
    --------
    >>> known_changes("pohl-cnn", ["network.neurons=8", "network.kernel=8", "training.epochs=3"])
    ('network.neurons=8', 'training.epochs=3')
    """
    table = copy.deepcopy(recipe_table(name))
    for assignment in assignments:
        if assignment.partition("=")[0].strip() in ("network.name", "objective.name"):
            _assign(table, assignment)
    return tuple(assignment for assignment in assignments if _has_place(table, assignment))


def _has_place(table: Mapping[str, Any], assignment: str) -> bool:
    parts = assignment.partition("=")[0].strip().split(".")
    if parts[0] == "stage2":
        if "stage2" not in table:
            return False
        table, parts = table["stage2"], parts[1:]
    if len(parts) < 2 or parts[0] not in ("network", "objective", "classifier"):
        return True
    if parts[0] not in table:
        return False
    if parts[0] == "classifier":
        return True
    chosen = str(table[parts[0]]["name"])
    if parts[0] == "network":
        return parts[1] in ("name", *network_settings(chosen))
    return parts[1] in ("name", "targets", "weights", *objective_settings(chosen))


def _limit_epochs(table: dict[str, Any], epochs: int) -> None:
    table.setdefault("training", {})["epochs"] = epochs
    if "stage2" in table:
        training = table["stage2"].setdefault("training", {})
        training["epochs"] = min(epochs, training.get("epochs", epochs))


def _assign(table: dict[str, Any], assignment: str) -> None:
    way, equals, text = assignment.partition("=")
    parts = way.strip().split(".")
    if not equals or len(parts) < 2 or not all(parts):
        raise UsageError(f"--set {assignment!r} is not part.name=value, such as training.epochs=3")
    if parts[0] not in _TABLES:
        raise UsageError(
            f"--set {assignment!r}: a recipe has no part {parts[0]!r}: {suggestion(parts[0], _TABLES)}"
        )
    place = table
    for part in parts[:-1]:
        place = place.setdefault(part, {})
        if not isinstance(place, dict):
            raise UsageError(f"--set {assignment!r}: {part!r} is a setting, it has no parts")
    place[parts[-1]] = value_of(text.strip())


def value_of(text: str) -> object:
    """A value as TOML reads it, else the text itself.

    >>> value_of("3"), value_of("0.5"), value_of("[1, 2]"), value_of("true"), value_of("sgd")
    (3, 0.5, [1, 2], True, 'sgd')
    """
    try:
        values: Mapping[str, object] = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return values["value"] if set(values) == {"value"} else text
