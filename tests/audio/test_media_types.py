"""Every kind of file has a type; only what all browsers play counts as playable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from segue.audio import AUDIO_SUFFIXES, browser_type, mime_type, probe

Maker = Callable[..., Path]


def test_every_suffix_that_is_scanned_has_a_type() -> None:
    assert {suffix for suffix in AUDIO_SUFFIXES if not mime_type(suffix).startswith("audio/")} == set()


@pytest.mark.parametrize(
    ("kind", "mime"),
    [
        ("mp3", "audio/mpeg"),
        ("flac", "audio/flac"),
        ("vorbis", "audio/ogg"),
        ("opus", "audio/ogg"),
        ("wav", "audio/wav"),
        ("wav-float", "audio/wav"),
        ("aac", "audio/mp4"),
        ("adts", "audio/aac"),
        ("aiff", None),
        ("alac", None),
        ("wma", None),
        ("wavpack", None),
        ("tta", None),
        ("mka", None),
    ],
)
def test_by_what_is_in_the_file(make: Maker, kind: str, mime: str | None) -> None:
    path = make(kind, 1.5)
    assert browser_type(probe(path).codec, path.suffix.upper()) == mime
