"""Names, ids and sums of encoders."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from segue.encoders import DEFAULT_ENCODER, encoder_names, load_encoder, members, published_scaling, resolve
from segue.encoders.combination import Combination
from segue.encoders.contract import Scaling
from segue.errors import UsageError
from segue.types import EncoderId


def test_the_default_is_one_of_the_names() -> None:
    assert DEFAULT_ENCODER in encoder_names()


def test_short_name_and_id_are_the_same_object() -> None:
    assert load_encoder("musicnn") is load_encoder("musicnn-msd-1") is resolve("musicnn")


@pytest.mark.parametrize(
    "name", ["musicnn+timbre", "timbre+musicnn", "timbre-1 + musicnn", "timbre+musicnn+timbre-1"]
)
def test_sums_have_one_order(name: str) -> None:
    assert members(name) == ("musicnn-msd-1", "timbre-1")


@pytest.mark.parametrize("name", ["", "+", "nothing", "musicnn+", "musicnn+nothing", "MUSICNN", "timbre-2"])
@pytest.mark.parametrize("ask", [members, load_encoder, resolve, published_scaling])
def test_unknown_names_list_the_choices(ask: object, name: str) -> None:
    with pytest.raises(UsageError, match="musicnn, timbre, fma518"):
        ask(name)  # type: ignore[operator]


def test_a_sum_cannot_be_loaded() -> None:
    with pytest.raises(UsageError, match="musicnn-msd-1 and timbre-1"):
        load_encoder("timbre+musicnn")


def test_a_combination_refuses_blocks_that_are_not_its_own() -> None:
    plain = Scaling(np.zeros(2, np.float32), np.ones(2, np.float32))
    pair = Combination(EncoderId("a+b"), (EncoderId("a"), EncoderId("b")), 4, (plain, plain))
    two = np.ones((3, 2), np.float32)
    for blocks in ([two], [two, two, two], [two, np.ones((3, 3), np.float32)], [two, two[:2]]):
        with pytest.raises(UsageError, match="one block for each"):
            pair.combine(blocks)


def test_a_row_without_length_stays_finite() -> None:
    plain = Scaling(np.zeros(2, np.float32), np.ones(2, np.float32))
    pair = Combination(EncoderId("a+b"), (EncoderId("a"), EncoderId("b")), 4, (plain, plain))
    zero = np.zeros((1, 2), np.float32)
    assert np.array_equal(pair.combine([zero, zero]), np.zeros((1, 4), np.float32))


def test_cards_are_read_without_the_runtime() -> None:
    code = (
        "import sys; from segue.encoders import resolve; print(resolve('musicnn').describe().dim);"
        "print({'onnxruntime', 'scipy', 'librosa'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert answer.split("\n")[:2] == ["200", "set()"]
