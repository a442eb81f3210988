"""The two formats say the same, whatever is said."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.server.subsonic.answers import Element, Failure, as_json, as_jsonp, as_xml, iso_time

_NAMES = st.sampled_from(["id", "title", "song", "entry", "count", "flag", "genres"])
_SCALARS = st.one_of(
    st.text(max_size=20),
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
)
_NODES = st.recursive(
    st.dictionaries(_NAMES, st.one_of(_SCALARS, st.none()), max_size=4),
    lambda inner: st.dictionaries(
        _NAMES,
        st.one_of(_SCALARS, inner, st.lists(inner, max_size=3), st.lists(st.text(max_size=9), max_size=3)),
        max_size=4,
    ),
    max_leaves=12,
)


def _said(value: object) -> str:
    """A scalar as XML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def _same(node: dict[str, object], element: ElementTree.Element) -> None:
    """What JSON holds is in the XML, and nothing else."""
    children: list[tuple[str, object]] = []
    attributes: dict[str, str] = {}
    for name, value in node.items():
        if isinstance(value, list):
            children += [(name, one) for one in value]
        elif isinstance(value, dict):
            children.append((name, value))
        else:
            attributes[name] = _said(value)
    assert element.attrib == attributes
    assert [child.tag.rpartition("}")[2] for child in element] == [name for name, _ in children]
    for (_, value), child in zip(children, element, strict=True):
        if isinstance(value, dict):
            _same(value, child)
        else:
            assert (child.text or "") == _said(value)


@given(_NODES)
@settings(deadline=None)
def test_xml_and_json_hold_the_same(node: dict[str, object]) -> None:
    _same(json.loads(as_json(node))["subsonic-response"], ElementTree.fromstring(as_xml(node)))


def test_a_value_is_text_between_tags_and_an_element_a_child() -> None:
    node = {
        "genre": [{"value": "Folk", "songCount": 2}],
        "artistInfo": {"biography": Element("<b>")},
        "cueLine": [{"value": "la la", "cue": [{"value": "la ", "start": 0}]}],
    }
    root = ElementTree.fromstring(as_xml(node))
    assert [(child.text, child.attrib) for child in root[:1]] == [("Folk", {"songCount": "2"})]
    assert root[1][0].text == "<b>"
    assert root[2].attrib == {"value": "la la"}
    assert root[2][0].text == "la "
    assert json.loads(as_json(node))["subsonic-response"]["artistInfo"] == {"biography": "<b>"}


@pytest.mark.parametrize("text", ["\x00", "\x1b[31m", "\ud800", "\ufffe", "a\r\nb"])
def test_what_xml_cannot_write_is_replaced_in_both(text: str) -> None:
    shown = json.loads(as_json({"title": text}))["subsonic-response"]["title"]
    assert ElementTree.fromstring(as_xml({"title": text})).get("title") == shown != text


def test_a_callback_is_a_name_and_nothing_else() -> None:
    assert as_jsonp({"a": "\u2028"}, "app.done") == b'/**/app.done({"subsonic-response":{"a":"\\u2028"}});'
    with pytest.raises(Failure):
        as_jsonp({}, "alert(1);x")


def test_times_are_utc() -> None:
    assert iso_time(1_700_000_000.5) == "2023-11-14T22:13:20.500Z"
