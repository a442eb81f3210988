"""`scan`, `embed`, `library` and `doctor`."""

from __future__ import annotations

import json
import shutil
import sqlite3

import numpy as np
import pytest


@pytest.fixture
def copy(demo, tmp_path):
    """The demo's data folder, to be changed; its music stays where it is."""
    shutil.copytree(demo.data, tmp_path / "data")
    return tmp_path / "data"


def test_stats_count_tracks_files_and_problems(segue, demo):
    facts = segue("library", "stats", "--json", "--data", demo.data).json
    kinds = [piece.kind for piece in demo.pieces]
    broken = kinds.count("broken") + kinds.count("truncated")
    assert facts["problems"] == broken
    assert facts["files"] == len(kinds) - broken
    assert facts["tracks"] == facts["files"] - kinds.count("duplicate")


def test_problems_name_the_file_and_the_reason(segue, demo):
    found = segue("library", "problems", "--json", "--data", demo.data).json
    assert {row["path"] for row in found} == {
        str(piece.path) for piece in demo.pieces if piece.kind in ("broken", "truncated")
    }
    assert all(row["reason"] and row["detail"] for row in found)


def test_a_scan_with_problems_exits_with_0_and_with_1_under_strict(segue, demo, copy):
    answer = segue("scan", demo.music, "--data", copy, "--json")
    assert answer.code == 0
    assert answer.json["analysed"] == 0
    assert answer.json["known_problems"] == 2
    assert segue("scan", demo.music, "--data", copy, "--strict", "--quiet").code == 1
    assert segue("scan", demo.music, "--data", copy, "--retry", "--json", "--quiet").json["problems"] == 2


def test_scan_of_a_folder_that_is_not_there(segue, tmp_path):
    answer = segue("scan", tmp_path / "nowhere", "--data", tmp_path / "data")
    assert answer.code == 2
    assert "does not exist" in answer.err


def test_scan_with_an_unknown_encoder_names_the_choices(segue, demo, copy):
    answer = segue("scan", demo.music, "--encoder", "mp3net", "--data", copy)
    assert answer.code == 2
    assert "musicnn" in answer.err


def test_search_by_name_and_by_what_is_heard(segue, demo):
    assert segue("library", "search", "neon", "--json", "--data", demo.data).json[0]["title"] == "Neon Ledger"
    assert segue("library", "search", "--tag", "instrumental", "--json", "--data", demo.data).code == 0
    unknown = segue("library", "search", "--tag", "yodelling", "--data", demo.data)
    assert unknown.code == 2
    assert "jazz" in unknown.err
    assert segue("library", "search", "zzzz", "--data", demo.data).code == 2


def test_show_tells_all_that_is_known(segue, demo):
    facts = segue("library", "show", "Neon Ledger", "--json", "--data", demo.data).json
    assert facts["title"] == "Neon Ledger"
    assert facts["heard"]
    assert len(facts["paths"]) == 2
    assert "Neon Ledger" in segue("library", "show", "Neon Ledger", "--data", demo.data).out


def test_a_removed_track_is_gone_and_found_again(segue, demo, copy):
    before = segue("library", "stats", "--json", "--data", copy).json["tracks"]
    assert segue("library", "remove", "Hail", "--yes", "--data", copy).code == 0
    assert segue("library", "stats", "--json", "--data", copy).json["tracks"] == before - 1
    assert segue("similar", "Hail", "--data", copy).code == 2
    segue("scan", demo.music, "--data", copy, "--quiet")
    assert segue("library", "stats", "--json", "--data", copy).json["tracks"] == before


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_export(segue, demo, tmp_path, ending):
    file = tmp_path / f"tracks.{ending}"
    assert segue("library", "export", file, "--data", demo.data).code == 0
    assert file.stat().st_size > 1000


def test_export_to_another_ending_is_refused(segue, demo, tmp_path):
    answer = segue("library", "export", tmp_path / "tracks.xls", "--data", demo.data)
    assert answer.code == 2
    assert ".parquet" in answer.err


def test_vectors_made_elsewhere_answer_questions(segue, demo, copy, tmp_path):
    paths = [row["path"] for row in segue("library", "search", "--json", "--data", copy).json]
    vectors = np.random.default_rng(0).normal(size=(len(paths), 12)).astype(np.float32)
    file = tmp_path / "mine.npz"
    np.savez(file, names=np.array(paths), vectors=vectors, encoder=np.array("mine-1"))
    report = segue("library", "import", file, "--json", "--data", copy)
    assert report.json["matched"] == len(paths)
    assert segue("similar", "Hail", "--encoder", "mine-1", "-n", "3", "--data", copy).code == 0


def test_an_import_that_matches_nothing_exits_with_2(segue, copy, tmp_path):
    file = tmp_path / "other.npz"
    np.savez(file, names=np.array(["/x.mp3"]), vectors=np.ones((1, 4), np.float32), encoder=np.array("e-1"))
    assert segue("library", "import", file, "--data", copy).code == 2
    file.write_bytes(b"no vectors")
    assert segue("library", "import", file, "--data", copy).code == 1


def test_an_import_whose_vectors_are_no_numbers_says_so(segue, demo, copy, tmp_path):
    song = str(next(demo.music.rglob("*.mp3")).absolute())
    np.savez(tmp_path / "v.npz", names=np.array([song]), vectors=np.full((1, 4), np.nan, np.float32))
    answer = segue("library", "import", tmp_path / "v.npz", "--encoder", "mine", "--data", copy)
    assert answer.code == 2
    assert "finite" in answer.err and "paths" not in answer.err


def test_an_import_of_no_npz_does_not_advise_to_trust_it(segue, copy, tmp_path):
    (tmp_path / "v.npz").write_bytes(b"\x80\x04 no archive")
    answer = segue("library", "import", tmp_path / "v.npz", "--data", copy)
    assert answer.code == 1
    assert "pickle" not in answer.err and str(tmp_path / "v.npz") in answer.err


def test_embed_writes_one_row_a_file(segue, demo, tmp_path):
    file = tmp_path / "vectors.npz"
    folder = demo.piece("Hail").path.parent
    answer = segue("embed", folder, "--encoder", "timbre", "--output", file, "--quiet")
    assert answer.code == 0
    with np.load(file, allow_pickle=False) as content:
        assert set(content.files) == {"names", "vectors", "encoder"}
        assert content["vectors"].dtype == np.float32
        assert len(content["names"]) == len(content["vectors"]) > 0
        assert str(content["encoder"]) == "timbre-1"
        assert all(name.startswith(str(folder)) for name in content["names"])


def test_embed_agrees_with_the_scan(segue, demo, tmp_path):
    seed = demo.piece("Hail")
    segue("embed", seed.path, "--encoder", "musicnn+timbre", "-o", tmp_path / "v.npz", "--quiet")
    with np.load(tmp_path / "v.npz") as content:
        assert str(content["encoder"]) == "musicnn-msd-1+timbre-1"
        assert np.isfinite(content["vectors"]).all()


def test_embed_of_nothing_that_can_be_heard(segue, tmp_path):
    (tmp_path / "x.mp3").write_text("not music")
    assert segue("embed", tmp_path / "x.mp3", "-o", tmp_path / "v.npz", "--quiet").code == 2
    assert segue("embed", tmp_path / "y.mp3", "-o", tmp_path / "v.npz").code == 2
    assert not (tmp_path / "v.npz").exists()


def test_a_changed_default_answers_when_all_have_it(segue, demo, copy):
    segue("scan", demo.music, "--encoder", "timbre", "--data", copy, "--quiet")
    facts = segue("library", "stats", "--json", "--data", copy).json
    assert facts["default_encoder"] == "timbre-1"
    assert segue("similar", "Hail", "--data", copy).code == 0


def test_a_sum_of_encoders_costs_no_scan(segue, demo):
    rows = segue(
        "similar", "Hail", "--encoder", "musicnn+timbre", "-n", "3", "--json", "--data", demo.data
    ).json
    assert {demo.piece(row["title"]).style for row in rows} == {demo.piece("Hail").style}
    missing = segue("similar", "Hail", "--encoder", "fma518", "--data", demo.data)
    assert missing.code == 2
    assert "segue scan --encoder fma518" in missing.err


def test_doctor_finds_a_sound_library_sound(segue, demo):
    findings = json.loads(segue("doctor", "--json", "--data", demo.data).out)
    assert {f["check"] for f in findings if not f["ok"]} <= {"web app"}  # built where Segue was installed


def test_a_damaged_index_is_made_again(segue, demo, copy):
    before = segue("similar", "Hail", "--json", "--data", copy).json
    for file in (copy / "index").rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert segue("similar", "Hail", "--json", "--data", copy).json == before


def test_a_catalogue_of_a_later_version_is_refused(segue, copy):
    with sqlite3.connect(copy / "catalogue.sqlite") as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    answer = segue("library", "stats", "--data", copy)
    assert answer.code == 1
    assert "9999" in answer.err


def test_a_catalogue_that_is_none_is_named(segue, copy):
    (copy / "catalogue.sqlite").write_text("not a catalogue at all" * 100)
    for file in copy.glob("catalogue.sqlite-*"):
        file.unlink()
    answer = segue("library", "stats", "--data", copy)
    assert answer.code == 1
    assert "catalogue.sqlite" in answer.err


def test_a_data_folder_that_is_a_file(segue, tmp_path):
    (tmp_path / "data").write_text("x")
    assert segue("library", "stats", "--data", tmp_path / "data").code == 2


def test_evaluate_prints_a_table_and_json(segue, demo, tmp_path):
    pieces = [piece for piece in demo.pieces if piece.kind == "piece"]
    rows = [f"{piece.path.name},{piece.artist},{piece.style}" for piece in pieces]
    (tmp_path / "tracks.csv").write_text("\n".join(["file,artist,genre", *rows]))
    segue("embed", demo.music, "--encoder", "timbre", "-o", tmp_path / "v.npz", "--quiet")
    arguments = [
        "evaluate",
        "similarity",
        "--vectors",
        tmp_path / "v.npz",
        "--tracks",
        tmp_path / "tracks.csv",
    ]
    assert "precision@10" in segue(*arguments).out
    report = segue(*arguments, "--json", "--report", tmp_path / "out")
    assert report.json == json.loads((tmp_path / "out" / "report.json").read_text())
