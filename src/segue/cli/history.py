"""`segue history`: what was played, imported, matched to the library, exported and forgotten."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from segue.cli.options import data_option, json_option
from segue.cli.output import one_line, print_json, print_pairs, print_table, progress_display
from segue.errors import NothingFound
from segue.settings import DataFolder

if TYPE_CHECKING:
    from segue.operations.history import Coverage, HistoryReport
    from segue.operations.history_upkeep import Unmatched

_SAMPLES_SHOWN = 3
_WIDEST = 80
_listener_option = click.option("--listener", metavar="NAME", help="Of this listener.")


@click.group()
def history() -> None:
    """Import what was played elsewhere, and say what is liked."""


@history.command(name="import")
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE_OR_FOLDER...", type=click.Path(path_type=Path)
)
@click.option(
    "--listener", metavar="NAME", default="", help="Whose it is where a file does not say (default: yours)."
)
@click.option("--strict", is_flag=True, help="Exit with 1 when any row could not be used.")
@json_option
@data_option
def import_(paths: tuple[Path, ...], listener: str, strict: bool, as_json: bool, data: DataFolder) -> int:
    """Take plays, counts, playlists and opinions from histories, whatever their format.

    Exports of Spotify, Last.fm and ListenBrainz, tables (CSV, Parquet), playlists, and libraries of iTunes
    and Rekordbox; zipped or not. All is stored or, after an error, nothing; importing again changes nothing.
    """
    from segue.operations.history import import_history

    progress = progress_display(quiet=as_json, noun="")
    try:
        report = import_history(data, paths, listener=listener, progress=progress)
    finally:
        progress.finish()
    if as_json:
        print_json(_report_as_json(report))
    else:
        _print_report(report)
    return 1 if strict and report.rows.n_bad else 0


def _report_as_json(report: HistoryReport) -> dict[str, object]:
    stored, rows = report.stored, report.rows
    return {
        "formats": report.formats,
        "listeners": len(stored.listeners),
        "rows": rows.n_rows,
        "plays": stored.plays,
        "new_plays": stored.new_plays,
        "known_plays": stored.plays - stored.new_plays,
        "skips": report.skips,
        "others": stored.others,
        "new_others": stored.new_others,
        "new_recordings": stored.new_recordings,
        "bad_rows": rows.n_bad,
        "reasons": dict(rows.reasons),
        "samples": [sample._asdict() for sample in rows.samples],
        "matched": _coverage_as_json(report.coverage),
    }


def _coverage_as_json(coverage: Coverage) -> dict[str, int]:
    return {
        "recordings": coverage.recordings,
        "in_library": coverage.matched,
        "near_misses": coverage.near,
        "not_in_library": coverage.recordings - coverage.matched,
        "plays": coverage.plays,
        "plays_in_library": coverage.matched_plays,
    }


def _print_report(report: HistoryReport) -> None:
    stored, rows = report.stored, report.rows
    known = stored.plays - stored.new_plays
    pairs = {
        "format": ", ".join(
            f"{name} ({files:,} files)" if files > 1 else name for name, files in report.formats.items()
        ),
        "plays": f"{stored.plays:,}: {stored.new_plays:,} new, {known:,} known already",
    }
    if len(stored.listeners) > 1:
        pairs["listeners"] = f"{len(stored.listeners):,}"
    if report.skips:
        pairs["skips"] = f"{report.skips:,}"
    if stored.others:
        pairs["counts, playlists, opinions"] = f"{stored.others:,}: {stored.new_others:,} new"
    pairs |= _coverage_words(report.coverage)
    if rows.n_bad:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in rows.reasons)
        pairs["rows left out"] = f"{rows.n_bad:,} of {rows.n_rows:,}: {reasons}"
    print_pairs(pairs)
    for reason, count in rows.reasons:
        same = [sample for sample in rows.samples if sample.reason == reason][:_SAMPLES_SHOWN]
        for sample in same:
            click.echo(one_line(f"left out: {sample.where}: {sample.detail}"), err=True)
        if count > len(same):
            click.echo(f"left out: {count - len(same):,} more with {reason}", err=True)


def _coverage_words(coverage: Coverage) -> dict[str, str]:
    share = 100 * coverage.matched_plays / coverage.plays if coverage.plays else 0.0
    found = f"{coverage.matched:,} of {coverage.recordings:,} recordings"
    return {
        "in the library": f"{found}, {share:.1f} % of all plays",
        "near misses": f"{coverage.near:,} (look at them with `segue history match`)"
        if coverage.near
        else "none",
    }


@history.command()
@click.option(
    "-n", "--number", default=30, show_default=True, type=click.IntRange(1), help="How many at most."
)
@click.option("--near", is_flag=True, help="Only those that a track of the library nearly fits.")
@click.option(
    "--accept", multiple=True, metavar="ID", help="This recording is the track that nearly fits it."
)
@click.option(
    "--track", "tracks", nargs=2, multiple=True, metavar="ID TRACK", help="This recording is this track."
)
@click.option("--none", "none_", multiple=True, metavar="ID", help="This recording is not in the library.")
@json_option
@data_option
def match(
    number: int,
    near: bool,
    accept: tuple[str, ...],
    tracks: tuple[tuple[str, str], ...],
    none_: tuple[str, ...],
    as_json: bool,
    data: DataFolder,
) -> None:
    """List what was played and not found in the library, most played first, and correct it.

    ID is the number in the list, or "Artist - Title". Corrections are kept, also when the library is
    scanned again.
    """
    from segue.cli.answers import answer_or_ask
    from segue.operations.history_upkeep import accept_near, correct, unmatched

    corrected = accept_near(data, accept) if accept else 0
    for recording, seed in tracks:
        corrected += answer_or_ask(
            lambda seeds, which=recording: correct(data, which, seeds[0]),  # type: ignore[misc]
            [seed],
            data=data,
            as_json=as_json,
        )
    for recording in none_:
        corrected += correct(data, recording, None)
    if accept or tracks or none_:
        click.echo(f"corrected {corrected:,} recordings", err=True)
        return
    progress = progress_display(quiet=as_json, noun="")
    try:
        coverage, found = unmatched(data, number=number, only_near=near, progress=progress)
    finally:
        progress.finish()
    if as_json:
        print_json({**_coverage_as_json(coverage), "unmatched": [_unmatched_as_json(one) for one in found]})
        return
    if not coverage.recordings:
        raise NothingFound("there is no history yet: `segue history import FILE`")
    print_pairs(_coverage_words(coverage))
    _print_unmatched(found)


def _unmatched_as_json(one: Unmatched) -> dict[str, object]:
    return {
        "id": one.id,
        "artist": one.artist,
        "title": one.title,
        "album": one.album,
        "plays": one.plays,
        "near": {"id": one.near_id, "name": one.near_name, "score": round(one.score, 1)}
        if one.near_id
        else None,
        "by_hand": one.by_hand,
    }


def _print_unmatched(found: list[Unmatched]) -> None:
    rows = [
        (
            str(one.id),
            f"{one.plays:,}",
            *(_short(text) for text in (one.artist, one.title, one.album)),
            f"{one.near_name} ({one.score:.0f})"
            if one.near_id
            else "not in it, you said"
            if one.by_hand
            else "",
        )
        for one in found
    ]
    if rows:
        click.echo()
        columns = ("id", "plays", "artist", "title", "album", "nearly fits")
        print_table(columns, rows, right=("id", "plays"))


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


@history.command(name="export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_listener_option
@data_option
def export_(file: Path, listener: str | None, data: DataFolder) -> None:
    """Write the history to FILE, which `segue history import` reads.

    All of it if FILE ends in .csv; plays and opinions of one listener as ListenBrainz has them if .jsonl.
    """
    from segue.operations.history_export import export_history

    done = export_history(data, file, listener=listener)
    left_out = f", {done.left_out:,} left out that ListenBrainz cannot hold" if done.left_out else ""
    click.echo(one_line(f"wrote {file}: {done.rows:,} rows{left_out}"), err=True)


@history.command()
@_listener_option
@click.option("--source", metavar="FILE_OR_FORMAT", help="Only what came from this file, folder or format.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def forget(listener: str | None, source: str | None, yes: bool, data: DataFolder) -> None:
    """Forget the history, all of it or of one listener or source; the library stays as it is."""
    from segue.operations.history_upkeep import chosen_sources
    from segue.operations.history_upkeep import forget as forget_it

    if source is not None:
        for one in chosen_sources(data, source):
            where = one.path or one.format
            click.echo(one_line(f"{where}: {one.plays:,} plays, {one.others:,} others"), err=True)
    if not yes:
        whose = f" of {listener!r}" if listener else " of all listeners" if listener is None else ""
        what = "this" if source is not None else "the whole history"
        click.confirm(f"Forget {what}{whose}", abort=True, err=True)
    click.echo(f"forgot {forget_it(data, listener=listener, source=source):,} rows", err=True)


@history.command()
@_listener_option
@json_option
@data_option
def stats(listener: str | None, as_json: bool, data: DataFolder) -> None:
    """Count what the history of a listener (default: yours) holds."""
    from segue.operations.history_upkeep import history_stats

    facts = history_stats(data, listener=listener or "")
    if as_json:
        print_json(facts)
        return
    sources = facts.pop("sources")
    for name in ("first_play_s", "last_play_s"):
        moment = facts.pop(name)
        facts[name.removesuffix("_s")] = (
            "" if moment is None else time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))
        )
    print_pairs({name.replace("_", " "): _words(value) for name, value in facts.items() if value != ""})
    if sources:
        click.echo()
        rows = [(one["format"], f"{one['plays']:,}", f"{one['others']:,}", one["path"]) for one in sources]
        print_table(("format", "plays", "others", "file"), rows, right=("plays", "others"))


def _words(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


_undo_option = click.option("--undo", is_flag=True, help="Take the opinion back.")


@history.command()
@click.argument("track")
@_undo_option
@_listener_option
@data_option
def like(track: str, undo: bool, listener: str | None, data: DataFolder) -> None:
    """Say that TRACK is liked (named as in `segue similar`; "Artist - Title" need not be in the library)."""
    _say(track, None if undo else 1.0, listener, data)


@history.command()
@click.argument("track")
@_undo_option
@_listener_option
@data_option
def dislike(track: str, undo: bool, listener: str | None, data: DataFolder) -> None:
    """Say that TRACK is disliked: it and what sounds like it will be recommended less."""
    _say(track, None if undo else -1.0, listener, data)


def _say(track: str, value: float | None, listener: str | None, data: DataFolder) -> None:
    from segue.cli.answers import answer_or_ask
    from segue.operations.history_upkeep import say_opinion

    meant = answer_or_ask(
        lambda seeds: say_opinion(data, seeds[0], value, listener=listener or ""),
        [track],
        data=data,
        as_json=False,
    )
    said = "took back what you said of" if value is None else "liked:" if value > 0 else "disliked:"
    click.echo(one_line(f"{said} {meant}"), err=True)
