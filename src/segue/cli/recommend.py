"""`segue recommend`: what may I want to hear?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from segue.cli.answers import (
    answer_as_json,
    playlist_files,
    show_recommendations,
    track_as_json,
    write_playlists,
)
from segue.cli.options import data_option, json_option, playlist_options, ranking_options
from segue.cli.output import PlainProgress, print_json
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.operations.reasons import Advice, Known

_LISTS = ("new", "rediscover", "familiar")
_TITLES = {
    None: "For today",
    "new": "New for you",
    "rediscover": "To rediscover",
    "familiar": "What you play now",
}


@click.command()
@click.option(
    "--for",
    "wanted",
    type=click.Choice(_LISTS),
    help="Only what was never played, what was liked but not played for long, or what is played now.",
)
@click.option("--listener", default="", metavar="NAME", help="Somebody else in the history.")
@click.option(
    "--familiar",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="0 only artists never played, 1 only tracks played before.",
)
@click.option(
    "--half-life",
    type=click.FloatRange(0, min_open=True),
    metavar="DAYS",
    help="Plays so many days ago count half (default: all alike).",
)
@click.option("--time-of-day", is_flag=True, help="Plays at this hour of the day count more.")
@click.option(
    "--session",
    default=0.0,
    type=click.FloatRange(0, 1, max_open=True),
    metavar="SHARE",
    help="The last session's share of all evidence, such as 0.5 (default: as any other).",
)
@ranking_options
@playlist_options
@json_option
@data_option
def recommend(
    wanted: str | None,
    listener: str,
    familiar: float,
    half_life: float | None,
    time_of_day: bool,
    session: float,
    m3u8: Path | None,
    xspf: Path | None,
    jspf: Path | None,
    relative: bool,
    as_json: bool,
    data: DataFolder,
    **choices: Any,
) -> None:
    """List tracks for you, from your history (`segue history import`): also ones you never played.

    Your several tastes take turns. What you disliked or skipped is left out, and what sounds like it goes
    down. The list is the same all day, and another one tomorrow.
    """
    from segue.operations.answers import Choices
    from segue.operations.recommend import recommend as ask
    from segue.ranking import Manner, Weighing

    files = playlist_files(m3u8, xspf, jspf)
    answers = ask(
        data,
        choices=Choices(**choices),
        wanted=wanted or "",
        listener=listener,
        manner=Manner(familiar=familiar),
        weighing=Weighing(
            half_life_days=half_life, hour=_hour_now() if time_of_day else None, session=session
        ),
        progress=PlainProgress(),
    )
    write_playlists(answers, title=_TITLES[wanted], relative=relative, files=files)
    if as_json:
        print_json(advice_as_json(answers))
    else:
        show_recommendations(answers, as_json=False)


def advice_as_json(answers: Sequence[Advice]) -> list[dict[str, object]]:
    """Recommended tracks as `segue similar` prints them, with the evidence behind each."""
    return [
        {
            **answer_as_json(answer),
            "kind": answer.kind,
            "taste": answer.taste,
            "plays": answer.own.plays if answer.own else 0,
            "last_played": _time_as_text(answer.own.last_s if answer.own else None),
            "because": [_known_as_json(known) for known in answer.near],
        }
        for answer in answers
    ]


def _known_as_json(known: Known) -> dict[str, object]:
    return {
        **track_as_json(known.track),
        "plays": known.plays,
        "last_played": _time_as_text(known.last_s),
        "opinion": round(known.opinion, 2),
    }


def _time_as_text(time_s: float | None) -> str | None:
    return None if time_s is None else datetime.fromtimestamp(time_s, UTC).isoformat()


def _hour_now() -> float:
    """The hour of the day (UTC), with its fraction."""
    now = datetime.now(UTC)
    return now.hour + now.minute / 60
