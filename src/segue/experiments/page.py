"""A run, or several side by side, as one HTML page; no file, font or script beside it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from segue.experiments.comparing import (
    compared,
    count_text,
    duration_text,
    figure_text,
    label_of,
    target_text,
    training_text,
)
from segue.experiments.runs import ALL_TRACKS

if TYPE_CHECKING:
    from segue.experiments.pictures import Picture
    from segue.experiments.recipe import Recipe, Reported
    from segue.experiments.runs import Run, StoredFigure
    from segue.experiments.side_by_side import Neighbour, QueryLists

_STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1c1d21; --quiet: #5c5f68;
  --rule: #d9dad5; }
@media (prefers-color-scheme: dark) { :root { --paper: #17181b; --ink: #ecebe6; --quiet: #a3a6ae;
  --rule: #3a3c42; } }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; } h3 { font-size: 1rem; }
.quiet, figcaption { color: var(--quiet); }
p, li { max-width: 56rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
th:first-child, td:first-child, .words td, .words th { text-align: left; white-space: normal; }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 400; } tr.control { color: var(--quiet); }
td small { color: var(--quiet); font-size: .75rem; }
td ol { margin: 0; padding-left: 1.4rem; }
.lists td { vertical-align: top; white-space: normal; min-width: 11rem; }
figure { margin: 1rem 0 2rem; } figcaption { font-size: .9rem; }
img { max-width: 100%; height: auto; }
"""


def run_page(run: Run, pictures: Sequence[Picture], lists: Sequence[QueryLists] = ()) -> str:
    """Everything about a run.

    Parameters
    ----------
    run
        Finished.
    pictures
        In the order in which they are shown.
    lists
        Fixed queries, where factors were learned.
    """
    recipe = run.asked.recipe
    sections = [
        _heading(recipe.title, f"{recipe.name} · {recipe.source}"),
        _section("Figures", _figures([run])),
        _section("Reported", _reported(recipe.reported)),
        _section("Data and training", _facts(run)),
        _section("Pictures", "\n".join(map(_picture, pictures))),
        _section("Lists side by side", _lists(lists)),
        _section("Notes", _items(run.notes)),
    ]
    return _whole(f"{recipe.title} on {run.asked.dataset}", sections)


def comparison_page(runs: Sequence[Run], lists: Sequence[QueryLists] = ()) -> str:
    """Several runs of one task on one split.

    Parameters
    ----------
    runs
        In any order; the table has the best first.
    lists
        Fixed queries with the lists of every model.
    """
    first = runs[0]
    task = f"{target_text(first)} on {first.asked.dataset}"
    notes = dict.fromkeys(note for run in runs for note in run.notes)
    rows = [
        (
            label_of(run, runs),
            run.asked.recipe.title,
            count_text(run.parameters),
            count_text(round(run.epochs)),
            duration_text(run.seconds),
        )
        for run in runs
    ]
    sections = [
        _heading(f"Models side by side: {task}", split_text(first)),
        _section("Figures", _figures(runs)),
        _section("Models", _table(("recipe", "what", "parameters", "epochs", "training"), rows, "words")),
        _section("Lists side by side", _lists(lists)),
        _section("Notes", _items(tuple(notes))),
    ]
    return _whole(f"models side by side, {task}", sections)


def _heading(title: str, about: str) -> str:
    return f"<h1>{escape(title)}</h1>\n<p class='quiet'>{escape(about)}</p>"


def split_text(run: Run) -> str:
    """How the judged tracks were chosen, in words."""
    if run.apart == ALL_TRACKS:
        return f"all {run.size.train:,} tracks, none held out, seed {run.asked.seed}"
    folds = run.asked.recipe.split.folds
    apart = "random tracks" if run.apart == "track" else f"{run.apart}s and equal recordings apart"
    how = f"{folds} folds" if folds > 1 else "one split"
    size = run.size
    return f"{how}, {apart}, seed {run.asked.seed}; {size.train:,} / {size.valid:,} / {size.test:,} tracks"


def _figures(runs: Sequence[Run]) -> str:
    table = compared(runs)
    if not table.figures:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *table.figures))
    rows = "".join(
        f"<tr class='{kind}'><th>{escape(name)}</th>" + "".join(map(_cell, cells)) + "</tr>\n"
        for name, kind, cells in table.rows
    )
    note = "<p class='quiet'>Below a figure its 95 % interval when artists are drawn again.</p>"
    return (
        f"<div class='wide'><table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>{note}"
    )


def _cell(figure: StoredFigure | None) -> str:
    """A figure, and its interval below it."""
    value, _, interval = figure_text(figure).partition(" (")
    below = f"<br><small>{escape(interval.removesuffix(')'))}</small>" if interval else ""
    return f"<td>{escape(value)}{below}</td>"


def _reported(reported: Sequence[Reported]) -> str:
    rows = [(reported_text(one.figures) or one.words, one.setting) for one in reported]
    return _table(("figure", "setting"), rows, "words") if rows else ""


def reported_text(figures: Mapping[str, float]) -> str:
    """Published figures as they were printed: shares in per cent, overlaps at several lengths together.

    >>> reported_text({"test loss": 0.9998, "overlap@10 cosine": 0.0002, "overlap@50 cosine": 0.0015})
    'test loss 0.9998; overlap@10 / 50 by cosine 0.02 / 0.15 %'
    """
    parts = [f"{name} {_printed(name, value)}" for name, value in figures.items() if "@" not in name]
    for way in ("cosine", "dot"):
        at = {name[8:].split()[0]: value for name, value in figures.items() if name.endswith(way)}
        if at:
            values = " / ".join(_printed("overlap", value).removesuffix(" %") for value in at.values())
            parts.append(f"overlap@{' / '.join(at)} by {way} {values} %")
    return "; ".join(parts)


def _printed(name: str, value: float) -> str:
    return f"{value:g}" if "loss" in name else f"{round(value * 100, 4):g} %"


def _facts(run: Run) -> str:
    size, asked, classes = run.size, run.asked, run.confusion or run.apart == ALL_TRACKS
    start = [("went on from", asked.start)] if asked.start else []
    rows = [
        (
            "data",
            f"{asked.dataset} ({asked.fingerprint}): {size.tracks:,} tracks by {size.artists:,} artists",
        ),
        (
            "compared with" if run.apart == ALL_TRACKS else "learned",
            f"{target_text(run)}: {size.classes:,} {'classes' if classes else 'values'}",
        ),
        ("split", split_text(run)),
        *_model(asked.recipe),
        *start,
        ("parameters", count_text(run.parameters)),
        ("training", training_text(run)),
    ]
    return _table((), rows, "words")


def _model(recipe: Recipe) -> list[tuple[str, str]]:
    if recipe.classifier is not None:
        columns = ", ".join(recipe.input.families or ["all"])
        selection = "" if recipe.classifier.selection == "all" else f", then {recipe.classifier.selection}"
        weights = ", classes weighted" if recipe.classifier.balanced else ""
        return [
            ("classifier", recipe.classifier.name + weights),
            ("columns", f"{columns} of {recipe.hears}{selection}"),
        ]
    if recipe.model == "kmeans":
        return [("clusters", f"K-means of {recipe.hears}")]
    settings = (f"{name}={value}" for name, value in recipe.network.settings.items())
    return [
        ("network", " ".join([recipe.network.name, *settings])),
        ("objective", recipe.objective.name),
    ]


def _picture(picture: Picture) -> str:
    light, dark = (
        "data:image/png;base64," + base64.b64encode(png).decode() for png in (picture.light, picture.dark)
    )
    return (
        f'<figure><picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img src="{light}" alt="{escape(f"{picture.title}: {picture.words}", quote=True)}"></picture>'
        f"<figcaption>{escape(picture.title)}</figcaption></figure>"
    )


def _lists(lists: Sequence[QueryLists]) -> str:
    parts = []
    for one in lists:
        head = "".join(f"<th>{escape(model)}</th>" for model in one.lists)
        cells = "".join(
            "<td><ol>" + "".join(map(_neighbour, nearest)) + "</ol></td>" for nearest in one.lists.values()
        )
        name = _named(one.title, one.artist, one.track)
        label = f" <span class='quiet'>{escape(one.label)}</span>" if one.label else ""
        parts.append(
            f"<h3>{escape(name)}{label}</h3>\n<div class='wide'><table class='lists words'>"
            f"<thead><tr>{head}</tr></thead><tbody><tr>{cells}</tr></tbody></table></div>"
        )
    if not parts:
        return ""
    about = "Test tracks only, by cosine. Bold: also near by the truth, or of the query's class."
    return "\n".join([f"<p class='quiet'>{about}</p>", *parts])


def _neighbour(near: Neighbour) -> str:
    name = escape(_named(near.title, near.artist, near.track))
    label = f" <span class='quiet'>{escape(near.label)} {near.cosine:.2f}</span>"
    return f"<li>{f'<b>{name}</b>' if near.agrees else name}{label}</li>"


def _named(title: str, artist: str, track: str) -> str:
    if not title:
        return track
    return f"{artist} – {title}" if artist else title


def _items(notes: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in notes) + "</ul>" if notes else ""


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], kind: str) -> str:
    head = (
        "<thead><tr>" + "".join(f"<th>{escape(name)}</th>" for name in columns) + "</tr></thead>"
        if columns
        else ""
    )
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<div class='wide'><table class='{kind}'>{head}<tbody>{body}</tbody></table></div>"


def _section(title: str, content: str) -> str:
    return f"<h2>{escape(title)}</h2>\n{content}" if content else ""


def _whole(title: str, sections: Sequence[str]) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Segue: {escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, sections))
        + "\n</main>\n</body>\n</html>\n"
    )
