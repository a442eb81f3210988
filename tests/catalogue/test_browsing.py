"""The library by artists, albums, genres, works and folders, and page by page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segue.catalogue import (
    add_root,
    album,
    album_tracks,
    albums,
    albums_by_id,
    albums_by_use,
    artist,
    artist_albums,
    artist_tracks,
    artists,
    check,
    composers,
    folder,
    forget_paths,
    genres,
    ids_within,
    keys_of,
    links,
    n_albums,
    record_analysis,
    record_play,
    roots_as_folders,
    search_all,
    star,
    tracks_page,
    transaction,
    work_tracks,
    works,
)
from segue.errors import NothingFound


@pytest.fixture
def add(cat, heard):
    """Records one track a call and returns its id."""
    count = iter(range(1_000))

    def record(path=None, **tags):
        n = next(count)
        return record_analysis(cat, heard(path or f"/m/{n}.mp3", f"p{n}", **tags))

    return record


@pytest.fixture
def parted(cat, add):
    """Tracks in two folders, of which one's name begins as the other's does; one album lies in both."""
    for path, by, album_name in [
        ("/m/1.mp3", "Ann", "One"),
        ("/m/deep/er/2.mp3", "Ann", "Both"),
        ("/m more/3.mp3", "Ben", "Both"),
        ("/m more/4.mp3", "Cid", "Four"),
    ]:
        add(path, artist=by, album=album_name, album_artist="Various" if album_name == "Both" else None,
            title=f"Song {path[-5]}", genres=("Folk",), year=1990)  # fmt: skip
    return Path("/m"), Path("/m more")


def test_what_lies_in_one_folder(cat, parted):
    first, second = parted
    pages = [tracks_page(cat, within=one, order="title") for one in (first, second, None, Path("/m/dee"))]
    assert [titles(page) for page in pages] == [
        ["Song 1", "Song 2"],
        ["Song 3", "Song 4"],
        ["Song 1", "Song 2", "Song 3", "Song 4"],
        [],
    ]
    assert titles(tracks_page(cat, within=first, genre="folk", offset=1, order="title")) == ["Song 2"]
    assert len(tracks_page(cat, within=second, order="random", limit=9, seed=3)) == 2
    assert [one.name for one in albums(cat, within=first)] == ["Both", "One"]
    assert [one.name for one in albums(cat, within=second, years=(1980, 1995))] == ["Both", "Four"]
    # Whose album lies in a folder is there too, by whomever its tracks are.
    assert [one.name for one in artists(cat, within=first)] == ["Ann", "Various"]
    assert [one.name for one in artists(cat, within=second)] == ["Ben", "Cid", "Various"]
    every = [one.id for one in reversed(artists(cat))]
    assert ids_within(cat, "artist", every, first) == [every[0], every[3]]
    assert ids_within(cat, "artist", every, None) == every
    of_tracks = [track.id for track in tracks_page(cat, order="title")]
    assert ids_within(cat, "track", of_tracks, second) == of_tracks[2:]
    both = albums(cat, genre="folk")[0]
    assert ids_within(cat, "album", [both.id, "nothing"], second) == [both.id]


@pytest.mark.parametrize(("text", "first", "second"), [
    ("song", ["Song 1", "Song 2"], ["Song 3", "Song 4"]),
    ("ann", ["Song 1", "Song 2"], []),
    ("song 1 ann", ["Song 1"], []),
    ("sonk", ["Song 1", "Song 2"], ["Song 3", "Song 4"]),
    ("", ["Song 1", "Song 2"], ["Song 3", "Song 4"]),
])  # fmt: skip
def test_a_search_in_one_folder(cat, parted, text, first, second):
    for place, wanted in zip(parted, (first, second), strict=True):
        assert sorted(titles(search_all(cat, text, within=place).tracks)) == wanted
    names = [one.name for one in search_all(cat, "both", within=parted[0]).albums]
    assert names == ["Both"] and search_all(cat, "four", within=parted[0]).albums == []
    assert search_all(cat, "ben", within=parted[0]).artists == []
    assert [one.name for one in search_all(cat, "ben", within=parted[1]).artists] == ["Ben"]


def test_albums_played_in_one_folder(cat, parted):
    for at, key in enumerate(keys_of(cat, [track.id for track in tracks_page(cat)]).tolist()):
        record_play(cat, "", key, time_s=at)
    for use in ("frequent", "recent"):
        assert {one.name for one in albums_by_use(cat, "", use, within=parted[0])} == {"Both", "One"}
    star(cat, "", "album", [one.id for one in albums(cat)])
    assert {one.name for one in albums_by_use(cat, "", "starred", within=parted[1])} == {"Both", "Four"}


def titles(found):
    return [track.tags.title for track in found]


def test_an_artist_and_an_album_bear_the_spelling_most_used(cat, add):
    for spelled, album_name in [("Bjork", "homogenic"), ("Björk", "Homogenic"), ("BJÖRK", "Homogenic!"),
                                ("Björk", "Homogenic")]:  # fmt: skip
        add(artist=spelled, album=album_name)
    (by,), (one,) = artists(cat), albums(cat)
    assert (by.name, by.n_albums, by.n_tracks) == ("Björk", 1, 4)
    assert (one.name, one.artist, one.artist_id, one.n_tracks) == ("Homogenic", "Björk", by.id, 4)


def test_an_album_is_what_bears_one_name_by_one_album_artist(cat, add):
    add(artist="A", album="Hits")
    add(artist="B", album="Hits")
    both = [
        add(artist=by, album_artist="Various", album="Hits", year=year)
        for by, year in [("A", 1990), ("B", 1991)]
    ]
    add(artist="", album="Hits")
    add(artist="A", album=None)
    assert [(one.artist, one.n_tracks) for one in albums(cat)] == [
        ("", 1),
        ("A", 1),
        ("B", 1),
        ("Various", 2),
    ]
    assert albums(cat)[0].artist_id is None and n_albums(cat) == 4
    assert [(by.name, by.n_albums, by.n_tracks) for by in artists(cat)] == [
        ("A", 2, 3),
        ("B", 2, 2),
        ("Various", 1, 2),
    ]
    various = artists(cat)[2]
    assert [track.id for track in artist_tracks(cat, various.id)] == both
    assert [one.artist for one in artist_albums(cat, artists(cat)[0].id)] == ["Various", "A"]
    (link,) = links(cat, keys_of(cat, both[:1]))
    assert (link.artist_id, link.album_artist_id) == (artists(cat)[0].id, various.id)
    assert album(cat, link.album_id).artist == "Various"
    assert links(cat, [99])[0].album_id is None


def test_the_record_of_an_album(cat, add):
    tags = {"artist": "A", "album": "X"}
    first = add(**tags, track_number=2, year=1999, genres=("Rock", "Pop"))
    second = add(**tags, track_number=1, year=1999, genres=("rock",), has_cover=False)
    third = add(**tags, disc_number=2, track_number=1, year=2005, genres=("Pop", "Rock"), has_cover=True,
                musicbrainz_release_id="r-1")  # fmt: skip
    (one,) = albums(cat)
    assert (one.year, one.duration_s, one.genres) == (1999, 600.0, ("Pop", "Rock"))
    assert (one.cover_track, one.musicbrainz_release_id) == (third, "r-1")
    assert [track.id for track in album_tracks(cat, one.id)] == [second, first, third]
    assert [(genre.name, genre.n_tracks, genre.n_albums) for genre in genres(cat)] == [
        ("Pop", 2, 1),
        ("Rock", 3, 1),
    ]


def test_only_present_tracks_count_and_ids_come_back(cat, add, heard):
    add("/m/x.mp3", artist="Gone", album="X", genres=("Rock",))
    (by,), (one,) = artists(cat), albums(cat)
    forget_paths(cat, [Path("/m/x.mp3")])
    assert artists(cat) == albums(cat) == genres(cat) == [] and albums_by_id(cat, [one.id]) == []
    for missing in (lambda: artist(cat, by.id), lambda: album(cat, one.id), lambda: album(cat, "nothing"),
                    lambda: artist(cat, "nothing"), lambda: album_tracks(cat, "nothing"),
                    lambda: artist_tracks(cat, "nothing"),
                    lambda: albums(cat, artist_id="nothing")):  # fmt: skip
        with pytest.raises(NothingFound):
            missing()
    assert album_tracks(cat, one.id) == []
    record_analysis(cat, heard("/m/y.mp3", "other", artist="GONE", album="x"))
    assert (artist(cat, by.id).name, album(cat, one.id).name) == ("GONE", "x")


def test_an_album_of_hundreds_counts_its_tracks(cat, heard):
    with transaction(cat):
        for n in range(510):
            record_analysis(cat, heard(f"/m/{n}.mp3", n, artist="A", album="X", year=2000, vectors={}))
    record_analysis(cat, heard("/m/0.mp3", 0, artist="A", album="X!", year=1990, vectors={}))
    forget_paths(cat, [Path(f"/m/{n}.mp3") for n in range(5)])
    (one,) = albums(cat)
    assert (one.name, one.year, one.n_tracks) == ("X", 2000, 505) and check(cat) == []
    forget_paths(cat, [Path(f"/m/{n}.mp3") for n in range(5, 510)])
    assert albums(cat) == [] and check(cat) == []


@pytest.fixture
def shelf(cat, add):
    """Five albums; their tracks came in the order of the list."""
    for by, name, year, genre in [
        ("C", "Alpha", 1990, "Rock"),
        ("A", "Beta", None, "Hip-Hop"),
        ("B", "Gamma", 1980, "hip hop"),
        ("A", "Delta", 2000, "Rock"),
        ("C", "Omega", 1990, "Jazz"),
    ]:
        for n in (1, 2):
            add(artist=by, album=name, year=year, genres=(genre,), title=f"{name} {n}", track_number=n)
    return cat


def names(found):
    return [one.name for one in found]


def test_orders_of_albums(shelf):
    assert names(albums(shelf)) == ["Alpha", "Beta", "Delta", "Gamma", "Omega"]
    assert names(albums(shelf, order="artist")) == ["Beta", "Delta", "Gamma", "Alpha", "Omega"]
    assert names(albums(shelf, order="newest")) == ["Omega", "Delta", "Gamma", "Beta", "Alpha"]
    assert names(albums(shelf, order="year")) == ["Gamma", "Alpha", "Omega", "Delta", "Beta"]
    assert names(albums(shelf, offset=1, limit=2)) == ["Beta", "Delta"] and albums(shelf, offset=9) == []
    for seed in range(3):
        mixed = names(albums(shelf, order="random", seed=seed, limit=-1))
        assert sorted(mixed) == names(albums(shelf))
        pages = [albums(shelf, order="random", seed=seed, offset=at, limit=2) for at in (0, 2, 4)]
        assert [one.name for page in pages for one in page] == mixed
    assert len({tuple(names(albums(shelf, order="random", seed=seed))) for seed in range(9)}) > 1


def test_chosen_albums(shelf):
    assert names(albums(shelf, genre="HIP HOP")) == ["Beta", "Gamma"]
    assert names(albums(shelf, order="year", years=(1985, None))) == ["Alpha", "Omega", "Delta"]
    assert names(albums(shelf, order="year", years=(2000, 1980))) == ["Delta", "Alpha", "Omega", "Gamma"]
    (first, *_) = artists(shelf)
    assert names(albums(shelf, artist_id=first.id, years=(None, 2000))) == ["Delta"]
    assert albums(shelf, genre="'); DROP TABLE albums; --") == []
    ids = [one.id for one in albums(shelf)]
    assert names(albums_by_id(shelf, [ids[3], "nothing", ids[0]])) == ["Gamma", "Alpha"]


def test_pages_of_tracks(shelf, add):
    add(artist="D", title="A last one", year=1970, composer="Ravel")
    assert titles(tracks_page(shelf, limit=3)) == ["Beta 1", "Beta 2", "Delta 1"]
    assert titles(tracks_page(shelf, order="title", limit=2)) == ["A last one", "Alpha 1"]
    assert titles(tracks_page(shelf, order="newest", limit=2)) == ["A last one", "Omega 2"]
    assert titles(tracks_page(shelf, order="year", limit=2)) == ["A last one", "Gamma 1"]
    assert titles(tracks_page(shelf, order="year", offset=9)) == ["Beta 1", "Beta 2"]
    assert titles(tracks_page(shelf, order="title", genre="hip hop", years=(1900, 2100))) == [
        "Gamma 1",
        "Gamma 2",
    ]
    assert titles(tracks_page(shelf, composer="RAVEL")) == ["A last one"]
    assert tracks_page(shelf, composer="nobody") == []
    pages = [tracks_page(shelf, order="random", seed=4, offset=at, limit=4) for at in (0, 4, 8)]
    assert sorted(track for page in pages for track in titles(page)) == sorted(titles(tracks_page(shelf)))


def test_composers_and_works(cat, add):
    first = add(composer="Maurice Ravel", work="Boléro", title="1", artist="O")
    second = add(composer="maurice ravel", work="Bolero", title="2", artist="P")
    add(composer="Maurice Ravel", work="La Valse", title="3")
    add(composer="Maurice Ravel", title="4")
    add(work="Nobody’s", title="5")
    assert [(one.name, one.n_tracks, one.n_works) for one in composers(cat)] == [("Maurice Ravel", 4, 2)]
    assert [(one.composer, one.name, one.n_tracks) for one in works(cat)] == [
        ("", "Nobody’s", 1),
        ("Maurice Ravel", "Bolero", 2),
        ("Maurice Ravel", "La Valse", 1),
    ]
    assert [one.name for one in works(cat, "MAURICE RAVEL")] == ["Bolero", "La Valse"]
    assert [one.name for one in works(cat, "")] == ["Nobody’s"]
    assert [track.id for track in work_tracks(cat, "maurice ravel", "BOLÉRO")] == [first, second]
    assert titles(work_tracks(cat, "", "nobodys")) == ["5"]
    with pytest.raises(NothingFound, match="no track names a work"):
        work_tracks(cat, "Ravel", "Boléro")


def test_folders_from_the_roots_down(cat, add):
    add_root(cat, Path("/music/all"))
    for path in (
        "/music/all/b/2.mp3",
        "/music/all/b/1.mp3",
        "/music/all/A/deep/er/3.mp3",
        "/music/other/4.mp3",
    ):
        add(path, title=Path(path).stem)
    (root,) = roots_as_folders(cat)
    assert (root.name, root.parent_id, root.n_tracks) == ("all", None, 3)
    found, inside, direct = folder(cat, root.id)
    assert (
        found == root
        and direct == []
        and [(one.name, one.n_tracks) for one in inside] == [("A", 1), ("b", 2)]
    )
    assert {one.parent_id for one in inside} == {root.id}
    assert titles(folder(cat, inside[1].id)[2]) == ["1", "2"]
    deep = folder(cat, folder(cat, inside[0].id)[1][0].id)
    assert (deep[0].name, deep[0].parent_id, deep[1][0].name) == ("deep", inside[0].id, "er")
    assert "music" not in str([found, inside, deep[:2]])


def test_no_id_leads_out_of_the_roots(cat, add):
    from segue.catalogue.folders import _id

    add_root(cat, Path("/music/all"))
    add("/music/all/1.mp3")
    add("/music/other/2.mp3")
    (root,) = roots_as_folders(cat)
    ways = [_id(1, way) for way in (b"../other", b"..", b"/music/other", b"x\0", b"nothing")]
    for id in [*ways, _id(2, b""), "", "f", "f1-", "f1-!!", "1", "f-1", "f01", "f" + "9" * 30, "f1-é",
               "/music/other", root.id + "="]:  # fmt: skip
        with pytest.raises(NothingFound, match="no folder of music"):
            folder(cat, id)


def test_a_name_that_is_no_text_can_be_shown(cat, heard):
    add_root(cat, Path("/"))
    record_analysis(cat, heard(os.fsdecode(b"/m\xff/1.mp3"), 1))
    (root,) = roots_as_folders(cat)
    assert root.name == "/"
    (inside,) = folder(cat, root.id)[1]
    assert inside.name.isprintable() and len(folder(cat, inside.id)[2]) == 1
    assert check(cat) == []
