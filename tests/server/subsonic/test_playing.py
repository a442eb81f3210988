"""What counts as played and what as skipped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segue.server.subsonic.playing import Outcome, Playing, Report, State
from segue.types import TrackId

_LONG = 600.0
_SHORT = 200.0


class App:
    """One app of one listener, on a clock of its own."""

    def __init__(self) -> None:
        self.playing = Playing()
        self.now = 1000.0

    def tell(
        self,
        track: str,
        position_s: float,
        state: State,
        *,
        after_s: float = 0.0,
        duration_s: float = _SHORT,
        silent: bool = False,
        rate: float = 1.0,
    ) -> list[Outcome]:
        self.now += after_s
        report = Report(TrackId(track), duration_s, position_s, state, rate, silent)
        return self.playing.told("", "ana", "phone", report, self.now)


def _one(outcomes: list[Outcome]) -> Outcome:
    assert len(outcomes) == 1
    return outcomes[0]


def test_stopped_before_half_is_skipped_with_what_was_heard() -> None:
    app = App()
    app.tell("a", 0, "starting")
    app.tell("a", 0, "playing", after_s=5)  # it loaded for five seconds
    ended = _one(app.tell("a", 30, "stopped", after_s=30))
    assert (ended.skipped, ended.played_s, ended.time_s) == (True, 30, 1000)


def test_half_of_it_is_a_play() -> None:
    app = App()
    app.tell("a", 0, "playing")
    assert not _one(app.tell("a", 100, "stopped", after_s=100)).skipped


def test_four_minutes_are_a_play_however_long_it_is() -> None:
    app = App()
    app.tell("a", 0, "playing", duration_s=3600)
    assert not _one(app.tell("a", 241, "stopped", after_s=241, duration_s=3600)).skipped
    app.tell("a", 0, "playing", duration_s=3600)
    assert _one(app.tell("a", 200, "stopped", after_s=200, duration_s=3600)).skipped


def test_a_pause_is_not_heard() -> None:
    app = App()
    app.tell("a", 0, "playing")
    app.tell("a", 20, "paused", after_s=20)
    app.tell("a", 20, "playing", after_s=500)
    assert _one(app.tell("a", 30, "stopped", after_s=10)).played_s == 30


def test_seeking_is_not_hearing() -> None:
    app = App()
    app.tell("a", 0, "playing")
    ended = _one(app.tell("a", 195, "stopped", after_s=10))
    assert ended.skipped
    assert ended.played_s == 10


def test_another_track_ends_the_one_before() -> None:
    app = App()
    app.tell("a", 0, "playing")
    skipped = _one(app.tell("b", 0, "starting", after_s=12))
    assert (skipped.track, skipped.skipped, skipped.played_s) == ("a", True, 12)
    app.tell("b", 0, "playing")
    played = _one(app.tell("c", 0, "playing", after_s=500))
    assert (played.track, played.skipped, played.played_s) == ("b", False, _SHORT)


def test_the_same_track_again_is_another_play() -> None:
    app = App()
    app.tell("a", 0, "playing")
    assert not _one(app.tell("a", 0, "starting", after_s=200)).skipped
    app.tell("a", 0, "playing", after_s=1)
    assert not _one(app.tell("a", 200, "stopped", after_s=200)).skipped


def test_silent_reports_keep_nothing() -> None:
    app = App()
    app.tell("a", 0, "playing", silent=True)
    assert app.tell("a", 150, "stopped", after_s=150, silent=True) == []
    assert app.playing.now(app.now) == []


def test_what_never_sounded_is_nothing() -> None:
    app = App()
    app.tell("a", 0, "starting")
    assert app.tell("a", 0, "stopped", after_s=50) == []
    assert app.tell("b", 0, "stopped") == []


def test_at_double_speed_twice_as_much_is_heard() -> None:
    app = App()
    app.tell("a", 0, "playing", rate=2.0)
    assert _one(app.tell("a", 120, "stopped", after_s=60, rate=2.0)).played_s == 120


def test_an_app_that_vanished_skipped_nothing() -> None:
    app = App()
    app.tell("a", 0, "playing")
    app.tell("a", 30, "playing", after_s=30)
    app.now += 10_000
    assert app.playing.now(app.now) == []
    assert app.tell("b", 0, "playing") == []


def test_who_plays_what_now() -> None:
    app = App()
    app.tell("a", 10, "playing")
    app.playing.said("ben", "ben", "desk", Report(TrackId("b"), _LONG, 0, "playing"), app.now)
    now = app.playing.now(app.now + 5)
    assert {(one.account, one.report.track, one.position_s(app.now + 5)) for one in now} == {
        ("ana", "a", 15),
        ("ben", "b", 5),
    }
    assert len({one.number for one in now}) == 2


def test_a_play_that_is_told_twice_counts_once() -> None:
    app = App()
    app.tell("a", 0, "playing")
    assert app.playing.is_new("", "phone", TrackId("a"), 1000)  # kept by whoever asks
    assert app.tell("a", 150, "stopped", after_s=150) == []
    app.tell("b", 0, "playing")
    assert not _one(app.tell("b", 150, "stopped", after_s=150)).skipped
    assert not app.playing.is_new("", "phone", TrackId("b"), app.now)
    assert not app.playing.is_new("", "phone", TrackId("b"), app.now - 150)
    for other in (("", "desk", TrackId("b"), app.now), ("ben", "phone", TrackId("b"), app.now)):
        assert app.playing.is_new(*other)
    assert app.playing.is_new("", "phone", TrackId("b"), app.now - 10_000)
    assert app.playing.is_new("", "phone", TrackId("b"), app.now + 300)


_STATES = st.sampled_from(["starting", "playing", "paused", "stopped"])
_REPORTS = st.tuples(
    st.sampled_from("abc"), st.floats(0, 300), _STATES, st.floats(0, 400), st.booleans(), st.floats(0, 4)
)


@given(st.lists(_REPORTS, max_size=30))
def test_no_more_is_heard_than_time_went_by(
    reports: list[tuple[str, float, State, float, bool, float]],
) -> None:
    app = App()
    outcomes: list[Outcome] = []
    fastest = 1.0
    for track, position_s, state, after_s, silent, rate in reports:
        fastest = max(fastest, rate)
        outcomes += app.tell(track, position_s, state, after_s=after_s, silent=silent, rate=rate)
    allowed_s = (app.now - 1000) * fastest + 3 * len(reports)
    assert sum(one.played_s for one in outcomes) <= allowed_s + 1e-6
    for one in outcomes:
        assert one.played_s > 0
        assert one.skipped == (one.played_s < min(_SHORT / 2, 240))
