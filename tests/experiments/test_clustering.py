"""K-means over k: the curve, its elbow, and agreement with classes as scikit-learn computes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from segue.atlas.kinds import elbow
from segue.errors import UsageError
from segue.experiments.clustering import adjusted_rand, check_clusters, k_means
from segue.experiments.overrides import changed_recipe
from segue.experiments.task import Data, open_task


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=40))
def test_agreement_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    clusters, classes = np.array(pairs).T
    table = np.zeros((4, 5))
    np.add.at(table, (clusters, classes), 1)
    expected = adjusted_rand_score(classes, clusters)
    # Where either side is one group, or all are alone, there is nothing to agree on: 0 here, 1 there.
    if 1 < len(np.unique(clusters)) < len(pairs) or 1 < len(np.unique(classes)) < len(pairs):
        assert float(adjusted_rand(table)) == pytest.approx(expected, abs=1e-9)


def test_the_curve_bends_where_the_clusters_are() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(0, 20, (4, 6))
    vectors = (centres[np.arange(80) % 4] + rng.standard_normal((80, 6))).astype(np.float32)
    inertia, clusters = k_means(vectors, seed=0)
    assert inertia[0] == 1 and (np.diff(inertia) <= 1e-9).all()
    assert elbow(inertia) == 4
    assert adjusted_rand_score(np.arange(80) % 4, clusters[3]) == 1
    again, _ = k_means(vectors, seed=0)
    np.testing.assert_array_equal(inertia, again)


def test_equal_vectors_have_no_inertia() -> None:
    inertia, _ = k_means(np.ones((20, 3), np.float32), seed=0)
    assert inertia.tolist() == [0.0] * 12


def test_what_cannot_be_clustered_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    lines = ["filename,length,one,two,label"]
    lines += [f"a.{number:05}.au,1,{number},2,{'ab'[number % 2]}" for number in range(8)]
    (tmp_path / "features_30_sec.csv").write_text("\n".join(lines) + "\n")
    task = open_task(changed_recipe("freitas-kmeans"), Data(tmp_path), seed=0)
    with pytest.raises(UsageError, match="8 tracks cannot be put into 12 clusters"):
        check_clusters(task, None)
    with pytest.raises(UsageError, match="goes on from nothing"):
        check_clusters(task, tmp_path)
