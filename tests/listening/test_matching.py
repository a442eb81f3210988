"""Matching: cases with known answers, and that what is another recording is never taken."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from segue.catalogue import HOW, HeardTable, MatchTable
from segue.listening import match_recordings
from segue.listening.names import artist_of, is_live, song_of


def library(*tracks, **columns) -> MatchTable:
    """Tracks as (artist, title[, album[, duration_s]]); keys count from 1."""
    rows = [track + ("", 200.0)[len(track) - 2 :] for track in tracks]
    n = len(rows)
    empty = {name: [""] * n for name in ("album_artist", "mbid", "isrc")} | {"files": {}}
    return MatchTable(
        keys=np.arange(1, n + 1),
        artist=[row[0] for row in rows],
        title=[row[1] for row in rows],
        album=[row[2] for row in rows],
        duration_s=np.array([row[3] for row in rows], np.float64),
        **empty | columns,
    )


def heard(*recordings, **columns) -> HeardTable:
    """Recordings as (artist, title[, album])."""
    rows = [(*row, "")[:3] for row in recordings]
    n = len(rows)
    base = {name: [""] * n for name in ("mbid", "isrc", "uri", "path")}
    return HeardTable(
        ids=np.arange(1, n + 1),
        artist=[row[0] for row in rows],
        title=[row[1] for row in rows],
        album=[row[2] for row in rows],
        **base | {"duration_s": np.full(n, np.nan)} | columns,
        track_key=np.full(n, -1),
        how=np.zeros(n, np.int8),
        score=np.zeros(n),
        near_key=np.full(n, -1),
    )


def match(recording, *tracks, **columns) -> int:
    """The track that a recording is taken for, -1 for none, minus its key and 1 for a near miss."""
    found = match_recordings(heard(recording, **columns), library(*tracks))
    key, near = int(found.track_key[0]), int(found.near_key[0])
    return key if key > 0 else -1 - near if near > 0 else -1


NEAR = -2
"""What `match` says of a near miss of the first track."""

SAME = [
    (("Beatles", "Help!"), ("The Beatles", "Help! (Remastered 2009)")),
    (("The Beatles", "Help! - 2009 Digital Remaster"), ("Beatles, The", "Help!")),
    (("Bjork", "Joga"), ("Björk", "Jóga")),
    (("Sigur Rós", "Hoppípolla"), ("sigur ros", "hoppipolla")),
    (
        ("Daft Punk feat. Pharrell Williams", "Get Lucky"),
        ("Daft Punk", "Get Lucky (feat. Pharrell Williams)"),
    ),
    (("Daft Punk", "Get Lucky - Radio Edit"), ("Daft Punk", "Get Lucky")),
    (("Daft Punk", "Get Lucky ft. Pharrell"), ("Daft Punk; Pharrell Williams", "Get Lucky")),
    (("JAY-Z & Kanye West", "No Church In The Wild"), ("Jay-Z; Kanye West", "No Church in the Wild")),
    (("Lady Gaga, Bradley Cooper", "Shallow"), ("Lady Gaga & Bradley Cooper", "Shallow")),
    (("Bradley Cooper", "Shallow"), ("Lady Gaga & Bradley Cooper", "Shallow")),
    (("Sia", "Titanium (with David Guetta)"), ("Sia", "Titanium")),
    (("AC/DC", "T.N.T."), ("ACDC", "TNT")),
    (("Guns N' Roses", "Don't Cry"), ("Guns N’ Roses", "Don’t Cry")),
    (("Pink Floyd", "Another Brick in the Wall Part 2"), ("Pink Floyd", "Another Brick in the Wall, Pt. 2")),
    (("Cream", "Badge - Mono"), ("Cream", "Badge (Stereo Version)")),
    (("千本桜P", "千本桜 (Senbonzakura)"), ("千本桜P", "千本桜")),
    (("初音ミク", "メルト"), ("初音ミク (Hatsune Miku)", "メルト")),
    (("Кино", "Группа крови"), ("КИНО", "Группа Крови")),
    (("방탄소년단", "봄날"), ("방탄소년단", "봄날")),
    (("فيروز", "نسم علينا الهوى"), ("فيروز", "نسم علينا الهوى")),
    (("Queen", "Bohemian Rhapsody - Live at Wembley '86"), ("Queen", "Bohemian Rhapsody (Live At Wembley)")),
    (("Nirvana", "Polly - Live"), ("Nirvana", "Polly (Live)")),
    (("New Order", "Blue Monday - Hardfloor Mix"), ("New Order", "Blue Monday (Hardfloor Mix)")),
    (("The The", "Giant"), ("The The", "Giant")),
    (("!!!", "Heart of Hearts"), ("!!!", "Heart Of Hearts")),
    (("Nirvana", "(Live)"), ("Nirvana", "(Live)")),
    (("Johann Sebastian Bach", "Prelude No. 1"), ("Johann Sebastiann Bach", "Prelude No. 1")),
]

OTHER_RECORDINGS = [
    (("Queen", "Bohemian Rhapsody"), ("Queen", "Bohemian Rhapsody - Live at Wembley")),
    (("Queen", "Bohemian Rhapsody - Live"), ("Queen", "Bohemian Rhapsody")),
    (("Queen", "Love of My Life (Live in Rio)"), ("Queen", "Love of My Life (Live at Wembley)")),
    (("Nirvana", "All Apologies"), ("Nirvana", "All Apologies", "MTV Unplugged in New York")),
    (("New Order", "Blue Monday"), ("New Order", "Blue Monday (Hardfloor Mix)")),
    (("New Order", "Blue Monday (Club Mix)"), ("New Order", "Blue Monday (Hardfloor Mix)")),
    (("Taylor Swift", "Love Story"), ("Taylor Swift", "Love Story (Taylor's Version)")),
    (("Eric Clapton", "Layla - Acoustic"), ("Eric Clapton", "Layla")),
    (("Adele", "Hello (Karaoke Version)"), ("Adele", "Hello")),
    (("Metallica", "Nothing Else Maters"), ("Metallica", "Nothing Else Matters")),
    (("Metalica", "One More Song"), ("Metallica", "One More Song")),
    (("Sia", "Elastic (feat. Kendrick)"), ("Sia", "Elastic (feat. Rihanna)")),
    (("", "Angel of Harlem"), ("U2", "Angel of Harlem")),
]

OTHER_SONGS = [
    (("Sarah McLachlan", "Angel"), ("Aerosmith", "Angel")),
    (("Adele", "Hello"), ("Lionel Richie", "Hello")),
    (("Beethoven", "Symphony No. 5"), ("Beethoven", "Symphony No. 6")),
    (
        ("Pink Floyd", "Another Brick in the Wall (Part 1)"),
        ("Pink Floyd", "Another Brick in the Wall (Part 2)"),
    ),
    (("Blur", "Song 2"), ("Blur", "Song 3")),
    (("MC 12 Collective", "The Long Song"), ("MC 13 Collective", "The Long Song")),
    (("Various Artists", "Angel"), ("Aerosmith", "Angel")),
    (("Abba", "Fernando"), ("Abba", "Chiquitita")),
]


@pytest.mark.parametrize(("recording", "track"), SAME)
def test_the_same_recording(recording, track):
    assert match(recording, track) == 1
    assert match(track[:2], recording) == 1


@pytest.mark.parametrize(("recording", "track"), OTHER_RECORDINGS)
def test_another_recording_of_the_song_is_only_near(recording, track):
    assert match(recording, track) == NEAR


@pytest.mark.parametrize(("recording", "track"), OTHER_SONGS)
def test_another_song_is_not_even_near_enough_to_be_taken(recording, track):
    assert match(recording, track) < 0


def test_the_version_that_was_played_is_taken_where_the_library_has_several():
    both = [
        ("Nirvana", "All Apologies", "MTV Unplugged in New York", 264.0),
        ("Nirvana", "All Apologies", "In Utero", 230.0),
        ("Nirvana", "All Apologies (Home Demo)", "Rarities", 210.0),
    ]
    assert match(("Nirvana", "All Apologies"), *both) == 2
    assert match(("Nirvana", "All Apologies", "MTV Unplugged In New York (Live)"), *both) == 1
    assert match(("Nirvana", "All Apologies", "In Utero (Super Deluxe Edition)"), *both) == 2
    assert match(("Nirvana", "All Apologies - Home Demo"), *both) == 3
    assert match(("Nirvana", "All Apologies"), *both, duration_s=np.array([265.0])) == 1


def test_album_or_length_make_a_misspelled_name_sure():
    track = ("Metallica", "Nothing Else Matters", "Metallica", 388.0)
    assert match(("Metallica", "Nothing Else Maters", "Metallica (Remastered)"), track) == 1
    assert match(("Metallica", "Nothing Else Maters"), track, duration_s=np.array([389.0])) == 1
    assert match(("Metalica", "Nothing Else Matters", "Metallica"), track) == 1


def test_lengths_far_apart_are_other_recordings():
    track = ("Artist", "Long Song", "", 600.0)
    assert match(("Artist", "Long Song"), track, duration_s=np.array([240.0])) == NEAR
    assert match(("Artist", "Long Song"), track, duration_s=np.array([590.0])) == 1


def test_ids_come_before_names():
    tracks = library(
        ("A", "T"), ("A", "T"), ("A", "T"), mbid=["", "m-1", ""], isrc=["", "", "gb-ayc-95-00123"]
    )
    recordings = heard(
        ("A", "T"), ("A", "T"), ("A", "T"), mbid=["", "m-1", ""], isrc=["", "", "GBAYC9500123"]
    )
    found = match_recordings(recordings, tracks)
    assert found.track_key.tolist() == [1, 2, 3]
    assert [HOW[number] for number in found.how] == ["name", "musicbrainz", "isrc"]


def test_an_id_of_another_song_does_not_win_over_names_that_fit():
    tracks = library(("A", "Wrong"), ("A", "Right"), mbid=["m-1", ""])
    assert match_recordings(heard(("A", "Right"), mbid=["m-1"]), tracks).track_key.tolist() == [2]
    # Without a better track the id is believed: names may be in another language.
    assert match_recordings(heard(("B", "Верно"), mbid=["m-1"]), tracks).track_key.tolist() == [1]


def test_files_are_found_where_they_are_and_where_they_were():
    files = {"/music/A/B/1.mp3": 1, "/music/A/C/1.mp3": 2, "/old/A/C/1.mp3": 1}
    tracks = library(("", ""), ("", ""), files=files)
    paths = ["/music/A/B/1.mp3", "C:\\Users\\me\\A\\B\\1.mp3", "/else/A/C/1.mp3", "/else/1.mp3"]
    found = match_recordings(heard(*[("", "")] * 4, path=paths), tracks)
    assert found.track_key.tolist() == [1, 1, -1, -1]  # of two files by the same name neither is taken


def test_nothing_to_look_for_and_nothing_to_find():
    assert len(match_recordings(heard(), library(("A", "T"))).track_key) == 0
    assert match_recordings(heard(("A", "T")), library()).track_key.tolist() == [-1]


def test_odd_names_do_no_harm():
    names = ["", " ", "()", "[", "feat.", " - ", "(feat. X)", "&", "the", "(" * 5_000, "\ud800", "a - - b"]
    for name in names:
        song_of(name), artist_of(name)
    pairs = [(one, other) for one in names for other in names]
    match_recordings(heard(*pairs), library(*pairs))


SYLLABLES = ("ka", "lo", "mi", "ran", "te", "ver", "sol", "dun", "pra", "el", "os", "tin", "mar", "quo", "zi")


def words(rng: random.Random, least: int, most: int) -> str:
    return " ".join(
        "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))).title() for _ in range(rng.randint(least, most))
    )


def noise(rng: random.Random, artist: str, title: str) -> tuple[str, str]:
    """The same names as another service may write them."""
    style = rng.randrange(6)
    guest = words(rng, 1, 2)
    return [
        (artist, f"{title} - {rng.randint(1990, 2020)} Remaster"),
        (f"{artist} feat. {guest}", title),
        (artist, f"{title} (ft. {guest})"),
        (artist.upper(), title.lower()),
        (f"The {artist}", f"{title} [Mono]"),
        (f"{artist}, {guest}", f"{title} (Radio Edit)"),
    ][style]


def test_a_made_up_library_with_known_answers():
    rng = random.Random(7)
    artists = [words(rng, 1, 3) for _ in range(300)]
    tracks = list({(rng.choice(artists), words(rng, 1, 4)): None for _ in range(3_000)})
    known = [noise(rng, *track) for track in tracks[:1_000]]
    live = [(artist, f"{title} (Live at {words(rng, 1, 1)})") for artist, title in tracks[:500]]
    covers = [(words(rng, 2, 3), title) for _, title in tracks[:500]]
    strange = [(artist, words(rng, 2, 4)) for artist, _ in tracks[:500]]
    found = match_recordings(heard(*known, *live, *covers, *strange), library(*tracks))
    assert (found.track_key[:1_000] == np.arange(1, 1_001)).mean() > 0.99
    assert (found.track_key[1_000:] < 0).mean() > 0.999
    assert (found.near_key[1_000:1_500] > 0).all()  # live recordings are shown as near


def test_time_does_not_grow_with_the_product():
    rng = random.Random(1)
    tracks = [(words(rng, 1, 3), words(rng, 1, 4)) for _ in range(8_000)]
    began = time.process_time()
    match_recordings(heard(*[(words(rng, 1, 3), words(rng, 1, 4)) for _ in range(8_000)]), library(*tracks))
    assert time.process_time() - began < 10.0


@pytest.mark.parametrize(
    ("part", "is_it"),
    [
        ("Live", True),
        ("Live Bootleg", True),
        ("BBC Sessions Live", True),
        ("Brixton Academy Live", True),
        ("1998 Live", True),
        ("Recorded Live in Paris", True),
        ("Ao Vivo", True),
        ("Live Forever", False),
        ("Live and Let Die", False),
        ("The Place We Live", False),
        ("Alive", False),
    ],
)
def test_parts_of_titles_that_say_live(part, is_it):
    assert is_live(part) is is_it
    assert (song_of(f"Name ({part})").kind == "live") is is_it
