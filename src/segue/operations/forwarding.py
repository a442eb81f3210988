"""Pass what was played here on to ListenBrainz, for listeners who want that."""

from __future__ import annotations

import time
from collections import defaultdict

from segue import catalogue as kept
from segue.catalogue import Catalogue, Forward, Track, open_catalogue
from segue.errors import NothingFound, SealBroken
from segue.operations.accounts import key_file
from segue.services import seal, server_key, unseal
from segue.services.listenbrainz_client import ROOT, submit_listens, validate_token
from segue.settings import DataFolder
from segue.types import Listen

SERVICE = "listenbrainz"
_AT_ONCE = 100
_AGAIN_S = 60.0


def connect_listenbrainz(data: DataFolder, listener: str, token: str, *, root: str = ROOT) -> str:
    """Pass on what a listener plays from now on; the name there.

    Raises
    ------
    NothingFound
        If ListenBrainz does not know the token.
    ServiceError
        If it cannot be asked now.
    """
    user = validate_token(token, root=root)
    if user is None:
        raise NothingFound("ListenBrainz does not know this token: copy it from its settings page")
    sealed = seal(server_key(key_file(data)), f"{user}\n{token}")
    with open_catalogue(data, write=True) as catalogue:
        kept.set_connection(catalogue, listener, SERVICE, sealed)
    return user


def listenbrainz_user(catalogue: Catalogue, data: DataFolder, listener: str) -> str | None:
    """Under which name a listener's plays are passed on; None where they are not.

    Raises
    ------
    SealBroken
        If the token cannot be read any more.
    """
    opened = _opened(catalogue, data, listener)
    return None if opened is None else opened[0]


def _opened(catalogue: Catalogue, data: DataFolder, listener: str) -> tuple[str, str] | None:
    """The name and the token."""
    sealed = kept.connection_of(catalogue, listener, SERVICE)
    if sealed is None:
        return None
    user, _, token = unseal(server_key(key_file(data)), sealed).partition("\n")
    return user, token


def keep_for_forwarding(catalogue: Catalogue, listener: str, track: Track, time_s: float) -> None:
    """Put a play in the queue, if this listener wants plays to be passed on.

    `catalogue` is open for writing.
    """
    if kept.connection_of(catalogue, listener, SERVICE) is None:
        return
    tags = track.tags
    if not (tags.artist and tags.title):
        return  # ListenBrainz wants both
    listen = Listen(
        artist=tags.artist,
        title=tags.title,
        album=tags.album or "",
        time_s=float(int(time_s)),
        recording_mbid=tags.musicbrainz_recording_id or "",
        isrc=tags.isrc or "",
        duration_s=track.duration_s,
    )
    kept.add_forward(catalogue, listener, SERVICE, listen._asdict())


def forward(data: DataFolder, *, root: str = ROOT, now_s: float | None = None) -> int:
    """Send what waits, oldest first; how many listens were taken.

    What ListenBrainz refuses for good is dropped, one by one; when it cannot be asked, all waits.
    """
    now_s = time.time() if now_s is None else now_s
    sent = 0
    with open_catalogue(data, write=True) as catalogue:
        by_listener: dict[str, list[Forward]] = defaultdict(list)
        for one in kept.due_forwards(catalogue, SERVICE, now_s, _AT_ONCE):
            by_listener[one.listener].append(one)
        for listener, waiting in by_listener.items():
            try:
                opened = _opened(catalogue, data, listener)
            except SealBroken:
                opened = None
            if opened is None:
                kept.postpone(catalogue, [one.id for one in waiting], now_s + 60 * _AGAIN_S)
                continue
            sent += _send(catalogue, opened[1], waiting, root, now_s)
    return sent


def _send(catalogue: Catalogue, token: str, waiting: list[Forward], root: str, now_s: float) -> int:
    """Send one listener's; those of a refused batch singly, so that one bad listen costs only itself."""
    numbers = [one.id for one in waiting]
    outcome = submit_listens(token, [Listen(**one.listen) for one in waiting], root=root)
    if outcome.verdict == "accepted":
        kept.forwarded(catalogue, numbers)
        return len(waiting)
    if outcome.verdict == "refused" and len(waiting) > 1:
        return sum(_send(catalogue, token, [one], root, now_s) for one in waiting)
    if outcome.verdict == "refused":
        kept.forwarded(catalogue, numbers)
        return 0
    kept.postpone(catalogue, numbers, now_s + (outcome.after_s or _AGAIN_S))
    return 0
