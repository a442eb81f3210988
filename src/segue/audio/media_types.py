"""MIME types of music files, and which of them a browser plays as they are."""

from __future__ import annotations

_MIME_TYPES = {
    ".mp3": "audio/mpeg",
    ".mp2": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".wave": "audio/wav",
    ".rf64": "audio/wav",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".aifc": "audio/aiff",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".mp4": "audio/mp4",
    ".aac": "audio/aac",
    ".wma": "audio/x-ms-wma",
    ".ape": "audio/x-monkeys-audio",
    ".wv": "audio/x-wavpack",
    ".mpc": "audio/x-musepack",
    ".tta": "audio/x-tta",
    ".tak": "audio/x-tak",
    ".mka": "audio/x-matroska",
    ".au": "audio/basic",
    ".caf": "audio/x-caf",
    ".w64": "audio/x-w64",
}

# What Chromium, Firefox and Safari all play: by codec, the containers (as suffixes) they know it in.
_PLAYED = {
    "mp3": {".mp3"},
    "flac": {".flac"},
    "aac": {".m4a", ".m4b", ".mp4", ".aac"},
    "vorbis": {".ogg", ".oga"},
    "opus": {".opus", ".ogg", ".oga"},
    "pcm": {".wav", ".wave"},
}
_PLAYED_PCM = {"pcm-u8", "pcm-16", "pcm-24", "pcm-32", "float"} | {
    f"pcm_{name}" for name in ("u8", "s16le", "s24le", "s32le", "f32le")
}


def mime_type(suffix: str) -> str:
    """The MIME type of a file's ending, whatever its case.

    Examples
    --------
    >>> mime_type(".FLAC"), mime_type(".docx")
    ('audio/flac', 'application/octet-stream')
    """
    return _MIME_TYPES.get(suffix.lower(), "application/octet-stream")


def browser_type(codec: str, suffix: str) -> str | None:
    """The MIME type under which any common browser plays a file as it is, None where it must be transcoded.

    Parameters
    ----------
    codec
        As `segue.audio.AudioInfo.codec` names it.
    suffix
        Of the file's name, which tells the container.

    Examples
    --------
    >>> browser_type("aac", ".m4a"), browser_type("alac", ".m4a")
    ('audio/mp4', None)
    """
    lower = suffix.lower()
    kind = "pcm" if codec in _PLAYED_PCM else codec
    return mime_type(lower) if lower in _PLAYED.get(kind, ()) else None
