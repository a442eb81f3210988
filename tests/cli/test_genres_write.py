"""`segue genres write`, and genres told by ear in answers, as a person types them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.audio import AudioInfo, read_tags, restore_genre_fields
from segue.catalogue import Analysis, FileStat, iterate_tracks, load_vectors, open_catalogue, record_analysis
from segue.genres import Draft, Plan, fit_plan, save_model
from segue.settings import DataFolder

pytest.importorskip("skl2onnx")
MUSICNN = "musicnn-msd-1"


@pytest.fixture(scope="module")
def library(demo: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Copies of some pieces, of which two of three lost their genre; and a model trained on all pieces."""
    place = tmp_path_factory.mktemp("own")
    data, music = DataFolder(place / "data"), place / "music"
    music.mkdir()
    with open_catalogue(DataFolder(demo.data)) as heard:
        keys, vectors = load_vectors(heard, MUSICNN)  # type: ignore[arg-type]
        tracks = {track.key: track for track in iterate_tracks(heard)}
    genres = [tracks[key].tags.genres[0] for key in keys.tolist()]
    names, classes = np.unique(genres, return_inverse=True)
    fitted = fit_plan(Plan("logistic"), vectors, classes, setting=0.1, seed=0)
    save_model(
        data.models / "genres",
        Draft("own", MUSICNN, vectors.shape[1], tuple(names.tolist()), [("logistic", fitted, 1.0)], "soft",
              False, None, {}, {}),
        "# {id}\n",
    )  # fmt: skip
    with open_catalogue(data, write=True, create=True) as catalogue:
        for at, (key, vector) in enumerate(zip(keys.tolist(), vectors, strict=True)):
            track = tracks[key]
            path = Path(shutil.copy(track.paths[0], music / f"{at:02} {track.paths[0].name}"))
            if at % 3:
                restore_genre_fields(path, {kind: [] for kind in ("id3", "flac", "ogg", "wav", "aiff")})
            status = path.stat()
            info = AudioInfo(track.duration_s, track.sample_rate, track.channels, track.codec, None)
            stat = FileStat(path, status.st_size, status.st_mtime_ns)
            record_analysis(
                catalogue,
                Analysis(path, stat, track.digest, read_tags(path), info, {MUSICNN: vector}),  # type: ignore[dict-item]
            )
    return music, data.path


def contents(music: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(music.iterdir())}


def test_showing_writing_and_undoing(segue: Any, library: tuple[Path, Path]) -> None:
    music, data = library
    before = contents(music)
    shown = segue("genres", "write", "--data", data)
    assert shown.code == 0
    assert "genre after" in shown.out
    assert "nothing was: add --write" in shown.err
    planned = segue("genres", "write", "--json", "--data", data).json
    assert planned["done"] is None and planned["model"].startswith("own-")
    assert all(one["before"] == [] and 0.7 <= one["probability"] <= 1 for one in planned["files"])
    assert len(planned["files"]) == len(shown.out.splitlines()) - 1 > 3
    assert contents(music) == before
    written = segue("genres", "write", "--write", "--json", "--data", data)
    assert written.json == {**planned, "done": "written"}
    assert f"wrote {len(planned['files'])} files" in written.err
    one = planned["files"][0]
    assert list(read_tags(Path(one["path"])).genres) == one["after"]
    assert one["id"] in {
        row["id"]
        for row in segue("library", "search", "--genre", one["after"][0], "--json", "--data", data).json
    }
    undone = segue("genres", "write", "--undo", "--json", "--data", data).json
    assert {file["path"] for file in undone["files"]} == {file["path"] for file in planned["files"]}
    assert read_tags(Path(one["path"])).genres == ()
    assert segue("genres", "write", "--undo", "--data", data).code == 2


def test_the_least_probability_is_kept(segue: Any, library: tuple[Path, Path]) -> None:
    _, data = library
    unsure = segue("genres", "write", "--least", "1", "--json", "--data", data)
    assert unsure.json["files"] == []
    assert "100 % or more" in unsure.err


@pytest.mark.parametrize("wrong", [("--undo", "--write"), ("--undo", "--overwrite"), ("--least", "2")])
def test_wrong_use_is_refused(segue: Any, library: tuple[Path, Path], wrong: tuple[str, ...]) -> None:
    assert segue("genres", "write", *wrong, "--data", library[1]).code == 2


def test_files_that_are_left_alone_are_named(segue: Any, library: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(library[1], tmp_path / "data")
    victim = Path(segue("genres", "write", "--json", "--data", tmp_path / "data").json["files"][0]["path"])
    away = victim.rename(victim.with_name("away"))
    try:
        seen = segue("genres", "write", "--data", tmp_path / "data")
        assert "left alone 1 file" in seen.err
        assert f"{victim}: there is no such file any more" in seen.err
    finally:
        away.rename(victim)


def test_an_answer_within_a_genre_says_which(segue: Any, library: tuple[Path, Path]) -> None:
    seen = segue("similar", "Hail", "--within-genre", "--data", library[1])
    assert seen.code == 0
    assert seen.err.startswith("within Rock (")
    refused = segue("mix", "--continue", library[0] / "no.m3u8", "--within-genre", "--data", library[1])
    assert refused.code == 2
    assert "--within-genre" in refused.err
