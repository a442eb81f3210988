"""The words of a song, where its file or a text beside it has them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from segue import catalogue
from segue.audio import Lyrics, lyrics_of
from segue.catalogue import Track
from segue.errors import AudioError, NothingFound
from segue.server.streaming import playable
from segue.server.subsonic import things
from segue.server.subsonic.answers import Node, Value
from segue.server.subsonic.registry import Asked, method


@method("getLyricsBySongId")
def get_lyrics_by_song_id(asked: Asked) -> Node:
    """All lyrics of a song; with ``enhanced`` also the times of words."""
    track = things.track(asked, asked.params.need("id"))
    enhanced = asked.params.flag("enhanced", False)
    found = [_structured(track, one, enhanced) for one in _lyrics(asked, track)]
    return {"lyricsList": {"structuredLyrics": found}}


@method("getLyrics")
def get_lyrics(asked: Asked) -> Node:
    """The plain text by artist and title; empty where there is none."""
    artist, title = asked.params.text("artist"), asked.params.text("title")
    track = _named(asked, artist or "", title) if title else None
    lyrics = _lyrics(asked, track) if track else ()
    if track is None or not lyrics:
        return {"lyrics": {"artist": artist, "title": title, "value": ""}}
    text = "\n".join(line.value for line in lyrics[0].lines)
    return {"lyrics": {"artist": track.tags.artist, "title": track.tags.title, "value": text}}


def _named(asked: Asked, artist: str, title: str) -> Track | None:
    """The first track of this title, by this artist where one is given."""
    for track in catalogue.search_tracks(asked.catalogue, f"{artist} {title}", limit=50):
        same_artist = not artist or catalogue.fold(track.tags.artist) == catalogue.fold(artist)
        if catalogue.fold(track.tags.title) == catalogue.fold(title) and same_artist and track.paths:
            return track
    return None


def _lyrics(asked: Asked, track: Track) -> Sequence[Lyrics]:
    try:
        return lyrics_of(playable(track, asked.roots))
    except (NothingFound, AudioError):
        return ()


def _structured(track: Track, lyrics: Lyrics, enhanced: bool) -> dict[str, Value]:
    shown: dict[str, Value] = {
        "displayArtist": lyrics.display_artist or track.tags.artist,
        "displayTitle": lyrics.display_title or track.tags.title,
        "lang": lyrics.lang,
        "offset": lyrics.offset_ms,
        "synced": lyrics.synced,
        "line": [{"start": line.start_ms, "value": line.value} for line in lyrics.lines],
    }
    if enhanced:
        shown["kind"] = "main"
        shown["cueLine"] = cue_lines(lyrics)
    return shown


def cue_lines(lyrics: Lyrics) -> list[dict[str, Value]]:
    """The lines whose words have times; each word with its bytes in the UTF-8 text of its line.

    The ends of words are told for all words of a line or for none.
    """
    starts = [line.start_ms for line in lyrics.lines]
    shown: list[dict[str, Value]] = []
    for index, line in enumerate(lyrics.lines):
        if not line.cues:
            continue
        later = next((start for start in starts[index + 1 :] if start is not None), None)
        ends: list[int | None] = [
            one.end_ms if one.end_ms is not None else after.start_ms for one, after in pairwise(line.cues)
        ]
        last = line.cues[-1]
        ends.append(last.end_ms if last.end_ms is not None else _after(later, last.start_ms))
        told = None not in ends
        cues: list[dict[str, Value]] = []
        at = 0
        for cue, end_ms in zip(line.cues, ends, strict=True):
            length = len(cue.value.encode())
            if not length:
                continue
            cues.append(
                {
                    "start": cue.start_ms,
                    "end": end_ms if told else None,
                    "byteStart": at,
                    "byteEnd": at + length - 1,
                    "value": cue.value,
                }
            )
            at += length
        shown.append(
            {
                "index": index,
                "start": line.cues[0].start_ms,
                "end": ends[-1] if told else None,
                "value": "".join(cue.value for cue in line.cues),
                "cue": cues,
            }
        )
    return shown


def _after(later: int | None, start_ms: int) -> int | None:
    return later if later is not None and later > start_ms else None
