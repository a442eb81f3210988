"""Arrays are read from a TensorFlow checkpoint, and what is none is refused."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from segue.training.networks.tf_checkpoint import read_checkpoint


def test_a_file_that_is_no_checkpoint_is_refused() -> None:
    for index in (b"", b"x" * 100):
        with pytest.raises(ValueError, match="not a LevelDB table"):
            read_checkpoint(index, b"")


def test_a_checkpoint_of_one_tensor_is_read() -> None:
    values = np.arange(6, dtype="<f4").reshape(2, 3)
    index = _one_tensor_index(b"layer/kernel", values.shape, offset=4, size=24)
    arrays = read_checkpoint(index, b"\0\0\0\0" + values.tobytes())
    assert list(arrays) == ["layer/kernel"]
    assert np.array_equal(arrays["layer/kernel"], values)
    with pytest.raises(ValueError, match="outside"):
        read_checkpoint(index, values.tobytes())


def _one_tensor_index(name: bytes, shape: tuple[int, ...], *, offset: int, size: int) -> bytes:
    """A LevelDB table with the bundle's header and one entry; every number fits one byte."""
    sizes = b"".join(b"\x12\x02\x08" + bytes([length]) for length in shape)
    record = (
        b"\x08\x01\x12" + bytes([len(sizes)]) + sizes + b"\x20" + bytes([offset]) + b"\x28" + bytes([size])
    )

    def block(*entries: tuple[bytes, bytes]) -> bytes:
        body = b"".join(bytes([0, len(key), len(value)]) + key + value for key, value in entries)
        return body + struct.pack("<II", 0, 1)

    data = block((b"", b"\x08\x01"), (name, record))
    handle = bytes([0, len(data)])
    root = block((name, handle))
    trailer = b"\0" * 5
    footer = bytes([0, 0, len(data) + 5, len(root)]).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    return data + trailer + root + trailer + footer
