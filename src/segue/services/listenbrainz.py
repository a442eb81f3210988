"""The JSON of ListenBrainz: listens that players submit, read and checked; and listens written so.

The shapes and limits are those of https://listenbrainz.readthedocs.io/en/latest/users/json.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segue.errors import UsageError
from segue.texts import isrc_of, mbid_of, text_of
from segue.types import Listen

MOST_LISTENS = 1_000
"""Listens in one request."""
LARGEST_LISTEN = 10_240
"""Bytes of one listen as JSON."""
LARGEST_BODY = MOST_LISTENS * LARGEST_LISTEN
"""Bytes of one request."""
EARLIEST_S = 1_033_430_400
"""2002-10-01: no service took listens before."""
SKEW_S = 3_600
"""How far ahead of now a listen may lie, because clocks differ."""

_LONGEST_S = 1e6  # of a recording
_TYPES = ("single", "import", "playing_now")
_SPOTIFY = re.compile(r"open\.spotify\.com/(?:intl-\w+/)?track/(\w+)")
_SPOTIFY_URI = re.compile(r"spotify:track:(\w+)")


@dataclass(frozen=True, slots=True)
class Submission:
    """What a player submits.

    Attributes
    ----------
    is_playing_now
        Whether it only says what plays now: then there is one listen, without a time, and nothing to store.
    listens
        In the order of the request.
    """

    is_playing_now: bool
    listens: tuple[Listen, ...]


def parse_submission(body: bytes, *, now_s: float) -> Submission:
    """Read the body of ``POST /1/submit-listens``.

    MusicBrainz ids, ISRCs and lengths that are none are left out of a listen; all else that is wrong
    refuses the whole request, as ListenBrainz does.

    Parameters
    ----------
    now_s
        UTC epoch seconds.

    Raises
    ------
    UsageError
        In words for the player, which gets them with status 400.
    """
    if len(body) > LARGEST_BODY:
        raise UsageError(f"the request is larger than {LARGEST_BODY} bytes: send fewer listens at once")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise UsageError("the request is not a JSON document") from None
    kind = said.get("listen_type") if isinstance(said, dict) else None
    if kind not in _TYPES:
        raise UsageError(f"listen_type must be one of {', '.join(_TYPES)}")
    payload = said.get("payload")
    if not isinstance(payload, list) or not payload:
        raise UsageError("payload must be a list of at least one listen")
    if kind != "import" and len(payload) > 1:
        raise UsageError(f"payload must hold exactly one listen where listen_type is {kind}")
    if len(payload) > MOST_LISTENS:
        raise UsageError(f"payload holds more than {MOST_LISTENS} listens: send fewer at once")
    is_now = kind == "playing_now"
    return Submission(
        is_now,
        tuple(_submitted(row, f"payload[{at}]", now_s, is_now=is_now) for at, row in enumerate(payload)),
    )


def _submitted(row: object, where: str, now_s: float, *, is_now: bool) -> Listen:
    if not isinstance(row, dict) or not isinstance(row.get("track_metadata"), dict):
        raise UsageError(f"{where} must be an object with track_metadata")
    if _size(row) > LARGEST_LISTEN:
        raise UsageError(f"{where} is larger than {LARGEST_LISTEN} bytes")
    if is_now and "listened_at" in row:
        raise UsageError(f"{where}.listened_at must be left out where listen_type is playing_now")
    time_s = None if is_now else _time(row.get("listened_at"), f"{where}.listened_at", now_s)
    metadata = row["track_metadata"]
    for name in ("artist_name", "track_name"):
        if not isinstance(metadata.get(name), str) or not text_of(metadata[name]):
            raise UsageError(f"{where}.track_metadata.{name} must be a text that is not empty")
    if not isinstance(metadata.get("additional_info") or {}, dict):
        raise UsageError(f"{where}.track_metadata.additional_info must be an object")
    return recording_of(metadata, time_s=time_s)


def _size(row: object) -> int:
    """Bytes of a JSON value, written as short as it can be."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass"))


def _time(value: object, where: str, now_s: float) -> float:
    """UTC epoch seconds, whole; players also send them as text."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        time_s = int(value)
    except (ValueError, OverflowError):
        raise UsageError(f"{where} must be a whole number of seconds since 1970") from None
    if time_s < EARLIEST_S:
        raise UsageError(f"{where} is before {EARLIEST_S}, which is 2002-10-01")
    if time_s > now_s + SKEW_S:
        raise UsageError(f"{where} is in the future: set the clock of the player")
    return float(time_s)


def recording_of(
    metadata: object, *, mbid: str = "", time_s: float | None = None, kind: str = "play"
) -> Listen:
    """What a ``track_metadata`` says, as a listen; names are empty where it says none.

    Parameters
    ----------
    mbid
        The recording's MusicBrainz id, where it is known from elsewhere.
    """
    said = metadata if isinstance(metadata, dict) else {}
    more, mapped = said.get("additional_info"), said.get("mbid_mapping")
    more = more if isinstance(more, dict) else {}
    # What the listener's player said comes before what ListenBrainz guessed.
    mbid = mbid or mbid_of(more.get("recording_mbid"))
    if not mbid and isinstance(mapped, dict):
        mbid = mbid_of(mapped.get("recording_mbid"))
    return Listen(
        text_of(said.get("artist_name")),
        text_of(said.get("track_name")),
        text_of(said.get("release_name")),
        time_s,
        None,
        None,
        1,
        None,
        kind,
        "",
        mbid,
        isrc_of(more.get("isrc")),
        _spotify_uri(more),
        "",
        _duration_s(more),
    )


def _spotify_uri(more: Mapping[str, Any]) -> str:
    spotify = more.get("spotify_id")
    found = _SPOTIFY.search(spotify) if isinstance(spotify, str) else None
    return f"spotify:track:{found[1]}" if found else ""


def _duration_s(more: Mapping[str, Any]) -> float | None:
    for name, unit in (("duration_ms", 1e3), ("duration", 1.0)):
        value = more.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _LONGEST_S * unit:
            return value / unit
    return None


def listen_document(listen: Listen) -> dict[str, Any] | None:
    """A listen as ListenBrainz takes it; None where it would be refused: no names, or a time before 2002."""
    artist, title, album = (text_of(name) for name in (listen.artist, listen.title, listen.album))
    if not artist or not title or (listen.time_s is not None and not listen.time_s >= EARLIEST_S):
        return None
    more: dict[str, Any] = {"submission_client": "Segue"}
    if mbid := mbid_of(listen.recording_mbid):
        more["recording_mbid"] = mbid
    if isrc := isrc_of(listen.isrc):
        more["isrc"] = isrc
    if (uri := _SPOTIFY_URI.fullmatch(listen.uri)) is not None:
        more["spotify_id"] = f"https://open.spotify.com/track/{uri[1]}"
    if listen.duration_s is not None and 0.001 <= listen.duration_s < _LONGEST_S:
        more["duration_ms"] = round(listen.duration_s * 1_000)
    metadata: dict[str, Any] = {"artist_name": artist, "track_name": title}
    if album:
        metadata["release_name"] = album
    metadata["additional_info"] = more
    document: dict[str, Any] = {"track_metadata": metadata}
    if listen.time_s is not None:
        document["listened_at"] = int(listen.time_s)
    return document if _size(document) <= LARGEST_LISTEN else None
