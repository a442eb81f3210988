"""Pass what was played here, and plays now, on to ListenBrainz, for listeners who want that.

A play is put into a queue in the step in which it is stored, and taken out once ListenBrainz has it. Who is
killed in between sends it again: ListenBrainz keeps one listen of a track and second.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace

from segue import catalogue as kept
from segue.catalogue import Catalogue, Forward, Track, open_catalogue
from segue.errors import SealBroken, UsageError
from segue.operations.accounts import key_file
from segue.services import seal, server_key, unseal
from segue.services.listenbrainz_client import (
    ROOT,
    Outcome,
    submit_listens,
    submit_playing_now,
    validate_token,
)
from segue.settings import DataFolder
from segue.types import Listen

SERVICE = "listenbrainz"
OPINIONS = f"{SERVICE} opinions"
"""The name of the queue of opinions, which is apart from that of plays."""
_VERSION = 1
_AT_ONCE = 100
AGAIN_S = 60.0
"""After how many seconds to try again where ListenBrainz does not say."""
REFUSED_AGAIN_S = 3_600.0
"""The same where it does not know the token any more."""
# A listen is half of a track, or four minutes:
# https://listenbrainz.readthedocs.io/en/latest/users/api/core.html
_ENOUGH_S = 240.0


@dataclass(frozen=True, slots=True)
class ListenBrainzAccount:
    """Where a listener's plays are passed on.

    Attributes
    ----------
    user
        The name there.
    token
        Not shown by `repr`.
    state
        Why nothing is passed on at present; empty where all is well.
    """

    user: str
    token: str = field(repr=False)
    state: str = ""


@dataclass(frozen=True, slots=True)
class Forwarding:
    """What came of sending.

    Attributes
    ----------
    sent
        Listens that were taken.
    more
        Whether others wait that may be sent at once.
    wait_s
        How long ListenBrainz asks to be left alone, in seconds.
    """

    sent: int
    more: bool
    wait_s: float = 0.0


def connect_listenbrainz(data: DataFolder, listener: str, token: str, *, root: str = ROOT) -> str:
    """Pass on what a listener plays from now on, and what waited for a good token; the name there.

    Raises
    ------
    UsageError
        If ListenBrainz does not know the token.
    ServiceError
        If it cannot be asked now.
    """
    user = validate_token(token, root=root)
    if user is None:
        raise UsageError("ListenBrainz does not know this token: copy it from its settings page")
    sealed = _sealed(data, ListenBrainzAccount(user, token))
    with open_catalogue(data, write=True, create=True) as catalogue, kept.transaction(catalogue):
        kept.set_connection(catalogue, listener, SERVICE, sealed)
        for queue in (SERVICE, OPINIONS):
            kept.hurry(catalogue, listener, queue)
    return user


def disconnect_listenbrainz(data: DataFolder, listener: str) -> None:
    """Pass on nothing any more: the token is forgotten, and what waits to be sent."""
    with open_catalogue(data, write=True, create=True) as catalogue, kept.transaction(catalogue):
        for queue in (SERVICE, OPINIONS):
            kept.set_connection(catalogue, listener, queue, None)


def listenbrainz_account(catalogue: Catalogue, data: DataFolder, listener: str) -> ListenBrainzAccount | None:
    """Where a listener's plays are passed on; None where they are not.

    Raises
    ------
    SealBroken
        If the token cannot be read any more.
    """
    sealed = kept.connection_of(catalogue, listener, SERVICE)
    if sealed is None:
        return None
    try:
        said = json.loads(unseal(server_key(key_file(data)), sealed))
        if said["version"] != _VERSION:
            raise ValueError
        return ListenBrainzAccount(said["user"], said["token"], said["state"])
    except (ValueError, KeyError, TypeError):
        raise SealBroken("the stored token of ListenBrainz cannot be used: connect anew") from None


def _sealed(data: DataFolder, account: ListenBrainzAccount) -> bytes:
    return seal(server_key(key_file(data)), json.dumps({"version": _VERSION, **asdict(account)}))


def take_play(
    catalogue: Catalogue,
    listener: str,
    track: Track,
    *,
    time_s: float,
    played_s: float | None = None,
    skipped: bool | None = None,
) -> bool:
    """Store a play; a new one that was heard long enough is passed on too, where the listener wants that.

    Parameters
    ----------
    catalogue
        Open for writing.
    time_s, played_s, skipped
        As `segue.catalogue.record_play` has them.

    Returns
    -------
    Whether it was new.
    """
    with kept.transaction(catalogue):
        is_new = kept.record_play(
            catalogue, listener, track.key, time_s=time_s, played_s=played_s, skipped=skipped
        )
        enough_s = min(_ENOUGH_S, track.duration_s / 2)
        if is_new and not skipped and (played_s is None or played_s >= enough_s):
            keep_for_forwarding(catalogue, listener, [listen_of(track, time_s)])
        return is_new


def listen_of(track: Track, time_s: float | None = None) -> Listen:
    """A track as it is passed on; without a time, as what plays now."""
    tags = track.tags
    return Listen(
        artist=tags.artist or "",
        title=tags.title or "",
        album=tags.album or "",
        time_s=None if time_s is None else float(int(time_s)),
        recording_mbid=tags.musicbrainz_recording_id or "",
        isrc=tags.isrc or "",
        duration_s=track.duration_s,
    )


def keep_for_forwarding(catalogue: Catalogue, listener: str, listens: Sequence[Listen]) -> None:
    """Put plays in the queue, if this listener wants plays to be passed on.

    Those without artist or title are left out. `catalogue` is open for writing.
    """
    named = [listen._asdict() for listen in listens if listen.artist and listen.title]
    if named and kept.connection_of(catalogue, listener, SERVICE) is not None:
        kept.add_forwards(catalogue, listener, SERVICE, named)


def forward_playing(data: DataFolder, listener: str, listen: Listen, *, root: str = ROOT) -> float:
    """Say what a listener plays now, if plays are passed on; nothing of it is kept or tried again.

    Returns
    -------
    How long ListenBrainz asks to be left alone, in seconds.
    """
    with open_catalogue(data) as catalogue:
        account = account_at_hand(catalogue, data, listener)
    if account is None or account.state:
        return 0.0
    outcome = submit_playing_now(account.token, listen, root=root)
    return outcome.after_s or AGAIN_S if outcome.verdict == "later" else 0.0


def forward(data: DataFolder, *, root: str = ROOT, now_s: float | None = None) -> Forwarding:
    """Send what waits, oldest first.

    What ListenBrainz refuses for good is dropped, one by one; when it cannot be asked, all waits; where it
    does not take a listener's token any more, that listener's wait, and the connection says so.
    """
    now_s = time.time() if now_s is None else now_s

    def send(
        catalogue: Catalogue, listener: str, account: ListenBrainzAccount, waiting: list[Forward]
    ) -> tuple[int, float]:
        sending = _Sending(catalogue, data, listener, account, root, now_s)
        sending.send(waiting)
        return sending.sent, sending.wait_s

    return send_due(data, SERVICE, now_s, _AT_ONCE, send)


def send_due(
    data: DataFolder,
    queue: str,
    now_s: float,
    at_once: int,
    send: Callable[[Catalogue, str, ListenBrainzAccount, list[Forward]], tuple[int, float]],
) -> Forwarding:
    """Send what is due in a queue, listener by listener, until ListenBrainz asks to wait.

    Where a listener's token cannot be read any more, what waits goes on waiting.

    Parameters
    ----------
    at_once
        So many entries of the queue at most.
    send
        Given the catalogue, open for writing, a listener with the account, and what waits: how many were
        taken, and how long ListenBrainz asks to be left alone, in seconds.
    """
    sent, wait_s = 0, 0.0
    with open_catalogue(data, write=True) as catalogue:
        due = kept.due_forwards(catalogue, queue, now_s, at_once)
        by_listener: dict[str, list[Forward]] = defaultdict(list)
        for one in due:
            by_listener[one.listener].append(one)
        for listener, waiting in by_listener.items():
            account = account_at_hand(catalogue, data, listener)
            if account is None:
                kept.postpone(catalogue, [one.id for one in waiting], now_s + REFUSED_AGAIN_S)
                continue
            taken, wait_s = send(catalogue, listener, account, waiting)
            sent += taken
            if wait_s:
                break
    return Forwarding(sent, len(due) == at_once and not wait_s, wait_s)


@dataclass(slots=True)
class _Sending:
    """The sending of what one listener's queue holds, and what came of it so far."""

    catalogue: Catalogue
    data: DataFolder
    listener: str
    account: ListenBrainzAccount
    root: str
    now_s: float
    sent: int = 0
    wait_s: float = 0.0

    def send(self, waiting: list[Forward]) -> bool:
        """Send, by halves where a batch is refused, so that a bad listen costs only itself; False: stop."""
        listens = [listen for one in waiting if (listen := _listen(one)) is not None]
        if not listens:
            kept.forwarded(self.catalogue, [one.id for one in waiting])
            return True
        outcome = submit_listens(self.account.token, listens, root=self.root)
        if outcome.verdict == "refused" and len(waiting) > 1:
            half = len(waiting) // 2
            if self.send(waiting[:half]):
                return self.send(waiting[half:])
            self._postpone(waiting[half:])
            return False
        if outcome.verdict in ("accepted", "refused"):
            kept.forwarded(self.catalogue, [one.id for one in waiting])
            accepted = outcome.verdict == "accepted"
            self.sent += len(listens) - outcome.left_out if accepted else 0
            if accepted and self.account.state:
                self._say("")
            return True
        if outcome.verdict == "bad-token":
            self._say(token_refused(outcome))
        else:
            self.wait_s = outcome.after_s or AGAIN_S
        self._postpone(waiting)
        return False

    def _postpone(self, waiting: list[Forward]) -> None:
        until = self.now_s + (self.wait_s or REFUSED_AGAIN_S)
        kept.postpone(self.catalogue, [one.id for one in waiting], until)

    def _say(self, state: str) -> None:
        self.account = say_state(self.catalogue, self.data, self.listener, self.account, state)


def account_at_hand(catalogue: Catalogue, data: DataFolder, listener: str) -> ListenBrainzAccount | None:
    """As `listenbrainz_account`; None also where the token cannot be read any more."""
    try:
        return listenbrainz_account(catalogue, data, listener)
    except SealBroken:
        return None


def say_state(
    catalogue: Catalogue, data: DataFolder, listener: str, account: ListenBrainzAccount, state: str
) -> ListenBrainzAccount:
    """Let a connection say why nothing is sent, unless it is another by now; the account as it is then."""
    with kept.transaction(catalogue):
        present = account_at_hand(catalogue, data, listener)
        if present is None or present.token != account.token:
            return account
        told = replace(present, state=state)
        kept.set_connection(catalogue, listener, SERVICE, _sealed(data, told))
        return told


def token_refused(outcome: Outcome) -> str:
    """What a connection says whose token is not taken."""
    return f"ListenBrainz does not accept the token any more ({outcome.detail}): enter a new one"


def _listen(one: Forward) -> Listen | None:
    """The listen of an entry of the queue; None where another version of Segue wrote it."""
    try:
        listen = Listen(**one.listen)
    except TypeError:
        return None
    texts = (listen.artist, listen.title, listen.album, listen.recording_mbid, listen.isrc, listen.uri)
    numbers = (listen.time_s, listen.duration_s or 0.0)
    is_good = all(isinstance(text, str) for text in texts) and all(isinstance(one, float) for one in numbers)
    return listen if is_good else None
