"""What a title says: which song it is, and whether it is a live recording, a remix, karaoke or a skit."""

from __future__ import annotations

import re
from functools import lru_cache

from segue.listening.names import is_live, parts_of, song_of

# A tag may be of any length; what it says stands in the first few hundred characters.
_READ = 300


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


_REMIX = _any(r"remix", r"\brmx\b", r"\brework\b", r"\bbootleg\b", r"\bmash ?up\b", r"\b(?<!original )mix$")
_KARAOKE = _any(
    "karaok[eé]",
    "カラオケ",
    "backing track",
    "playback version",
    "instrumental playback",
    "in the style of",
    "originally performed by",
    "made famous by",
    "sing ?-?along version",
)
_SKIT = (
    r"^(?:the )?(?:skits?|sketch|interludes?|interl[uú]dio|intermission|intro|introduction|outro|spoken word"
    r"|announcement|zwischenspiel)(?: \d+| [ivx]+)?$"
)
_KINDS = {
    kind: re.compile(pattern)
    for kind, pattern in {"remix": _REMIX, "karaoke": _KARAOKE, "skit": _SKIT}.items()
}
_APOSTROPHES = re.compile("['’]")
# Words of titles that many different pieces by one artist bear.
_GENERIC = re.compile(
    r"track|titel|piste|untitled|unknown|no|title|ohne|intro|introduction|outro|interlude|skit|prelude|overture"
    r"|finale|main|theme|sonata|aria|recitativ[oe]|sarabande|gigue|courante|allemande|gavotte|bourree|fug[ae]"
    r"|fugue|menuett?o?|minuet|minuetto|rondo|scherzo|trio|allegr\w+|andant\w+|adagi\w+|largo|larghetto|presto"
    r"|prestissimo|lento|grave|vivace|moderato|ma|non|troppo|con|brio|moto|fuoco|e|molto|poco|assai|piu|di|the"
    r"|[ivx]+|\d+"
)


def is_kind(title: str, kind: str) -> bool:
    """Whether a title says that the track is ``live``, a ``remix``, ``karaoke`` or a ``skit``.

    Examples
    --------
    >>> is_kind("Hallelujah (Live at Sin-é)", "live"), is_kind("Live and Let Die", "live")
    (True, False)
    >>> is_kind("Intro", "skit"), is_kind("Blue Monday - Hardfloor Mix", "remix")
    (True, True)
    """
    title = title[:_READ].casefold()
    if kind == "karaoke":
        return _KINDS[kind].search(title) is not None
    name, parts = parts_of(title)
    if kind == "live":
        return any(map(is_live, parts))
    if kind == "skit":
        parts = (name, *parts)
    return any(_KINDS[kind].search(part) for part in parts)


@lru_cache(maxsize=131_072)  # asked of the same titles with every question
def song_name(title: str) -> str:
    """The song's name without versions, case, accents and punctuation; empty when it names no song.

    Examples
    --------
    >>> song_name("Señorita (2011 Remaster) [feat. Nobody]")
    'senorita'
    >>> song_name("Sonata No. 2 in G - Largo"), song_name("Track 07")
    ('sonata no 2 in g largo', '')
    """
    words = song_of(_APOSTROPHES.sub(" ", title[:_READ])).words
    if all(_GENERIC.fullmatch(word) or not any(map(str.isalnum, word)) for word in words.split()):
        return ""
    return words
