"""Playlists as evidence: who keeps a track in a playlist likes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from segue.errors import UsageError
from segue.listening.sources import Source, decoded_head
from segue.playlists.entries import Playlist
from segue.playlists.jspf import from_jspf
from segue.playlists.m3u import from_m3u
from segue.playlists.xspf import from_xspf
from segue.texts import is_named, mbid_of, text_of
from segue.types import BadRow, Listen

_LARGEST = 50_000_000


def matches(source: Source, head: bytes) -> bool:
    """Whether it is an M3U, XSPF or JSPF playlist; M3U without its first line is known by its name only."""
    return _parser(source, head) is not None


def read(source: Source, _: float) -> Iterator[Listen | BadRow]:
    """The playlist's tracks."""
    parser = _parser(source, source.head())
    assert parser is not None
    with source.open() as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise UsageError(f"{source.name} is larger than any playlist ({_LARGEST // 1_000_000} MB)")
    try:
        playlist = parser(content, source.path.absolute().parent)
    except UsageError as error:
        raise UsageError(f"{source.name} is {error}") from None
    for number, entry in enumerate(playlist.entries, 1):
        artist, title, album = (text_of(name) for name in (entry.artist, entry.title, entry.album))
        path, uri = str(entry.path or ""), text_of(entry.location)
        mbid = mbid_of(entry.musicbrainz_recording_id)
        if not is_named(artist, title, path, uri, mbid):
            yield BadRow(f"{source.name}:{number}", "missing-name", "it does not say which track")
            continue
        yield Listen(
            artist,
            title,
            album,
            kind="playlist",
            recording_mbid=mbid,
            uri=uri,
            path=path,
            duration_s=entry.duration_s,
        )


def _parser(source: Source, head: bytes) -> Callable[[bytes, Path], Playlist] | None:
    text = decoded_head(head).lstrip()
    if text.startswith("<") and "<playlist" in text and "<trackList" in text:
        return lambda content, folder: from_xspf(content, folder=folder)
    if text.startswith("{") and '"playlist"' in text and '"track"' in text:
        return lambda content, folder: from_jspf(content, folder=folder)
    suffixes = Path(source.member or source.path.name).suffixes
    named = [suffix.lower() for suffix in suffixes if suffix.lower() in (".m3u", ".m3u8")]
    if text.startswith("#EXTM3U") or (named and "\0" not in text):
        legacy = ".m3u8" not in named
        return lambda content, folder: from_m3u(content, folder=folder, legacy=legacy)
    return None
