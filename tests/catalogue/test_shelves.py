"""Playlists, stars, queues, votes and what is played here."""

from __future__ import annotations

import numpy as np
import pytest

from segue.catalogue import (
    HOW,
    HistorySource,
    Plays,
    Vote,
    add_vote,
    album,
    albums,
    albums_by_use,
    append_and_remove,
    artists,
    change_playlist,
    check,
    create_account,
    create_playlist,
    delete_playlist,
    forget_history,
    forget_paths,
    heard_table,
    import_listens,
    judge_track,
    keys_of,
    listen_table,
    marks,
    n_played,
    opinion_table,
    play_queue,
    played,
    playlist,
    playlist_tracks,
    playlists_of,
    rate,
    record_analysis,
    record_play,
    remove_tracks,
    set_opinion,
    set_play_queue,
    star,
    starred,
    store_matches,
    top_tracks,
    unstar,
    votes,
)
from segue.errors import Conflict, NotAllowed, NothingFound, UsageError
from segue.types import Listen


@pytest.fixture
def ids(cat, heard):
    """Six tracks on three albums."""
    return [
        record_analysis(
            cat,
            heard(f"/m/{n}.mp3", n, artist="Björk", album=f"Album {n // 2}", track_number=n, isrc=f"I{n}"),
        )
        for n in range(6)
    ]


def shown(cat, id):
    return [track.id for track in playlist_tracks(cat, id)]


def test_a_playlist_is_kept_changed_and_deleted(cat, ids):
    made = create_playlist(cat, "", " Morning  songs ", [ids[0], ids[1], ids[0]], comment="for <b>tea</b>")
    assert (made.name, made.comment, made.owner, made.is_public) == (
        "Morning songs",
        "for <b>tea</b>",
        "",
        False,
    )
    assert (made.version, made.n_tracks, made.duration_s) == (1, 3, 600.0)
    assert shown(cat, made.id) == [ids[0], ids[1], ids[0]]
    changed = change_playlist(cat, "", made.id, name="Tea", track_ids=[ids[2]], version=1)
    assert (changed.name, changed.comment, changed.version, changed.n_tracks) == (
        "Tea",
        "for <b>tea</b>",
        2,
        1,
    )
    with pytest.raises(Conflict, match="changed meanwhile"):
        change_playlist(cat, "", made.id, name="Coffee", version=1)
    assert playlist(cat, "", made.id) == changed
    longer = append_and_remove(cat, "", made.id, [ids[3], ids[4]], [0])
    assert (longer.version, shown(cat, made.id)) == (3, [ids[3], ids[4]])
    delete_playlist(cat, "", made.id)
    with pytest.raises(NothingFound):
        delete_playlist(cat, "", made.id)
    assert playlists_of(cat, "") == [] and check(cat) == []


def test_wrong_values_change_nothing(cat, ids):
    made = create_playlist(cat, "", "Tea", ids[:2])
    for wrong, error in [
        (lambda: create_playlist(cat, "", " \0 ", []), UsageError),
        (lambda: create_playlist(cat, "", "x", ["nothing"]), NothingFound),
        (lambda: change_playlist(cat, "", made.id, name="New", track_ids=["nothing"]), NothingFound),
        (lambda: change_playlist(cat, "", made.id, track_ids=[], name=""), UsageError),
        (lambda: append_and_remove(cat, "", made.id, ids[:1], [2]), UsageError),
        (lambda: append_and_remove(cat, "", made.id, ids[:1], [-1]), UsageError),
        (lambda: append_and_remove(cat, "", made.id, ["nothing"], [0]), NothingFound),
        (lambda: append_and_remove(cat, "", made.id, ["\ud800"], [0]), NothingFound),
        (lambda: playlist(cat, "", "\ud800"), UsageError),
    ]:
        with pytest.raises(error):
            wrong()
    assert playlists_of(cat, "") == [made] and shown(cat, made.id) == ids[:2]


def test_others_see_public_lists_only_and_change_none(cat, ids):
    create_account(cat, "Zoe", "hash", is_admin=True)
    own = create_playlist(cat, "", "b own", ids[:1])
    public = create_playlist(cat, "", "public", ids[:1], is_public=True)
    anns = create_playlist(cat, "Ann", "A'); DROP TABLE playlists; --", ids[1:2])
    assert playlists_of(cat, "") == [own, public] and own.owner == "Zoe"
    assert playlists_of(cat, "Ann") == [anns, public] and anns.owner == "Ann"
    assert playlists_of(cat, "Unknown") == [public]
    for forbidden in (
        lambda id: playlist(cat, "Ann", id),
        lambda id: change_playlist(cat, "Ann", id, name="mine"),
        lambda id: append_and_remove(cat, "Ann", id, ids, []),
        lambda id: delete_playlist(cat, "Ann", id),
    ):
        with pytest.raises(NothingFound, match="no playlist"):
            forbidden(own.id)
    assert playlist(cat, "Ann", public.id) == public
    with pytest.raises(NotAllowed, match="somebody else"):
        delete_playlist(cat, "Ann", public.id)
    hidden = change_playlist(cat, "", public.id, is_public=False)
    assert playlists_of(cat, "Ann") == [anns] and not hidden.is_public


def test_tracks_that_are_gone_keep_their_places(cat, ids, heard):
    made = create_playlist(cat, "", "Tea", ids[:4])
    forget_paths(cat, [heard(f"/m/{n}.mp3").path for n in (0, 2)])
    assert shown(cat, made.id) == [ids[1], ids[3]] and playlist(cat, "", made.id).n_tracks == 2
    append_and_remove(cat, "", made.id, [ids[4]], [1])
    assert shown(cat, made.id) == [ids[1], ids[4]]
    change_playlist(cat, "", made.id, track_ids=[ids[4], ids[1]])
    for n in (0, 2):
        record_analysis(cat, heard(f"/m/{n}.mp3", n, album="x"))
    assert shown(cat, made.id) == [ids[0], ids[4], ids[1], ids[2]]
    remove_tracks(cat, [ids[1]])
    assert shown(cat, made.id) == [ids[0], ids[4], ids[2]]
    record_analysis(cat, heard("/m/1.mp3", 1, album="x"))
    assert shown(cat, made.id) == [ids[0], ids[4], ids[1], ids[2]] and check(cat) == []


def opinions(cat, listener=""):
    table = opinion_table(cat, listener)
    return {int(key): value for key, value in zip(table.track_key, table.value.tolist(), strict=True)}


def test_a_star_is_an_opinion_until_it_is_taken_back(cat, ids):
    first, second = keys_of(cat, ids[:2]).tolist()
    star(cat, "", "track", ids[:2], 100.0)
    star(cat, "", "track", ids[:1], 200.0)
    assert starred(cat, "", "track") == [(id, 100.0) for id in sorted(ids[:2])]
    assert opinions(cat) == {first: 1.0, second: 1.0}
    rate(cat, "", "track", ids[0], 2)
    assert opinions(cat)[first] == 1.0
    unstar(cat, "", "track", [*ids[:2], ids[4], "nothing"])
    assert opinions(cat) == {first: -0.5}
    rate(cat, "", "track", ids[0], 5)
    assert opinions(cat) == {first: 1.0}
    rate(cat, "", "track", ids[0], 0)
    rate(cat, "", "track", ids[1], 0)
    assert opinions(cat) == {} and starred(cat, "", "track") == []
    assert cat.connection.execute("SELECT count(*) FROM stars").fetchone() == (0,)


def test_what_was_said_by_name_gives_way(cat, ids, heard):
    number = set_opinion(cat, "Björk", "Title 0", -1.0)
    (key,) = keys_of(cat, ids[:1]).tolist()
    none = np.array([-1])
    store_matches(cat, np.array([number]), np.array([key]), np.array([6]), np.array([99.0]), none, state="x")
    assert opinions(cat) == {key: -1.0}
    star(cat, "", "track", ids[:1])
    assert opinions(cat) == {key: 1.0}
    judge_track(cat, "", ids[0], -1.0)
    assert opinions(cat) == {key: -1.0} and starred(cat, "", "track") == []
    judge_track(cat, "", ids[0], 0.5)
    assert opinions(cat) == {key: 0.5} and len(starred(cat, "", "track")) == 1
    judge_track(cat, "", ids[0], None)
    assert opinions(cat) == {} and starred(cat, "", "track") == []
    with pytest.raises(UsageError):
        judge_track(cat, "", ids[0], 2.0)


def test_marks_of_albums_and_artists_are_each_listeners_own(cat, ids):
    (by,), on = artists(cat), albums(cat)
    star(cat, "Ann", "album", [on[1].id], 50.0)
    rate(cat, "Ann", "album", on[2].id, 4)
    rate(cat, "", "album", on[0].id, 1)
    star(cat, "Ann", "artist", [by.id], 60.0)
    found = marks(cat, "Ann", "album", [one.id for one in on])
    assert [(mark.starred_at, mark.rating) for mark in found.values()] == [
        (None, None),
        (50.0, None),
        (None, 4),
    ]
    assert starred(cat, "", "album") == [] and starred(cat, "Nobody", "artist") == []
    assert albums_by_use(cat, "Ann", "starred") == [on[1]] and albums_by_use(cat, "Ann", "rated") == [on[2]]
    for kind in ("track", "album", "artist"):
        with pytest.raises(NothingFound, match=f"no {kind}"):
            star(cat, "", kind, ["nothing"])
        with pytest.raises(UsageError):
            rate(cat, "", kind, ids[0], 6)
    assert opinions(cat) == {}


def test_a_star_outlives_its_track(cat, ids, heard):
    star(cat, "", "track", ids[:1], 10.0)
    remove_tracks(cat, ids[:1])
    assert starred(cat, "", "track") == [(ids[0], 10.0)] and check(cat) == []
    unstar(cat, "", "track", ids[:1])
    record_analysis(cat, heard("/m/0.mp3", 0))
    assert starred(cat, "", "track") == [] and opinion_table(cat).value.tolist() == []


def test_a_play_is_in_the_history_at_once_and_once_a_second(cat, ids):
    first, second = keys_of(cat, ids[:2]).tolist()
    assert record_play(cat, "", first, time_s=1_000.7, played_s=200.0, skipped=False)
    assert not record_play(cat, "", first, time_s=1_000.2)
    assert record_play(cat, "", second, time_s=1_000.0, played_s=10.0, skipped=True)
    table = listen_table(cat)
    assert sorted(table.track_key.tolist()) == [first, second] and table.time_s.tolist() == [1_000.0] * 2
    order = np.argsort(table.track_key)
    assert table.count[order].tolist() == [1, 0] and table.skipped[order].tolist() == [0, 1]
    assert {HOW[how] for how in heard_table(cat).how} == {"by hand"}
    with pytest.raises(NothingFound):
        record_play(cat, "", 99, time_s=0)
    for wrong in ({"time_s": float("nan")}, {"time_s": -1}, {"time_s": 0, "played_s": float("inf")}):
        with pytest.raises(UsageError, match="cannot be"):
            record_play(cat, "", first, **wrong)


def test_a_play_told_again_by_an_import_is_one(cat, ids):
    (key,) = keys_of(cat, ids[:1]).tolist()
    record_play(cat, "", key, time_s=1_000)
    told = [Listen("Björk", "Title 0", time_s=1_000), Listen("Björk", "Title 0", time_s=2_000)]
    import_listens(cat, [(HistorySource("made", "x"), told)])
    assert listen_table(cat).time_s.tolist() == [1_000.0, 2_000.0]


def test_tracks_of_one_name_are_two_and_matching_anew_changes_no_play(cat, heard):
    ids = [record_analysis(cat, heard(f"/m/{n}.mp3", n, title="Same")) for n in (1, 2)]
    keys = keys_of(cat, ids)
    for at, key in enumerate(keys.tolist()):
        record_play(cat, "", key, time_s=at)
    recordings = heard_table(cat)
    nothing = np.full(2, -1)
    store_matches(cat, recordings.ids, nothing, np.ones(2, np.int8), np.zeros(2), nothing, state="new")
    assert listen_table(cat).track_key.tolist() == keys.tolist()
    remove_tracks(cat, ids[:1])
    assert record_analysis(cat, heard("/m/1.mp3", 1, title="Same")) == ids[0]
    (key,) = keys_of(cat, ids[:1]).tolist()
    record_play(cat, "", key, time_s=9)
    assert listen_table(cat).track_key.tolist() == [key, keys[1], key]


def test_albums_and_tracks_by_use(cat, ids):
    keys, on, (by,) = keys_of(cat, ids).tolist(), albums(cat), artists(cat)
    for at, n in enumerate([0, 2, 2, 4, 2, 0]):
        record_play(cat, "", keys[n], time_s=at * 100)
    record_play(cat, "Ann", keys[5], time_s=1)
    record_play(cat, "", keys[5], time_s=900, played_s=1, skipped=True)
    assert albums_by_use(cat, "", "frequent") == [on[1], on[0], on[2]]
    assert albums_by_use(cat, "", "recent") == [on[0], on[1], on[2]]
    assert albums_by_use(cat, "", "recent", offset=1, limit=1) == [on[1]]
    assert albums_by_use(cat, "Ann") == [album(cat, on[2].id)] and albums_by_use(cat, "Nobody") == []
    assert [one.id for one in top_tracks(cat, "", by.id, 3)] == [ids[2], ids[0], ids[4]]
    assert [one.id for one in top_tracks(cat, "Ann", by.id, 2)] == [ids[5], ids[0]]
    assert len(top_tracks(cat, None, by.id, 99)) == 6
    assert [n_played(cat, who, by.id) for who in ("", "Ann", "Nobody")] == [3, 1, 0]
    assert n_played(cat, None, by.id) == 4


def test_plays_of_tracks_and_albums_are_those_that_the_lists_count(cat, ids, heard):
    keys, on = keys_of(cat, ids).tolist(), albums(cat)
    for at, n in enumerate([0, 2, 2, 4, 3, 0]):
        record_play(cat, "", keys[n], time_s=at * 100)
    record_play(cat, "Ann", keys[0], time_s=7)
    record_play(cat, "", keys[5], time_s=900, played_s=1, skipped=True)
    assert played(cat, "", "track", [ids[2], ids[0], ids[5], "nothing"]) == {
        ids[2]: Plays(2, 200.0),
        ids[0]: Plays(2, 500.0),
    }
    of_albums = played(cat, "", "album", [album.id for album in on])
    assert of_albums == {on[0].id: Plays(2, 500.0), on[1].id: Plays(3, 400.0), on[2].id: Plays(1, 300.0)}
    assert [of_albums[one.id].count for one in albums_by_use(cat, "", "frequent")] == [3, 2, 1]
    assert [of_albums[one.id].latest_s for one in albums_by_use(cat, "", "recent")] == [500.0, 400.0, 300.0]
    assert played(cat, "Ann", "album", [on[0].id]) == {on[0].id: Plays(1, 7.0)}
    assert played(cat, "Nobody", "track", ids) == {}
    forget_paths(cat, [heard("/m/2.mp3").path])
    assert played(cat, "", "album", [on[1].id]) == {on[1].id: Plays(1, 400.0)}
    assert albums_by_use(cat, "", "frequent")[0] == on[0]


def test_a_queue_goes_on_where_tracks_are_gone(cat, ids, heard):
    assert play_queue(cat, "") is None
    set_play_queue(cat, "", ids[:4], place=2, position_ms=5_000, changed_by="web")
    found = play_queue(cat, "")
    assert (found.track_ids, found.place, found.position_ms, found.changed_by) == (
        tuple(ids[:4]),
        2,
        5_000,
        "web",
    )
    assert play_queue(cat, "Ann") is None
    forget_paths(cat, [heard("/m/0.mp3").path])
    found = play_queue(cat, "")
    assert (found.track_ids, found.place, found.position_ms) == (tuple(ids[1:4]), 1, 5_000)
    remove_tracks(cat, [ids[2]])
    found = play_queue(cat, "")
    assert (found.track_ids, found.place, found.position_ms) == ((ids[1], ids[3]), 1, 0)
    remove_tracks(cat, [ids[1], ids[3]])
    assert (play_queue(cat, "").track_ids, play_queue(cat, "").place) == ((), None)
    for wrong in ({"place": 1}, {"place": -1}, {"position_ms": -1}):
        with pytest.raises(UsageError):
            set_play_queue(cat, "", ids[4:5], **wrong)
    with pytest.raises(NothingFound):
        set_play_queue(cat, "", ["nothing"])
    set_play_queue(cat, "", [])
    assert play_queue(cat, "") is None


def test_votes_are_kept_by_time(cat):
    late, early = Vote("Ann", 2.0, "seed", "a", "b", 1), Vote("", 1.0, "seed", "a", "b", 0)
    for vote in (late, early, late):
        add_vote(cat, vote)
    assert votes(cat) == [early, late] and votes(cat, "Ann") == [late] and votes(cat, "Nobody") == []
    with pytest.raises(UsageError):
        add_vote(cat, Vote("", 3.0, "seed", "a", "b", 3))


def test_forgetting_a_history_keeps_lists_and_takes_marks_which_are_opinions(cat, ids):
    made = create_playlist(cat, "Ann", "Tea", ids)
    star(cat, "Ann", "track", ids[:1], 1.0)
    forget_history(cat, listener="Ann")
    assert playlists_of(cat, "Ann") == [made] and starred(cat, "Ann", "track") == []
    assert check(cat) == []
