"""The genre in tags of every format: written, read, put back, and nothing else touched."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
from mutagen import id3
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.mp4 import MP4, MP4FreeForm

from segue.audio import (
    payload_digest,
    read_genre_fields,
    read_recording,
    read_tags,
    restore_genre_fields,
    same_genre_fields,
    write_genres,
)
from segue.errors import AudioError

WRITABLE = [
    "wav", "wav-float", "aiff", "flac", "vorbis", "opus", "mp3", "aac", "adts", "alac", "wma", "wavpack",
    "tta",
]  # fmt: skip


def titled(path: Path) -> None:
    """A title, an artist of two names and a comment, by the format's own means."""
    file = mutagen.File(path)
    kind = type(file).__name__
    if kind in {"NoneType", "AAC", "TrueAudio", "MP3", "WAVE", "AIFF"}:
        tag: Any = id3.ID3()
        if kind in {"WAVE", "AIFF"}:
            file.add_tags()
            tag = file.tags
        tag.add(id3.TIT2(encoding=3, text="Señor"))
        tag.add(id3.TPE1(encoding=3, text=["A", "B"]))
        tag.add(id3.TXXX(encoding=3, desc="MOOD", text="calm"))
        tag.save(path)
        return
    if file.tags is None:
        file.add_tags()
    names = {"MP4": ("©nam", "©ART"), "ASF": ("Title", "Author")}.get(kind, ("title", "artist"))
    file[names[0]], file[names[1]] = ["Señor"], ["A", "B"]
    file.save()


def others(path: Path) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(read_tags(path)).items() if name != "genres"}


def samples(path: Path) -> Any:
    recording = read_recording(path, plan="whole", sample_rates=[16000])
    return np.concatenate(recording.windows[16000])


@pytest.mark.parametrize("kind", WRITABLE)
@pytest.mark.parametrize("tagged", [False, True])
def test_a_genre_is_written_and_put_back(make: Callable[..., Path], kind: str, tagged: bool) -> None:
    path = make(kind, 2.0)
    if tagged:
        titled(path)
    original, digest, sound, rest = path.read_bytes(), payload_digest(path), samples(path), others(path)
    before = json.loads(json.dumps(dict(read_genre_fields(path))))
    write_genres(path, ["Jazz", "Drum & Bass"])
    assert read_tags(path).genres == ("Jazz", "Drum & Bass")
    assert payload_digest(path) == digest
    assert others(path) == rest
    np.testing.assert_array_equal(samples(path), sound)
    assert not same_genre_fields(read_genre_fields(path), before)
    restore_genre_fields(path, before)
    assert same_genre_fields(read_genre_fields(path), before)
    assert (read_tags(path).genres, others(path)) == ((), rest)
    assert payload_digest(path) == digest
    if not tagged and kind not in ("flac", "opus", "vorbis", "aac", "alac", "wma"):  # these gain padding
        assert path.read_bytes() == original


@pytest.mark.parametrize("kind", WRITABLE)
def test_a_genre_that_is_there_is_replaced_and_comes_back(make: Callable[..., Path], kind: str) -> None:
    path = make(kind, 1.0)
    write_genres(path, ["Old One", "Señor"])
    before = json.loads(json.dumps(dict(read_genre_fields(path))))
    write_genres(path, ["New"])
    assert read_tags(path).genres == ("New",)
    restore_genre_fields(path, before)
    assert read_tags(path).genres == ("Old One", "Señor")
    assert read_genre_fields(path) == before


@pytest.mark.parametrize("kind", ["rf64", "mka"])
def test_what_cannot_be_written_is_refused_as_it_is(make: Callable[..., Path], kind: str) -> None:
    path = make(kind, 1.0)
    original = path.read_bytes()
    with pytest.raises(AudioError) as refused:
        write_genres(path, ["Jazz"])
    assert refused.value.reason == "tags-unwritable"
    assert path.read_bytes() == original


@pytest.mark.parametrize("damage", ["cut", "noise", "text"])
def test_damaged_files_are_refused(make: Callable[..., Path], damage: str) -> None:
    path = make("flac", 1.0)
    content = path.read_bytes()
    path.write_bytes(
        {"cut": content[:30], "noise": content[:8] + bytes(range(200)), "text": b"no music " * 50}[damage]
    )
    with pytest.raises(AudioError):
        write_genres(path, ["Jazz"])


def test_id3_keeps_its_version_and_what_is_not_the_genre(make: Callable[..., Path]) -> None:
    path = make("mp3", 1.0)
    tag = id3.ID3()
    tag.add(id3.TIT2(encoding=1, text="Title"))
    tag.add(id3.TYER(encoding=0, text="1999"))
    tag.add(id3.TCON(encoding=0, text="(17)"))
    tag.add(id3.PRIV(owner="somebody", data=b"\x00\x01"))
    tag.save(path, v2_version=3)
    original, before = path.read_bytes(), read_genre_fields(path)
    assert read_tags(path).genres == ("Rock",)
    write_genres(path, ["Jazz", "Folk/Blues"])
    written = id3.ID3(path, translate=False)
    assert written.version == (2, 3, 0)
    assert sorted(frame[:4] for frame in written) == ["PRIV", "TCON", "TIT2", "TYER"]
    assert read_tags(path).genres == ("Jazz", "Folk", "Blues")  # as any program reads strokes of this version
    restore_genre_fields(path, before)
    assert path.read_bytes() == original


def test_an_id3v1_tag_keeps_its_bytes_and_lends_its_fields(make: Callable[..., Path]) -> None:
    path = make("mp3", 1.0)
    tag = id3.ID3()
    tag.add(id3.TIT2(encoding=0, text="Title"))
    first = id3.MakeID3v1(tag)
    original = path.read_bytes() + first
    path.write_bytes(original)
    before = read_genre_fields(path)
    write_genres(path, ["Jazz"])
    assert path.read_bytes().endswith(first)
    assert str(id3.ID3(path, load_v1=False)["TIT2"]) == "Title"
    restore_genre_fields(path, before)
    assert path.read_bytes() == original


def test_every_tag_that_names_a_genre_is_changed(make: Callable[..., Path]) -> None:
    path = make("mp3", 1.0)
    tag = APEv2()
    tag["Genre"], tag["Title"] = "Rock\0Pop", "Title"
    tag.save(path)
    before = read_genre_fields(path)
    write_genres(path, ["Jazz"])
    assert read_tags(path).genres == ("Jazz",)
    restore_genre_fields(path, before)
    assert read_tags(path).genres == ("Rock", "Pop")


def test_comments_keep_their_order_and_spelling(make: Callable[..., Path]) -> None:
    path = make("flac", 1.0)
    file = FLAC(path)
    if file.tags is None:
        file.add_tags()
    rows = [("Title", "a"), ("Genre", "Rock"), ("MOOD", "x"), ("genre", "Pop"), ("ZZ", "last")]
    file.tags[:] = rows
    file.save()
    original, before = path.read_bytes(), read_genre_fields(path)
    write_genres(path, ["Jazz"])
    assert list(FLAC(path).tags) == [rows[0], ("Genre", "Jazz"), rows[2], rows[4]]
    restore_genre_fields(path, before)
    assert list(FLAC(path).tags) == rows
    assert path.read_bytes() == original


def test_comments_that_are_no_text_are_not_written_over(make: Callable[..., Path]) -> None:
    path = make("flac", 1.0)
    file = FLAC(path)
    file["title"] = "Senor"
    file.save()
    path.write_bytes(path.read_bytes().replace(b"Senor", b"Se\xf1or"))
    with pytest.raises(AudioError, match="UTF-8"):
        write_genres(path, ["Jazz"])


def test_free_forms_of_mp4_come_back(make: Callable[..., Path]) -> None:
    path = make("aac", 1.0)
    file = MP4(path)
    file["----:com.apple.iTunes:GENRE"] = [MP4FreeForm("Señor".encode())]
    file.save()
    before = json.loads(json.dumps(dict(read_genre_fields(path))))
    write_genres(path, ["Jazz"])
    assert read_tags(path).genres == ("Jazz",)
    restore_genre_fields(path, before)
    assert read_tags(path).genres == ("Señor",)


def test_an_info_list_of_wav_that_names_another_genre_is_in_the_way(make: Callable[..., Path]) -> None:
    path = make("wav", 1.0)
    text = b"IGNR" + (5).to_bytes(4, "little") + b"Rock\0\0"
    content = path.read_bytes() + b"LIST" + (4 + len(text)).to_bytes(4, "little") + b"INFO" + text
    path.write_bytes(content[:4] + (len(content) - 8).to_bytes(4, "little") + content[8:])
    assert read_tags(path).genres == ("Rock",)
    with pytest.raises(AudioError, match="elsewhere"):
        write_genres(path, ["Jazz"])
