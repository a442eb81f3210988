"""How recommended tracks are shown: a table, JSON, playlists; and the question when a seed is ambiguous."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from segue.cli.output import clock, one_line, print_json, print_table
from segue.errors import AmbiguousTrack
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.catalogue import Track
    from segue.operations.answers import Recommendation

_MOST_CANDIDATES = 20
T = TypeVar("T")


def show_recommendations(answers: Sequence[Recommendation], *, as_json: bool) -> None:
    """Print recommended tracks with their match and the reasons."""
    if as_json:
        print_json([answer_as_json(answer) for answer in answers])
        return
    rows = [
        (
            str(place),
            f"{answer.match:.1f} %",
            answer.track.tags.artist or "",
            answer.track.tags.title or "",
            answer.track.tags.album or "",
            clock(answer.track.duration_s),
            ", ".join(answer.reasons),
        )
        for place, answer in enumerate(answers, 1)
    ]
    print_table(("", "match", "artist", "title", "album", "time", "why"), rows, right=("", "match", "time"))


def answer_as_json(answer: Recommendation) -> dict[str, object]:
    """One recommended track as every command prints it with `--json`."""
    return {
        **track_as_json(answer.track),
        "match": round(answer.match, 2),
        "reasons": list(answer.reasons),
    }


def track_as_json(track: Track) -> dict[str, object]:
    """A track's identity and the tags that programs ask for first."""
    return {
        "id": track.id,
        "artist": track.tags.artist,
        "title": track.tags.title,
        "album": track.tags.album,
        "path": str(track.paths[0]) if track.paths else None,
        "duration_s": round(track.duration_s, 3),
    }


def write_playlists(
    answers: Sequence[Recommendation],
    *,
    title: str,
    relative: bool,
    files: Sequence[Path | None],
) -> None:
    """Write the answer to every playlist that was asked for, and say so on stderr."""
    from segue.operations.answers import write_answers

    for file in files:
        if file is not None:
            write_answers(file, answers, title=title, relative=relative)
            click.echo(one_line(f"wrote {file}: {len(answers)} tracks"), err=True)


def playlist_files(m3u8: Path | None, xspf: Path | None, jspf: Path | None) -> tuple[Path | None, ...]:
    """The files asked for, each with the ending of its format."""
    wanted = ((m3u8, (".m3u8", ".m3u")), (xspf, (".xspf",)), (jspf, (".jspf", ".json")))
    for file, endings in wanted:
        if file is not None and file.suffix.lower() not in endings:
            raise click.BadParameter(f"{file} should end in {endings[0]}")
    return (m3u8, xspf, jspf)


def answer_or_ask(
    question: Callable[[list[str]], T], seeds: Sequence[str], *, data: DataFolder, as_json: bool
) -> T:
    """Ask `question` of the seeds; where one fits several tracks, let the person choose.

    Without a terminal to ask on, or with `as_json`, the candidates are listed and the error goes on.
    """
    chosen = list(seeds)
    while True:
        try:
            return question(chosen)
        except AmbiguousTrack as several:
            candidates = _tracks(data, several.candidates)
            if as_json:
                print_json([track_as_json(track) for track in candidates])
                raise
            _list_candidates(several, candidates)
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise
            number = click.prompt("Which one", type=click.IntRange(1, len(candidates)), err=True)
            chosen[chosen.index(several.seed)] = candidates[number - 1].id


def _tracks(data: DataFolder, ids: Sequence[str]) -> Sequence[Track]:
    from segue.operations.library import tracks_by_id

    return tracks_by_id(data, ids[:_MOST_CANDIDATES])


def _list_candidates(several: AmbiguousTrack, candidates: Sequence[Track]) -> None:
    for number, track in enumerate(candidates, 1):
        name = " - ".join(filter(None, (track.tags.artist, track.tags.title)))
        album = f" ({track.tags.album})" if track.tags.album else ""
        click.echo(one_line(f"{number:>3}  {track.id}  {name}{album}"), err=True)
    more = len(several.candidates) - len(candidates)
    if more > 0:
        click.echo(f"     and {more} more", err=True)
