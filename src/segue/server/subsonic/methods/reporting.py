"""What apps tell of playing: each state as it comes, or a song when it was played."""

from __future__ import annotations

from typing import get_args

from segue import catalogue
from segue.errors import NothingFound
from segue.operations.forwarding import listen_of, take_play
from segue.server.subsonic import things
from segue.server.subsonic.answers import Failure, Node
from segue.server.subsonic.playing import Outcome, Report, State
from segue.server.subsonic.registry import Asked, method

_STATES: tuple[State, ...] = get_args(State)
_LONGEST_MS = 10**9
_EARLIEST_S = 0.0
_AHEAD_S = 86_400.0


@method("scrobble")
def scrobble(asked: Asked) -> Node:
    """Songs that were played, or (``submission=false``) the one that begins to play."""
    found = things.tracks(asked, asked.params.need_all("id"))
    times_ms = asked.params.integers("time", low=0)
    now_s = asked.services.now_s()
    if not asked.params.flag("submission", True):
        report = Report(found[0].id, found[0].duration_s, 0.0, "playing")
        asked.services.playing.said(asked.listener, asked.caller.name, asked.client, report, now_s)
        asked.services.plays_now(asked.listener, listen_of(found[0]))
        return {}
    times_s = [time_ms / 1000 for time_ms in times_ms[: len(found)]]
    if any(not _EARLIEST_S <= time_s <= now_s + _AHEAD_S for time_s in times_s):
        raise Failure(0, "time is in milliseconds since 1970, and not in the future")
    times_s += [now_s] * (len(found) - len(times_s))
    with things.writing(asked) as store, catalogue.transaction(store):
        for track, time_s in zip(found, times_s, strict=True):
            if asked.services.playing.is_new(asked.listener, asked.client, track.id, time_s):
                take_play(store, asked.listener, track, time_s=time_s)
    return {}


@method("reportPlayback")
def report_playback(asked: Asked) -> Node:
    """The state of the player; what stops early counts as skipped, and what was heard as played."""
    params = asked.params
    name = params.need("mediaId")
    if (kind := params.need("mediaType").lower()) != "song":
        raise Failure(70 if kind == "podcast" else 0, "mediaType is song: there are no podcasts")
    position_ms = params.need_integer("positionMs", low=0, high=_LONGEST_MS)
    state = params.need("state").lower()
    if state not in _STATES:
        raise Failure(0, f"state is one of {', '.join(_STATES)}")
    track = things.track(asked, name)
    report = Report(
        track=track.id,
        duration_s=track.duration_s,
        position_s=position_ms / 1000,
        state=state,
        rate=params.number("playbackRate", 1.0, low=0.0),
        silent=params.flag("ignoreScrobble", False),
    )
    ended = asked.services.playing.told(
        asked.listener, asked.caller.name, asked.client, report, asked.services.now_s()
    )
    if state in ("starting", "playing") and not report.silent:
        asked.services.plays_now(asked.listener, listen_of(track))
    keep(asked, ended)
    return {}


def keep(asked: Asked, ended: list[Outcome]) -> None:
    """Store what became of tracks that stopped; those that are gone meanwhile are passed over."""
    if not ended:
        return
    with things.writing(asked) as store:
        for one in ended:
            try:
                track = catalogue.track(store, one.track)
            except NothingFound:
                continue
            take_play(
                store, one.listener, track, time_s=one.time_s, played_s=one.played_s, skipped=one.skipped
            )
