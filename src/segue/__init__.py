"""Segue: a music recommender that a person can own.

What the commands do, from Python; every function takes the library that `open_library` gives::

    import segue

    library = segue.open_library("segue-data")
    segue.scan(library, ["~/Music"])
    for answer in segue.similar(library, "Artist - Title"):
        print(answer.track.tags.title, answer.match, answer.reasons)
    names, vectors, encoder = segue.embed(["song.mp3"])

Nothing heavy is imported before the first call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segue.errors import SegueError
    from segue.operations.answers import Choices
    from segue.operations.clusters import kinds_of_music as clusters
    from segue.operations.duplicates import duplicate_groups as duplicates
    from segue.operations.embed import embed
    from segue.operations.mix import mix
    from segue.operations.path import path
    from segue.operations.recommend import recommend
    from segue.operations.scan import scan_library as scan
    from segue.operations.similar import similar
    from segue.settings import data_folder as open_library

__version__ = "0.1.0"

__all__ = [
    "Choices",
    "SegueError",
    "classify",
    "clusters",
    "duplicates",
    "embed",
    "mix",
    "open_library",
    "path",
    "recommend",
    "scan",
    "similar",
]

_WHERE = {
    "Choices": ("segue.operations.answers", "Choices"),
    "SegueError": ("segue.errors", "SegueError"),
    "classify": ("segue.operations.classify", "genres_of"),
    "clusters": ("segue.operations.clusters", "kinds_of_music"),
    "duplicates": ("segue.operations.duplicates", "duplicate_groups"),
    "embed": ("segue.operations.embed", "embed"),
    "mix": ("segue.operations.mix", "mix"),
    "open_library": ("segue.settings", "data_folder"),
    "path": ("segue.operations.path", "path"),
    "recommend": ("segue.operations.recommend", "recommend"),
    "scan": ("segue.operations.scan", "scan_library"),
    "similar": ("segue.operations.similar", "similar"),
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'segue' has no attribute {name!r}")
    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
