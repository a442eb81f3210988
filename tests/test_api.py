"""`import segue` gives what the commands give."""

from __future__ import annotations

import numpy as np
import pytest

import segue


def test_the_documented_lines_work(demo):
    library = segue.open_library(demo.data)
    report = segue.scan(library, [demo.music])
    assert report.analysed == 0
    answers = segue.similar(library, "Hail", choices=segue.Choices(number=3))
    assert [answer.track.tags.title for answer in answers]
    assert all(0 <= answer.match <= 100 for answer in answers)
    assert segue.path(library, "Hail", "Neon Ledger", number=4)[0].track.tags.title == "Hail"
    assert segue.mix(library, ["Hail", "Neon Ledger"])
    assert segue.duplicates(library)
    names, vectors, encoder = segue.embed([demo.piece("Hail").path], encoder="timbre")
    assert names == (str(demo.piece("Hail").path),)
    assert vectors.dtype == np.float32
    assert encoder == "timbre-1"


def test_errors_are_of_one_tree(demo, tmp_path):
    with pytest.raises(segue.SegueError, match="segue scan"):
        segue.similar(segue.open_library(tmp_path), "anything")


def test_every_public_name_is_there():
    for name in segue.__all__:
        assert getattr(segue, name) is not None
    with pytest.raises(AttributeError):
        _ = segue.nothing_of_the_kind
