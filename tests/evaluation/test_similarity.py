"""The whole protocol: obvious data, chance, what is left out, and the two forms of the report."""

from __future__ import annotations

import json

import numpy as np
import pytest

from segue.errors import VectorsError
from segue.evaluation import (
    MEASURES,
    Labels,
    SimilarityReport,
    measure_similarity,
    mfcc_statistics,
    report_as_json,
    report_as_table,
)


def _library(seed: int = 0, *, telling: float = 4.0) -> tuple[np.ndarray, Labels]:
    """60 artists of three tracks in three genres; vectors are genre, artist and noise."""
    rng = np.random.default_rng(seed)
    artists = np.repeat(np.arange(60), 3)
    genres = artists % 3
    own = rng.standard_normal((60, 6))[artists]
    vectors = telling * np.eye(3)[genres] @ rng.standard_normal((3, 6)) + telling * own
    vectors = (vectors + rng.standard_normal((180, 6))).astype(np.float32)
    moods = np.column_stack([genres + rng.standard_normal(180), own[:, 0]])
    return vectors, Labels(artists, genres, moods, ("tension", "power"))


def _figures(report: SimilarityReport) -> dict[str, float]:
    return {measure.name: measure.value for measure in report.measures}


def test_good_vectors_beat_their_controls() -> None:
    vectors, labels = _library()
    report = measure_similarity(vectors, labels, encoder="toy")
    assert [measure.name for measure in report.measures] == list(MEASURES)
    assert not report.left_out
    assert (report.n_tracks, report.n_artists, report.dim, report.moods) == (180, 60, 6, ("tension", "power"))
    for measure in report.measures:
        assert measure.low <= measure.value <= measure.high
        if measure.name != "hubness":
            assert measure.low > measure.control


def test_vectors_that_know_nothing_are_at_chance() -> None:
    _, labels = _library()
    vectors = np.random.default_rng(9).standard_normal((180, 6)).astype(np.float32)
    report = measure_similarity(vectors, labels, encoder="noise")
    figures = _figures(report)
    assert figures["genre_precision_at_10"] == pytest.approx(1 / 3, abs=0.06)
    assert figures["artist_r_precision"] < 0.06
    assert abs(figures["mood_correlation"]) < 0.2
    assert figures["genre_accuracy"] == pytest.approx(1 / 3, abs=0.12)
    for measure in report.measures:
        if measure.name != "hubness":
            assert measure.control == pytest.approx(measure.value, abs=0.2)


def test_the_same_seed_gives_the_same_report() -> None:
    vectors, labels = _library()
    first, second = (measure_similarity(vectors, labels, encoder="toy", seed=3) for _ in range(2))
    assert report_as_json(first) == report_as_json(second)


def test_a_scale_per_dimension_changes_nothing() -> None:
    vectors, labels = _library()
    scaled = vectors * np.array([1, 10, 100, 0.1, 5, 3], dtype=np.float32) + 20
    first, second = (_figures(measure_similarity(v, labels, encoder="toy")) for v in (vectors, scaled))
    assert first == pytest.approx(second, abs=0.02)


def test_missing_labels_leave_measures_out_and_say_so() -> None:
    vectors, labels = _library()
    report = measure_similarity(vectors, Labels(labels.artists), encoder="toy")
    assert set(report.left_out) == {"genre_precision_at_10", "mood_correlation", "genre_accuracy"}
    assert "no column genre" in report.left_out["genre_accuracy"]
    alone = measure_similarity(vectors, Labels(np.arange(180)), encoder="toy")
    assert alone.left_out["artist_hit_at_10"] == "no artist has two tracks"
    one_genre = Labels(labels.artists, np.zeros(180, dtype=np.int64))
    assert "two genres" in measure_similarity(vectors, one_genre, encoder="toy").left_out["genre_accuracy"]
    few = Labels(labels.artists % 3, labels.genres, labels.moods)
    assert "only 3 artists" in measure_similarity(vectors, few, encoder="toy").left_out["mood_correlation"]


def test_unknown_genres_and_moods_are_not_asked() -> None:
    vectors, labels = _library()
    genres, moods = labels.genres.copy(), labels.moods.copy()  # type: ignore[union-attr]
    genres[:30], moods[:60, 0] = -1, np.nan
    report = measure_similarity(vectors, Labels(labels.artists, genres, moods), encoder="toy")
    asked = {measure.name: measure.n_tracks for measure in report.measures}
    assert asked["genre_precision_at_10"] == asked["genre_accuracy"] == 150
    assert asked["mood_correlation"] == 120


@pytest.mark.parametrize(
    ("vectors", "word"),
    [
        (np.zeros((179, 2), dtype=np.float32), "do not fit"),
        (np.full((180, 2), np.nan, dtype=np.float32), "not finite"),
        (np.zeros(180, dtype=np.float32), "one row a track"),
        (np.zeros((180, 0), dtype=np.float32), "one row a track"),
    ],
)
def test_wrong_vectors_are_one_line(vectors: np.ndarray, word: str) -> None:
    with pytest.raises(VectorsError, match=word):
        measure_similarity(vectors, Labels(np.arange(180)), encoder="toy")


def test_three_identical_tracks_are_no_crash() -> None:
    report = measure_similarity(np.ones((3, 2), dtype=np.float32), Labels(np.array([0, 0, 1])), encoder="toy")
    assert np.isfinite([measure.value for measure in report.measures]).all()


def test_the_reports_say_the_same() -> None:
    vectors, labels = _library()
    report = measure_similarity(vectors, Labels(labels.artists), encoder="toy")
    content = json.loads(report_as_json(report))
    assert content["format"] == "segue-similarity-1"
    assert set(content["measures"]) | set(content["left_out"]) == set(MEASURES)
    table = report_as_table(report)
    for name, measure in content["measures"].items():
        row = next(line for line in table.splitlines() if line.startswith(MEASURES[name]))
        assert f"{measure['value']:.3f}" in row
        assert set(measure) == {"value", "interval", "control", "tracks", "artists", "better"}
    assert "mood correlation: left out" in table


def test_mfcc_statistics_agree_with_librosa() -> None:
    import librosa

    samples = np.random.default_rng(0).standard_normal(44_100).astype(np.float32) * 0.1
    samples[:22_050] *= np.linspace(0, 1, 22_050, dtype=np.float32)
    mfcc = librosa.feature.mfcc(y=samples, sr=22_050, n_mfcc=20)
    steps = np.diff(mfcc, axis=1)
    expected = np.concatenate([mfcc.mean(1), mfcc.std(1), steps.mean(1), steps.std(1)])
    vector = mfcc_statistics([samples])
    assert vector.dtype == np.float32
    np.testing.assert_allclose(vector, expected, atol=2e-3)
    with pytest.raises(ValueError, match="at least 512"):
        mfcc_statistics([])
