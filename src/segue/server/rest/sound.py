"""One track closely: its sound, waveform, cover, lyrics, spectrogram and genres."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from segue import catalogue as kept
from segue.audio import STREAM_CODECS, lyrics_of, mime_type, transcode
from segue.errors import NothingFound, SegueError
from segue.operations.classify import genre_timeline
from segue.operations.media import cover, placeholder_cover, spectrogram, waveform_peaks
from segue.operations.track_genres import genres_of_track
from segue.server import models
from segue.server.access import ServedNow, Somebody
from segue.server.events import SSE, Responses, event, in_slow_threads
from segue.server.streaming import playable, send_file, send_made
from segue.types import TrackId

router = APIRouter(tags=["one track"])

_BITRATE_BPS = {"opus": 128_000, "mp3": 192_000}
_FOR_EVER = "private, max-age=31536000, immutable"
_A_DAY = "private, max-age=86400"
_AUDIO: Responses = {
    200: {"description": "All of it.", "content": {"audio/*": {}}},
    206: {"description": "The range.", "content": {"audio/*": {}}},
    304: {"description": "It is as the browser has it."},
}
_RANGE = {
    "parameters": [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}}
        for name in ("Range", "If-Range", "If-None-Match")
    ]
}
_BINARY: Responses = {200: {"content": {"application/octet-stream": {}}}}


@router.api_route(
    "/tracks/{track}/audio", methods=["GET"], response_class=Response, responses=_AUDIO, openapi_extra=_RANGE
)
@router.head("/tracks/{track}/audio", include_in_schema=False)
def read_audio(
    track: str,
    request: Request,
    served: ServedNow,
    person: Somebody,
    format: Annotated[Literal["raw", "opus", "mp3"], Query()] = "raw",
    bitrate_kbps: Annotated[int | None, Query(ge=16, le=510)] = None,
    start_s: Annotated[float, Query(ge=0, le=10**6)] = 0.0,
) -> Response:
    """The sound: the file as it is, in ranges; or from a moment on in a format that any browser plays."""
    catalogue = served.catalogue()
    found = kept.track(catalogue, TrackId(track))
    file = playable(found, kept.roots(catalogue))
    if format == "raw":
        return send_file(file, request.headers, method=request.method, media_type=mime_type(file.suffix))
    bitrate_bps = _BITRATE_BPS[format] if bitrate_kbps is None else 1_000 * bitrate_kbps
    return send_made(
        lambda: transcode(file, format, bitrate_bps=bitrate_bps, start_s=start_s),
        method=request.method,
        media_type=STREAM_CODECS[format].mime,
    )


def _heard_here(catalogue: kept.Catalogue, name: str) -> kept.Track:
    """A track with that file alone which may be sent: what is drawn of it is not of another."""
    found = kept.track(catalogue, TrackId(name))
    return replace(found, paths=(playable(found, kept.roots(catalogue)),))


@router.get("/tracks/{track}/download", response_class=Response, responses=_AUDIO, openapi_extra=_RANGE)
def download(track: str, request: Request, served: ServedNow, person: Somebody) -> Response:
    """The file as it is, to keep."""
    catalogue = served.catalogue()
    found = kept.track(catalogue, TrackId(track))
    file = playable(found, kept.roots(catalogue))
    return send_file(
        file,
        request.headers,
        method=request.method,
        media_type=mime_type(file.suffix),
        download_as=file.name,
    )


@router.get("/tracks/{track}/peaks")
def read_peaks(
    track: str,
    response: Response,
    served: ServedNow,
    person: Somebody,
    n: Annotated[int, Query(ge=1, le=2_048)] = 800,
) -> models.Peaks:
    """The waveform: how loud each of `n` parts is."""
    catalogue = served.catalogue()
    found = _heard_here(catalogue, track)
    peaks = waveform_peaks(served.data, found, n)
    response.headers["Cache-Control"] = _FOR_EVER
    return models.Peaks(duration_s=found.duration_s, peaks=peaks[:, 0].tolist())


@router.get(
    "/tracks/{track}/cover",
    response_class=Response,
    responses={200: {"content": {"image/*": {}}}},
)
def read_cover(
    track: str,
    served: ServedNow,
    person: Somebody,
    size: Annotated[int, Query(ge=16, le=2_048)] = 256,
) -> Response:
    """The cover, not larger than asked; a drawn one where there is none."""
    catalogue = served.catalogue()
    found = kept.track(catalogue, TrackId(track))
    try:
        content, media_type = cover(served.data, found, size)
    except NothingFound:
        tags = found.tags
        content, media_type = placeholder_cover(tags.album or tags.artist or tags.title or found.id)
    return Response(content, media_type=media_type, headers={"Cache-Control": _A_DAY})


@router.get("/tracks/{track}/lyrics")
def read_lyrics(track: str, served: ServedNow, person: Somebody) -> models.AllLyrics:
    """Lyrics of the tags and of files beside it; none is an empty list."""
    catalogue = served.catalogue()
    found = kept.track(catalogue, TrackId(track))
    file = playable(found, kept.roots(catalogue))
    return models.AllLyrics(
        items=[
            models.Lyrics(
                language=one.lang,
                synced=one.synced,
                lines=[
                    models.LyricsLine(
                        start_ms=None if line.start_ms is None else line.start_ms - one.offset_ms,
                        text=line.value,
                    )
                    for line in one.lines
                ],
            )
            for one in lyrics_of(file)
        ]
    )


@router.get("/tracks/{track}/spectrogram", response_class=Response, responses=_BINARY)
def read_spectrogram(
    track: str,
    served: ServedNow,
    person: Somebody,
    start_s: Annotated[float, Query(ge=0, le=10**6)] = 0.0,
    length_s: Annotated[float, Query(gt=0, le=600)] = 30.0,
    columns: Annotated[int, Query(ge=1, le=4_096)] = 600,
    bins: Annotated[int, Query(ge=1, le=96)] = 96,
) -> Response:
    """The log-mel spectrogram of a stretch: a byte a point, columns by time, each from low to high."""
    catalogue = served.catalogue()
    found = _heard_here(catalogue, track)
    picture = spectrogram(served.data, found, start_s, length_s, columns, bins)
    return Response(
        np.ascontiguousarray(picture).tobytes(),
        media_type="application/octet-stream",
        headers={
            "X-Columns": str(picture.shape[0]),
            "X-Bins": str(picture.shape[1]),
            "X-Column-S": f"{length_s / picture.shape[0]:.6f}",
            "Cache-Control": _FOR_EVER,
        },
    )


@router.get("/tracks/{track}/genres")
def read_track_genres(track: str, served: ServedNow, person: Somebody) -> models.TrackGenres:
    """Genres told by ear of the whole track, most likely first."""
    catalogue = served.catalogue()
    found = kept.track(catalogue, TrackId(track))
    model, said = genres_of_track(served.resident, found)
    return models.TrackGenres(
        model=model, items=[models.GenreShare(name=name, probability=share) for name, share in said]
    )


@router.get("/tracks/{track}/timeline", response_class=StreamingResponse, responses=SSE)
def read_timeline(track: str, served: ServedNow, person: Somebody) -> StreamingResponse:
    """Genres as they move through the track: server-sent events `classes`, `moment` and `end`.

    `classes` holds the names, each `moment` a time in seconds and a probability a name.
    """
    catalogue = served.catalogue()
    found = kept.track(catalogue, TrackId(track))
    file = playable(found, kept.roots(catalogue))
    model, moments = genre_timeline(file, data=served.data)

    def events() -> Iterator[bytes]:
        yield event("classes", list(model.classes))
        try:
            for moment in moments:
                shares = [round(float(share), 4) for share in moment.probabilities]
                yield event("moment", {"start_s": moment.start_s, "probabilities": shares})
        except SegueError as error:
            yield event("problem", getattr(error, "detail", str(error)))
        yield event("end", None)

    return StreamingResponse(
        in_slow_threads(events(), served),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache"},
    )
