"""What form of a song an app can play, decided from what it says it can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from segue.catalogue import Track
from segue.server.subsonic import things
from segue.server.subsonic.answers import Failure, Node, Value
from segue.server.subsonic.methods.media import Made, found_file, send_as
from segue.server.subsonic.params import missing
from segue.server.subsonic.registry import Asked, method

_CONTAINERS = {"m4a": "mp4", "m4b": "mp4", "oga": "ogg", "opus": "ogg", "aif": "aiff"}
_MADE = {"mp3": ("mp3",), "opus": ("ogg", "opus", "webm")}
_DEFAULT_BPS = {"mp3": 192_000, "opus": 128_000}
_MOST_BPS = {"mp3": 320_000, "opus": 510_000}
_LEAST_BPS = 16_000
_COMPARED: dict[str, Callable[[int, list[int]], bool]] = {
    "Equals": lambda value, others: value in others,
    "NotEquals": lambda value, others: value not in others,
    "LessThanEqual": lambda value, others: value <= max(others),
    "GreaterThanEqual": lambda value, others: value >= min(others),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """A track as it is."""

    container: str
    codec: str
    channels: int
    bitrate_bps: int
    sample_rate: int


@method("getTranscodeDecision")
def get_transcode_decision(asked: Asked) -> Node:
    """Whether the file itself can be played, and in what form it can be sent otherwise."""
    track = _song(asked)
    if asked.body is None:
        raise missing("a body of JSON that tells what the app can play")
    if not isinstance(asked.body, Mapping):
        raise Failure(0, "the body is a JSON object")
    source = _source(asked, track)
    reasons = _reasons(asked.body, source)
    made = None if not reasons else _offered(asked.body, source)
    decision: dict[str, Value] = {
        "canDirectPlay": not reasons,
        "canTranscode": made is not None,
        "transcodeReason": reasons,
        "sourceStream": _shown(
            source.container, source.codec, source.channels, source.bitrate_bps, source.sample_rate
        ),
    }
    if made is not None:
        decision["transcodeParams"] = f"{made.codec}-{made.kbps}"
        container = "ogg" if made.codec == "opus" else "mp3"
        rate = 48_000 if made.codec == "opus" else min(source.sample_rate, 48_000)
        decision["transcodeStream"] = _shown(
            container, made.codec, min(source.channels, 2), made.kbps * 1000, rate
        )
    elif reasons:
        decision["errorReason"] = "None of the forms that the app can play can be made: mp3 or opus"
    return {"transcodeDecision": decision}


@method("getTranscodeStream")
def get_transcode_stream(asked: Asked) -> Response:
    """What was decided, from a moment on."""
    track = _song(asked)
    codec, _, kbps = asked.params.need("transcodeParams").partition("-")
    start_s = asked.params.integer("offset", 0, low=0, high=10**6)
    if codec not in _MADE or not (kbps.isascii() and kbps.isdigit() and len(kbps) < 6):
        raise Failure(0, "transcodeParams is what getTranscodeDecision answered")
    most = _MOST_BPS[codec] // 1000
    made = Made(codec, max(_LEAST_BPS // 1000, min(int(kbps), most)), float(start_s))
    return send_as(asked, track, found_file(asked, track), made)


def _song(asked: Asked) -> Track:
    name = asked.params.need("mediaId")
    if asked.params.need("mediaType").lower() != "song":
        raise Failure(70, "mediaType is song: there are no podcasts")
    return things.track(asked, name)


def _source(asked: Asked, track: Track) -> _Source:
    suffix = found_file(asked, track).suffix.lower().removeprefix(".")
    return _Source(
        _CONTAINERS.get(suffix, suffix),
        track.codec,
        track.channels,
        track.bitrate_bps or 0,
        track.sample_rate,
    )


def _shown(container: str, codec: str, channels: int, bitrate_bps: int, rate: int) -> dict[str, Value]:
    return {
        "protocol": "http",
        "container": container,
        "codec": codec,
        "audioChannels": channels,
        "audioBitrate": bitrate_bps,
        "audioSamplerate": rate,
    }


def _reasons(client: Mapping[str, Any], source: _Source) -> list[str]:
    """Why the file itself cannot be played; empty where it can."""
    limit = _number(client.get("maxAudioBitrate"))
    if limit and source.bitrate_bps > limit:
        return ["AudioBitrateNotSupported"]
    found = "ContainerNotSupported"
    for profile in _objects(client.get("directPlayProfiles")):
        if not _among(profile, ("containers", "container"), (source.container,)):
            continue
        if not _among(profile, ("audioCodecs", "audioCodec"), (source.codec,)):
            found = "AudioCodecNotSupported"
            continue
        if not _among(profile, ("protocols", "protocol"), ("http",)):
            found = "ProtocolNotSupported"
            continue
        most = _number(profile.get("maxAudioChannels"))
        if most and source.channels > most:
            found = "AudioChannelsNotSupported"
            continue
        return list(_limits_broken(client, source))
    return [found]


def _limits_broken(client: Mapping[str, Any], source: _Source) -> Iterable[str]:
    known = {
        "audioChannels": source.channels,
        "audioBitrate": source.bitrate_bps,
        "audioSamplerate": source.sample_rate,
    }
    for profile in _objects(client.get("codecProfiles")):
        if str(profile.get("name", "")).lower() != source.codec:
            continue
        for limit in _objects(profile.get("limitations")):
            name = str(limit.get("name", ""))
            values = [number for value in _texts(limit, ("values", "value")) if (number := _number(value))]
            compared = _COMPARED.get(str(limit.get("comparison", "")))
            if name in known and values and compared and not compared(known[name], values):
                yield f"{name[0].upper()}{name[1:]}NotSupported"


def _offered(client: Mapping[str, Any], source: _Source) -> Made | None:
    """The first form of the app's list that can be made."""
    limits = (client.get("maxTranscodingAudioBitrate"), client.get("maxAudioBitrate"))
    most = min((number for limit in limits if (number := _number(limit))), default=0)
    for profile in _objects(client.get("transcodingProfiles")):
        for codec, containers in _MADE.items():
            fits = (
                _among(profile, ("audioCodecs", "audioCodec"), (codec,))
                and _among(profile, ("containers", "container"), containers)
                and _among(profile, ("protocols", "protocol"), ("http",))
            )
            if fits:
                wanted = min(most or _DEFAULT_BPS[codec], _MOST_BPS[codec])
                return Made(codec, max(wanted, _LEAST_BPS) // 1000)
    return None


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, Sequence) else []


def _texts(profile: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """The texts of a list, or of one text with commas: both forms are in use."""
    for name in names:
        value = profile.get(name)
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, Sequence):
            return [str(one) for one in value]
    return []


def _among(profile: Mapping[str, Any], names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a list of an app holds one of `wanted`; a missing list and ``*`` hold everything."""
    given = [text.lower() for text in _texts(profile, names)]
    return not given or "*" in given or any(one in given for one in wanted)


def _number(value: object) -> int:
    """A whole number above 0, else 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        return max(0, int(float(value)))
    except (ValueError, OverflowError):
        return 0
