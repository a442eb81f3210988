"""`segue factors` as a person types it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest

from segue.catalogue import match_table, open_catalogue, track_ids
from segue.factors import Factors, WMFSettings, load_factors, save_factors
from segue.settings import DataFolder

Run = Callable[..., object]


@pytest.fixture
def plays(tmp_path: Path) -> Path:
    """Two scenes of 20 tracks; four artists in each; 60 listeners of one or the other."""
    rng = np.random.default_rng(1)
    listener, track = (part.ravel() for part in np.indices((60, 40)))
    played = rng.random(len(track)) < np.where(listener % 2 == track % 2, 0.5, 0.02)
    table = {"listener": listener[played], "track": track[played], "plays": rng.integers(1, 5, played.sum())}
    pyarrow.parquet.write_table(pyarrow.table(table), tmp_path / "plays.parquet")
    return tmp_path / "plays.parquet"


@pytest.fixture
def tracks(tmp_path: Path) -> Path:
    table = {
        "track": list(range(40)),
        "name": [f"Song {number}" for number in range(40)],
        "artist": [f"{'Odd' if number % 2 else 'Even'} Band {number // 2 % 4}" for number in range(40)],
    }
    pyarrow.csv.write_csv(pyarrow.table(table), tmp_path / "tracks.csv")
    return tmp_path / "tracks.csv"


@pytest.fixture
def folder(segue: Run, tmp_path: Path, plays: Path, tracks: Path) -> Path:
    place = tmp_path / "factors"
    done = segue(*f"factors fit {plays} --output {place} --n-factors 8 --tracks {tracks} --quiet".split())
    assert done.code == 0, done.err
    assert "60 listeners and 40 tracks (40 with names), 8 factors" in done.err
    return place


def test_fit_says_what_it_made_and_how(folder: Path) -> None:
    factors = load_factors(folder)
    assert factors.listener_factors.shape == (60, 8)
    assert factors.settings["n_factors"] == 8 and factors.settings["regularisation"] > 0
    assert len(factors.fingerprint) == 64
    assert sorted(file.name for file in folder.iterdir()) == ["factors.npz", "tracks.parquet"]


def test_fit_again_gives_the_same_file(segue: Run, folder: Path, plays: Path, tmp_path: Path) -> None:
    segue("factors", "fit", plays, "-o", tmp_path / "again", "--n-factors", "8", "--quiet")
    one, same = load_factors(folder), load_factors(tmp_path / "again")
    assert one.track_factors.tobytes() == same.track_factors.tobytes()
    assert one.fingerprint == same.fingerprint


def test_similar_stays_in_the_scene_and_varies_artists(segue: Run, folder: Path) -> None:
    found = segue("factors", "similar", folder, "Odd Band 0 - Song 1", "-n", "6", "--json").json
    assert [near["artist"][:3] for near in found] == ["Odd"] * 6
    artists = [near["artist"] for near in found]
    assert max(artists.count(artist) for artist in artists) <= 2
    assert found[0]["cosine"] >= found[-1]["cosine"] and 1 not in [near["track"] for near in found]
    by_id = segue("factors", "similar", folder, "1", "-n", "6")
    assert by_id.code == 0 and found[0]["title"] in by_id.out


def test_one_artist_only_when_asked(segue: Run, folder: Path) -> None:
    found = segue("factors", "similar", folder, "1", "-n", "30", "--per-artist", "1", "--json").json
    assert len({near["artist"] for near in found}) == len(found) == 8


@pytest.mark.parametrize(
    ("words", "said"),
    [("Nobody - Nothing", "no track of these factors"), ("Odd Band 1", "an id: 3 Odd Band 1 - Song 3; ")],
)
def test_similar_to_nothing_or_to_many(segue: Run, folder: Path, words: str, said: str) -> None:
    done = segue("factors", "similar", folder, words)
    assert done.code == 2 and said in done.err


def test_names_of_histories_are_their_labels(segue: Run, tmp_path: Path) -> None:
    lines = ["listener,track,plays"]
    for listener in range(12):
        scene = "Rock" if listener % 2 else "Jazz"
        lines += [f"l{listener},{scene} Band - Song {n},2" for n in range(6) if (n + listener) % 5]
    (tmp_path / "p.csv").write_text("\n".join(lines))
    assert segue("factors", "fit", tmp_path / "p.csv", "-o", tmp_path / "f", "--n-factors", "4").code == 0
    found = segue(
        "factors", "similar", tmp_path / "f", "rock band song 1", "--per-artist", "0", "--json"
    ).json
    assert {near["artist"] for near in found[:5]} == {"Rock Band"}


def test_tune_shows_what_it_tried(segue: Run, plays: Path, tmp_path: Path) -> None:
    done = segue(
        *("factors", "fit", plays, "-o", tmp_path / "f", "--n-factors", "4", "--n-factors", "6"),
        *("--tune", "--iterations", "4", "--confidence", "linear", "--alpha", "20", "--quiet"),
    )
    assert done.code == 0 and "recall@50" in done.out and "best: " in done.out
    assert load_factors(tmp_path / "f").settings["confidence"] == "linear"


def test_bad_rows_are_counted(segue: Run, tmp_path: Path) -> None:
    rows = [f"{listener},{track},1" for listener in range(5) for track in range(6)]
    (tmp_path / "p.csv").write_text("\n".join(["listener,track,plays", *rows, "1,2,-5", "1,3,nan"]))
    done = segue("factors", "fit", tmp_path / "p.csv", "-o", tmp_path / "f", "--n-factors", "2")
    assert done.code == 0 and "left out 1 rows" in done.err


@pytest.mark.parametrize(
    ("content", "said"),
    [("listener,track,plays\n1,2,3\n1,3,1\n", "only one listener"), ("listener,track,plays\n", "no usable")],
)
def test_plays_that_cannot_be_used(segue: Run, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "p.csv").write_text(content)
    done = segue("factors", "fit", tmp_path / "p.csv", "-o", tmp_path / "f")
    assert done.code == 2 and said in done.err
    assert not (tmp_path / "f").exists()


def test_help_says_the_defaults_that_hold() -> None:
    from segue.cli.factors import fit

    options = {option.name: getattr(option, "help", "") for option in fit.params}
    for name, value in asdict(WMFSettings()).items():
        if value is not None:
            shown = value if isinstance(value, str) else f"{value:g}"
            assert f"[default: {shown}]" in str(options[name])


def test_a_negative_seed_is_no_defect(segue: Run, plays: Path, tmp_path: Path) -> None:
    for verb in (
        ("factors", "fit", plays, "-o", tmp_path / "f"),
        ("factors", "predict", tmp_path, "--content", plays, "-o", tmp_path / "f"),
        ("evaluate", "similarity", "--vectors", plays, "--tracks", plays),
    ):
        done = segue(*verb, "--seed", "-1")
        assert done.code == 2 and "--seed" in done.err


def test_two_numbers_of_factors_need_tune(segue: Run, plays: Path, tmp_path: Path) -> None:
    done = segue("factors", "fit", plays, "-o", tmp_path / "f", "--n-factors", "2", "--n-factors", "3")
    assert done.code == 2 and "--tune" in done.err


def test_predict_places_new_tracks_in_their_scene(segue: Run, folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = np.array([str(number) for number in [*range(40), 90, 91]])
    vectors = np.array([[int(name) % 2 * 2 - 1, 0] for name in names]) + rng.normal(0, 0.1, (42, 2))
    np.savez(tmp_path / "v.npz", names=names, vectors=vectors.astype(np.float32), encoder=np.array("x"))
    done = segue("factors", "predict", folder, "--content", tmp_path / "v.npz", "-o", tmp_path / "new")
    assert done.code == 0 and "learned from 40 tracks" in done.err
    predicted = load_factors(tmp_path / "new")
    assert predicted.settings["predicted"] is True and predicted.tracks.tolist() == [*range(40), 90, 91]
    scores = predicted.listener_factors @ predicted.track_factors[-2:].T
    odd = load_factors(folder).listeners % 2 == 1
    assert scores[~odd, 0].mean() > scores[~odd, 1].mean() and scores[odd, 1].mean() > scores[odd, 0].mean()


def test_content_of_other_tracks_is_an_error(segue: Run, folder: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "v.npz", names=np.array(["a", "b"]), vectors=np.ones((2, 3), np.float32))
    done = segue("factors", "predict", folder, "--content", tmp_path / "v.npz", "-o", tmp_path / "new")
    assert done.code == 2 and "none of the 2 names" in done.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("further", ["2", "02"])
def test_predicted_factors_can_always_be_read(segue: Run, folder: Path, tmp_path: Path, further: str) -> None:
    names = np.array([*map(str, range(40)), further])
    vectors = np.random.default_rng(0).random((41, 5), dtype=np.float32)
    np.savez(tmp_path / "v.npz", names=names, vectors=vectors)
    done = segue("factors", "predict", folder, "--content", tmp_path / "v.npz", "-o", tmp_path / "new")
    if further == "2":
        assert done.code == 2 and "more than one vector of '2'" in done.err
        assert not (tmp_path / "new").exists()
    else:
        assert done.code == 0
        assert load_factors(tmp_path / "new").tracks.tolist() == names.tolist()


def test_a_folder_that_cannot_be_is_said_before_the_work(segue: Run, plays: Path, tmp_path: Path) -> None:
    out = plays / "out"
    for verb in (
        ("factors", "fit", plays, "-o", out),
        ("factors", "predict", tmp_path / "none", "--content", plays, "-o", out),
        ("evaluate", "warm", "--plays", plays, "--report", out),
        ("evaluate", "cold-start", "--plays", plays, "--tracks", plays, "--report", out),
        ("evaluate", "history", "--events", plays, "--report", out),
    ):
        done = segue(*verb)
        assert done.code == 1
        assert done.err.strip().splitlines()[-1].endswith("plays.parquet is a file")


def test_import_finds_tracks_of_the_library(segue: Run, demo: object, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(demo.data, data)  # type: ignore[attr-defined]
    with open_catalogue(DataFolder(data)) as catalogue:
        table = match_table(catalogue)
        names = Counter(zip(table.artist, table.title, strict=True))
        rows = [
            row for row, name in enumerate(zip(table.artist, table.title, strict=True)) if names[name] == 1
        ]
        rows = [row for row in rows if table.artist[row] and table.title[row]][:5]
        ids = [str(one) for one in track_ids(catalogue, table.keys[rows])]
    titles = [*(table.title[row].upper() for row in rows), "Elsewhere"]
    artists = [*(table.artist[row] for row in rows), "Someone"]
    place = tmp_path / "theirs"
    rng = np.random.default_rng(0)
    save_factors(
        Factors(np.arange(3), np.arange(6), rng.random((3, 4)), rng.random((6, 4)), {"alpha": 3.0}), place
    )
    pyarrow.parquet.write_table(
        pyarrow.table({"track": list(range(6)), "artist": artists, "title": titles}), place / "tracks.parquet"
    )
    done = segue("factors", "import", place, "--data", data)
    assert done.code == 0, done.err
    assert "5 of" in done.err and "1 other tracks" in done.err
    kept = load_factors(data / "models" / "factors")
    assert kept.tracks.tolist() == [*ids, "Someone - Elsewhere"]
    assert kept.settings["alpha"] == 3.0


def test_import_of_strangers_changes_nothing(segue: Run, demo: object, folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(demo.data, data)  # type: ignore[attr-defined]
    done = segue("factors", "import", folder, "--data", data)
    assert done.code == 2 and "none of the 40 tracks" in done.err
    assert not (data / "models" / "factors").exists()


def test_factors_that_are_not_there(segue: Run, tmp_path: Path) -> None:
    for verb in (("similar", tmp_path, "1"), ("import", tmp_path, "--data", tmp_path / "d")):
        done = segue("factors", *verb)
        assert done.code == 2 and "holds no factors" in done.err
