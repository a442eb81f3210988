"""Messages survive any cut of the pipe, and nonsense is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.scanning.wire import Message, Unpacker, pack


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.text(), st.none() | st.integers() | st.text()),
            st.dictionaries(
                st.text(), st.lists(st.floats(width=32, allow_nan=False), max_size=5), max_size=3
            ),
        ),
        max_size=4,
    ),
    st.integers(1, 50),
)
def test_round_trip_in_any_pieces(
    contents: list[tuple[dict[str, object], dict[str, list[float]]]], step: int
) -> None:
    sent = [
        Message(header, {name: np.array(values, np.float32) for name, values in arrays.items()})
        for header, arrays in contents
    ]
    stream = b"".join(pack(message) for message in sent)
    unpacker = Unpacker()
    got = [
        message
        for start in range(0, len(stream), step)
        for message in unpacker.feed(stream[start : start + step])
    ]
    assert [message.header for message in got] == [message.header for message in sent]
    for ours, theirs in zip(got, sent, strict=True):
        assert list(ours.arrays) == list(theirs.arrays)
        for name in ours.arrays:
            np.testing.assert_array_equal(ours.arrays[name], theirs.arrays[name])


def test_names_that_are_not_utf8_pass() -> None:
    (got,) = Unpacker().feed(pack(Message({"path": "/caf\udce9.mp3"})))
    assert got.header["path"] == "/caf\udce9.mp3"


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="none of ours"):
        list(Unpacker().feed(b"\xff" * 100))
