"""`segue evaluate cold-start` and `warm` on toy tables, and on tables that are wrong in every known way."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from segue.factors import DEFAULT_WARM

N_KINDS = 3


def _saved(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _write(path: Path, columns: list[str], rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    """Listeners of three kinds who play tracks of their kind, and attributes that tell the kind."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, N_KINDS, 40)

    def part(first: int, n: int, rate: float) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        tracks: list[tuple[object, ...]] = []
        plays: list[tuple[object, ...]] = []
        for track in range(first, first + n):
            kind = int(rng.integers(0, N_KINDS))
            values = [round(float(kind == k) + rng.normal(0, 0.2), 3) for k in range(N_KINDS)]
            tracks.append((track, f"title {track}", f"artist {track // 3}", f"{track}.mp3", *values, 7))
            plays += [
                (f"u{listener}", track, int(rng.integers(1, 9)))
                for listener in np.flatnonzero((kinds == kind) & (rng.random(40) < rate))
            ]
        return tracks, plays

    old, plays = part(0, 90, 0.5)
    new, test_plays = part(90, 24, 0.6)
    columns = ["track", "name", "artist", "file", "a", "b", "c", "averaged_tracks"]
    return {
        "plays": _write(tmp_path / "plays.csv", ["listener", "track", "plays"], plays),
        "tracks": _write(tmp_path / "tracks.csv", columns, old),
        "test_plays": _write(tmp_path / "test_plays.csv", ["listener", "track", "plays"], test_plays),
        "test_tracks": _write(tmp_path / "test_tracks.csv", columns, new),
    }


def _arguments(tables: dict[str, Path]) -> list[str | Path]:
    given: list[str | Path] = ["evaluate", "cold-start"]
    for name, path in tables.items():
        given += ["--" + name.replace("_", "-"), path]
    return given


def _add(path: Path, *lines: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))


def test_cold_start_writes_a_report_that_can_be_made_again(
    segue: Callable, tables: dict[str, Path], tmp_path: Path
) -> None:
    from sklearn.metrics import roc_auc_score

    out = tmp_path / "out"
    run = segue(*_arguments(tables), "--report", out, "--json")
    assert run.code == 0
    assert "listeners a second" in run.err
    assert json.loads((out / "report.json").read_text()) == run.json
    assert (out / "report.html").read_text().startswith("<!doctype html>")
    first = run.json["models"][0]
    assert first["kind"] == "model"
    assert first["figures"]["auc"]["value"] > 0.8
    assert run.json["facts"]["attributes"] == 3
    saved = _saved(out / "factors.npz")
    scores = saved["listener_factors"] @ saved["track_factors"].T
    assert saved["tracks"].tolist() == list(range(90, 114))
    assert saved["listeners"].dtype.kind == "U"
    with tables["test_plays"].open() as file:
        later = {(row["listener"], int(row["track"])) for row in csv.DictReader(file)}
    truth = np.array(
        [[(u, i) in later for i in saved["tracks"].tolist()] for u in saved["listeners"].tolist()]
    )
    values = [roc_auc_score(t, s) for t, s in zip(truth, scores, strict=True) if t.any() and not t.all()]
    assert first["figures"]["auc"]["over_all"] == pytest.approx(np.mean(values), abs=1e-5)


def test_without_a_test_part_artists_are_held_out(segue: Callable, tables: dict[str, Path]) -> None:
    run = segue(
        *_arguments({name: tables[name] for name in ("plays", "tracks")}), "--held-out", "0.3", "--json"
    )
    assert run.code == 0
    assert run.json["facts"]["new tracks"] + run.json["facts"]["training tracks"] == 90
    assert run.json["models"][0]["figures"]["auc"]["value"] > 0.75


def test_a_column_to_ignore_is_no_content(segue: Callable, tables: dict[str, Path]) -> None:
    run = segue(*_arguments(tables), "--ignore", "a", "--ignore", "b", "--json")
    assert run.json["facts"]["attributes"] == 1
    wrong = segue(*_arguments(tables), "--ignore", "tempo")
    assert wrong.code == 2
    assert "tempo" in wrong.err


@pytest.mark.parametrize("by", ["{}", "{}.mp3"])
def test_vectors_are_found_by_id_or_by_file(
    segue: Callable, tables: dict[str, Path], tmp_path: Path, by: str
) -> None:
    names = [by.format(track) for track in range(4, 113)]
    vectors = np.random.default_rng(1).random((len(names), 4)).astype(np.float32)
    np.savez(tmp_path / "v.npz", names=np.array(names), vectors=vectors, encoder=np.array("toy"))
    run = segue(*_arguments(tables), "--content", tmp_path / "v.npz", "--json")
    assert run.code == 0
    assert any("86 of 90 training tracks and 23 of 24 test tracks" in note for note in run.json["notes"])
    assert run.json["facts"]["new tracks"] == 23
    np.savez(tmp_path / "v.npz", names=np.array(["x"]), vectors=vectors[:1])
    wrong = segue(*_arguments(tables), "--content", tmp_path / "v.npz")
    assert wrong.code == 2
    assert "no training track has a vector" in wrong.err


def test_own_tags_on_new_tracks_never_count(segue: Callable, tables: dict[str, Path], tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    columns = ["listener", "track", "tag", "timestamp"]
    people = [f"u{listener}" for listener in range(40)]
    tags = [
        (people[rng.integers(40)], int(rng.integers(0, 90)), f"tag {rng.integers(9)}", -1) for _ in range(400)
    ]
    theirs = [
        (people[rng.integers(1, 40)], int(rng.integers(90, 114)), f"Tag {rng.integers(9)}", 5)
        for _ in range(120)
    ]
    mine = [("u0", track, f"tag {track % 9}", 5) for track in range(90, 110)]
    tables = dict(tables)
    tables["tags"] = _write(tmp_path / "tags.csv", columns, tags)
    scores = []
    for number, rows in enumerate((theirs, theirs + mine)):
        tables["test_tags"] = _write(tmp_path / f"test_tags{number}.csv", columns, rows)
        out = tmp_path / f"out{number}"
        assert segue(*_arguments(tables), "--report", out).code == 0
        saved = _saved(out / "factors.npz")
        assert saved["tracks"].tolist() == list(range(90, 114))
        scores.append(
            dict(
                zip(
                    saved["listeners"].tolist(),
                    saved["listener_factors"] @ saved["track_factors"].T,
                    strict=True,
                )
            )
        )
    np.testing.assert_allclose(scores[0]["u0"], scores[1]["u0"], atol=1e-9)


def test_warm_compares_models(segue: Callable, tables: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    given = ("evaluate", "warm", "--plays", tables["plays"], "--model", DEFAULT_WARM, "--model", "popularity")
    run = segue(*given, "--report", out, "--json")
    assert run.code == 0
    assert [model["name"] for model in run.json["models"]][:2] == [DEFAULT_WARM, "popularity"]
    saved = _saved(out / "factors.npz")
    assert len(saved["tracks"]) == len(saved["track_factors"]) == run.json["facts"]["tracks"]
    wrong = segue(*given, "--model", "magic")
    assert wrong.code == 2
    assert "magic" in wrong.err


def test_warm_takes_test_plays(segue: Callable, tables: dict[str, Path]) -> None:
    with tables["plays"].open() as file:
        rows = list(csv.reader(file))[1:]
    later = [tuple(row) for row in rows[::5]]
    _write(
        tables["plays"], ["listener", "track", "plays"], [tuple(row) for at, row in enumerate(rows) if at % 5]
    )
    _write(
        tables["test_plays"],
        ["listener", "track", "plays"],
        [*later, ("stranger", 3, 1), tuple(rows[1]), (rows[0][0], 999, 1)],
    )
    run = segue(
        *("evaluate", "warm", "--plays", tables["plays"], "--test-plays", tables["test_plays"]),
        *("--model", DEFAULT_WARM, "--json"),
    )
    assert run.code == 0
    assert run.json["facts"]["test plays"] == len(later) + 1
    assert run.json["facts"]["tracks without a training play"] == 1
    notes = " ".join(run.json["notes"])
    assert "1 test plays are of listeners without training plays" in notes
    assert "1 test plays are in the training plays too" in notes


def test_bad_rows_cost_themselves_and_are_counted(segue: Callable, tables: dict[str, Path]) -> None:
    _add(tables["plays"], "u1,3,-4", "u1,4,nan", "u1,,2", "u2,5,")
    _add(
        tables["tracks"],
        ",no track,x,x.mp3,1,2,3,4",
        "0,again,x,x.mp3,9,9,9,9",
        "too,many,cells,here,1,2,3,4,5,6",
    )
    _add(tables["test_tracks"], "200,nothing known,x,x.mp3,,,,3", "5,in training,x,5.mp3,1,0,0,3")
    _add(tables["test_plays"], "u1,200,1", "u1,5,1", "stranger,95,1")
    run = segue(*_arguments(tables), "--json")
    assert run.code == 0
    notes = " ".join(run.json["notes"])
    assert "plays.csv: " in notes
    assert "1 rows without a track" in notes
    assert "1 rows of a track seen before" in notes
    assert "1 rows with too many or too few cells" in notes
    assert "1 test tracks are in the training plays too" in notes
    assert "1 of 25 test tracks have no content" in notes
    assert "1 listeners of the test plays have no training plays" in notes
    assert run.json["facts"]["new tracks"] == 24


def test_the_same_song_under_another_id_is_said(segue: Callable, tables: dict[str, Path]) -> None:
    for name, first in (("tracks", 0), ("test_tracks", 89)):
        lines = tables[name].read_text().splitlines()
        songs = ["song", *(str(first + at) for at in range(len(lines) - 1))]
        tables[name].write_text("\n".join(f"{line},{song}" for line, song in zip(lines, songs, strict=True)))
    run = segue(*_arguments(tables), "--json")
    assert any("1 test tracks have the song of a training track" in note for note in run.json["notes"])
    assert run.json["facts"]["attributes"] == 3


@pytest.mark.parametrize(
    ("table", "content", "word"),
    [
        ("tracks", b"", "can be read"),
        ("tracks", b"name,a\nx,1\n", "no column 'track'"),
        ("tracks", b"track,a\n", "no row"),
        ("tracks", b"track,name\n1,x\n", "no column of numbers"),
        ("tracks", b"track,a\n5000,1\n", "no track of the plays"),
        ("tracks", b"PAR1 broken", "can be read"),
        ("tracks", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no header"),
        ("test_tracks", b"track,a\n90,\n91,\n", "no column of numbers|no test track"),
        ("test_tracks", b"track,a\n1,2\n", "none of them is new"),
        ("test_plays", b"listener,track,plays\nnobody,90,1\n", "no test play"),
        ("plays", b"listener,track,plays\nu1,1,1\n", "at least two|one listener|compared"),
        ("plays", b"listener,track,plays\n", "."),
        ("plays", b"", "."),
    ],
)
def test_a_wrong_table_is_one_line(
    segue: Callable, tables: dict[str, Path], tmp_path: Path, table: str, content: bytes, word: str
) -> None:
    import re

    tables[table].write_bytes(content)
    run = segue(*_arguments(tables), "--report", tmp_path / "out")
    assert run.code == 2
    last = run.err.strip().splitlines()[-1]
    assert last.startswith("segue: ")
    assert re.search(word, last)
    assert not (tmp_path / "out").exists()


def test_missing_files_and_half_a_test_part(segue: Callable, tables: dict[str, Path], tmp_path: Path) -> None:
    for name in tables:
        run = segue(*_arguments(tables | {name: tmp_path / "none.csv"}))
        assert run.code in (1, 2)
        assert "none.csv" in run.err
    run = segue(*_arguments({name: path for name, path in tables.items() if name != "test_plays"}))
    assert run.code == 2
    assert "--test-plays" in run.err


def test_other_encodings_are_read_and_said(segue: Callable, tables: dict[str, Path]) -> None:
    content = tables["tracks"].read_bytes().replace(b"title 3,", "Für Elise,".encode("latin-1"))
    tables["tracks"].write_bytes(content)
    run = segue(*_arguments(tables), "--json")
    assert run.code == 0
    assert any("1 lines are not UTF-8" in note for note in run.json["notes"])
    plain = segue(*_arguments(tables), "--json").json["facts"]
    tables["tracks"].write_bytes(tables["tracks"].read_bytes().decode("latin-1").encode("utf-16"))
    assert segue(*_arguments(tables), "--json").json["facts"] == plain


@pytest.mark.parametrize("made", ["folder", "picture"])
def test_content_of_the_wrong_kind_is_one_plain_line(
    segue: Callable, tables: dict[str, Path], tmp_path: Path, made: str
) -> None:
    wrong = tmp_path / "wrong"
    wrong.mkdir() if made == "folder" else wrong.write_bytes(b"\x89PNG\r\n\x1a\n")
    run = segue(*_arguments(tables), "--content", wrong)
    assert run.code == 1
    assert "pickle" not in run.err and "Errno" not in run.err
    assert "make it with segue embed" in run.err
