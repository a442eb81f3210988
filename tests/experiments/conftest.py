"""A run without training, for pages and reports; and a small data set that can be told apart by ear."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from segue.experiments.overrides import changed_recipe
from segue.experiments.runs import Asked, Run, Size, StoredFigure

_RATE = 22_050


@pytest.fixture
def genre_run(tmp_path: Path) -> Run:
    """Finished, of a recipe with a reported figure."""
    asked = Asked(changed_recipe("rubio-cnn-lstm", epochs=7), "emotify", "0123456789abcdef", "genre", 3)
    figures = (
        StoredFigure("accuracy", 0.612, 0.55, 0.67, 0.25),
        StoredFigure("kappa", 0.48, 0.4, 0.55, 0.0),
        StoredFigure("validation loss", 1.02),
    )
    controls = {
        "majority": (StoredFigure("accuracy", 0.25, 0.2, 0.3, 0.25),),
        "518 descriptors, svm": (StoredFigure("accuracy", 0.58, 0.5, 0.66, 0.25),),
    }
    return Run(
        folder=tmp_path / "runs" / asked.folder_name,
        asked=asked,
        apart="artist",
        size=Size(223, 72, 156, 33, 34, 2),
        figures=figures,
        controls=controls,
        confusion=((10, 2), (3, 19)),
        names=("classical", "rock <&>"),
        parameters=423_888,
        epochs=7,
        seconds=83.2,
        notes=("one file is missing",),
    )


@pytest.fixture(scope="session")
def two_genres(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders ``low`` and ``high`` with 12 clips of a second each: tones that lie far apart."""
    folder = tmp_path_factory.mktemp("two") / "genres"
    rng = np.random.default_rng(0)
    for genre, pitch in (("low", 200.0), ("high", 3000.0)):
        for number in range(12):
            time = np.arange(_RATE) / _RATE
            tone = np.sin(2 * np.pi * pitch * (1 + 0.1 * rng.random()) * time)
            samples = 0.4 * tone + 0.01 * rng.standard_normal(len(time))
            path = folder / genre / f"{genre}.{number:05}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, _RATE, 0, "NONE", ""))
                file.writeframes((samples * 32767).astype("<i2").tobytes())
    return folder
