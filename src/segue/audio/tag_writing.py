"""The genre in a file's tags: read as it is written there, changed, and put back.

Nothing but the genre changes: ID3 keeps its version, comments their order, an ID3v1 tag its bytes. What is
written is what `segue.audio.tags` reads; a format of which it reads no tags is refused. Files are changed
where they lie: whoever calls gives a copy, see `segue.files.changed_copy`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from segue.audio.containers import Container, sniff
from segue.audio.edges import after_leading_tags, read_at
from segue.audio.identity import iff_chunks
from segue.audio.opening import open_file
from segue.audio.tagformats import PARSER_FAILURES
from segue.audio.tagholders import HOLDERS, Entries, Holder
from segue.audio.tags import read_tags
from segue.errors import AudioError

GenreFields = Mapping[str, Entries | None]
"""By kind of tag what it holds of the genre, as JSON can keep it; None where there is no such tag."""

# The kind of tag that is written, then those that are changed where they name a genre already.
_KINDS: dict[Container, tuple[str, ...]] = {
    "mpeg": ("id3", "ape"),
    "adts": ("id3", "ape"),
    "flac": ("flac", "id3"),
    "ogg": ("ogg",),
    "wav": ("wav",),
    "aiff": ("aiff",),
    "mp4": ("mp4",),
    "asf": ("asf",),
    "ape": ("ape", "id3"),
    "wavpack": ("ape", "id3"),
}
_WITH_APE = (b"TTA1", b"MPCK", b"MP+", b"tBaK")


def read_genre_fields(path: Path) -> GenreFields:
    """What the tags of a file hold of its genre, to be kept and put back.

    Raises
    ------
    AudioError
        If the file cannot be read, or with reason ``tags-unwritable`` if its genre cannot be written.
    """
    with _named(path):
        return {kind: HOLDERS[kind](path).entries() for kind in _kinds(path)}


def write_genres(path: Path, genres: Sequence[str]) -> None:
    """Write genres, in place of those that are there.

    Raises
    ------
    AudioError
        As `read_genre_fields`; also if what was written would be read as something else.
    """
    kinds = _kinds(path)
    with _named(path):
        for place, kind in enumerate(kinds):
            holder: Holder = HOLDERS[kind](path)
            before = holder.entries()
            if place == 0 or before:
                holder.keep(holder.made(genres, before))
    read = read_tags(path).genres
    if _letters(read) != _letters(genres):
        found = ", ".join(read) or "nothing"
        raise _unwritable(path, f"it would be read as {found} (its tags hold a genre elsewhere, too)")


def restore_genre_fields(path: Path, fields: GenreFields) -> None:
    """Put back what `read_genre_fields` gave.

    Raises
    ------
    AudioError
        As `read_genre_fields`.
    """
    with _named(path):
        for kind in _kinds(path):
            holder = HOLDERS[kind](path)
            before = fields.get(kind)
            if holder.entries() != before:
                holder.keep(before)


def same_genre_fields(one: GenreFields, other: GenreFields) -> bool:
    """Whether two hold the same; no tag is the same as a tag without a genre."""
    return {kind: list(held) for kind, held in one.items() if held} == {
        kind: list(held) for kind, held in other.items() if held
    }


def _letters(genres: Sequence[str]) -> list[str]:
    """What is compared: ID3 before 2.4 has a stroke between genres, so that one with a stroke is read as two.

    >>> _letters(["Folk/Blues"]) == _letters(["folk", "Blues"])
    True
    """
    return [part.strip().casefold() for genre in genres for part in genre.split("/")]


def _kinds(path: Path) -> tuple[str, ...]:
    with open_file(path) as file:
        container = sniff(file)
        kinds = _KINDS.get(container, ())
        if container == "other":
            kinds = _other_kinds(file)
        if container == "wav" and read_at(file, 0, 4) != b"RIFF":
            raise _unwritable(path, "tags of WAV files of this kind (RF64, big-endian) cannot be written")
        if container == "wav" and sum(name.lower() == b"id3 " for name, *_ in _chunks(file)) > 1:
            raise _unwritable(path, "it has several ID3 tags")
    if not kinds:
        raise _unwritable(path, "tags of this format are neither read nor written")
    return kinds


def _other_kinds(file: BinaryIO) -> tuple[str, ...]:
    """Of formats that have no reader of their own: MPEG of other layers, TTA, Musepack, TAK."""
    start = after_leading_tags(file)
    head = read_at(file, start, 4)
    if head.startswith(_WITH_APE):
        return ("id3", "ape") if start and read_at(file, 0, 3) == b"ID3" else ("ape", "id3")
    is_mpeg = len(head) == 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    return ("id3", "ape") if is_mpeg else ()


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int, int]]:
    return iff_chunks(file, big_endian=False)


def _unwritable(path: Path, detail: str) -> AudioError:
    return AudioError(path, "tags-unwritable", detail)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What mutagen raises, as an `AudioError` of this file."""
    import mutagen

    try:
        yield
    except OSError as error:
        raise AudioError(path, "unwritable", f"it cannot be written: {error.strerror or error}") from error
    except (mutagen.MutagenError, *PARSER_FAILURES) as error:
        words = " ".join(str(error).split()) or type(error).__name__
        raise _unwritable(path, f"its tags cannot be written: {words}") from error
