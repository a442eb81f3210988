"""What titles say, in several languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.ranking.titles import is_kind, song_name

_OF_A_KIND = {
    "live": """Hallelujah (Live at Sin-é); Creep - Live; Angie [Live]; Zombie (Live in Dublin, 1994);
        Lola (Live); Layla (Unplugged); Clandestino (En Vivo); Garota - Ao Vivo;
        Song (Recorded Live in Paris); Ne me quitte pas (en public); Jam (1998 Live); Azzurro (Dal Vivo)""",
    "remix": """Blue Monday (Hardfloor Remix); Go - Club Mix; One More Time [Extended Mix]; Sun (Rmx);
        Teardrop (Mad Professor Rework)""",
    "karaoke": """Wonderwall (Karaoke Version); Hello (In the Style of Adele); Yesterday - Backing Track;
        さくら(カラオケ)""",
    "skit": "Intro; Skit 3; Interlude; The Intro; Outro; Wu-Tang (Skit); Dinner (Interlude); Intermission",
}
_OF_NONE = """Live and Let Die; Live Forever; Long Live; (I Want to) Live; Remix to Ignition; In the Mix;
    Introducing the Band; Sonata No. 2 - Largo; Alive (Demo); Oliver; Believe (Original Mix);
    Sketches of Spain; ; (; Live"""


def titles_in(text: str) -> list[str]:
    return [title.strip() for title in text.split(";")]


@pytest.mark.parametrize("kind", _OF_A_KIND)
def test_kinds(kind: str) -> None:
    for other, titles in _OF_A_KIND.items():
        for title in titles_in(titles):
            assert is_kind(title, kind) == (kind == other), title
    for title in titles_in(_OF_NONE):
        assert not is_kind(title, kind), title


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Let It Be", "let it be"),
        ("Let It Be - Remastered 2009", "let it be"),
        ("Let It Be (2021 Mix)", "let it be"),
        ("LET IT BE [Mono]", "let it be"),
        ("Let it be (feat. Somebody Else) - Live in Tokyo", "let it be"),
        ("Señorita (Radio Edit)", "senorita"),
        ("Déjà vu (Version acoustique)", "deja vu"),
        ("Anthem (Part 2)", "anthem part 2"),
        ("Anthem (Part 3)", "anthem part 3"),
        ("Suite No. 1 - Prélude", "suite no 1 prelude"),
        ("Don't Stop", "don t stop"),
        ("夜に駆ける", "夜に駆ける"),
        ("Allegro ma non troppo", ""),
        ("Untitled", ""),
        ("Intro", ""),
        ("07", ""),
        ("", ""),
        ("???", ""),
    ],
)
def test_song_names(title: str, name: str) -> None:
    assert song_name(title) == name


@given(st.text(max_size=400))
def test_any_text_has_an_answer(title: str) -> None:
    name = song_name(title)
    assert name == name.strip()
    assert all(is_kind(title, kind) in (True, False) for kind in _OF_A_KIND)


@pytest.mark.parametrize("unit", ["(", " - ", "((live", "live ", " mix", "- a"])
def test_a_title_of_megabytes_takes_no_time(unit: str) -> None:
    title = unit * 1_000_000
    song_name(title)
    assert all(is_kind(title, kind) in (True, False) for kind in _OF_A_KIND)
