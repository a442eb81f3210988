"""Reads the arrays of a TensorFlow checkpoint (version 2 bundle) without TensorFlow.

A bundle is two files: an index, which is a LevelDB table from tensor names to small protobuf records, and
one data file holding the raw little-endian arrays that the records point into.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_TABLE_MAGIC = 0xDB4775248B80FB57
_FOOTER_BYTES = 48
_FLOAT32 = 1


def read_checkpoint(index: bytes, data: bytes) -> dict[str, NDArray[np.float32]]:
    """All float32 tensors of a bundle with one data file.

    Parameters
    ----------
    index
        The bytes of ``NAME.index``; its blocks must be uncompressed, as TensorFlow writes them.
    data
        The bytes of ``NAME.data-00000-of-00001``.

    Returns
    -------
    dict
        Tensor name to array; tensors of other types are left out.

    Raises
    ------
    ValueError
        If the index is not such a table, or a record points outside the data.
    """
    if len(index) < _FOOTER_BYTES or struct.unpack("<Q", index[-8:])[0] != _TABLE_MAGIC:
        raise ValueError("the checkpoint's index is not a LevelDB table")
    _, _, root_offset, root_size = _varints(index[-_FOOTER_BYTES:], 4)
    arrays: dict[str, NDArray[np.float32]] = {}
    for _, handle in _block_entries(index, root_offset, root_size):
        for key, record in _block_entries(index, *_varints(handle, 2)):
            if not key:  # the empty name holds the bundle's header
                continue
            fields = dict(_protobuf_fields(record))
            if fields.get(1) == _FLOAT32:
                arrays[key.decode()] = _tensor(key.decode(), fields, data)
    return arrays


def _tensor(name: str, fields: dict[int, int | bytes], data: bytes) -> NDArray[np.float32]:
    shape = _shape(fields.get(2, b""))
    offset, size = fields.get(4, 0), fields.get(5, 0)
    if not isinstance(offset, int) or not isinstance(size, int) or offset + size > len(data):
        raise ValueError(f"tensor {name} lies outside the checkpoint's data")
    if size != 4 * int(np.prod(shape)):
        raise ValueError(f"tensor {name} has {size} bytes, not those of shape {shape}")
    return np.frombuffer(data, dtype="<f4", count=size // 4, offset=offset).reshape(shape)


def _shape(message: int | bytes) -> tuple[int, ...]:
    if not isinstance(message, bytes):
        raise ValueError("a tensor's shape is not a message")
    sizes = (dict(_protobuf_fields(part)) for field, part in _protobuf_fields(message) if field == 2)
    return tuple(int(size.get(1, 0)) for size in sizes)


def _block_entries(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    if table[offset + size] != 0:
        raise ValueError("the checkpoint's index is compressed, which is not supported")
    block = table[offset : offset + size]
    restarts = struct.unpack("<I", block[-4:])[0]
    end = len(block) - 4 - 4 * restarts
    key, at = b"", 0
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        yield key, block[at + own : at + own + length]
        at += own + length


def _protobuf_fields(message: bytes | int) -> Iterator[tuple[int, int | bytes]]:
    if not isinstance(message, bytes):
        raise ValueError("a protobuf message was expected")
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
        elif kind == 2:
            length, at = _varint(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        elif kind == 5:
            yield tag >> 3, int.from_bytes(message[at : at + 4], "little")
            at += 4
        else:
            raise ValueError(f"protobuf field of kind {kind} is not expected in a checkpoint's index")


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _varints(raw: bytes, count: int) -> list[int]:
    values, at = [], 0
    for _ in range(count):
        value, at = _varint(raw, at)
        values.append(value)
    return values
