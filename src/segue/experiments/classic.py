"""Classes told from vectors by the classic classifiers: what a network has to be ahead of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from segue.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.training.contract import Split
    from segue.training.datasets.contract import Target
    from segue.types import Matrix

Classifier = Literal["logistic", "svm"]
CLASSIFIERS: tuple[Classifier, ...] = ("logistic", "svm")
# Inverse strengths of the penalty; the validation tracks choose.
_STRENGTHS = {"logistic": (0.001, 0.01, 0.1, 1.0), "svm": (0.3, 1.0, 3.0, 10.0)}


def classic_predictions(
    vectors: Matrix, target: Target, split: Split, *, classifier: Classifier
) -> NDArray[np.float32]:
    """Learn classes from vectors and say those of the test tracks.

    The strength of the penalty is chosen by accuracy on the validation tracks; what was chosen then learns
    from training and validation tracks together. Vectors are scaled by what it learns from.

    Parameters
    ----------
    vectors : (n_tracks, dim) float32
        Of all tracks.
    target
        Classes; tracks whose class is not known are not learned from.
    split
        Which tracks do what.
    classifier
        ``logistic`` regression, or ``svm``: a support vector machine with Gaussian kernel.

    Returns
    -------
    probabilities : (n_test, n_classes) float32
        Of the svm: 1 for the class that it says.

    Raises
    ------
    UsageError
        If the target is no classes, or the training tracks show fewer than two.
    """
    if target.kind != "class":
        raise UsageError(f"{classifier} tells classes, and the target is {target.kind}")
    known = target.known
    train, valid = split.train[known[split.train]], split.valid[known[split.valid]]
    if len(np.unique(target.values[train])) < 2:
        raise UsageError("the training tracks show fewer than two classes: there is nothing to tell apart")
    rights = []
    for strength in _STRENGTHS[classifier] if len(valid) else ():
        model = _fit(vectors[train], target.values[train], classifier, strength)
        rights.append(float(np.mean(model.predict(vectors[valid]) == target.values[valid])))
    strengths = _STRENGTHS[classifier]
    best = strengths[int(np.argmax(rights))] if rights else strengths[-2]
    both = np.concatenate([train, valid])
    model = _fit(vectors[both], target.values[both], classifier, best)
    said = np.zeros((len(split.test), len(target.names)), dtype=np.float32)
    if classifier == "logistic":
        said[:, model.classes_] = model.predict_proba(vectors[split.test])
    else:
        said[np.arange(len(said)), model.predict(vectors[split.test])] = 1
    return said


def _fit(vectors: Matrix, classes: NDArray[Any], classifier: Classifier, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    if classifier == "logistic":
        model = LogisticRegression(C=strength, max_iter=2_000, tol=1e-3)
    else:
        model = SVC(C=strength)
    return make_pipeline(StandardScaler(), model).fit(vectors.astype(np.float64), classes)
