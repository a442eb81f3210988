"""Sound and pictures: as they are, or made while they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

from segue import catalogue
from segue.audio import estimated_size_bytes, mime_type, stream_codec, transcode
from segue.catalogue import Track
from segue.errors import NothingFound
from segue.operations.media import cover
from segue.server.streaming import playable, send_file, send_made
from segue.server.subsonic import things
from segue.server.subsonic.answers import Failure
from segue.server.subsonic.ids import meant, not_found
from segue.server.subsonic.params import shortened
from segue.server.subsonic.registry import Asked, method

_FORMATS = {"mp3": "mp3", "opus": "opus", "ogg": "opus", "oga": "opus"}
_DEFAULT_KBPS = {"mp3": 192, "opus": 128}
_MOST_KBPS = {"mp3": 320, "opus": 510}
_LEAST_KBPS = 16
_LONGEST_S = 10**6
_PADDING_BYTES = 4096  # encoders put a little before and after the sound
_LARGEST_PX = 4096
_MOST_TRIED = 20


@dataclass(frozen=True, slots=True)
class Made:
    """How a track is to be sent in another codec.

    Attributes
    ----------
    codec
        Of `segue.audio.transcode`.
    kbps
        In 1,000 bits a second.
    start_s
        Where it begins, in seconds.
    """

    codec: str
    kbps: int
    start_s: float = 0.0


@method("stream")
def stream(asked: Asked) -> Response:
    """A song: the file itself, or a smaller or later-beginning form of it."""
    track = things.track(asked, asked.params.need("id"))
    path = found_file(asked, track)
    made = _wanted(asked, track, path)
    if made is None:
        return send_file(path, asked.headers, method=asked.verb, media_type=mime_type(path.suffix))
    return send_as(asked, track, path, made, promised=asked.params.flag("estimateContentLength", False))


@method("download")
def download(asked: Asked) -> Response:
    """A song's file as it is, under its own name."""
    track = things.track(asked, asked.params.need("id"))
    path = found_file(asked, track)
    kind = mime_type(path.suffix)
    name = track.paths[0].name
    return send_file(path, asked.headers, method=asked.verb, media_type=kind, download_as=name)


def found_file(asked: Asked, track: Track) -> Path:
    """The file of a track, inside the library's folders.

    Raises
    ------
    Failure
        70 if there is none.
    """
    try:
        return playable(track, asked.roots)
    except NothingFound as error:
        raise Failure(70, str(error)) from error


def _wanted(asked: Asked, track: Track, path: Path) -> Made | None:
    """What the app asks for; None for the file as it is."""
    asked_format = (asked.params.text("format") or "").lower()
    most_kbps = asked.params.integer("maxBitRate", 0, low=0, high=100_000)
    start_s = asked.params.integer("timeOffset", 0, low=0, high=_LONGEST_S)
    if asked_format == "raw":
        return None
    if asked_format and asked_format not in _FORMATS:
        if asked_format == path.suffix.lower().removeprefix("."):
            codec = "mp3"  # as it is, unless it is to be smaller or to begin later
        else:
            raise Failure(0, f"format is raw, mp3 or opus, not {shortened(asked_format)}")
    else:
        codec = _FORMATS.get(asked_format, "mp3")
    kbps = (track.bitrate_bps or 0) / 1000
    small_enough = not most_kbps or 0 < kbps <= most_kbps * 1.02
    as_asked = not asked_format or asked_format not in _FORMATS or track.codec == codec
    if small_enough and as_asked and not start_s:
        return None
    return Made(codec, _bit_rate(codec, most_kbps), float(start_s))


def _bit_rate(codec: str, most_kbps: int) -> int:
    wanted = most_kbps or _DEFAULT_KBPS[codec]
    return max(_LEAST_KBPS, min(wanted, _MOST_KBPS[codec]))


def send_as(asked: Asked, track: Track, path: Path, made: Made, *, promised: bool = False) -> Response:
    """A track in another codec; with `promised` its length is told before, where the codec allows it."""
    target = stream_codec(made.codec)
    length = None
    if promised and made.codec == "mp3":
        left_s = max(track.duration_s - made.start_s, 0.0)
        length = estimated_size_bytes(made.codec, left_s, bitrate_bps=made.kbps * 1000) + _PADDING_BYTES
    return send_made(
        partial(transcode, path, made.codec, bitrate_bps=made.kbps * 1000, start_s=made.start_s),
        method=asked.verb,
        media_type=target.mime,
        length=length,
    )


@method("getCoverArt")
def get_cover_art(asked: Asked) -> Response:
    """A picture of a song, an album, an artist, a playlist or a folder."""
    name = asked.params.need("id")
    size_px = asked.params.optional_integer("size", low=1)
    size_px = None if size_px is None else min(size_px, _LARGEST_PX)
    for track in _pictured(asked, name):
        try:
            playable(track, asked.roots)
            picture, kind = cover(asked.services.library.data, track, size_px)
        except NothingFound:
            continue
        return _picture(asked, picture, kind)
    raise Failure(70, "There is no picture of it")


def _picture(asked: Asked, picture: bytes, kind: str) -> Response:
    tag = f'"{sha256(picture).hexdigest()[:32]}"'
    headers = {
        "etag": tag,
        "cache-control": "private, max-age=86400",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'",
    }
    if tag in (asked.headers.get("if-none-match") or ""):
        return Response(status_code=304, headers=headers)
    return Response(picture, media_type=kind, headers=headers)


def _pictured(asked: Asked, name: str) -> Sequence[Track]:
    """The tracks that may have the picture, the likeliest first."""
    kind, own = meant(name)
    if kind == "track":
        return [things.track(asked, name)]
    if kind == "album":
        return things.tracks_there(asked, [things.album(asked, name).cover_track])
    if kind == "artist":
        albums = catalogue.artist_albums(asked.catalogue, things.artist(asked, name).id)
        return things.tracks_there(asked, [album.cover_track for album in albums[:_MOST_TRIED]])
    if kind == "playlist":
        found = catalogue.playlist_tracks(asked.catalogue, things.playlist(asked, name).id)
    else:
        try:
            found = catalogue.folder(asked.catalogue, own)[2]
        except NothingFound:
            raise not_found("folder", name) from None
    pictured = [track for track in found if track.tags.has_cover]
    return (pictured or found)[:_MOST_TRIED]
