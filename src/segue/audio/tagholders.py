"""Each kind of tag as what it holds of the genre: entries out, entries in, all else as it was (mutagen)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from segue.audio.edges import read_at
from segue.audio.tagfields import field_name

Entries = list[list[Any]]
"""One list an entry of the tag, of numbers and texts; what they mean is the holder's own."""

_V1_BYTES = 128


class Holder(Protocol):
    """One kind of tag in one file."""

    def entries(self) -> Entries | None:
        """What it holds of the genre; None where the file has no such tag."""

    def made(self, genres: Sequence[str], before: Entries | None) -> Entries:
        """Entries that say `genres`, in the manner of those before."""

    def keep(self, entries: Entries | None) -> None:
        """Write the file with these entries; with None, without a tag of this kind."""


class _Id3:
    """The ID3v2 tag at the beginning of a file; entries are encoding and texts of the genre's frame."""

    def __init__(self, path: Path) -> None:
        from mutagen.id3 import ID3, ID3NoHeaderError

        self._path = path
        with path.open("rb") as file:
            there = read_at(file, 0, 3) == b"ID3"
        self._there = there
        try:
            # A tag of version 1 alone is taken over whole, for programs that then read the new one only.
            self._tag = ID3(path, translate=False, load_v1=not there)
        except ID3NoHeaderError:
            self._tag = ID3()
            self._tag.version = (2, 4, 0)

    def entries(self) -> Entries | None:
        return _frame_entries(self._tag) if self._there else None

    def made(self, genres: Sequence[str], before: Entries | None) -> Entries:
        return _frame_made(self._tag, genres)

    def keep(self, entries: Entries | None) -> None:
        old = self._first_version()
        if entries is None:
            self._tag.delete(self._path, delete_v1=False)
            return
        _set_frame(self._tag, entries)
        self._tag.save(self._path, v1=1, v2_version=_version(self._tag), v23_sep=None)
        if old is not None:
            with self._path.open("r+b") as file:
                file.seek(-_V1_BYTES, 2)
                file.write(old)

    def _first_version(self) -> bytes | None:
        """The ID3v1 tag at the end of the file."""
        with self._path.open("rb") as file:
            tail = read_at(file, max(0, self._path.stat().st_size - _V1_BYTES - 3), _V1_BYTES + 3)
        return tail[3:] if tail[3:6] == b"TAG" and tail[:8] != b"APETAGEX" else None


class _ChunkedId3:
    """The ID3 chunk of WAV and AIFF; entries as of `_Id3`."""

    def __init__(self, path: Path, kind: Callable[..., Any]) -> None:
        self._path = path
        self._file = kind(path, translate=False, load_v1=False)

    def entries(self) -> Entries | None:
        return None if self._file.tags is None else _frame_entries(self._file.tags)

    def made(self, genres: Sequence[str], before: Entries | None) -> Entries:
        if self._file.tags is None:
            self._file.add_tags()
        return _frame_made(self._file.tags, genres)

    def keep(self, entries: Entries | None) -> None:
        if entries is None:
            self._file.delete()
            return
        if self._file.tags is None:
            self._file.add_tags()
        _set_frame(self._file.tags, entries)
        self._file.tags.save(self._path, v2_version=_version(self._file.tags), v23_sep=None)


def _version(tag: Any) -> int:
    """As which version a tag is written: its own; one of 2.2, which nothing writes any more, as 2.3."""
    return 4 if tag.version >= (2, 4, 0) else 3


def _frame_entries(tag: Any) -> Entries:
    return [[int(frame.encoding), *map(str, frame.text)] for frame in tag.getall("TCON")]


def _frame_made(tag: Any, genres: Sequence[str]) -> Entries:
    if _version(tag) == 4:
        return [[3, *genres]]
    joined = "/".join(genres)
    return [[0 if joined.isascii() else 1, joined]]


def _set_frame(tag: Any, entries: Entries) -> None:
    from mutagen.id3 import TCON

    tag.setall("TCON", [TCON(encoding=encoding, text=texts) for encoding, *texts in entries])


class _Comments:
    """Vorbis comments of FLAC and Ogg; entries are place, key and value of each comment about the genre."""

    def __init__(self, file: Any) -> None:
        self._file = file
        # Comments that are no UTF-8 were read with signs in their place, which must not be written.
        if any("\ufffd" in value for _, value in file.tags or ()):
            raise ValueError("a comment is not UTF-8")

    def entries(self) -> Entries | None:
        if self._file.tags is None:
            return None
        return [
            [place, key, value]
            for place, (key, value) in enumerate(self._file.tags)
            if field_name(key) == "genre"
        ]

    def made(self, genres: Sequence[str], before: Entries | None) -> Entries:
        place, key, _ = before[0] if before else (len(self._file.tags or ()), "GENRE", "")
        return [[place + at, key, genre] for at, genre in enumerate(genres)]

    def keep(self, entries: Entries | None) -> None:
        if entries is None:
            self._file.delete()
            return
        if self._file.tags is None:
            self._file.add_tags()
        comments = [(key, value) for key, value in self._file.tags if field_name(key) != "genre"]
        for place, key, value in entries:
            comments.insert(place, (key, value))
        self._file.tags[:] = comments
        self._file.save()


class _Ape:
    """The APEv2 tag; entries are key and text, several values with NUL between."""

    def __init__(self, path: Path) -> None:
        from mutagen.apev2 import APENoHeaderError, APEv2

        self._path = path
        try:
            self._tag, self._there = APEv2(path), True
        except APENoHeaderError:
            self._tag, self._there = APEv2(), False

    def entries(self) -> Entries | None:
        return [[key, str(self._tag[key])] for key in self._keys()] if self._there else None

    def made(self, genres: Sequence[str], before: Entries | None) -> Entries:
        return [[before[0][0] if before else "Genre", "\0".join(genres)]]

    def keep(self, entries: Entries | None) -> None:
        if entries is None:
            self._tag.delete(self._path)
            return
        for key in self._keys():
            del self._tag[key]
        for key, text in entries:
            self._tag[key] = text
        self._tag.save(self._path)

    def _keys(self) -> list[str]:
        from mutagen.apev2 import TEXT

        return [key for key, value in self._tag.items() if value.kind == TEXT and field_name(key) == "genre"]


class _Mp4:
    """The item list of MP4; entries are key and texts, of free forms data format and hexadecimal bytes."""

    def __init__(self, path: Path) -> None:
        from mutagen.mp4 import MP4

        self._file = MP4(path)

    def entries(self) -> Entries | None:
        if self._file.tags is None:
            return None
        return [
            [key, *(map(_free_entry, values) if _free(key) else values)]
            for key, values in self._file.tags.items()
            if _is_genre_key(key)
        ]

    def made(self, genres: Sequence[str], before: Entries | None) -> Entries:
        return [["©gen", *genres]]

    def keep(self, entries: Entries | None) -> None:
        from mutagen.mp4 import AtomDataType, MP4FreeForm

        if entries is None:
            self._file.delete()
            return
        if self._file.tags is None:
            self._file.add_tags()
        tags = self._file.tags
        for key in [key for key in tags if _is_genre_key(key)]:
            del tags[key]
        for key, *values in entries:
            if _free(key):
                values = [MP4FreeForm(bytes.fromhex(data), AtomDataType(kind)) for kind, data in values]
            tags[key] = values
        self._file.save()


def _free_entry(value: Any) -> list[Any]:
    return [int(value.dataformat), bytes(value).hex()]


def _free(key: str) -> bool:
    return key.startswith("----:")


def _is_genre_key(key: str) -> bool:
    return key == "©gen" or (_free(key) and field_name(key.rsplit(":", 1)[-1]) == "genre")


class _Asf:
    """The attributes of ASF; entries are place, key and text."""

    def __init__(self, path: Path) -> None:
        from mutagen.asf import ASF

        self._file = ASF(path)

    def entries(self) -> Entries | None:
        from mutagen.asf import ASFUnicodeAttribute

        found = [
            [place, key, value]
            for place, (key, value) in enumerate(self._file.tags)
            if field_name(key) == "genre"
        ]
        if any(not isinstance(value, ASFUnicodeAttribute) for _, _, value in found):
            raise ValueError("its genre is not a text")
        return [[place, key, str(value)] for place, key, value in found]

    def made(self, genres: Sequence[str], before: Entries | None) -> Entries:
        place, key, _ = before[0] if before else (len(self._file.tags), "WM/Genre", "")
        return [[place + at, key, genre] for at, genre in enumerate(genres)]

    def keep(self, entries: Entries | None) -> None:
        from mutagen.asf import ASFUnicodeAttribute

        kept = [(key, value) for key, value in self._file.tags if field_name(key) != "genre"]
        for place, key, value in entries or ():
            kept.insert(place, (key, ASFUnicodeAttribute(value)))
        self._file.tags[:] = kept
        self._file.save()


def _flac(path: Path) -> _Comments:
    from mutagen.flac import FLAC

    return _Comments(FLAC(path))


def _ogg(path: Path) -> _Comments:
    from mutagen.oggflac import OggFLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggspeex import OggSpeex
    from mutagen.oggvorbis import OggVorbis

    kinds = (
        (b"OpusHead", OggOpus),
        (b"\x01vorbis", OggVorbis),
        (b"\x7fFLAC", OggFLAC),
        (b"Speex   ", OggSpeex),
    )
    with path.open("rb") as file:
        head = read_at(file, 0, 128)
    kind = next((kind for mark, kind in kinds if mark in head), None)
    if kind is None:
        raise ValueError("this kind of Ogg is not known")
    return _Comments(kind(path))


def _wav(path: Path) -> _ChunkedId3:
    from mutagen.wave import WAVE

    return _ChunkedId3(path, WAVE)


def _aiff(path: Path) -> _ChunkedId3:
    from mutagen.aiff import AIFF

    return _ChunkedId3(path, AIFF)


HOLDERS: dict[str, Callable[[Path], Holder]] = {
    "id3": _Id3,
    "flac": _flac,
    "ogg": _ogg,
    "wav": _wav,
    "aiff": _aiff,
    "ape": _Ape,
    "mp4": _Mp4,
    "asf": _Asf,
}
"""By kind of tag."""
