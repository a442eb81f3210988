"""Audio files in; samples of chosen windows, tags and identity out. Nothing is ever written."""

from __future__ import annotations

from segue.audio.containers import AUDIO_SUFFIXES
from segue.audio.cover import Cover, read_cover
from segue.audio.identity import payload_digest
from segue.audio.info import AudioInfo
from segue.audio.recording import Recording, probe, read_recording
from segue.audio.streaming import stream_samples
from segue.audio.tags import Tags, read_tags
from segue.audio.windows import DEFAULT_PLAN, WindowPlan, window_spans

__all__ = [
    "AUDIO_SUFFIXES",
    "DEFAULT_PLAN",
    "AudioInfo",
    "Cover",
    "Recording",
    "Tags",
    "WindowPlan",
    "payload_digest",
    "probe",
    "read_cover",
    "read_recording",
    "read_tags",
    "stream_samples",
    "window_spans",
]
