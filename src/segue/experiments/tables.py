"""A table of a recipe as a frozen dataclass: unknown names and wrong types are said in one line."""

from __future__ import annotations

import dataclasses
import difflib
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from segue.errors import UsageError

T = TypeVar("T")


def settings_of(kind: type[T], table: Mapping[str, object], *, where: str) -> T:
    """A dataclass from a table.

    Parameters
    ----------
    kind
        A dataclass of numbers, texts, paths, flags, choices (`Literal`), tuples and tables of them, or None.
    table
        Its values by name; what is missing has the dataclass's default.
    where
        What the table is, for messages: such as ``pohl-cnn [training]``.

    Raises
    ------
    UsageError
        If a name is unknown, a value has the wrong type, or one without default is missing.

    Examples
    --------
    >>> from segue.training.contract import LogMelSettings
    >>> settings_of(LogMelSettings, {"hop": 512}, where="[input]").hop
    512
    >>> settings_of(LogMelSettings, {"hopp": 512}, where="[input]")
    Traceback (most recent call last):
    segue.errors.UsageError: [input] has no setting 'hopp': did you mean 'hop'?
    """
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    values = {}
    for name, value in table.items():
        if name not in fields:
            raise UsageError(f"{where} has no setting {name!r}: {suggestion(name, fields)}")
        values[name] = _fitting(value, hints[name], f"{where} {name}")
    for name, field in fields.items():
        bare = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if bare and name not in values:
            raise UsageError(f"{where} lacks {name!r}")
    return kind(**values)


def suggestion(name: str, names: Iterable[str]) -> str:
    """What a person who wrote `name` may have meant, else all the choices.

    >>> suggestion("sead", ["seed", "epochs"]), suggestion("x", ["seed", "epochs"])
    ("did you mean 'seed'?", 'the choices are seed, epochs')
    """
    choices = list(names)
    near = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"the choices are {', '.join(choices)}"


def _fitting(value: object, hint: Any, where: str) -> Any:
    """The value, a list as a tuple and a whole number as a float where that is what is wanted."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        if value is None or (value == "none" and len(kinds) < len(get_args(hint))):
            return None
        return _fitting(value, kinds[0], where)
    if origin is Literal:
        if value not in get_args(hint):
            raise UsageError(f"{where} cannot be {value!r}: {suggestion(str(value), get_args(hint))}")
        return value
    if origin is tuple:
        kinds = list(get_args(hint))
        if not isinstance(value, (list, tuple)):
            raise UsageError(f"{where} must be a list, not {value!r}")
        if kinds[-1] is not Ellipsis and len(kinds) != len(value):
            raise UsageError(f"{where} must have {len(kinds)} values, not {len(value)}")
        return tuple(_fitting(one, kinds[0], where) for one in value)
    if origin is Mapping:
        if not isinstance(value, Mapping):
            raise UsageError(f"{where} must be a table, not {value!r}")
        return {name: _fitting(one, get_args(hint)[1], f"{where} {name}") for name, one in value.items()}
    if hint is Path:
        return Path(_fitting(value, str, where)).expanduser()
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint in (int, float, str, bool) and (type(value) is not hint):
        words = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
        raise UsageError(f"{where} must be {words[hint]}, not {value!r}")
    return value
