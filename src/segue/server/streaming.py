"""Sound over HTTP: a file as it is, in ranges (RFC 9110), or what is made of it while it is sent.

A file is found through the catalogue only, and sent only where it lies inside one of the library's folders
once all links are followed; it is opened for reading only.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from segue.catalogue import Track
from segue.errors import NothingFound, SegueError

_log = logging.getLogger(__name__)

_CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a file.

    Attributes
    ----------
    start, length
        In bytes.
    """

    start: int
    length: int


class Unsatisfiable(Exception):
    """The range begins behind the end."""


def playable(track: Track, roots: Sequence[Path]) -> Path:
    """The first file of a track that is there, with its links followed.

    Raises
    ------
    NothingFound
        If none is there, or they lie outside the library's folders.
    """
    known = []
    for root in roots:
        with contextlib.suppress(OSError):
            known.append(root.resolve(strict=True))
    is_elsewhere = False
    for path in track.paths:
        with contextlib.suppress(OSError, RuntimeError):
            real = path.resolve(strict=True)
            is_here = any(real.is_relative_to(root) for root in known)
            if is_here and real.is_file():
                return real
            is_elsewhere = is_elsewhere or not is_here
    if is_elsewhere and known:
        raise NothingFound(
            "a link leads to the file, out of the library's folders: add the folder where it leads to"
        )
    raise NothingFound("the file is not there: it was moved or deleted, or its disk is not connected")


def asked_stretch(header: str | None, size: int) -> Stretch | None:
    """What a ``Range`` header asks of a file of `size` bytes; None for all of it.

    What is no range of bytes, or several ranges at once, is answered with the whole file, as the standard
    allows.

    Raises
    ------
    Unsatisfiable
        If it begins behind the end.

    Examples
    --------
    >>> asked_stretch("bytes=2-5", 10), asked_stretch("bytes=-3", 10), asked_stretch("bytes=9-99", 10)
    (Stretch(start=2, length=4), Stretch(start=7, length=3), Stretch(start=9, length=1))
    >>> asked_stretch("bytes=5-2", 10), asked_stretch("apples=1-2", 10)
    (None, None)
    """
    found = _RANGE.fullmatch(header or "")
    if found is None or len(found[1]) > 18 or len(found[2]) > 18 or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if length == 0:
            raise Unsatisfiable
        return Stretch(size - length, length)
    start, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if start >= size:
        raise Unsatisfiable
    return None if last < start else Stretch(start, min(last, size - 1) - start + 1)


def send_file(
    path: Path,
    headers: Mapping[str, str],
    *,
    method: str = "GET",
    media_type: str,
    download_as: str | None = None,
) -> Response:
    """A file as it is, or the stretch of it that is asked for.

    Parameters
    ----------
    path
        From `playable`.
    headers
        Of the request: ``Range``, ``If-Range`` and ``If-None-Match`` are heeded.
    method
        ``HEAD`` gets the head alone.
    download_as
        The name under which it is to be kept.

    Raises
    ------
    NothingFound
        If the file cannot be opened.
    """
    file = _opened(path)
    try:
        state = os.fstat(file.fileno())
        tag = f'"{state.st_size:x}-{state.st_mtime_ns:x}"'
        told = {
            "accept-ranges": "bytes",
            "etag": tag,
            "last-modified": formatdate(state.st_mtime, usegmt=True),
            "cache-control": "private, no-cache",
            "content-type": media_type,
            "x-content-type-options": "nosniff",
        }
        if download_as is not None:
            told["content-disposition"] = attachment(download_as)
        answer = _answer(file, state, tag, headers, method, told)
    except BaseException:
        file.close()
        raise
    if not isinstance(answer, _Sent):
        file.close()
    return answer


def attachment(name: str) -> str:
    """A ``Content-Disposition`` that offers a file under any name.

    >>> attachment('a/b "c".m3u8')
    "attachment; filename*=UTF-8''a_b%20%22c%22.m3u8"
    """
    plain = "".join("_" if sign in "/\\\\" or ord(sign) < 32 else sign for sign in name)
    return f"attachment; filename*=UTF-8''{quote(plain, errors='replace')}"


def _answer(
    file: BinaryIO,
    state: os.stat_result,
    tag: str,
    headers: Mapping[str, str],
    method: str,
    told: dict[str, str],
) -> Response:
    if _names(headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=told)
    size = state.st_size
    wanted = headers.get("range") if _still(headers.get("if-range"), tag, state.st_mtime) else None
    try:
        stretch = asked_stretch(wanted, size)
    except Unsatisfiable:
        return Response(status_code=416, headers={**told, "content-range": f"bytes */{size}"})
    status = 200
    if stretch is None:
        stretch = Stretch(0, size)
    else:
        status = 206
        told["content-range"] = f"bytes {stretch.start}-{stretch.start + stretch.length - 1}/{size}"
    told["content-length"] = str(stretch.length)
    if method == "HEAD":
        return Response(status_code=status, headers=told)
    return _Sent(file, stretch, status, told)


def _opened(path: Path) -> BinaryIO:
    """Only what is an ordinary file at the moment of opening, and no link any more."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise NothingFound(f"the file cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise NothingFound("the file is not there any more: something else has its name")
    return io.FileIO(number, "rb")  # raw: it is read in large pieces


def _names(header: str | None, tag: str) -> bool:
    """Whether ``If-None-Match`` names this state of the file."""
    if header is None:
        return False
    named = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in named or named == ["*"]


def _still(header: str | None, tag: str, changed_s: float) -> bool:
    """Whether ``If-Range`` means this state of the file, so that a part of it may be sent."""
    if header is None:
        return True
    if header.strip().startswith(('"', "W/")):
        return header.strip() == tag
    try:
        return int(parsedate_to_datetime(header).timestamp()) == int(changed_s)
    except (TypeError, ValueError, OverflowError):
        return False


class _Sent(Response):
    """A stretch of an open file, read as fast as the other side takes it.

    Where the file cannot be read any more, this answer ends short of what its head promises, and so the
    connection; nothing else is touched.
    """

    def __init__(self, file: BinaryIO, stretch: Stretch, status: int, headers: Mapping[str, str]) -> None:
        self.status_code = status
        self.background = None
        self.body = b""
        self.init_headers(headers)
        self._file = file
        self._stretch = stretch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            at, left = self._stretch.start, self._stretch.length
            while left > 0:
                piece = await run_in_threadpool(self._piece, at, min(left, _CHUNK))
                if not piece:
                    return
                at, left = at + len(piece), left - len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
                if left and await request.is_disconnected():
                    return
            if not self._stretch.length:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._file.close()

    def _piece(self, at: int, most: int) -> bytes:
        """The next bytes; none where the file has become shorter or its disk is gone."""
        try:
            return os.pread(self._file.fileno(), most, at)
        except OSError:
            return b""


def send_made(
    pieces: Callable[[], Iterator[bytes]],
    *,
    method: str = "GET",
    media_type: str,
    length: int | None = None,
) -> Response:
    """What is made while it is sent; it has no ranges, and its length is not known before.

    Parameters
    ----------
    pieces
        Begins to make it; not called for a ``HEAD``. What it gives is closed when the other side goes away.
    length
        Promise this many bytes: shorter is filled with zeros, longer is cut (for MP3, whose decoders pass
        over what is no frame).

    Raises
    ------
    SegueError
        What `pieces` raises before its first piece; what goes wrong later ends the answer.
    """
    told = {
        "accept-ranges": "none",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
    if length is not None:
        told["content-length"] = str(length)
    if method == "HEAD":
        head = Response(headers=told, media_type=media_type)
        if length is None:
            del head.headers["content-length"]
        return head
    making = pieces()
    first = next(making, b"")
    return StreamingResponse(_whole(first, making, length), headers=told, media_type=media_type)


def _whole(first: bytes, making: Iterator[bytes], length: int | None) -> Iterator[bytes]:
    """The first piece and the rest; exactly `length` bytes where that was promised."""
    left = length
    try:
        for piece in chain([first], making):
            if left is not None:
                piece = piece[:left]
                left -= len(piece)
            if piece:
                yield piece
            if left == 0:
                return
    except SegueError as error:
        _log.warning("a track could not be made to its end: %s", type(error).__name__)
    finally:
        close = getattr(making, "close", None)
        if close is not None:
            close()
    while left:
        filling = bytes(min(left, _CHUNK))
        left -= len(filling)
        yield filling
