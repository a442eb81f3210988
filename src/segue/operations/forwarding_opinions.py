"""Pass what listeners like and dislike on to ListenBrainz, for those who pass their plays on.

There an opinion is of a recording of MusicBrainz: those of tracks that do not name theirs stay here.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from segue import catalogue as kept
from segue.catalogue import Catalogue, Forward
from segue.operations.forwarding import (
    AGAIN_S,
    OPINIONS,
    REFUSED_AGAIN_S,
    SERVICE,
    Forwarding,
    ListenBrainzAccount,
    say_state,
    send_due,
    token_refused,
)
from segue.services.listenbrainz_client import ROOT, submit_feedback
from segue.settings import DataFolder
from segue.texts import mbid_of
from segue.types import TrackId

_AT_ONCE = 20  # each is a request of its own


@contextmanager
def passing_on_opinions(catalogue: Catalogue, listener: str, ids: Sequence[str]) -> Iterator[None]:
    """Let what changes inside, of what a listener thinks of these tracks, be passed on.

    A full like or dislike is one there; anything between is none. `catalogue` is open for writing; what is
    stored inside and what waits are stored in one step.
    """
    with kept.transaction(catalogue):
        if kept.connection_of(catalogue, listener, SERVICE) is None:
            yield
            return
        before = kept.said_of(catalogue, listener, ids)
        yield
        after = kept.said_of(catalogue, listener, ids)
        changed = [id for id in ids if _score(before.get(id)) != _score(after.get(id))]
        present = kept.present_ids(catalogue, [TrackId(id) for id in changed])
        kept.add_forwards(
            catalogue,
            listener,
            OPINIONS,
            [
                # The time keeps a like, its end and a new like apart.
                {"recording_mbid": mbid, "score": _score(after.get(track.id)), "at": time.time()}
                for track in kept.tracks(catalogue, present)
                if (mbid := mbid_of(track.tags.musicbrainz_recording_id))
            ],
        )


def _score(value: float | None) -> int:
    """1 loved, -1 hated, 0 neither.

    >>> _score(1.0), _score(-1.0), _score(0.5), _score(None)
    (1, -1, 0, 0)
    """
    return 0 if value is None or abs(value) < 1 else int(value)


def forward_opinions(data: DataFolder, *, root: str = ROOT, now_s: float | None = None) -> Forwarding:
    """Send opinions that wait, of each recording the latest, 20 at most; `sent` counts those taken.

    When ListenBrainz cannot be asked, all wait; what it refuses for good is dropped.
    """
    now_s = time.time() if now_s is None else now_s
    return send_due(data, OPINIONS, now_s, _AT_ONCE, partial(_send, data, root, now_s))


def _send(
    data: DataFolder,
    root: str,
    now_s: float,
    catalogue: Catalogue,
    listener: str,
    account: ListenBrainzAccount,
    waiting: list[Forward],
) -> tuple[int, float]:
    """Send a listener's opinions: how many were taken, and how long ListenBrainz asks to wait, in seconds."""
    by_recording: dict[str, list[Forward]] = defaultdict(list)
    for one in waiting:
        by_recording[mbid_of(one.listen.get("recording_mbid"))].append(one)
    sent, left = 0, [one.id for one in waiting]
    for mbid, same in by_recording.items():
        score = same[-1].listen.get("score")
        if mbid and score in (-1, 0, 1):
            outcome = submit_feedback(account.token, mbid, score, root=root)
            if outcome.verdict == "bad-token":
                say_state(catalogue, data, listener, account, token_refused(outcome))
                kept.postpone(catalogue, left, now_s + REFUSED_AGAIN_S)
                return sent, 0.0
            if outcome.verdict == "later":
                wait_s = outcome.after_s or AGAIN_S
                kept.postpone(catalogue, left, now_s + wait_s)
                return sent, wait_s
            sent += outcome.verdict == "accepted"
        kept.forwarded(catalogue, [one.id for one in same])
        left = [id for id in left if id not in {one.id for one in same}]
    return sent, 0.0
