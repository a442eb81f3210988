"""The same audio payload has the same digest whatever its tags; other audio has another."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segue.audio import payload_digest, read_tags

Maker = Callable[..., Path]

COVER = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 300


def _add_id3(tags: Any) -> None:
    from mutagen.id3 import APIC, TIT2, TXXX

    tags.add(TIT2(3, ["New title"]))
    tags.add(TXXX(3, "Comment", ["x" * 5000]))
    tags.add(APIC(3, "image/jpeg", 3, "", COVER))


def retag(path: Path) -> None:
    """Write a new title, a long comment and a cover with mutagen."""
    import mutagen
    from mutagen.aiff import AIFF
    from mutagen.apev2 import APEv2
    from mutagen.id3 import ID3
    from mutagen.mp4 import MP4, MP4Cover
    from mutagen.wave import WAVE

    suffix = path.suffix
    if suffix in (".mp3", ".aac", ".tta"):
        tags = ID3()
        _add_id3(tags)
        tags.save(path, v1=2)
    elif suffix in (".wav", ".aiff"):
        file = (WAVE if suffix == ".wav" else AIFF)(path)
        if file.tags is None:
            file.add_tags()
        _add_id3(file.tags)
        file.save()
    elif suffix == ".m4a":
        file = MP4(path)
        file["\xa9nam"] = ["New title"]
        file["\xa9cmt"] = ["x" * 5000]
        file["covr"] = [MP4Cover(COVER)]
        file.save()
    elif suffix == ".wv":
        ape = APEv2()
        ape["Title"], ape["Comment"] = "New title", "x" * 5000
        ape.save(path)
    else:
        file = mutagen.File(path)
        file["title"] = ["New title"]
        file["comment"] = ["x" * 70_000 if suffix != ".wma" else "x" * 5000]
        file.save()


KINDS = (
    *("wav", "aiff", "flac", "vorbis", "opus", "mp3"),
    *("aac", "adts", "alac", "wma", "wavpack", "tta"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_retagging_keeps_it(make: Maker, kind: str, tmp_path: Path) -> None:
    path = make(kind, 3.0)
    before = payload_digest(path)
    assert before == payload_digest(path)
    assert len(before) == 64
    moved = tmp_path / f"moved{path.suffix}"
    shutil.copy(path, moved)
    retag(moved)
    assert moved.read_bytes() != path.read_bytes()
    assert read_tags(moved).title == "New title"
    assert payload_digest(moved) == before
    retag(moved)
    assert payload_digest(moved) == before
    other = make(kind, 3.0, seed=2, name=f"other{path.suffix}")
    assert payload_digest(other) != before


def test_tags_in_a_row_and_after_the_end(make: Maker) -> None:
    from mutagen.apev2 import APEv2

    path = make("mp3", 2.0)
    before = payload_digest(path)
    frames = path.read_bytes()
    id3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + b"\0" * 128
    lyrics = b"LYRICSBEGIN" + b"IND00002AB" + b"000021LYRICS200"
    for data in (
        id3 + id3 + frames,
        id3 + b"\0" * 700 + frames,
        frames + b"TAG" + b"x" * 125,
        frames + lyrics + b"TAG" + b"y" * 125,
    ):
        path.write_bytes(data)
        assert payload_digest(path) == before
        ape = APEv2()
        ape["Title"] = "T"
        ape.save(path)
        assert payload_digest(path) == before


@pytest.mark.parametrize("size", range(8))
def test_a_short_ape_tag_is_not_taken_for_an_id3v1_tag(make: Maker, size: int) -> None:
    """One of 131 bytes has the letters TAG of its own name where those of ID3v1 would be."""
    from mutagen.apev2 import APEv2

    path = make("mp3", 1.0)
    before, length = payload_digest(path), path.stat().st_size
    ape = APEv2()
    ape["Title"] = "T" * (50 + size)
    ape.save(path)
    assert path.stat().st_size - length in range(127, 136)
    assert payload_digest(path) == before


def test_formats_of_the_same_bytes_differ(make: Maker, tmp_path: Path) -> None:
    # 8 kHz and 16 kHz of the same data chunk do not sound alike.
    path = make("wav", 2.0, rate=8000, channels=1)
    data = bytearray(path.read_bytes())
    before = payload_digest(path)
    data[24:28] = (16000).to_bytes(4, "little")
    path.write_bytes(data)
    assert payload_digest(path) != before


def test_what_is_unknown_is_hashed_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(b"nothing known" * 100)
    assert payload_digest(path) == hashlib.sha256(b"other" + path.read_bytes()).hexdigest()


def test_real_files_differ(shared: Path) -> None:
    files = [path for path in (shared / "data" / "originals").iterdir() if path.suffix != ".md"]
    assert len({payload_digest(path) for path in files}) == len(files)
