"""Search while typing, with slips."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.catalogue import forget_paths, open_catalogue, record_analysis, search_all
from segue.settings import DataFolder

SONGS = [
    ("Björk", "Homogenic", "Jóga"),
    ("Björk", "Homogenic", "Bachelorette"),
    ("Metallica", "Metallica", "Enter Sandman"),
    ("Metallica", "Master of Puppets", "Battery"),
    ("The Beatles", "Abbey Road", "Something"),
    ("The Beatles", "Abbey Road", "Come Together"),
    ("!!!", "Louden Up Now", "Hello? Is This Thing On?"),
    ("初音ミク", "初音ミクの消失", "千本桜"),
    ("Sigur Rós", "( )", "Vaka"),
    ("Queen", "A Night at the Opera", "Bohemian Rhapsody"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory, heard):
    with open_catalogue(DataFolder(tmp_path_factory.mktemp("library")), write=True, create=True) as cat:
        for n, (artist, album, title) in enumerate(SONGS):
            record_analysis(cat, heard(f"/m/{n}.mp3", n, artist=artist, album=album, title=title))
        record_analysis(cat, heard("/m/gone.mp3", 99, artist="Gone", album="Gone", title="Gone"))
        forget_paths(cat, [heard("/m/gone.mp3").path])
        yield cat


def found(cat, text, **limits):
    answer = search_all(cat, text, **limits)
    return (
        [one.name for one in answer.artists],
        [one.name for one in answer.albums],
        [track.tags.title for track in answer.tracks],
        answer.corrected,
    )


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("bjork", (["Björk"], ["Homogenic"], ["Jóga", "Bachelorette"], None)),
        ("BJÖRK jog", ([], [], ["Jóga"], None)),
        ("joga bjork", ([], [], ["Jóga"], None)),
        ("metal", (["Metallica"], ["Metallica", "Master of Puppets"], ["Enter Sandman", "Battery"], None)),
        ("beat", (["The Beatles"], ["Abbey Road"], ["Something", "Come Together"], None)),
        (
            "b",
            (
                ["Björk", "The Beatles"],
                ["Homogenic", "Abbey Road"],
                ["Bachelorette", "Battery", "Bohemian Rhapsody"],
                None,
            ),
        ),
        ("come t", ([], [], ["Come Together"], None)),
        ("!!!", (["!!!"], [], [], None)),
        ("千本", ([], [], ["千本桜"], None)),
        ("ミク", (["初音ミク"], ["初音ミクの消失"], ["千本桜"], None)),
        ("gone", ([], [], [], None)),
        ("'); DROP TABLE tracks; --", ([], [], [], None)),
        ('title : "x" OR *', ([], [], [], None)),
    ],
)
def test_as_typed(library, text, answer):
    artists, albums, tracks, corrected = found(library, text)
    wanted_artists, wanted_albums, wanted_tracks, _ = answer
    assert corrected is None
    assert (artists, sorted(albums), sorted(tracks)) == (
        wanted_artists,
        sorted(wanted_albums),
        sorted(wanted_tracks),
    )


@pytest.mark.parametrize(
    ("typed", "read", "first"),
    [
        ("bjrok joga", "bjork joga", "Jóga"),
        ("metalica", "metallica", "Battery"),
        ("beatels something", "beatles something", "Something"),
        ("bohemain rapsody", "bohemian rhapsody", "Bohemian Rhapsody"),
        ("eneter sandmann", "enter sandman", "Enter Sandman"),
        ("veatles", "beatles", "Something"),
        ("quene", "queen", "Bohemian Rhapsody"),
    ],
)
def test_slips_are_read_as_near_words(library, typed, read, first):
    *_, tracks, corrected = found(library, typed)
    assert corrected == read and first in tracks


def test_a_reading_finds_artists_and_albums_too(library):
    artists, albums, _, _ = found(library, "metalica")
    assert artists == ["Metallica"] and "Metallica" in albums


def test_what_nobody_can_mean_finds_nothing(library):
    for text in ("xyzzyx", "qq", "zzzzzzzzzzzzzzzz joga", "a" * 5_000, "qqq www " * 999):
        assert found(library, text) == ([], [], [], None)


def test_a_text_without_words_finds_everything_by_pages(library):
    artists, albums, tracks, _ = found(library, "", n_artists=99, n_albums=99, n_tracks=99)
    assert (len(artists), len(albums), len(tracks)) == (7, 8, 10) and "Gone" not in artists
    paged = [found(library, " ", n_artists=3, artist_offset=at)[0] for at in (0, 3, 6)]
    assert [name for page in paged for name in page] == artists


def test_pages_follow_each_other(library):
    whole = found(library, "metallica")[2]
    assert [found(library, "metallica", n_tracks=1, track_offset=at)[2] for at in (0, 1, 2)] == [
        whole[:1], whole[1:], [],
    ]  # fmt: skip
    assert found(library, "metallica", n_artists=0, n_albums=0, n_tracks=0) == ([], [], [], None)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([song for song in SONGS if song[2].isascii()]))
def test_one_slip_in_a_long_word_is_read(library, seed, song):
    rng = random.Random(seed)
    words = f"{song[2]} {song[0]}".lower().replace("?", "").replace("!!!", "").split()
    at = max(range(len(words)), key=lambda n: len(words[n]))
    word, place, letter = words[at], rng.randrange(len(words[at]) - 1), rng.choice("aeioulnrst")
    head, rest = word[:place], word[place:]
    words[at] = rng.choice(
        [head + rest[1] + rest[0] + rest[2:], head + rest[1:], head + letter + rest[1:], head + letter + rest]
    )
    assert song[2] in found(library, " ".join(words))[2]
