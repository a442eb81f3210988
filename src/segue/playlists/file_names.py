"""Names as file names that every file system takes."""

from __future__ import annotations

import re
import unicodedata

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
# 255 bytes is the limit of most; the rest is left for an ending and a number.
_MOST_BYTES = 200


def safe_file_name(name: str, *, fallback: str = "playlist") -> str:
    """A name without what Windows, macOS, Linux or a network share refuse; never empty, never hidden.

    Examples
    --------
    >>> safe_file_name("R&B/Soul: late?"), safe_file_name("..."), safe_file_name("CON")
    ('R&B-Soul- late', 'playlist', 'CON_')
    """
    text = "".join(
        character
        for character in unicodedata.normalize("NFC", name)
        if unicodedata.category(character) not in ("Cs", "Cf", "Zl", "Zp", "Cn")
    )
    text = " ".join(_FORBIDDEN.sub("-", text).split())
    text = text.encode()[:_MOST_BYTES].decode(errors="ignore").strip(" .-") or fallback
    return f"{text}_" if _RESERVED.fullmatch(text) else text
