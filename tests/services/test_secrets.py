"""Secrets at rest: sealed, unsealed, and the file of the key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.errors import SealBroken, SegueError
from segue.services.secrets import seal, server_key, unseal

_KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
_OTHER = b"MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


@given(st.text())
def test_what_is_sealed_is_unsealed(text: str):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    blob = seal(_KEY, text)
    assert unseal(_KEY, blob) == text
    assert len(text) < 4 or text.encode() not in blob


@given(st.binary(max_size=200))
def test_what_is_no_seal_is_one_line(blob: bytes):
    with pytest.raises(SealBroken, match="connect anew"):
        unseal(_KEY, blob)


def test_another_key_and_any_change_are_noticed():
    blob = seal(_KEY, "token")
    with pytest.raises(SealBroken):
        unseal(_OTHER, blob)
    for at in range(0, len(blob), 7):
        changed = bytearray(blob)
        changed[at] ^= 1
        with pytest.raises(SealBroken):
            unseal(_KEY, bytes(changed))


def test_the_key_is_made_once_and_for_its_owner(tmp_path):
    file = tmp_path / "keys" / "server.key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: server_key(file), range(16)))
    assert len(keys) == 1
    assert server_key(file) in keys
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["server.key"]
    assert server_key(tmp_path / "other.key") not in keys


def test_a_key_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "server.key"
    server_key(file)
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(SegueError, match="chmod 600"):
            server_key(file)
    file.chmod(0o600)
    server_key(file)


def test_a_file_that_holds_no_key(tmp_path):
    file = tmp_path / "server.key"
    for content in (b"", b"short", _KEY * 3, b"\xff" * 44):
        file.write_bytes(content)
        file.chmod(0o600)
        with pytest.raises(SegueError, match="holds no key"):
            server_key(file)
    with pytest.raises(SegueError, match="cannot be kept"):
        server_key(tmp_path)
    with pytest.raises(SegueError, match="cannot be kept"):
        server_key(file / "key")
