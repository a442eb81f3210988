"""`similar`, `mix`, `path` and `duplicates`, asked of the demo library, whose right answers are known."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from segue.playlists import read_playlist


def style_of(demo, title):
    return demo.piece(title).style


@pytest.mark.parametrize("title", ["Neon Ledger", "Lamp Left On", "Hail"])
def test_similar_finds_the_style_of_the_seed(segue, demo, title):
    seed = demo.piece(title)
    answer = segue("similar", f"{seed.artist} - {seed.title}", "-n", "3", "--json", "--data", demo.data)
    assert answer.code == 0
    assert [set(row) >= {"id", "artist", "title", "album", "path", "match", "reasons"} for row in answer.json]
    assert [style_of(demo, row["title"]) for row in answer.json] == [seed.style] * 3
    assert [row["match"] for row in answer.json] == sorted(
        (row["match"] for row in answer.json), reverse=True
    )
    assert all(0 <= row["match"] <= 100 for row in answer.json)
    assert any(row["reasons"] for row in answer.json)


def test_the_seed_and_its_copies_are_never_in_the_answer(segue, demo):
    original = next(piece.twin for piece in demo.pieces if piece.kind == "reencoding")
    answer = segue(
        "similar",
        original,
        "-n",
        "50",
        "--per-artist",
        "0",
        "--per-album",
        "0",
        "--json",
        "--data",
        demo.data,
    )
    copies = {str(piece.path) for piece in demo.pieces if original in (piece.path, piece.twin)}
    assert not copies & {row["path"] for row in answer.json}


def test_a_seed_may_be_an_id_a_path_or_part_of_a_title(segue, demo):
    by_name = segue("similar", "Neon Ledger", "--json", "--data", demo.data).json
    found = segue("library", "search", "neon ledger", "--json", "--data", demo.data).json
    assert segue("similar", found[0]["id"], "--json", "--data", demo.data).json == by_name
    assert segue("similar", found[0]["path"], "--json", "--data", demo.data).json == by_name
    assert segue("similar", "on ledg", "--json", "--data", demo.data).json == by_name


def test_a_seed_may_be_a_file_outside_the_library(segue, demo, tmp_path):
    seed = demo.piece("Neon Ledger")
    outside = tmp_path / f"elsewhere{seed.path.suffix}"
    shutil.copy(seed.path, outside)
    answer = segue("similar", outside, "-n", "3", "--json", "--data", demo.data)
    assert [style_of(demo, row["title"]) for row in answer.json] == [seed.style] * 3
    assert seed.title not in {row["title"] for row in answer.json}


def test_an_ambiguous_seed_lists_the_candidates_and_exits_with_2(segue, demo):
    artist = demo.piece("Neon Ledger").artist
    answer = segue("similar", artist, "--json", "--data", demo.data)
    assert answer.code == 2
    assert len(answer.json) > 1
    assert {row["artist"] for row in answer.json} == {artist}
    assert "fits" in answer.err
    for_people = segue("similar", artist, "--data", demo.data)
    assert for_people.code == 2
    assert answer.json[0]["id"] in for_people.err


def test_an_unknown_seed_exits_with_2_and_says_what_to_do(segue, demo):
    answer = segue("similar", "no such song anywhere", "--data", demo.data)
    assert (answer.code, answer.out) == (2, "")
    assert "segue library search" in answer.err


@pytest.mark.parametrize(
    "seed", ["", "*", "~nobody-of-that-name/x.mp3", "' OR 1=1 --", "\x01", "x" * 100_000]
)
def test_a_seed_that_names_nothing_is_one_short_line(segue, demo, seed):
    seen = segue("similar", "--data", demo.data, "--", seed)
    assert seen.code == 2
    assert seen.err.count("\n") == 1
    assert len(seen.err) < 300


def test_a_seed_file_is_heard_whatever_it_is_called(segue, demo, tmp_path):
    song = next(demo.music.rglob("*.mp3"))
    for name in ("song.dat", "two\nlines.mp3", "-dash.mp3"):
        (tmp_path / name).write_bytes(song.read_bytes()[:-2000])
        assert segue("similar", tmp_path / name, "-n", 1, "--data", demo.data).code == 0


def test_a_seed_file_that_cannot_be_heard_is_named(segue, demo, tmp_path):
    (tmp_path / "text.mp3").write_text("no music " * 50)
    (tmp_path / "dangling.mp3").symlink_to("nowhere")
    for name, why in (("text.mp3", "not audio"), ("dangling.mp3", "not there")):
        seen = segue("similar", tmp_path / name, "--data", demo.data)
        assert seen.code == 1
        assert str(tmp_path / name) in seen.err and why in seen.err


def test_at_most_k_by_one_artist(segue, demo):
    for limit in (1, 2):
        rows = segue("similar", "Hail", "-n", "15", "--per-artist", limit, "--json", "--data", demo.data).json
        artists = [row["artist"] for row in rows]
        assert max(map(artists.count, artists)) <= limit


def test_filters_apply_before_the_cut(segue, demo):
    rows = segue("similar", "Hail", "-n", "10", "--max-duration", "0:01", "--json", "--data", demo.data).json
    assert rows == []
    genre = demo.piece("Hail").genres[0]
    rows = segue("similar", "Hail", "-n", "10", "--exclude-genre", genre, "--json", "--data", demo.data).json
    assert len(rows) == 10
    assert all(genre not in demo.piece(row["title"]).genres for row in rows)


def test_the_same_question_has_the_same_answer(segue, demo):
    assert segue("mix", "Hail", "Neon Ledger", "--data", demo.data) == segue(
        "mix", "Hail", "Neon Ledger", "--data", demo.data
    )


def test_a_mix_holds_the_styles_of_all_seeds(segue, demo):
    rows = segue("mix", "Hail", "Neon Ledger", "-n", "6", "--json", "--data", demo.data).json
    styles = {style_of(demo, row["title"]) for row in rows}
    assert {style_of(demo, "Hail"), style_of(demo, "Neon Ledger")} <= styles
    assert not {"Hail", "Neon Ledger"} & {row["title"] for row in rows}


@pytest.mark.parametrize("option", ["m3u8", "xspf", "jspf"])
def test_answers_are_written_as_playlists(segue, demo, tmp_path, option):
    file = tmp_path / f"tonight.{option}"
    answer = segue(
        "mix",
        "Hail",
        "Neon Ledger",
        "-n",
        "5",
        "--with-seeds",
        f"--{option}",
        file,
        "--json",
        "--data",
        demo.data,
    )
    assert answer.code == 0
    entries = read_playlist(file).entries
    assert [str(entry.path) for entry in entries] == [row["path"] for row in answer.json]
    assert [entry.title for entry in entries[:2]] == ["Hail", "Neon Ledger"]
    assert all(entry.path.exists() for entry in entries)


def test_relative_playlists_move_with_the_music(segue, demo, tmp_path):
    music = tmp_path / "music"
    shutil.copytree(demo.music, music)
    file = demo.music / "relative.m3u8"
    try:
        segue("similar", "Hail", "-n", "3", "--m3u8", file, "--relative", "--data", demo.data)
        text = file.read_text(encoding="utf-8")
        assert text.startswith("#EXTM3U")
        assert str(demo.music) not in text
        (music / "relative.m3u8").write_text(text, encoding="utf-8")
        assert all(entry.path.exists() for entry in read_playlist(music / "relative.m3u8").entries)
    finally:
        file.unlink()


def test_a_playlist_of_another_ending_is_refused(segue, demo, tmp_path):
    answer = segue("similar", "Hail", "--m3u8", tmp_path / "x.txt", "--data", demo.data)
    assert answer.code == 2
    assert ".m3u8" in answer.err


def test_a_path_includes_both_ends(segue, demo):
    rows = segue("path", "Hail", "Neon Ledger", "-n", "7", "--json", "--data", demo.data).json
    assert [row["title"] for row in (rows[0], rows[-1])] == ["Hail", "Neon Ledger"]
    assert len(rows) == 7
    assert len({row["id"] for row in rows}) == 7


def test_a_path_to_itself_is_refused(segue, demo):
    answer = segue("path", "Hail", "Hail", "--data", demo.data)
    assert answer.code == 2


def test_duplicates_are_found(segue, demo):
    groups = segue("duplicates", "--json", "--data", demo.data).json
    files = [{Path(path) for track in group for path in track["paths"]} for group in groups]
    for piece in demo.pieces:
        if piece.kind in ("duplicate", "reencoding"):
            assert any({piece.path, piece.twin} <= group for group in files)
    assert len(groups) == 2


def test_an_empty_library_says_what_to_do(segue, tmp_path):
    answer = segue("similar", "anything", "--data", tmp_path)
    assert answer.code == 2
    assert "segue scan" in answer.err
