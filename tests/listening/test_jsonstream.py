"""Elements of JSON arrays equal what the standard parser says, however the text is cut into parts."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.errors import UsageError
from segue.listening import jsonstream
from segue.listening.jsonstream import Broken, json_elements, json_lines

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def _elements(text: str, **options: Any) -> list[Any]:
    return [value for _, value in json_elements(io.StringIO(text), "a.json", **options)]


@settings(max_examples=150, deadline=None)
@given(st.lists(_VALUES, max_size=8), st.sampled_from([None, 1]), st.integers(1, 40), st.booleans())
def test_an_array_comes_out_as_it_is(values: list[Any], indent: int | None, chunk: int, plain: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonstream, "_CHUNK", chunk)
        text = json.dumps(values, indent=indent, ensure_ascii=plain)
        assert _elements(text) == values
        document = json.dumps({"info": values, "deep": {"rows": values, "x": 1}, "rows": 5}, indent=indent)
        assert _elements(document, inside=("deep", "rows")) == values


@settings(max_examples=100, deadline=None)
@given(st.lists(_VALUES, min_size=1, max_size=5), st.data())
def test_what_is_cut_off_is_an_error(values: list[Any], data: st.DataObject) -> None:
    text = json.dumps(values)
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(UsageError, match="cut off"):
        _elements(text[:cut])


@pytest.mark.parametrize(
    "broken", ['{"a" 1}', '{"a": tru, "b": 2}', '{"a": "x"y"}', "{'a': 1}", '{"a": [1, 2}', '{"a": 01}']
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_broken_object_costs_itself(broken: str, place: int) -> None:
    objects = ['{"n": 1, "long enough": "to see past the end"}', '{"n": 2, "long enough": "to see past"}']
    objects.insert(place, broken)
    values = _elements(f"[{', '.join(objects)}]" + " " * 20)
    assert isinstance(values[place], Broken)
    assert [value["n"] for value in values if isinstance(value, dict)] == [1, 2]


def test_nonsense_is_refused() -> None:
    for text in ("5", "hello", '{"a" 5, "b": "long enough to be no end"}', '{5: 1, "b": "long enough"}'):
        with pytest.raises(UsageError, match=r"a\.json"):
            _elements(text)


def test_deep_nesting_costs_its_element() -> None:
    deep = "[" * 100_000
    with pytest.raises(UsageError, match="cut off"):
        _elements(f"[{deep}")
    values = _elements(f'[{deep}, {{"a": 1}}, {{"b": 2}}, {{"c": 3}}]')
    assert isinstance(values[0], Broken)
    assert values[-1] == {"c": 3}


def test_a_value_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonstream, "_LARGEST", 10_000)
    monkeypatch.setattr(jsonstream, "_CHUNK", 1_000)
    with pytest.raises(UsageError, match="more than 10,000"):
        _elements('[{"a": "' + "x" * 100_000 + '"}]')


def test_lines() -> None:
    text = '{"a": 1}\n\n{"a": \n[1]\r\n' + "[" * 100_000 + "\n2"
    values = list(json_lines(io.StringIO(text)))
    assert [number for number, _ in values] == [1, 3, 4, 5, 6]
    assert [isinstance(value, Broken) for _, value in values] == [False, True, False, True, False]
