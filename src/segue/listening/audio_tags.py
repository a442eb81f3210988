"""Counts of plays and ratings that players wrote into the tags of audio files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from segue.audio import AUDIO_SUFFIXES, read_tags
from segue.audio.tagformats import PARSER_FAILURES
from segue.errors import AudioError
from segue.listening.rows import count_of, opinion_of_stars
from segue.listening.sources import Source
from segue.types import BadRow, Listen

# Keys in lower case, letters and digits only; "playcount:someone" is the same as "playcount".
_COUNTS = ("playcount", "fmpsplaycount", "playcounter")
_RATINGS = ("rating", "fmpsrating", "ratingwmp")
# The highest byte of each number of stars in POPM frames, as Windows and most players write them.
_POPM_STEPS = (31, 95, 159, 223, 255)


def matches(source: Source, _: bytes) -> bool:
    """Whether the file's name says that it is audio; files in a zip are left out."""
    return not source.member and source.path.suffix.lower() in AUDIO_SUFFIXES


def read(source: Source, _: float) -> Iterator[Listen | BadRow]:
    """A count and an opinion, where the file has them."""
    source.advance_share(1.0)
    try:
        tags = read_tags(source.path)
        plays, rating = _evidence(source.path)
    except AudioError as error:
        yield BadRow(source.name, error.reason, error.detail)
        return
    base = Listen(
        tags.artist or "",
        tags.title or "",
        tags.album or "",
        recording_mbid=tags.musicbrainz_recording_id or "",
        isrc=tags.isrc or "",
        path=str(source.path.absolute()),
    )
    if plays is not None:
        count = count_of(plays)
        if isinstance(count, tuple):
            yield BadRow(source.name, *count)
        else:
            yield base._replace(kind="count", count=count)
    if rating is not None:
        yield base._replace(kind="opinion", count=0, opinion=rating)


def _evidence(path: Path) -> tuple[object, float | None]:
    """What the tags say of plays (None if nothing, or none) and, as an opinion, of liking."""
    import mutagen

    try:
        file = mutagen.File(path)
        tags = list(file.tags.items()) if file is not None and file.tags is not None else []
    except (mutagen.MutagenError, *PARSER_FAILURES):
        return None, None
    plays: object = None
    rating = None
    for key, value in tags:
        plain = re.sub(
            "[^a-z0-9]", "", key.lower().removeprefix("txxx:").rsplit("itunes:", 1)[-1].partition(":")[0]
        )
        if key.startswith("PCNT"):
            plays = plays or value.count
        elif key.startswith("POPM"):
            plays = plays or getattr(value, "count", None)
            rating = rating if rating is not None else _of_popm(value.rating)
        elif plain in _COUNTS:
            plays = plays or _first(value)
        elif plain in _RATINGS:
            rating = (
                rating if rating is not None else _of_text(_first(value), fraction=plain.startswith("fmps"))
            )
    return (None if plays in (None, "", "0", "0.0") else plays), rating


def _first(value: Any) -> str:
    """The text of a tag of any container."""
    value = getattr(value, "text", value)
    value = value[0] if isinstance(value, list) and value else value
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value).strip()


def _of_popm(byte: int) -> float | None:
    if not 0 < byte <= 255:
        return None
    return opinion_of_stars(1 + next(stars for stars, highest in enumerate(_POPM_STEPS) if byte <= highest))


def _of_text(text: str, *, fraction: bool) -> float | None:
    """Of a rating from 0 to 1, in stars from 1 to 5, or from 0 to 100; 0 says that there is none."""
    try:
        rating = float(text)
    except ValueError:
        return None
    if not 0 < rating <= 100 or (fraction and rating > 1):
        return None
    if fraction or rating < 1 or text == "1.0":
        return opinion_of_stars(5 * rating)
    return opinion_of_stars(rating if rating <= 5 else rating / 20)
