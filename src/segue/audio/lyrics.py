"""The words of a recording: from its tags, and from text files beside it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path

from segue.audio.lrc import MOST_CHARACTERS, Cue, Line, Lyrics, parse_lrc
from segue.audio.opening import open_file
from segue.audio.tagfields import TaggedLyrics
from segue.audio.tagformats import read_pairs

_SIDECARS = (".lrc", ".LRC", ".txt", ".TXT")
_MOST_BYTES = 1 << 20
_MOST_ENTRIES = 20_000  # of a table of times
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def lyrics_of(path: Path) -> tuple[Lyrics, ...]:
    """All lyrics of a file, each once, those with times first.

    Read are ID3's USLT and SYLT, the field LYRICS (also UNSYNCEDLYRICS, SYNCEDLYRICS) of Vorbis comments,
    APEv2, ASF, and MP4's ``©lyr``; then ``.lrc`` and ``.txt`` files of the same name beside it. A text over
    1 MB is not read, or cut.

    Raises
    ------
    AudioError
        If the file itself cannot be read.
    """
    with open_file(path) as file:
        found = [
            lyrics
            for name, value in read_pairs(file, covers=False)
            if name == "lyrics" and (lyrics := _tagged(value))
        ]
    found += _beside(path)
    different: list[Lyrics] = []
    for lyrics in found:
        if all(lyrics.lines != other.lines for other in different):
            different.append(lyrics)
    return tuple(sorted(different, key=lambda lyrics: not lyrics.synced))


def decode_text(data: bytes) -> str:
    """A text of unknown encoding: UTF-8 or UTF-16 by its mark, UTF-8 where it is valid, else Latin-1.

    Examples
    --------
    >>> decode_text("Füße".encode("utf-16")), decode_text("Füße".encode("latin-1"))
    ('Füße', 'Füße')
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _tagged(value: object) -> Lyrics | None:
    if isinstance(value, TaggedLyrics):
        lang = value.lang.strip("\0 ").lower() or "xxx"
        return _from_table(value.timed, lang) if value.timed else parse_lrc(value.text, lang)
    if isinstance(value, bytes):
        return parse_lrc(decode_text(value[:_MOST_BYTES]))
    return parse_lrc(str(value)[:MOST_CHARACTERS])


def _from_table(timed: Sequence[tuple[int, str]], lang: str) -> Lyrics | None:
    """Lyrics from texts with times; where some begin or end lines, the others are words of a line."""
    entries = [(max(0, int(time)), str(text)[:1000]) for time, text in timed[:_MOST_ENTRIES]]
    if any("\n" in text or "\r" in text for _, text in entries[1:]):
        lines = list(_joined(entries))
    else:
        lines = [Line(time, _one_line(text)) for time, text in entries]
    if not any(line.value for line in lines):
        return None
    return Lyrics(lang, True, 0, tuple(sorted(lines, key=lambda line: line.start_ms or 0)))


def _joined(entries: Sequence[tuple[int, str]]) -> Iterator[Line]:
    """Syllables as lines; a new line begins after a break, which may begin or end a syllable."""
    cues: list[Cue] = []
    for i, (time, text) in enumerate(entries):
        if cues and text.startswith(("\n", "\r")):
            yield _line(cues)
            cues = []
        end = entries[i + 1][0] if i + 1 < len(entries) else None
        cues.append(Cue(time, end, text.strip("\r\n").replace("\n", " ")))
        if text.rstrip(" ").endswith(("\n", "\r")) and text.strip():
            yield _line(cues)
            cues = []
    if cues:
        yield _line(cues)


def _line(cues: Sequence[Cue]) -> Line:
    value = "".join(cue.value for cue in cues).strip()
    return Line(cues[0].start_ms, _one_line(value), tuple(cues) if len(cues) > 1 else ())


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _beside(path: Path) -> list[Lyrics]:
    found: list[Lyrics] = []
    for suffix in _SIDECARS:
        sidecar = path.with_suffix(suffix)
        try:
            if not sidecar.is_file() or sidecar.stat().st_size > _MOST_BYTES:
                continue
            data = sidecar.read_bytes()
        except OSError:
            continue
        lyrics = parse_lrc(decode_text(data))
        if lyrics is not None:
            found.append(lyrics)
    return found
