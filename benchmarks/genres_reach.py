"""How well genres are told by several encoders and the words they know, artists apart and at random.

    python benchmarks/genres_reach.py ../shared/data/gtzan --encoders musicnn timbre mn04/ --work /tmp/reach

`mn04/` is what ``segue train adapt mn04 --labels class_labels_indices.csv`` makes. For each encoder a kernel
(RBF of the squared distance by dimension); ridge regression of the classes on the kernels' mean, every class
counting the same. Where an encoder has labels that name a class, their mean log-odds speak for it; how much,
and what each class starts with, is learned from inner folds of the training tracks. Nothing is chosen on
tracks that judge.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from segue.audio import read_recording
from segue.encoders import Encoder, TaggingEncoder, load_encoder
from segue.training.datasets.contract import Dataset
from segue.training.datasets.opening import open_dataset

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_WIDTH, _RIDGE, _KEEP_EQUAL = 0.25, 0.05, 0.5
_N_FOLDS, _N_INNER = 10, 8
_N_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Heard:
    """Vectors of each encoder (n_tracks, dim), and for each class what labels of its name say (n_tracks,)."""

    vectors: tuple[Floats, ...]
    words: tuple[tuple[Floats, ...], ...]
    classes: Ints
    groups: Ints


def hear(dataset: Dataset, encoders: list[str], speeds: list[float], work: Path) -> Heard:
    """All tracks by all encoders, the mean over some speeds; kept in the work folder by the encoders' ids."""
    target = dataset.target("genre")
    words: list[list[Floats]] = [[] for _ in target.names]
    vectors = []
    for name in encoders:
        encoder = load_encoder(name)
        tag_names = encoder.tag_names if isinstance(encoder, TaggingEncoder) else ()
        heard = [_by_one(dataset, encoder, speed, work) for speed in speeds]
        embedding, labels = (np.mean(some, axis=0) for some in zip(*heard, strict=True))
        vectors.append(embedding)
        for known, class_ in zip(words, target.names, strict=True):
            columns = [column for column, label in enumerate(tag_names) if names(label, class_)]
            if columns:
                known.append(labels[:, columns])
    classes = np.asarray(target.values, dtype=np.int64)
    return Heard(tuple(vectors), tuple(map(tuple, words)), classes, groups_of(dataset))


def _by_one(dataset: Dataset, encoder: Encoder, speed: float, work: Path) -> tuple[Floats, Floats]:
    """Vectors (n_tracks, dim) and log-odds of labels (n_tracks, n_labels)."""
    file = work / f"{dataset.name}-{encoder.id}-{speed:g}.npz"
    if not file.exists():
        vectors, odds = [], []
        for audio in dataset.audio:
            rate = encoder.sample_rate
            windows = read_recording(audio, plan="whole", sample_rates=[rate]).windows[rate]
            if speed != 1:
                windows = tuple(soxr.resample(window, rate * speed, rate) for window in windows)
            if isinstance(encoder, TaggingEncoder):
                vector, shares = encoder.encode_and_tag(windows)
                shares = np.clip(shares.astype(np.float64), 1e-7, 1 - 1e-7)
                odds.append(np.log(shares / (1 - shares)))
            else:
                vector = encoder.encode(windows)
                odds.append(np.zeros(0))
            vectors.append(vector)
        np.savez(file, vectors=np.stack(vectors), odds=np.stack(odds))
    with np.load(file, allow_pickle=False) as stored:
        return stored["vectors"].astype(np.float64), stored["odds"]


def names(label: str, class_: str) -> bool:
    """Whether a label is a class, or a kind of it: ``Hip hop music`` is hiphop, ``punk rock`` is rock."""
    letters = re.sub("[^a-z]", "", label.lower()).removesuffix("music")
    return "," not in label and letters.endswith(re.sub("[^a-z]", "", class_.lower()))


def groups_of(dataset: Dataset) -> Ints:
    """Tracks linked by an artist or a recording have the same number; an unknown one is like no other."""
    group = np.arange(len(dataset.tracks))
    for keys in (dataset.artists, dataset.recordings):
        first: dict[str, int] = {}
        for row, key in enumerate(keys):
            if key:
                group[group == group[row]] = group[first.setdefault(key, row)]
    return group


def folds(heard: Heard, rows: Ints, n: int, *, apart: bool, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Rows to learn from and rows to judge, n times."""
    kind = StratifiedGroupKFold if apart else StratifiedKFold
    groups = {"groups": heard.groups[rows]} if apart else {}
    for train, test in kind(n, shuffle=True, random_state=seed).split(rows, heard.classes[rows], **groups):
        yield rows[train], rows[test]


def predicted(heard: Heard, train: Ints, test: Ints, *, apart: bool, seed: int) -> Ints:
    """The classes of the test rows."""
    kernel = np.mean([_kernel(vectors, train) for vectors in heard.vectors], axis=0)
    said = np.stack([_said(known, train, len(heard.classes)) for known in heard.words], axis=1)
    inner = np.zeros_like(said)
    for some, others in folds(heard, train, _N_INNER, apart=apart, seed=seed):
        inner[others] = _ridge(kernel, heard.classes, some, others)
    weights = _weights(np.stack([inner[train], said[train]]), heard.classes[train])
    both = np.stack([_ridge(kernel, heard.classes, train, test), said[test]])
    return np.asarray(_joined(both, weights).argmax(axis=1))


def _standardised(values: Floats, train: Ints) -> Floats:
    spread = values[train].std(axis=0)
    spread = np.where(spread < 1e-6, np.inf, spread)
    return np.asarray(np.clip((values - values[train].mean(axis=0)) / spread, -6, 6))


def _kernel(vectors: Floats, train: Ints) -> Floats:
    x = _standardised(vectors, train)
    squares = (x * x).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * x @ x.T, 0) / x.shape[1]
    return np.asarray(np.exp(-_WIDTH * distances))


def _said(known: tuple[Floats, ...], train: Ints, n_tracks: int) -> Floats:
    """Of each encoder that knows a class the mean over its labels, and the mean of these; else 0."""
    if not known:
        return np.zeros(n_tracks)
    return np.asarray(np.mean([_standardised(labels, train).mean(axis=1) for labels in known], axis=0))


def _ridge(kernel: Floats, classes: Ints, train: Ints, test: Ints) -> Floats:
    n_classes = int(classes.max()) + 1
    wanted = np.eye(n_classes)[classes[train]]
    weight = 1 / wanted.sum(axis=0)[classes[train]]
    weight /= weight.mean()
    mean = np.average(wanted, axis=0, weights=weight)
    model = KernelRidge(alpha=_RIDGE, kernel="precomputed")
    model.fit(kernel[np.ix_(train, train)], wanted - mean, sample_weight=weight)
    return np.asarray(model.predict(kernel[np.ix_(test, train)]) + mean)


def _joined(sources: Floats, weights: Floats) -> Floats:
    """(n_sources, n, n_classes) to (n, n_classes): a factor a source and a start a class."""
    return np.asarray(np.tensordot(weights[: len(sources)], sources, 1) + weights[len(sources) :])


def _weights(sources: Floats, classes: Ints) -> Floats:
    n_sources, n, n_classes = sources.shape

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = _joined(sources, weights)
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        starts = weights[n_sources:]
        value = _KEEP_EQUAL * (starts**2).sum() - np.log(shares[np.arange(n), classes] + 1e-12).sum()
        shares[np.arange(n), classes] -= 1
        slope = [(source * shares).sum() for source in sources]
        return float(value), np.concatenate([slope, shares.sum(axis=0) + 2 * _KEEP_EQUAL * starts])

    begin = np.concatenate([np.ones(n_sources), np.zeros(n_classes)])
    bounds: Any = [(0, None)] * n_sources + [(None, None)] * n_classes
    return np.asarray(minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds).x)


def report(heard: Heard, *, apart: bool, seeds: range) -> str:
    """Accuracy and kappa over all repetitions, with 95 % intervals over groups of tracks."""
    rows = np.arange(len(heard.classes))
    told = np.zeros((len(seeds), rows.size), dtype=np.int64)
    for place, seed in enumerate(seeds):
        for train, test in folds(heard, rows, _N_FOLDS, apart=apart, seed=seed):
            told[place, test] = predicted(heard, train, test, apart=apart, seed=seed)
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(heard.groups == group) for group in np.unique(heard.groups)]
    drawn = [
        np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        for _ in range(_N_RESAMPLES)
    ]
    figures = []
    for measure in (lambda true, said: float(np.mean(true == said)), cohen_kappa_score):
        value = np.mean([measure(heard.classes, said) for said in told])
        resampled = [measure(heard.classes[some], told[i % len(told)][some]) for i, some in enumerate(drawn)]
        low, high = np.quantile(resampled, [0.025, 0.975])
        figures.append(f"{value:.3f} ({low:.3f} to {high:.3f})")
    return f"| {'artists apart' if apart else 'random'} | {' | '.join(figures)} |"


def main() -> None:
    """Hear, judge, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, help="gtzan, emotify or other music with genres")
    parser.add_argument("--encoders", nargs="+", default=["musicnn", "timbre"])
    parser.add_argument(
        "--speeds", nargs="+", type=float, default=[1.0], help="such as 0.94 0.97 1 1.03 1.06"
    )
    parser.add_argument("--work", type=Path, required=True, help="keeps the vectors")
    parser.add_argument("--seed", type=int, default=0, help="of the first repetition")
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    heard = hear(open_dataset(options.data), options.encoders, options.speeds, options.work)
    print("| folds | accuracy | kappa |\n| --- | --- | --- |")
    for apart in (False, True):
        print(report(heard, apart=apart, seeds=range(options.seed, options.seed + options.repetitions)))


if __name__ == "__main__":
    main()
