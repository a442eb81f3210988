"""Words of a recording from everywhere they are kept; LRC in all its ways."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.audio.lrc import Cue, Line, parse_lrc
from segue.audio.lyrics import decode_text, lyrics_of
from segue.audio.tags import read_tags
from segue.errors import AudioError

Maker = Callable[..., Path]

_LRC = "[ar:Somebody]\n[ti:Song]\n[offset:+250]\n[00:01.00]One\n[00:02.50][00:09.5]Two\n\n[00:04.125]Three\n"
_LINES = (Line(1000, "One"), Line(2500, "Two"), Line(4125, "Three"), Line(9500, "Two"))


def test_lrc() -> None:
    lyrics = parse_lrc(_LRC)
    assert lyrics is not None
    assert (lyrics.lines, lyrics.offset_ms, lyrics.synced) == (_LINES, 250, True)
    assert (lyrics.display_artist, lyrics.display_title, lyrics.lang) == ("Somebody", "Song", "xxx")


def test_words_with_times() -> None:
    lyrics = parse_lrc("[00:10.00][00:20.00]<00:10.00>Oh <00:10.40>yes<00:10.90>\n[00:12]plain")
    assert lyrics is not None
    first, plain, again = lyrics.lines
    assert first == Line(10_000, "Oh yes", (Cue(10_000, 10_400, "Oh "), Cue(10_400, 10_900, "yes")))
    assert again == Line(20_000, "Oh yes", (Cue(20_000, 20_400, "Oh "), Cue(20_400, 20_900, "yes")))
    assert plain == Line(12_000, "plain")


def test_a_line_without_a_time_goes_with_the_one_before() -> None:
    lyrics = parse_lrc("[00:05.00]Hola\n(hello)\n[00:03.00]Eh")
    assert lyrics is not None
    assert [line.value for line in lyrics.lines] == ["Eh", "Hola", "(hello)"]


@pytest.mark.parametrize("text", ["", "\n \n", "[ar:A]\n[00:01.00]", "\ufeff", "[00:01]\n[00:02]  "])
def test_no_words(text: str) -> None:
    assert parse_lrc(text) is None


def test_plain_text_keeps_its_verses() -> None:
    lyrics = parse_lrc("\n[Chorus]\r\nLa la\x07\r\n\r\nLa\n\n")
    assert lyrics is not None and not lyrics.synced
    assert [line.value for line in lyrics.lines] == ["[Chorus]", "La la", "", "La"]


@given(
    st.lists(
        st.tuples(st.integers(0, 5_999_999), st.text("abc é-", min_size=1).filter(str.strip)), min_size=1
    ),
    st.integers(-9999, 9999),
)
def test_what_is_written_is_read(rows: list[tuple[int, str]], offset: int) -> None:
    text = f"[offset:{offset}]\r\n" + "\r\n".join(
        f"[{ms // 60_000:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}]{words}" for ms, words in rows
    )
    lyrics = parse_lrc(text)
    assert lyrics is not None and lyrics.offset_ms == offset
    assert list(lyrics.lines) == sorted(
        (Line(ms, words.strip()) for ms, words in rows), key=lambda line: line.start_ms or 0
    )


@given(st.text(st.characters(codec=None), max_size=300) | st.text("[]<>:.0123456789\n a", max_size=300))
def test_anything_gives_sane_lyrics(text: str) -> None:
    lyrics = parse_lrc(text)
    if lyrics is None:
        return
    starts = [line.start_ms for line in lyrics.lines]
    if lyrics.synced:
        assert starts == sorted(start for start in starts if start is not None)
    else:
        assert set(starts) == {None}
    for line in lyrics.lines:
        line.value.encode()
        assert "\n" not in line.value and "\0" not in line.value


@given(st.binary(max_size=200))
def test_any_bytes_are_some_text(data: bytes) -> None:
    assert isinstance(decode_text(data), str)


@given(st.text("aéЖ日\n", min_size=1), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_encodings(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == text


def test_huge_texts_are_cut() -> None:
    lyrics = parse_lrc(("[00:01.00]" * 100 + "a\n") * 1000)
    assert lyrics is not None and len(lyrics.lines) == 10_000
    assert parse_lrc("x" * 3_000_000) is not None


def _tag_mp3(path: Path) -> None:
    from mutagen.id3 import ID3, SYLT, USLT

    tags = ID3()
    tags.add(USLT(encoding=3, lang="deu", desc="", text="Erste\nZweite"))
    tags.add(SYLT(encoding=1, lang="eng", format=2, type=1, desc="", text=[("One", 1000), ("Two", 2500)]))
    tags.add(
        SYLT(
            encoding=3,
            lang="fra",
            format=2,
            type=1,
            desc="",
            text=[("Frè", 100), ("re", 300), ("\nJac", 900), ("ques", 1200)],
        )
    )
    tags.save(path)


def test_id3(make: Maker) -> None:
    path = make("mp3", 1.5)
    _tag_mp3(path)
    found = {lyrics.lang: lyrics for lyrics in lyrics_of(path)}
    assert list(found)[-1] == "deu"  # what has times comes first
    assert found["deu"].lines == (Line(None, "Erste"), Line(None, "Zweite"))
    assert found["eng"].lines == (Line(1000, "One"), Line(2500, "Two"))
    assert found["fra"].lines == (
        Line(100, "Frère", (Cue(100, 300, "Frè"), Cue(300, 900, "re"))),
        Line(900, "Jacques", (Cue(900, 1200, "Jac"), Cue(1200, None, "ques"))),
    )


@pytest.mark.parametrize("kind", ["flac", "vorbis", "opus", "aac", "wavpack", "wma", "aiff"])
def test_tags_of_other_formats(make: Maker, kind: str) -> None:
    import mutagen
    from mutagen.id3 import USLT

    path = make(kind, 1.5)
    tags = mutagen.File(path)
    if tags.tags is None:
        tags.add_tags()
    if kind == "aiff":
        tags.tags.add(USLT(encoding=3, lang="eng", desc="", text=_LRC))
    else:
        tags[{"aac": "©lyr", "wma": "WM/Lyrics", "wavpack": "Lyrics"}.get(kind, "LYRICS")] = _LRC
    tags.save()
    (lyrics,) = lyrics_of(path)
    assert lyrics.lines == _LINES
    assert "One" not in str(read_tags(path))


def test_files_beside(make: Maker) -> None:
    path = make("wav", 1.5, name="01. a.b.wav")
    assert lyrics_of(path) == ()
    path.with_suffix(".txt").write_bytes("Grüße".encode("utf-16"))
    path.with_suffix(".LRC").write_text(_LRC)
    synced, plain = lyrics_of(path)
    assert synced.lines == _LINES
    assert plain.lines == (Line(None, "Grüße"),)
    path.with_suffix(".txt").write_text(_LRC)  # the same again
    assert len(lyrics_of(path)) == 1


def test_files_beside_that_are_none(make: Maker) -> None:
    path = make("wav", 1.5)
    os.mkfifo(path.with_suffix(".lrc"))
    with path.with_suffix(".txt").open("wb") as out:
        out.truncate((1 << 20) + 1)
    assert lyrics_of(path) == ()
    with pytest.raises(AudioError):
        lyrics_of(path.with_name("b.wav"))


@given(st.integers(0, 250), st.binary(min_size=1, max_size=8))
def test_damaged_tags(at: int, noise: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.mp3")
        _tag_mp3(path)
        content = bytearray(path.read_bytes() + b"\xff\xfb\x90\x00" * 9)
        content[at : at + len(noise)] = noise
        path.write_bytes(content)
        for lyrics in lyrics_of(path):
            assert lyrics.lines and lyrics.synced == all(line.start_ms is not None for line in lyrics.lines)
