"""`segue history` as a person types it."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture
def data(demo, tmp_path):
    shutil.copytree(demo.data, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def plays(tmp_path):
    file = tmp_path / "plays.csv"
    rows = [f"Someone,Neon Ledger (Live),{1_600_000_000 + at}" for at in range(3)]
    rows += ["Nobody,Elsewhere,1600001000", "Nobody,Elsewhere,never"]
    file.write_text("\n".join(["artist,title,time", *rows]) + "\n")
    return file


def test_import_tells_what_it_did(segue, data, plays):
    answer = segue("history", "import", plays, "--json", "--data", data)
    assert answer.code == 0
    facts = answer.json
    assert (facts["plays"], facts["new_plays"], facts["known_plays"], facts["bad_rows"]) == (4, 4, 0, 1)
    assert facts["reasons"] == {"not-a-time": 1}
    assert facts["samples"][0]["where"] == "plays.csv:6"
    again = segue("history", "import", plays, "--data", data)
    assert "4: 0 new, 4 known already" in again.out
    assert "plays.csv:6" in again.err
    assert segue("history", "import", plays, "--strict", "--data", data).code == 1


def test_import_of_what_is_none(segue, data, tmp_path):
    file = tmp_path / "x.txt"
    file.write_text("hello")
    answer = segue("history", "import", file, "--data", data)
    assert answer.code == 2
    assert "x.txt" in answer.err
    assert segue("history", "import", "--data", data).code == 2


def test_match_lists_and_corrects(segue, data, plays):
    assert segue("history", "match", "--data", data).code == 2
    segue("history", "import", plays, "--data", data)
    listed = segue("history", "match", "--json", "--data", data).json
    first, second = listed["unmatched"]
    assert (first["title"], first["plays"], second["plays"]) == ("Neon Ledger (Live)", 3, 1)
    assert "Elsewhere" in segue("history", "match", "--data", data).out
    assert segue("history", "match", "--track", str(first["id"]), "Neon Ledger", "--data", data).code == 0
    assert segue("history", "match", "--none", "Nobody - Elsewhere", "--data", data).code == 0
    (left,) = segue("history", "match", "--json", "--data", data).json["unmatched"]
    assert left["by_hand"] and left["title"] == "Elsewhere"
    assert segue("history", "match", "--accept", "99", "--data", data).code == 2


def test_like_stats_export_and_forget(segue, data, plays, tmp_path):
    segue("history", "import", plays, "--data", data)
    assert "Neon Ledger" in segue("history", "like", "Neon Ledger", "--data", data).err
    assert segue("history", "dislike", "Nobody - Not Here", "--data", data).code == 0
    facts = segue("history", "stats", "--json", "--data", data).json
    assert (facts["plays"], facts["liked"], facts["disliked"]) == (4, 1, 1)
    assert segue("history", "dislike", "Nobody - Not Here", "--undo", "--data", data).code == 0
    assert "2020-09-13" in segue("history", "stats", "--data", data).out
    file = tmp_path / "out.csv"
    assert segue("history", "export", file, "--data", data).code == 0
    assert len(file.read_text().splitlines()) == 6
    assert segue("history", "forget", "--listener", "eve", "--yes", "--data", data).code == 2
    assert segue("history", "forget", "--data", data).code != 0  # nobody is there to be asked
    assert segue("history", "stats", "--json", "--data", data).json["plays"] == 4
    assert "forgot 5 rows" in segue("history", "forget", "--yes", "--data", data).err
    assert segue("history", "stats", "--json", "--data", data).json["plays"] == 0
    assert segue("history", "import", file, "--data", data).code == 0
    assert segue("history", "stats", "--json", "--data", data).json["liked"] == 1


def test_without_a_library(segue, tmp_path):
    for verb in (("match",), ("stats",), ("forget", "--yes"), ("like", "x"), ("export", tmp_path / "a.csv")):
        assert segue("history", *verb, "--data", tmp_path / "none").code == 2


def test_names_of_any_bytes(segue, data, plays):
    name = "ann\udcff"
    assert segue("history", "import", plays, "--listener", name, "--data", data).code == 0
    assert segue("history", "like", "A\udcff - B", "--listener", name, "--data", data).code == 0
    assert segue("history", "stats", "--listener", name, "--json", "--data", data).json["plays"] == 4
    assert segue("history", "forget", "--listener", name, "--yes", "--data", data).code == 0
    answer = segue("history", "stats", "--listener", name, "--data", data)
    assert (answer.code, "nobody else" in answer.err) == (2, True)


def test_a_long_title_does_not_break_the_list(segue, data):
    assert segue("history", "like", f"A - {'x' * 900}", "--data", data).code == 0
    assert max(map(len, segue("history", "match", "--data", data).out.splitlines())) < 250


def test_export_as_listens_of_listenbrainz(segue, data, plays, tmp_path):
    segue("history", "import", plays, "--data", data)
    segue("history", "dislike", "Neon Ledger", "--data", data)
    file = tmp_path / "out.jsonl"
    assert "5 rows" in segue("history", "export", file, "--data", data).err
    assert segue("history", "forget", "--yes", "--data", data).code == 0
    facts = segue("history", "import", file, "--json", "--data", data).json
    assert (facts["formats"], facts["new_plays"], facts["new_others"]) == ({"listenbrainz": 1}, 4, 1)


def test_json_that_is_no_history_is_not_taken_for_a_table(segue, data, tmp_path):
    file = tmp_path / "x.json"
    file.write_text('{"some": 1, "thing": [2, 3]}')
    answer = segue("history", "import", file, "--data", data)
    assert (answer.code, "columns" in answer.err) == (2, False)
