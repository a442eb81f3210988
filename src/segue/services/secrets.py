"""Secrets at rest: tokens are sealed with a key that stands in a file of its own.

Whoever copies the catalogue alone gets no token. Fernet (AES-128 in CBC mode with HMAC-SHA256, from the
package cryptography) notices every change of what it sealed.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from segue.errors import SealBroken, SegueError

_KEY_LENGTH = 44  # 32 bytes in base 64


def server_key(file: Path) -> bytes:
    """The key in `file`, which is made with a random one if it is missing.

    It belongs to its owner alone (mode 0600), appears whole, and stays: of several processes that make it
    at the same time all get the same one.

    Raises
    ------
    SegueError
        If it cannot be read or made, others can read it, or it holds no key.
    """
    try:
        if not file.exists():
            _make(file)
        with file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise SegueError(
                    f"{file} can be read by others (mode {mode:04o}): what it seals is not safe; "
                    f"set it with `chmod 600 {file}`"
                )
            key = opened.read(2 * _KEY_LENGTH).strip()
    except OSError as error:
        raise SegueError(f"the key cannot be kept in {file}: {error.strerror or error}") from error
    if not _is_key(key):
        raise SegueError(f"{file} holds no key: move it away, and connect services anew")
    return key


def _make(file: Path) -> None:
    """Write a new key beside the place, and link it there unless another was faster."""
    from cryptography.fernet import Fernet

    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{uuid4().hex}.partial")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(Fernet.generate_key() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        with suppress(OSError):
            draft.unlink()


def _is_key(key: bytes) -> bool:
    from cryptography.fernet import Fernet

    try:
        Fernet(key)
    except ValueError:
        return False
    return len(key) == _KEY_LENGTH  # what follows the end of base 64 would be passed over


def seal(key: bytes, text: str) -> bytes:
    """`text` so that only who has the key can read it.

    Parameters
    ----------
    key
        Of `server_key`.
    """
    from cryptography.fernet import Fernet

    return Fernet(key).encrypt(text.encode("utf-8"))


def unseal(key: bytes, blob: bytes) -> str:
    """What was sealed.

    Raises
    ------
    SealBroken
        If it was sealed with another key, or is damaged.
    """
    from cryptography.fernet import Fernet, InvalidToken

    try:
        return Fernet(key).decrypt(blob).decode("utf-8")
    except InvalidToken:
        raise SealBroken(
            "a stored token cannot be read: it was sealed with another key, or is damaged; connect anew"
        ) from None
