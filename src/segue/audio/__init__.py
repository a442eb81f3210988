"""Audio files in; samples of chosen windows, tags and identity out. Only `tag_writing` ever writes."""

from __future__ import annotations

from segue.audio.containers import AUDIO_SUFFIXES
from segue.audio.cover import Cover, read_cover
from segue.audio.identity import payload_digest
from segue.audio.info import AudioInfo
from segue.audio.lrc import Cue, Line, Lyrics
from segue.audio.lyrics import lyrics_of
from segue.audio.media_types import browser_type, mime_type
from segue.audio.naming import is_disc_folder
from segue.audio.recording import Recording, probe, read_recording
from segue.audio.streaming import stream_samples
from segue.audio.tag_writing import (
    GenreFields,
    read_genre_fields,
    restore_genre_fields,
    same_genre_fields,
    write_genres,
)
from segue.audio.tags import Tags, read_tags
from segue.audio.transcoding import STREAM_CODECS, StreamCodec, estimated_size_bytes, stream_codec, transcode
from segue.audio.windows import DEFAULT_PLAN, WindowPlan, window_spans

__all__ = [
    "AUDIO_SUFFIXES",
    "DEFAULT_PLAN",
    "STREAM_CODECS",
    "AudioInfo",
    "Cover",
    "Cue",
    "GenreFields",
    "Line",
    "Lyrics",
    "Recording",
    "StreamCodec",
    "Tags",
    "WindowPlan",
    "browser_type",
    "estimated_size_bytes",
    "is_disc_folder",
    "lyrics_of",
    "mime_type",
    "payload_digest",
    "probe",
    "read_cover",
    "read_genre_fields",
    "read_recording",
    "read_tags",
    "restore_genre_fields",
    "same_genre_fields",
    "stream_codec",
    "stream_samples",
    "transcode",
    "window_spans",
    "write_genres",
]
