"""What a title says: which song it is, and whether it is a live recording, a remix, karaoke or a skit."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# A version stands in brackets or behind a dash: "Song (Live)", "Song - 2009 Remaster". In the name itself the
# same words mean something else: "Live and Let Die", "Remix to Ignition".
_PARTS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]|\s[-–—/]\s+([^(\[{]+)$")

# A tag may be of any length; what it says stands in the first few hundred characters.
_READ = 300


def _any(*patterns: str) -> str:
    return f"(?:{'|'.join(patterns)})"


_LIVE = _any(
    r"^live$",
    r"^live (?:at|in|from|on|@|version|sessions?|recording|take|edit|mix|remaster|à|en|im|aus|au|vom|\W?\d)",
    r"\blive (?:version|session|recording|at|from|in)\b",
    r"[,\d] live$",
    r"\b(?:unplugged|in concert|en concert|en public|im konzert|en vivo|en directo|ao vivo|dal vivo)\b",
)
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
    for kind, pattern in {"live": _LIVE, "remix": _REMIX, "karaoke": _KARAOKE, "skit": _SKIT}.items()
}
_VERSION = re.compile(
    _any(
        _LIVE,
        _REMIX,
        _KARAOKE,
        r"re-?master",
        r"remast[eé]ris",
        r"\b(?:version|versi[oó]n|vers[aã]o|fassung|edit|mix|take \d+|re-?recorded)\b",
        r"^(?:\d{4}|mono|stereo|extended|demo|bonus track|explicit|clean|unplugged|deluxe.*|.* edition)$",
        r"^(?:acoustic|ac[uú]stic[ao]|acoustique|akustik)$",
        r"^(?:feat|ft|featuring|with)\b",
    )
)
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
    pattern = _KINDS[kind]
    if kind == "karaoke":
        return pattern.search(title) is not None
    parts = [_inside(found) for found in _PARTS.finditer(title)]
    if kind == "skit":
        parts.append(_PARTS.sub("", title).strip())
    return any(pattern.search(part) for part in parts)


@lru_cache(maxsize=65_536)
def song_name(title: str) -> str:
    """The song's name without versions, case, accents and punctuation; empty when it names no song.

    Examples
    --------
    >>> song_name("Señorita (2011 Remaster) [feat. Nobody]")
    'senorita'
    >>> song_name("Sonata No. 2 in G - Largo"), song_name("Track 07")
    ('sonata no 2 in g largo', '')
    """

    def without_version(found: re.Match[str]) -> str:
        inside = _inside(found)
        return "" if _VERSION.search(inside) else f" {inside} "

    plain = unicodedata.normalize("NFKD", _PARTS.sub(without_version, title[:_READ].casefold()))
    words = re.findall(r"\w+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    if all(_GENERIC.fullmatch(word) for word in words):
        return ""
    return " ".join(words)


def _inside(found: re.Match[str]) -> str:
    """What stands in the brackets or behind the dash."""
    return (found[1] or found[2] or "").strip()
