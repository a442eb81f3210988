"""Text as people mean it, without case, accents and punctuation: two spellings of a name are equal."""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT = 4_000
"""Characters of one tag that are kept; no name is longer, and a broken tag may hold megabytes."""

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
# Marks that people leave out when they type. Not all marks: the voicing marks of kana and the vowel signs of
# Indian scripts make other letters.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_APOSTROPHES = re.compile("['’‘ʼ`´]")
_SEPARATORS = re.compile("[^a-z0-9]+")
# Scripts written without spaces between words, and Hangul, whose words carry particles: every sign is a word
# of its own, and a run of them is looked for as a phrase.
_SOLID = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])"
)


def clean(text: str | None) -> str | None:
    """Text that can be stored: valid Unicode without NUL, at most `MAX_TEXT` characters; None when empty."""
    if text is None:
        return None
    short = text[:MAX_TEXT].replace("\0", " ").strip()
    return short.encode("utf-8", "replace").decode("utf-8") or None


def fold(text: str | None) -> str:
    """The form in which names are compared: lower-case words without accents, one space between them.

    Text of signs alone (the band ``!!!``) keeps its signs.

    >>> fold("Björk – Jóga (Live)")
    'bjork joga live'
    >>> fold("AC/DC"), fold("Don’t Stop"), fold("Sigur Rós & Co."), fold("!!!")
    ('ac dc', 'dont stop', 'sigur ros and co', '!!!')
    """
    if not text:
        return ""
    spread = unicodedata.normalize("NFKD", text[:MAX_TEXT].casefold())
    bare = unicodedata.normalize("NFC", _MARKS.sub("", spread)).translate(_LETTERS)
    plain = _APOSTROPHES.sub("", bare.replace("&", " and "))
    if plain.isascii():
        words = _SEPARATORS.sub(" ", plain).strip()
    else:  # vowel signs of Indian scripts are marks, which the regular expressions of Python take for signs
        words = " ".join("".join(sign if _of_word(sign) else " " for sign in plain).split())
    return words or " ".join(bare.split())


def _of_word(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign)[0] == "M"


def searchable(text: str | None) -> str:
    """The form in which text enters the word index: folded, and every sign of a solid script apart.

    >>> searchable("千本桜 feat. Miku")
    '千 本 桜 feat miku'
    """
    return " ".join(_SOLID.sub(r" \1 ", fold(text)).split())


def word_query(text: str) -> str | None:
    """An FTS5 query for all words of `text`, the last also as the beginning of a word; None without words.

    >>> word_query("千本桜 mik")
    '"千 本 桜" "mik" *'
    """
    phrases = [searchable(word) for word in fold(text).split()]
    phrases = [phrase for phrase in phrases if any(map(str.isalnum, phrase))]
    if not phrases:
        return None
    return " ".join(f'"{phrase}"' for phrase in phrases) + " *"
