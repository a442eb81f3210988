"""A large made-up library for benchmarks: names, random vectors, files of one byte."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from segue.audio import AudioInfo, Tags
from segue.catalogue import (
    Analysis,
    FileStat,
    add_root,
    open_catalogue,
    record_analysis,
    set_tag_names,
    transaction,
)
from segue.encoders import TaggingEncoder, load_encoder, members
from segue.operations.scan import heard_for
from segue.settings import DataFolder

_AT_ONCE = 500
_UNKNOWN: dict[str, Any] = {field.name: None for field in fields(Tags)} | {"genres": (), "has_cover": False}


def fill(place: Path, size: int) -> DataFolder:
    """A library of `size` tracks, ten on an album and twenty by an artist, and its files of one byte."""
    data, music = DataFolder(place / "data"), place / "music"
    rng = np.random.default_rng(0)
    encoders = {name: load_encoder(name) for name in heard_for("musicnn")}
    tagger = load_encoder(members("musicnn")[0])
    assert isinstance(tagger, TaggingEncoder)
    with open_catalogue(data, write=True, create=True) as catalogue:
        add_root(catalogue, music)
        set_tag_names(catalogue, tagger.id, tagger.tag_names)
        for start in range(0, size, _AT_ONCE):
            folder = music / f"{start:07}"
            folder.mkdir(parents=True)
            centre = rng.normal(size=256)
            names: dict[str, Any] = {}
            with transaction(catalogue):
                for number in range(start, min(start + _AT_ONCE, size)):
                    if number % 20 == 0:
                        names["artist"] = f"Artist {number // 20} {_words(rng, 1)}"
                    if number % 10 == 0:
                        names["album"] = f"Album {number // 10} {_words(rng, 2)}"
                        names["genres"] = (f"Genre {rng.integers(30)}",)
                        names["year"] = int(rng.integers(1950, 2026))
                    path = folder / f"{number}.mp3"
                    path.write_bytes(b"x")
                    state = path.stat()
                    draw = rng.normal(size=400)
                    vectors = {
                        name: np.resize(centre + draw[:256], encoder.dim).astype(np.float32)
                        for name, encoder in encoders.items()
                    }
                    title = f"Title {number} {_words(rng, 2)}"
                    record_analysis(
                        catalogue,
                        Analysis(
                            path=path,
                            stat=FileStat(path, state.st_size, state.st_mtime_ns),
                            digest=hashlib.sha256(str(number).encode()).hexdigest(),
                            tags=Tags(**_UNKNOWN | names | {"title": title, "track_number": number % 10 + 1}),
                            info=AudioInfo(200.0 + number % 97, 44_100, 2, "mp3", 256_000),
                            vectors=vectors,
                            tag_probabilities={
                                tagger.id: rng.random(len(tagger.tag_names)).astype(np.float32)
                            },
                        ),
                    )
    return data


def _words(rng: np.random.Generator, n: int) -> str:
    """Words of a language that nobody speaks; few are common, most are rare, as in any."""
    numbers = np.minimum(rng.zipf(1.3, n), 200_000)
    return " ".join(_word(int(number)) for number in numbers)


def _word(number: int) -> str:
    syllables = []
    for _ in range(3):
        number, place = divmod(number * 7 + 3, len(_SYLLABLES))
        syllables.append(_SYLLABLES[place])
    return "".join(syllables)


_ENDS = ("a", "e", "i", "o", "u", "an", "el")
_SYLLABLES = [f"{first}{last}" for first in "bdfgklmnprstvz" for last in _ENDS]
