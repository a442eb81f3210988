"""Published figures beside ours, and models of one task beside each other: Markdown from stored runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from segue.errors import UsageError
from segue.experiments.comparing import (
    compared,
    count_text,
    duration_text,
    figure_text,
    label_of,
    target_text,
    training_text,
)
from segue.experiments.page import reported_text, split_text
from segue.experiments.recipe import Recipe, load_recipe, recipe_names
from segue.experiments.runs import Run, StoredFigure, recipe_as_table
from segue.experiments.targets import target_names
from segue.training.datasets.assembling import ON_REQUEST

_SYSTEMS = {
    "A": "A: plays to factors, audio to factors (F. Carranza, 2018)",
    "B": "B: genre from descriptors and from spectrograms (L. Rubio, 2019)",
    "C": "C: playlists to factors, every usual network (B. Pohl, 2019)",
    "D": "D: kinds of music (R. Sousa Freitas, about 2020)",
    "E": "E: classify, then rank (Gao, Luo, Lin, Liu, Shi, about 2020)",
    "S": "Segue's own",
}
_REMARKS = {
    "B": "Classifiers have one setting, chosen in each fold by its validation tracks; the test tracks are\n"
    "asked once. Emotify's four genres and GTZAN's ten are nearly balanced, B's sixteen were not.",
    "C": "C's overlaps are read with chance in mind: among 11,333 test songs it is 0.09 / 0.44 / 0.88 /\n"
    "4.41 % at 10 / 50 / 100 / 500, so most of its networks are at chance from 50 on. The parameters of its\n"
    "triplet regression fit an input of anchor, positive and negative joined, which would show the answers;\n"
    "here it gets the embedding of the song alone.",
    "D": "The kinds of music are clusters of the very attributes from which they are told: high figures are\n"
    "no surprise. Our elbow is the k whose inertia lies farthest below the line from k = 1 to k = 12; D\n"
    "read it off the curve. *adjusted Rand@k* says how far k clusters agree with the genres: 1 wholly, 0 as\n"
    "by chance.",
}
_HEAD = """# Experiments

Made by `segue experiment report` from stored runs; none of our figures is typed. Each row has what was
published, in its setting, and what the same recipe gives here. The data here are smaller, and clips shorter,
than most that were published on: figures on different data are no race. In brackets stands the 95 % interval
when artists (for overlaps by dot product, listeners) are drawn again with all their tracks; *chance* is a
model that knows nothing of the sound. Simulated listeners are called so. Times are of training alone, on the
device named.
"""


def report_as_markdown(runs: Sequence[Run]) -> str:
    """The whole page.

    Parameters
    ----------
    runs
        Finished ones, in any order; a recipe without runs is listed as not run.
    """
    parts = [_HEAD, *(_system(letter, title, runs) for letter, title in _SYSTEMS.items())]
    tasks = [group for group in tasks_of(runs) if len(group) > 1]
    if tasks:
        parts.append("## Models of one task, same tracks, same split\n")
        parts += [_task(group) for group in tasks]
    parts += _with_and_without_artists(runs)
    return "\n".join(filter(None, parts)).rstrip() + "\n"


def tasks_of(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs that learned the same from the same tracks and were judged on the same ones."""
    groups: dict[tuple[object, ...], list[Run]] = {}
    for run in runs:
        asked, split = run.asked, run.asked.recipe.split
        made = asked.recipe.target if asked.target in target_names() else None
        key = (
            asked.dataset,
            asked.target,
            run.apart,
            split.folds,
            split.valid,
            split.test if split.folds == 1 else None,
            made,
            asked.fingerprint,
            asked.seed,
        )
        groups.setdefault(key, []).append(run)
    return [groups[key] for key in sorted(groups, key=lambda key: tuple(map(str, key)))]


def _system(letter: str, title: str, runs: Sequence[Run]) -> str:
    recipes = [recipe for name in recipe_names() if (recipe := load_recipe(name)).system == letter]
    if not recipes:
        return ""
    rows = [row for recipe in recipes for row in _recipe_rows(recipe, runs)]
    head = ("recipe", "reported", "in", "here", "data here", "split", "parameters", "training")
    remark = f"{_REMARKS[letter]}\n\n" if letter in _REMARKS else ""
    return f"## {title}\n\n{remark}{_table(head, rows)}\n"


def _recipe_rows(recipe: Recipe, runs: Sequence[Run]) -> list[tuple[str, ...]]:
    name = f"`{recipe.name}` {recipe.title}"
    reported = "<br>".join(reported_text(one.figures) or one.words for one in recipe.reported)
    setting = "<br>".join(one.setting for one in recipe.reported)
    own = sorted((run for run in runs if run.asked.recipe.name == recipe.name), key=_place)
    if not own:
        return [(name, reported or "–", setting or "–", "not run", "–", "–", "–", "–")]
    rows = []
    for at, run in enumerate(own):
        first = (name, reported or "–", setting or "–") if at == 0 else ("", "", "")
        rows.append((*first, *_here(run, recipe)))
    return rows


def _place(run: Run) -> tuple[str, str, int, int, str]:
    """Runs of a recipe stand by data, the usual random split first, more folds and more tracks first."""
    apart = "" if run.apart == "track" else run.apart
    return run.asked.dataset, apart, -run.asked.recipe.split.folds, -run.size.tracks, run.folder.name


def _here(run: Run, recipe: Recipe) -> tuple[str, ...]:
    """Our half of a row."""
    asked, size = run.asked, run.size
    wanted = [name for one in recipe.reported for name in one.figures]
    if not set(wanted) & {figure.name for figure in run.figures}:
        wanted = [*_MAIN, *(figure.name for figure in run.figures if figure.name.startswith(_RAND))]
    names = [figure.name for figure in run.figures if figure.name in (*wanted, "kappa")]
    figures = "<br>".join(_with_chance(run.figure(name)) for name in names) + _inertias(run)
    tracks = f"{size.tracks:,} tracks, {size.artists:,} artists"
    data = f"{asked.dataset}: {tracks}; {target_text(run)}, {size.classes}"
    changed = changes(run)
    training = training_text(run)
    if changed:
        training += "<br>changed: " + ", ".join(changed)
    return (figures or "–", data, split_text(run), count_text(run.parameters), training)


def _inertias(run: Run) -> str:
    """The curve of K-means, in a line; empty for what is no K-means."""
    values = [figure.value for figure in run.figures if figure.name.startswith("inertia@")]
    numbers = " ".join(f"{value:.2f}" for value in values)
    return f"<br>inertia at k = 1 … {len(values)}: {numbers}" if values else ""


_MAIN = ("accuracy", "kappa", "AUC", "test loss", "overlap@10 cosine", "overlap@50 cosine", "elbow")
_RAND = "adjusted Rand@"


def _with_chance(figure: StoredFigure | None) -> str:
    if figure is None:
        return "–"
    text = f"{figure.name} {figure_text(figure)}"
    if figure.chance is None:
        return text
    return f"{text}, chance {figure_text(StoredFigure(figure.name, figure.chance))}"


def changes(run: Run) -> list[str]:
    """What a run did otherwise than its recipe says today, as ``part.name=value``."""
    asked = run.asked
    try:
        table = recipe_as_table(load_recipe(asked.recipe.name))
    except UsageError:
        return []
    own = _flat(recipe_as_table(asked.recipe))
    usual = _flat(table)
    found = [
        f"{name}={own.get(name, '–')}" for name in sorted({*own, *usual}) if own.get(name) != usual.get(name)
    ]
    found = [change for change in found if not change.startswith("split.")]
    found += [note for note in run.notes if note.startswith(ON_REQUEST)]
    if asked.tracks:
        found.append(f"at most {asked.tracks:,} tracks")
    if asked.start:
        found.append(f"went on from {asked.start}")
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[before + name] = value
    return flat


def _task(runs: Sequence[Run]) -> str:
    first = runs[0]
    table = compared(runs)
    labels = {label_of(run, runs): run for run in runs}
    rows = []
    for name, kind, cells in table.rows:
        run = labels.get(name) if kind == "model" else None
        more = (count_text(run.parameters), duration_text(run.seconds)) if run else ("", "")
        rows.append((f"`{name}`" if run else f"*{name}*", *(figure_text(cell) for cell in cells), *more))
    head = ("model", *table.figures, "parameters", "training")
    title = f"### {_sentence(target_text(first))} on {first.asked.dataset}"
    return f"{title}\n\n{split_text(first)}\n\n{_table(head, rows)}\n"


def _with_and_without_artists(runs: Sequence[Run]) -> list[str]:
    """Accuracy on random tracks beside accuracy on other artists, where both were measured."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        if run.confusion:
            groups.setdefault((run.asked.dataset, target_text(run)), []).append(run)
    parts = []
    for (dataset, target), group in sorted(groups.items()):
        kinds = [kind for kind in ("track", "artist") if any(run.apart == kind for run in group)]
        if len(kinds) == 2:
            rows = [
                (name, *(figure_text(cells.get(kind)) for kind in kinds))
                for name, cells in _accuracies(group).items()
                if len(cells) == 2
            ]
            if all(name.startswith("*") for name, *_ in rows):
                continue  # no model was judged under both splits
            head = ("model", "random tracks", "artists and equal recordings apart")
            parts.append(f"### {_sentence(target)} on {dataset}: accuracy by split\n\n{_table(head, rows)}\n")
    return ["## What knowing the artist is worth\n", *parts] if parts else []


def _accuracies(runs: Sequence[Run]) -> dict[str, dict[str, StoredFigure]]:
    """Of each model and control, by what was kept apart; of several runs the one of most folds."""
    found: dict[str, dict[str, StoredFigure]] = {}
    for run in sorted(runs, key=lambda run: (run.asked.recipe.split.folds, run.size.tracks)):
        own = {f"`{run.asked.recipe.name}`": run.figures}
        for name, figures in {**own, **{f"*{name}*": rows for name, rows in run.controls.items()}}.items():
            accuracy = next((figure for figure in figures if figure.name == "accuracy"), None)
            if accuracy is not None and name not in ("*shuffled*", "*random*"):
                found.setdefault(name, {})[run.apart] = accuracy
    return dict(sorted(found.items(), key=lambda item: item[0].startswith("*")))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += [
        "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return "\n".join(lines)
