"""Names say what sets a cluster apart, and all differ."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.atlas import Evidence, Words, evidence, named


def words(
    columns: dict[str, object], *, sources: dict[str, str] | None = None, least: float = -np.inf
) -> Words:
    values = np.stack([np.asarray(column, np.float32) for column in columns.values()], axis=1)
    return Words(
        values,
        tuple(columns),
        tuple((sources or {}).get(name, name) for name in columns),
        np.full(len(columns), least, np.float32),
    )


LABELS = np.repeat([0, 1], 50)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=100)


NOISE = noise(0)


def test_the_most_different_word_comes_first() -> None:
    of = words({"fast": LABELS + 0.5 * NOISE, "bright": -LABELS + 0.2 * noise(1), "any": NOISE})
    first, second = evidence(of, LABELS, 2)
    assert [word.word for word in first] == ["bright"] and [word.word for word in second] == ["fast"]
    inside, outside = of.values[:50, 1].mean(), of.values[50:, 1].mean()
    assert np.isclose(first[0].inside, inside) and np.isclose(first[0].outside, outside)
    assert np.isclose(first[0].difference, (inside - outside) / of.values[:, 1].std())


def test_what_goes_together_is_said_once() -> None:
    electronic = LABELS + 0.1 * NOISE
    of = words({"electronic": electronic, "electronica": electronic + 0.1 * noise(1)})
    assert len(evidence(of, LABELS, 2)[1]) == 1
    twice = words({"Jazz": LABELS, "jazz": LABELS * (np.arange(100) % 2)})
    assert [word.word for word in evidence(twice, LABELS, 2)[1]] == ["Jazz"]


def test_a_name_has_at_most_two_words_of_one_source() -> None:
    columns = {name: LABELS * (5 - n) + 4 * noise(n) for n, name in enumerate("abc")}
    columns["d"] = 0.6 * LABELS + 1.5 * noise(9)
    of = words(columns, sources=dict.fromkeys("abc", "heard"))
    found = evidence(of, LABELS, 2)[1]
    assert [word.word for word in found[:3]] in (["a", "b", "d"], ["b", "a", "d"])


def test_rare_words_name_nothing() -> None:
    rare = np.where(np.arange(100) == 60, 1.0, 0.0)
    of = words({"rare": rare, "common": LABELS.astype(float)}, least=0.25)
    assert [word.word for word in evidence(of, LABELS, 2)[1]] == ["common"]


def test_unknown_values_and_constant_columns_are_no_obstacle() -> None:
    half = np.where(np.arange(100) % 2, np.nan, LABELS)
    of = words(
        {
            "half": half,
            "constant": np.ones(100),
            "unknown": np.full(100, np.nan),
            "only": np.where(LABELS, 1, np.nan),
        }
    )
    found = evidence(of, LABELS, 3)
    assert [word.word for word in found[1]] == ["half"]
    assert found[2] == ()
    assert evidence(of, np.zeros(100, np.int64), 1) == [()]
    nothing = Words(np.empty((100, 0), np.float32), (), (), np.empty(0, np.float32))
    assert evidence(nothing, LABELS, 2) == [(), ()]


@given(
    st.lists(
        st.lists(st.sampled_from(["rock", "Rock", "jazz", "fast", "mixed", "mixed 2"]), max_size=4),
        max_size=8,
    )
)
@settings(deadline=None)
def test_names_differ_whatever_the_evidence(found: list[list[str]]) -> None:
    given_names = [None, "rock"] + [None] * len(found)
    names = named(
        [[Evidence(word, "x", 1, 1, 0) for word in some] for some in [["rock"], [], *found]],
        given=given_names,
    )
    assert len({name.casefold() for name in names}) == len(names)
    assert names[1] == "rock" and names[0] == "rock 2"
    assert all(names)


def test_more_words_tell_kinds_apart_before_numbers_do() -> None:
    a, b, c, d = (Evidence(word, "x", 1, 1, 0) for word in ("rhythmic", "bright", "fast", "minor"))
    assert named([[a, b, c], [a, b, c, d]]) == ("rhythmic, bright, fast", "rhythmic, bright, fast, minor")
