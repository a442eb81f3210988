"""Artists and titles taken apart: which song, which version of it, by whom, and with which guests."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from segue.catalogue import fold

_READ = 300
# A version stands in brackets or behind a dash: "Song (Live)", "Song - 2009 Remaster".
_BRACKETS = re.compile(r"[(\[{（【]([^()\[\]{}（）【】]*)(?:[)\]}）】]|$)")
_SUFFIX = re.compile(r"\s[-–—~]\s+((?:(?!\s[-–—~]\s).)+)$")
_GUESTS = re.compile(r"(?:\s|^)(?:feat|ft|featuring)(?:\.\s*|\s+)(.+)$", re.IGNORECASE)
_GUEST_PART = re.compile(r"(?:feat|ft|featuring|with)\b (.+)")

# What is written of a recording without making it another one.
_SAME = re.compile(
    r"(?:\d{4} |digital(?:ly)? |newly |\d+ bit |hd |dolby )*re ?master(?:ed|is[eé]e?|is[eé])?"
    r"(?: (?:\d{4}|version|edition|mono|stereo|album|single|lp|mix))*"
    r"|\d{4} (?:mix|stereo mix|mono mix)|(?:in )?(?:mono|stereo)(?: version| mix| remaster(?:ed)?)*"
    r"|(?:album|lp|original|main|studio|explicit|clean|full)(?: album)?(?: version| mix| recording)?"
    r"|bonus(?: track)?|deluxe(?: edition| version)?|(?:\w+ )?anniversary(?: edition| remaster)?"
    r"|(?:official )?(?:music |lyrics? )?(?:video|audio|visualizer)|lyrics|hd|hq|4k|hidden track"
    r"|(?:.+ )?original (?:motion picture )?soundtrack|(?:from|theme from|music from) .+"
    r"|(?:prod|produced) by .+|prod .+|\d{4}"
)
# The same recording, cut shorter or longer.
_CUT = re.compile(
    r"(?:(?:original|main|us|uk) )?(?:radio|single|7|7 inch|12|12 inch|extended|short|long|full length)"
    r" ?(?:edit|mix|version|cut)(?: version)?|radio|single|extended|edit|edited(?: version)?"
)
_LIVE = re.compile(
    r"live|live (?!(?:and|forever|like|for|it|to|your|my|while|wire|through|with|is|alone|free|together)\b).+"
    r"|.*\b(?:live version|live session|live at|live from|live in|unplugged|in concert|en concert|en public"
    r"|im konzert|en vivo|en directo|ao vivo|dal vivo)\b.*"
    r"|.* (?<!\bi )(?<!\bwe )(?<!\byou )(?<!\bthey )(?<!\bto )(?<!\blong )live"
)
_OTHER = re.compile(
    r".*\b(?:remix|rmx|mix|mixed|rework|reworked|bootleg|mash ?up|dub|vip|acoustic|akustik|acoustique"
    r"|acustico|demos?|instrumental|karaoke|cover|tribute|a ?cappella|rehearsal|outtake|alternate|alternative"
    r"|take \d+|orchestral|symphonic|stripped|reprise|sped up|slowed|reverb|nightcore|8d|re ?recorded|ver"
    r"|version|versao|fassung|edit|sessions?|interview|commentary|skit|backing track|style of|made famous"
    r"|originally performed)\b.*"
)
_GENERIC_LIVE = re.compile(r"\b(?:live|version|at|in|from|on|the|recording|session|take|\d{1,2})\b")
_LIVE_ALBUM = re.compile(
    r"^live$|^live (?:at|in|from|on)\b|\blive (?:at|in|from|on)\b|\blive$|\blive \d{4}\b"
    r"|\bunplugged\b|\bin concert\b"
)
_STRICT = re.compile(
    r"\s*;\s*|\s+/\s+|\s*[(\[]?\b(?:feat\.?|ft\.?|featuring)\s+|\s*[(\[]with\s+", re.IGNORECASE
)
_SOFT = re.compile(
    r"\s*[,&+×、・]\s*|\s+(?:and|with|x|vs\.?|versus|und|et|y|e|con|mit|presents|pres\.?)\s+", re.IGNORECASE
)
_NUMBERS = re.compile(
    r"\b(?:\d+|[a-z]|[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten|first|second|third|fourth|fifth)\b"
)
_NOBODY = frozenset({"", "variousartists", "various", "va", "unknownartist", "unknown", "diverse"})


class Song(NamedTuple):
    """What a title says.

    Attributes
    ----------
    keys
        The song's name without case, accents, spaces and versions, and other ways to write it; the first is
        the whole name. Empty where the title names nothing.
    words
        The first with its spaces.
    kind
        Empty for the studio recording, ``cut`` for the same shortened or lengthened, ``live``, or ``other``.
    detail
        Which of that kind: the place of a live recording, the name of a remix.
    guests
        Folded words of featured artists.
    """

    keys: tuple[str, ...]
    words: str
    kind: str = ""
    detail: str = ""
    guests: frozenset[str] = frozenset()


class Artist(NamedTuple):
    """What an artist's name says.

    Attributes
    ----------
    key
        The whole name without case, accents, spaces and a leading "the"; empty for nobody.
    leads
        The name without guests, and other ways to write it.
    parts
        The single artists in it, where it may join several.
    words
        The name without guests, folded.
    guests
        Folded words of featured artists.
    """

    key: str
    leads: tuple[str, ...]
    parts: tuple[str, ...]
    words: str
    guests: frozenset[str] = frozenset()


def song_of(title: str) -> Song:
    """Take a title apart.

    Examples
    --------
    >>> song_of("Señorita (2011 Remaster) [feat. Nobody]")
    Song(keys=('senorita',), words='senorita', kind='', detail='', guests=frozenset({'nobody'}))
    >>> song_of("Hallelujah - Live at Sin-é")[2:4], song_of("Blue Monday (Hardfloor Mix)")[2:4]
    (('live', 'sin e'), ('other', 'hardfloor mix'))
    >>> song_of("(I Can't Get No) Satisfaction").keys, song_of("千本桜 (Senbonzakura)").keys
    (('icantgetnosatisfaction',), ('千本桜senbonzakura', '千本桜', 'senbonzakura'))
    """
    title = title[:_READ]
    plain = title.isascii() and not any(sign in title for sign in "([{-~")
    found = [] if plain else [*_BRACKETS.finditer(title)]
    kinds: list[tuple[str, str]] = []
    guests: set[str] = set()
    kept: list[str] = []
    name = title
    for part in reversed(found):
        name = name[: part.start()] + _without_version(part[1], kinds, guests, kept) + name[part.end() :]
    while not plain and (end := _SUFFIX.search(name)) is not None:
        if _without_version(end[1], kinds, guests, []).strip():
            break
        name = name[: end.start()]
    if (featured := _GUESTS.search(name)) is not None and featured.start() > 0:
        guests.update(fold(featured[1]).split())
        name = name[: featured.start()]
    words = _numbered(fold(name))
    if not words:  # "(Live)" is then a name
        words, kinds = _numbered(fold(title)), []
    keys = [_close(words)] if words else []
    for inside in kept:
        outside = fold(name.replace(inside, " "))
        if outside and inside and outside.isascii() != fold(inside).isascii():
            keys += [_close(outside), _close(fold(inside))]
    kind, detail = max(kinds, key=lambda one: _WEIGHT[one[0]], default=("", ""))
    return Song(tuple(dict.fromkeys(keys)), words, kind, detail, frozenset(guests))


def parts_of(title: str) -> tuple[str, tuple[str, ...]]:
    """What of a title stands outside of brackets and before the last dash, and what within and behind.

    >>> parts_of("Layla (Unplugged) - 2009 Remaster")
    ('Layla', ('2009 Remaster', 'Unplugged'))
    """
    title = title[:_READ]
    end = _SUFFIX.search(title)
    name, parts = (title[: end.start()], [end[1]]) if end else (title, [])
    if end and _BRACKETS.search(end[1]):
        parts = [_BRACKETS.sub(" ", end[1]).strip(), *(found[1] for found in _BRACKETS.finditer(end[1]))]
    parts += [found[1] for found in _BRACKETS.finditer(name)]
    return _BRACKETS.sub(" ", name).strip(), tuple(part for part in parts if part)


def is_live(part: str) -> bool:
    """Whether a part of a title (`parts_of`) says that the recording is live.

    >>> is_live("Live at Sin-é"), is_live("en vivo"), is_live("Live and Let Die")
    (True, True, False)
    """
    return _LIVE.fullmatch(fold(part)) is not None


_WEIGHT = {"": 0, "cut": 1, "live": 2, "other": 3}


def _without_version(part: str, kinds: list[tuple[str, str]], guests: set[str], kept: list[str]) -> str:
    """The part of a title if it belongs to the name, else nothing; what it says otherwise is noted."""
    words = fold(part)
    if (featured := _GUEST_PART.fullmatch(words)) is not None:
        guests.update(featured[1].split())
        return " "
    kind = _kind_of(words)
    if kind is None:
        kept.append(part)
        return f" {part} "
    if kind:
        detail = " ".join(_GENERIC_LIVE.sub(" ", words).split()) if kind == "live" else words
        kinds.append((kind, detail))
    return " "


def _kind_of(words: str) -> str | None:
    """Which kind of version the words of a part name; None if they name none."""
    if not words or _SAME.fullmatch(words):
        return ""
    if _CUT.fullmatch(words):
        return "cut"
    if _LIVE.fullmatch(words):
        return "live"
    return "other" if _OTHER.fullmatch(words) else None


def _numbered(words: str) -> str:
    """Words with two short forms written out, which people mix."""
    for short, whole in (("pt", "part"), ("vol", "volume")):
        if f" {short} " in f" {words} ":
            words = f" {words} ".replace(f" {short} ", f" {whole} ").strip()
    return words


def _close(words: str) -> str:
    return words.replace(" ", "")


@lru_cache(maxsize=65_536)
def artist_of(name: str) -> Artist:
    """Take an artist's name apart.

    Examples
    --------
    >>> artist_of("The Beatles").key, artist_of("Beatles, The").key
    ('beatles', 'beatles')
    >>> artist_of("Jay-Z & Kanye West feat. Frank Ocean")[1:3]
    (('jayzandkanyewest',), ('jayz', 'kanyewest'))
    >>> artist_of("Simon & Garfunkel").leads, artist_of("Various Artists").key
    (('simonandgarfunkel',), '')
    """
    name = name[:_READ]
    if name.casefold().endswith(", the"):
        name = f"The {name[:-5]}"
    key = _bare(name)
    if key in _NOBODY:
        return Artist("", (), (), "")
    lead, *rest = _STRICT.split(name)
    lead = lead.strip() or name
    leads = [_bare(lead)]
    for part in _BRACKETS.finditer(lead):
        outside, inside = lead[: part.start()] + lead[part.end() :], part[1]
        if fold(outside) and fold(inside) and fold(outside).isascii() != fold(inside).isascii():
            leads += [_bare(outside), _bare(inside)]
    parts = [_bare(part) for one in (lead, *rest) for part in _SOFT.split(one)]
    alone = tuple(dict.fromkeys(part for part in parts if len(part) > 1))
    if rest and len({fold(lead).isascii(), *(fold(one).isascii() for one in rest)}) == 2:
        leads += [_bare(one) for one in rest]
    words = fold(lead)
    guests = frozenset(word for one in rest for word in fold(one).split())
    joined = _SOFT.split(lead)
    of_lead = tuple(dict.fromkeys(_bare(part) for part in joined)) if len(joined) > 1 else ()
    return Artist(
        key,
        tuple(dict.fromkeys(one for one in leads if one)),
        of_lead or (alone if rest else ()),
        words.removeprefix("the "),
        guests,
    )


def _bare(name: str) -> str:
    return _close(fold(name).removeprefix("the "))


@lru_cache(maxsize=65_536)
def is_live_album(album: str) -> bool:
    """Whether an album's name says that all on it is live.

    >>> is_live_album("MTV Unplugged in New York"), is_live_album("Live Through This"), is_live_album("Alive")
    (True, False, False)
    """
    return bool(album) and _LIVE_ALBUM.search(fold(album)) is not None


@lru_cache(maxsize=65_536)
def album_of(album: str) -> str:
    """An album's name for comparison: without editions.

    >>> album_of("Abbey Road (Remastered)") == album_of("Abbey Road [Super Deluxe Edition]")
    True
    """
    name = _BRACKETS.sub(" ", album[:_READ])
    while (end := _SUFFIX.search(name)) is not None and _kind_of(fold(end[1])) is not None:
        name = name[: end.start()]
    return _close(fold(name)) or _close(fold(album))


def numbers_in(words: str) -> tuple[str, ...]:
    """Numbers, numerals and single letters, by which otherwise like names differ.

    >>> numbers_in("symphony no 2 part ii")
    ('2', 'ii')
    """
    return tuple(sorted(_NUMBERS.findall(words)))
