"""Messages between the scan and its workers: a JSON header and the bytes of arrays, never a pickle."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LENGTHS = struct.Struct("<IQ")
_MOST_HEADER = 1 << 26
_MOST_ARRAYS = 1 << 28


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    Attributes
    ----------
    header
        Whatever JSON can say; strings may hold surrogates (names that are not UTF-8).
    arrays
        Float32 arrays by name.
    """

    header: Mapping[str, Any]
    arrays: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


def pack(message: Message) -> bytes:
    """The bytes of a message: two lengths, the header, the arrays one after another."""
    arrays = {name: np.ascontiguousarray(array, np.float32) for name, array in message.arrays.items()}
    shapes = [[name, array.shape] for name, array in arrays.items()]
    head = json.dumps([message.header, shapes]).encode("ascii")
    body = b"".join(array.tobytes() for array in arrays.values())
    return _LENGTHS.pack(len(head), len(body)) + head + body


class Unpacker:
    """Puts messages together from the pieces that a pipe delivers."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """The messages that `piece` completes.

        Raises
        ------
        ValueError
            If what arrives is not a message.
        """
        self._bytes += piece
        while len(self._bytes) >= _LENGTHS.size:
            head_length, body_length = _LENGTHS.unpack_from(self._bytes)
            if head_length > _MOST_HEADER or body_length > _MOST_ARRAYS:
                raise ValueError(f"a message of {head_length} + {body_length} bytes is none of ours")
            end = _LENGTHS.size + head_length + body_length
            if len(self._bytes) < end:
                return
            frame = bytes(self._bytes[:end])
            del self._bytes[:end]
            yield _unpack(frame, head_length)


def _unpack(frame: bytes, head_length: int) -> Message:
    start = _LENGTHS.size + head_length
    header, shapes = json.loads(frame[_LENGTHS.size : start])
    arrays = {}
    for name, shape in shapes:
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(frame, np.float32, count, start).reshape(shape).copy()
        start += arrays[name].nbytes
    return Message(header, arrays)
