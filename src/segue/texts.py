"""What strangers write, made clean: a line of text that every store can hold, and ids of recordings."""

from __future__ import annotations

import re

_LONGEST_TEXT = 1_000
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")


def text_of(value: object) -> str:
    """`value` as one line of at most 1,000 characters that every store can hold; empty for what is no text.

    Examples
    --------
    >>> text_of(" Two\\nlines "), text_of(None), text_of(1979), text_of("\\ud800")
    ('Two lines', '', '1979', '?')
    """
    if isinstance(value, str):
        if value.isprintable() and len(value) <= _LONGEST_TEXT:
            return value.strip()
        clean = value[: 8 * _LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
        return _UNPRINTABLE.sub(" ", clean).strip()[:_LONGEST_TEXT].strip()
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
        return str(int(value)) if abs(value) < 1e15 and value == int(value) else str(value)[:_LONGEST_TEXT]
    return ""


def is_named(artist: str, title: str, *others: str) -> bool:
    """Whether a row says which recording it means: by artist and title, or by another name such as a URI."""
    return bool((artist and title) or any(others))


def mbid_of(value: object) -> str:
    """A MusicBrainz id in lower case, or empty."""
    text = value.strip().lower() if isinstance(value, str) else ""
    return text if _UUID.fullmatch(text) else ""


def isrc_of(value: object) -> str:
    """The twelve characters of an ISRC, or empty.

    >>> isrc_of("gb-ayc-95-00123")
    'GBAYC9500123'
    """
    text = re.sub(r"[\s-]", "", value).upper() if isinstance(value, str) else ""
    return text if _ISRC.fullmatch(text) else ""
