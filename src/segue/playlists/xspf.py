"""XSPF version 1: an XML playlist with percent-encoded locations and MusicBrainz identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from segue.errors import UsageError
from segue.playlists.entries import (
    Entry,
    Playlist,
    clean_text,
    plausible_seconds,
    recording_id,
    recording_uri,
)
from segue.playlists.locations import path_to_uri, place_of_uri, written_path

_NAMESPACE = "http://xspf.org/ns/0/"
_FIELDS = ("title", "creator", "album", "duration", "location", "identifier")


def to_xspf(entries: Sequence[Entry], *, title: str | None, folder: Path, relative: bool) -> bytes:
    """The bytes of an XSPF file in `folder`."""
    root = ElementTree.Element("playlist", {"version": "1", "xmlns": _NAMESPACE})
    _add(root, "title", title)
    tracks = ElementTree.SubElement(root, "trackList")
    for entry in entries:
        track = ElementTree.SubElement(tracks, "track")
        if entry.path is not None:
            _add(track, "location", path_to_uri(written_path(entry.path, folder, relative=relative)))
        else:
            _add(track, "location", entry.location)
        if entry.musicbrainz_recording_id:
            _add(track, "identifier", recording_uri(entry.musicbrainz_recording_id))
        _add(track, "title", entry.title)
        _add(track, "creator", entry.artist)
        _add(track, "album", entry.album)
        if entry.duration_s is not None:
            _add(track, "duration", str(round(entry.duration_s * 1_000)))
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


def _add(parent: ElementTree.Element, name: str, text: str | None) -> None:
    cleaned = clean_text(text)
    if cleaned is not None:
        ElementTree.SubElement(parent, name).text = cleaned


def from_xspf(content: bytes, *, folder: Path) -> Playlist:
    """Read an XSPF file that lies in `folder`.

    Raises
    ------
    UsageError
        If it is not XML, not a playlist, or declares a document type: no XSPF file needs one, and entities
        declared in it can swell a few bytes to gigabytes.
    """
    collector = _Collector(folder)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UsageError(f"not an XSPF playlist: {error}") from None
    if not collector.is_playlist:
        raise UsageError("not an XSPF playlist: its root is not <playlist>")
    return Playlist(collector.title, tuple(collector.entries))


def _refuse(*_: object) -> None:
    raise UsageError("not an XSPF playlist: it declares a document type (DTD), which is refused")


class _Collector:
    """Gathers what the parser meets; only playlist/title and playlist/trackList/track/* matter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_playlist = False
        self.title: str | None = None
        self.entries: list[Entry] = []
        self._names: list[str] = []
        self._words: list[str] = []
        self._said: dict[str, list[str]] = {}

    def start(self, name: str, _: object) -> None:
        # Some programs forget the namespace, so the local name decides.
        local = name.rpartition(" ")[2]
        self._names.append(local)
        self._words = []
        if len(self._names) == 1:
            self.is_playlist = local == "playlist"
        if self._names == ["playlist", "trackList", "track"]:
            self._said = {}

    def text(self, words: str) -> None:
        self._words.append(words)

    def end(self, _: str) -> None:
        place, text = self._names, "".join(self._words)
        if place == ["playlist", "title"]:
            self.title = clean_text(text)
        elif place[:3] == ["playlist", "trackList", "track"]:
            if len(place) == 4 and place[3] in _FIELDS:
                self._said.setdefault(place[3], []).append(text.strip())
            elif len(place) == 3:
                self.entries.append(entry_of_fields(self._said, self.folder))
        self._names.pop()
        self._words = []


def entry_of_fields(said: dict[str, list[str]], folder: Path) -> Entry:
    """An entry of the texts under each element's name; XSPF and JSPF share the names."""
    places = [place_of_uri(text, folder) for text in said.get("location", ())]
    path = next((path for path, _ in places if path is not None), None)
    url = None if path is not None else next((clean_text(url) for _, url in places if url), None)
    recordings = [recording_id(text) for text in said.get("identifier", ())]
    first = {name: clean_text(texts[0]) for name, texts in said.items() if texts}
    duration = None
    with suppress(ValueError):
        duration = plausible_seconds(float(first.get("duration") or "nan") / 1_000)
    return Entry(
        path=path,
        location=url,
        title=first.get("title"),
        artist=first.get("creator"),
        album=first.get("album"),
        duration_s=duration,
        musicbrainz_recording_id=next((found for found in recordings if found), None),
    )
