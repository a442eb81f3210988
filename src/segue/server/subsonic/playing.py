"""Who plays what, told by apps as they play (``playbackReport``) or once a track (``scrobble``).

A session is one track in one app of one listener. What was heard is added up from one report to the next;
when the track stops, or another begins, it was played if at least half of it or four minutes were heard, and
skipped otherwise. Kept in memory: a restart forgets who plays, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from threading import Lock
from typing import Literal, TypeAlias

from segue.types import TrackId

State: TypeAlias = Literal["starting", "playing", "paused", "stopped"]

ENOUGH_S = 240.0
"""Heard so long, a track counts as played however long it is."""
_SLACK_S = 3.0
_GRACE_S = 600.0
_PAUSE_S = 86_400.0
_TOLD_AGAIN_S = 60.0
_MOST_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class Report:
    """What an app says of the track it plays.

    Attributes
    ----------
    position_s
        Where in the track, in seconds.
    rate
        Seconds of the track a second.
    silent
        Nothing is to be kept of it (``ignoreScrobble``).
    """

    track: TrackId
    duration_s: float
    position_s: float
    state: State
    rate: float = 1.0
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A track in an app.

    Attributes
    ----------
    started_at, seen_at
        The first and the last report, UTC epoch seconds.
    heard_s
        Seconds of the track that were heard, up to the last report.
    number
        Of the app, for those who want one.
    reported
        Whether the app tells as it plays, rather than once.
    counted
        Whether the app itself said that it was played.
    """

    listener: str
    account: str
    client: str
    number: int
    report: Report
    started_at: float
    seen_at: float
    heard_s: float = 0.0
    reported: bool = True
    counted: bool = False

    def position_s(self, now_s: float) -> float:
        """Where in the track it is by now, in seconds."""
        run_s = (now_s - self.seen_at) * self.report.rate if self.report.state == "playing" else 0.0
        return min(self.report.position_s + max(run_s, 0.0), max(self.report.duration_s, 0.0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a track that stopped.

    Attributes
    ----------
    time_s
        When it began, UTC epoch seconds.
    played_s
        How much of it was heard, in seconds.
    """

    listener: str
    track: TrackId
    time_s: float
    played_s: float
    skipped: bool


def heard_until(session: Session, report: Report, now_s: float) -> float:
    """Seconds of the track heard up to a report about the same track.

    The way that the position went where that is possible in the time gone by, else (someone sought) what the
    time allows.
    """
    if session.report.state != "playing":
        return session.heard_s
    possible_s = max(now_s - session.seen_at, 0.0) * session.report.rate
    way_s = report.position_s - session.report.position_s
    went_s = way_s if 0 <= way_s <= possible_s + _SLACK_S else possible_s
    return session.heard_s + min(went_s, max(report.duration_s, 0.0))


def outcome(session: Session, *, complete: bool = True) -> Outcome | None:
    """What became of a track, or None where nothing is to be kept.

    Parameters
    ----------
    complete
        Whether it is known when it stopped; without that it is never called skipped.
    """
    report = session.report
    if report.silent or session.counted or session.heard_s <= 0:
        return None
    half_s = report.duration_s / 2
    played = session.heard_s >= ENOUGH_S or (report.duration_s > 0 and session.heard_s >= half_s)
    if not played and not complete:
        return None
    return Outcome(session.listener, report.track, session.started_at, session.heard_s, skipped=not played)


class Playing:
    """The sessions of a server; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sessions: dict[tuple[str, str], Session] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: dict[tuple[str, str], Outcome] = {}
        self._counter = count(1)

    def told(self, listener: str, account: str, client: str, report: Report, now_s: float) -> list[Outcome]:
        """Take in a report.

        Returns
        -------
        What is to be kept of tracks that ended by it.
        """
        with self._lock:
            ended = self._dropped(now_s)
            key = (listener, client)
            session = self._sessions.pop(key, None)
            became: Outcome | None = None
            same = session is not None and session.reported and session.report.track == report.track
            if session is not None and same and report.state != "starting":
                heard_s = heard_until(session, report, now_s)
                session = replace(session, report=report, seen_at=now_s, heard_s=heard_s)
                if report.state == "stopped":
                    became = outcome(session)
            else:
                if session is not None and session.reported:
                    became = outcome(_cut_off(session, now_s))
                session = self._new(listener, account, client, report, now_s, True)
            if report.state != "stopped":
                self._sessions[key] = session
            if became is not None:
                self._last[key] = became
            return [one for one in (*ended, became) if one is not None]

    def said(self, listener: str, account: str, client: str, report: Report, now_s: float) -> None:
        """Show a track as playing that an app named once, unless the app reports as it plays."""
        with self._lock:
            self._dropped(now_s)
            known = self._sessions.get((listener, client))
            if known is None or not known.reported:
                self._sessions[listener, client] = self._new(listener, account, client, report, now_s, False)

    def is_new(self, listener: str, client: str, track: TrackId, time_s: float) -> bool:
        """Whether a play that an app names once is not one that it reported, or reports, as it plays.

        Parameters
        ----------
        time_s
            When it began or ended, UTC epoch seconds; apps differ.
        """
        with self._lock:
            key = (listener, client)
            session = self._sessions.get(key)
            if session is not None and session.reported and session.report.track == track:
                if time_s >= session.started_at - _SLACK_S:
                    self._sessions[key] = replace(session, counted=True)
                return True
            last = self._last.get(key)
            if last is None or last.track != track or last.skipped:
                return True
            began, ended = last.time_s, last.time_s + last.played_s
            return not began - _SLACK_S <= time_s <= ended + _TOLD_AGAIN_S

    def now(self, now_s: float) -> list[Session]:
        """Who plays what, the latest first."""
        with self._lock:
            alive = [one for one in self._sessions.values() if not _silent(one, now_s)]
        return sorted(alive, key=lambda one: -one.seen_at)

    def _new(
        self, listener: str, account: str, client: str, report: Report, now_s: float, reported: bool
    ) -> Session:
        known = self._numbers.get((listener, client))
        number = self._numbers[listener, client] = next(self._counter) if known is None else known
        return Session(listener, account, client, number, report, now_s, now_s, reported=reported)

    def _dropped(self, now_s: float) -> list[Outcome | None]:
        """Forget sessions of which nothing was heard for long, and the oldest where they are too many."""
        silent = [key for key, one in self._sessions.items() if _silent(one, now_s)]
        for held in (self._sessions, self._numbers, self._last):
            surplus = list(held)[: max(0, len(held) - _MOST_SESSIONS)]
            if held is self._sessions:
                silent += surplus
            else:
                for key in surplus:
                    del held[key]
        gone = [self._sessions.pop(key) for key in dict.fromkeys(silent)]
        return [outcome(one, complete=False) for one in gone if one.reported]


def _cut_off(session: Session, now_s: float) -> Session:
    """A session that ended because another track, or the same one again, began now."""
    left_s = max(session.report.duration_s - session.report.position_s, 0.0)
    run_s = max(now_s - session.seen_at, 0.0) * session.report.rate
    more_s = min(run_s, left_s) if session.report.state == "playing" else 0.0
    return replace(session, heard_s=session.heard_s + more_s)


def _silent(session: Session, now_s: float) -> bool:
    """Whether it should have ended long ago."""
    left_s = session.report.duration_s - session.report.position_s
    grace_s = _PAUSE_S if session.report.state == "paused" else _GRACE_S
    return now_s - session.seen_at > max(left_s, 0.0) / max(session.report.rate, 0.1) + grace_s
