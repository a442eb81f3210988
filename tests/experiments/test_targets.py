"""Derived targets: factors from plays and simulation, kinds, A's five genres."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segue.errors import NothingFound, UsageError
from segue.experiments.judging import judge_predictions
from segue.experiments.targets import TargetSettings, derive_target, only_known, target_names
from segue.progress import Silent
from segue.training.datasets.contract import Dataset, Target
from segue.training.datasets.opening import open_dataset

_FEW = TargetSettings(n_factors=4, n_iterations=10, n_listeners=60)
_GENRES = ("Hip-Hop", "classical", "country", "jazz", "metal", "reggae")


class _Notes(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def _dataset(n_tracks: int = 24) -> Dataset:
    rows = np.arange(n_tracks)
    empty = ("",) * n_tracks
    return Dataset(
        name="drawn",
        tracks=tuple(f"{row}" for row in rows),
        audio=(),
        titles=empty,
        artists=tuple(f"artist {row // 3}" for row in rows),
        albums=empty,
        recordings=empty,
        targets={"genre": Target("class", _GENRES, rows % 6)},
        vectors={"attributes": rows[:, None].astype(np.float32)},
    )


def _plays(folder: Path, n_tracks: int = 20) -> None:
    """Even listeners play even tracks, odd ones odd ones; the last tracks nobody plays."""
    lines = ["listener,track,plays"]
    for listener in range(16):
        lines += [f"{listener},{track},2" for track in range(n_tracks) if track % 2 == listener % 2]
    (folder / "plays.csv").write_text("\n".join(lines))


def test_factors_come_from_the_plays_beside_the_tracks(tmp_path: Path) -> None:
    _plays(tmp_path)
    progress = _Notes()
    derived = derive_target(_dataset(), "factors", folder=tmp_path, seed=0, settings=_FEW, progress=progress)
    dataset = derived.dataset
    target = dataset.target("factors")
    assert dataset.tracks == tuple(str(row) for row in range(20))
    assert "4 of 24 tracks have no plays" in progress.notes[0]
    assert target.kind == "values" and target.values.shape == (20, 4) and len(target.names) == 4
    assert target.weights is not None and target.weights.tolist() == [16.0] * 20
    assert derived.listeners is not None and derived.listeners.shape == (16, 4)
    np.testing.assert_array_equal(dataset.vectors["attributes"][:, 0], np.arange(20))
    scores = derived.listeners @ target.values.T
    plays = np.arange(16)[:, None] % 2 == np.arange(20) % 2
    assert scores[plays].min() > 0.8 > 0.2 > scores[~plays].max()


def test_plays_may_lie_elsewhere_and_their_confidence_be_linear(tmp_path: Path) -> None:
    (tmp_path / "usage").mkdir()
    _plays(tmp_path / "usage")
    with pytest.raises(UsageError, match=r"has no plays.*target\.plays=FILE"):
        derive_target(_dataset(), "factors", folder=tmp_path, seed=0, settings=_FEW)
    settings = TargetSettings(n_factors=4, confidence="linear", plays=tmp_path / "usage" / "plays.csv")
    derived = derive_target(_dataset(), "factors", folder=tmp_path, seed=0, settings=settings)
    log = derive_target(_dataset(), "factors", folder=tmp_path / "usage", seed=0, settings=_FEW)
    linear, other = (one.dataset.target("factors").values for one in (derived, log))
    assert not np.allclose(linear, other)


def test_plays_of_other_tracks_are_no_use(tmp_path: Path) -> None:
    (tmp_path / "plays.csv").write_text("listener,track\n1,x\n1,y\n2,x\n")
    with pytest.raises(NothingFound, match="none of the tracks in the plays"):
        derive_target(_dataset(), "factors", folder=tmp_path, seed=0, settings=_FEW)


def test_simulated_factors_are_seeded_and_say_what_they_are(tmp_path: Path) -> None:
    progress = _Notes()
    first, again, other = (
        derive_target(_dataset(), "simulated", folder=tmp_path, seed=s, settings=_FEW, progress=progress)
        for s in (1, 1, 2)
    )
    values = [derived.dataset.target("simulated").values for derived in (first, again, other)]
    assert values[0].tobytes() == values[1].tobytes() != values[2].tobytes()
    assert "simulated: nobody played these tracks" in progress.notes[0]
    assert first.listeners is not None and len(first.listeners) == 60


def test_kinds_are_joined_by_name(tmp_path: Path) -> None:
    rows = [f"{row}.wav,{row // 6 * 100 + row}" for row in range(18)]
    (tmp_path / "data.csv").write_text("\n".join(["filename,spectral_bandwidth", *rows]))
    dataset = derive_target(_dataset(), "kinds", folder=tmp_path, seed=0).dataset
    assert len(dataset) == 18
    assert dataset.target("kinds").names == ("melodic", "rhythmic", "popular")
    assert dataset.target("kinds").values.tolist() == [row // 6 for row in range(18)]


def test_five_genres_are_those_of_a_however_they_are_spelled(tmp_path: Path) -> None:
    dataset = derive_target(_dataset(), "genre5", folder=tmp_path, seed=0).dataset
    target = dataset.target("genre5")
    assert target.names == ("classical", "country", "hiphop", "metal", "reggae")
    assert len(dataset) == 20 and "3" not in dataset.tracks
    assert [target.names[value] for value in target.values[:3]] == ["hiphop", "classical", "country"]
    without = Dataset("few", ("a",), (), *([("",)] * 4), {"genre": Target("class", ("x",), np.array([0]))})
    with pytest.raises(UsageError, match="lacks genres of A's five: classical, country"):
        derive_target(without, "genre5", folder=tmp_path, seed=0)


def test_a_target_that_is_there_is_taken(tmp_path: Path) -> None:
    dataset = _dataset()
    dataset.targets["genre"].values[:4] = -1
    taken = derive_target(dataset, "genre", folder=tmp_path, seed=0)
    assert taken.dataset.tracks == tuple(str(row) for row in range(4, 24)) and taken.listeners is None
    dataset.targets["genre"].values[:] = -1
    with pytest.raises(NothingFound, match="no track of drawn has a known genre"):
        only_known(dataset, "genre")


def test_an_unknown_target_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no target 'factor': did you mean 'factors'"):
        derive_target(_dataset(), "factor", folder=tmp_path, seed=0)
    with pytest.raises(UsageError, match="the choices are genre, factors, simulated, kinds, genre5"):
        derive_target(_dataset(), "xyz", folder=tmp_path, seed=0)
    assert target_names() == ("factors", "simulated", "kinds", "genre5")


def test_simulated_factors_of_emotify_can_be_told_from_what_made_them(shared: Path) -> None:
    folder = shared / "data" / "emotify"
    settings = TargetSettings(n_factors=8, n_iterations=6, n_listeners=500)
    derived = derive_target(open_dataset(folder), "simulated", folder=folder, seed=0, settings=settings)
    dataset, target = derived.dataset, derived.dataset.target("simulated")
    genre, mood = dataset.target("genre"), dataset.target("mood")
    known = np.hstack([np.eye(4)[genre.values], mood.values, np.ones((len(dataset), 1))])
    rows = np.arange(len(dataset))
    train, test = rows[rows % 3 > 0], rows[rows % 3 == 0]
    guess = known[test] @ np.linalg.lstsq(known[train], target.values[train], rcond=None)[0]
    figures = judge_predictions(target, guess.astype(np.float32), test, dataset, seed=0).figures
    found = {figure.name: figure for figure in figures}
    assert found["R2"].low is not None and found["R2"].low > 0.1
    assert found["overlap@10 cosine"].value > 2 * found["overlap@10 cosine"].chance


def test_factors_of_real_playlists(shared: Path) -> None:
    folder = shared / "data" / "playlists"
    settings = TargetSettings(n_factors=20, n_iterations=4, confidence="linear")
    derived = derive_target(open_dataset(folder), "factors", folder=folder, seed=0, settings=settings)
    assert len(derived.dataset) == 23_349
    assert derived.dataset.target("factors").values.shape == (23_349, 20)
    assert derived.listeners is not None and len(derived.listeners) == 1_137
