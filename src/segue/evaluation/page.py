"""A report as one HTML page: tables, plots, what was left out; no file, font or script beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from segue.evaluation.plots import auc_distribution, interval_bars, recall_lines
from segue.evaluation.ranking_report import COLUMNS, LIST_COLUMNS, ranking_as_json, value_of

if TYPE_CHECKING:
    from segue.evaluation.ranking_report import ModelFigures, RankingReport

_STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1c1d21; --quiet: #5c5f68; --rule: #d9dad5;
  --model: #0f6b8f; --baseline: #7a5aa6; --control: #8a8d94; --bound: #b4641e; }
@media (prefers-color-scheme: dark) { :root { --paper: #17181b; --ink: #ecebe6; --quiet: #a3a6ae;
  --rule: #3a3c42; --model: #57b8dd; --baseline: #b99be6; --control: #8f939b; --bound: #e39a57; } }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
.quiet { color: var(--quiet); }
p, li, figure { max-width: 56rem; }
.wide, .plot { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .4rem; text-align: right; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
td small { font-size: .7rem; }
th:first-child, td:first-child { text-align: left; }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; white-space: normal; }
td small { color: var(--quiet); }
tbody th { font-weight: 400; white-space: normal; }
tr.model th, tr.model td { font-weight: 600; }
.meaning { display: inline-block; margin-right: 1.2rem; }
.key { display: inline-block; width: .7rem; height: .7rem; margin-right: .5rem; border-radius: 2px; }
figure { margin: 1rem 0 0; } figcaption { color: var(--quiet); font-size: .9rem; }
svg { width: 100%; min-width: 30rem; height: auto; }
@media (max-width: 40rem) { tbody th { position: sticky; left: 0; max-width: 8rem;
  background: var(--paper); } }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .grid { stroke: var(--rule); fill: none; }
svg .whisker { stroke: var(--ink); stroke-width: 1.3; fill: none; }
rect.model, .key.model { fill: var(--model); background: var(--model); }
rect.baseline, .key.baseline { fill: var(--baseline); background: var(--baseline); }
rect.control, .key.control { fill: var(--control); background: var(--control); }
rect.bound, .key.bound { fill: var(--bound); background: var(--bound); }
svg .area { fill: var(--model); opacity: .45; }
svg .line { fill: none; stroke-width: 2; }
.line.model { stroke: var(--model); } .line.baseline { stroke: var(--baseline); }
.line.control { stroke: var(--control); } .line.bound { stroke: var(--bound); }
"""
_KINDS = {
    "model": "the model asked about",
    "baseline": "another model",
    "control": "a control that knows no taste",
    "bound": "knows what nobody can know beforehand",
}


def ranking_as_page(report: RankingReport) -> str:
    """The whole report as HTML, readable on light and dark, with the JSON of the report inside.

    Parameters
    ----------
    report
        Any protocol's.
    """
    models = report.models
    spread = [models[0], *(model for model in models if model.kind != "model")][:3]
    sections = [
        _head(report),
        _section("How right are the lists?", _accuracy(models)),
        _section("AUC", _figure(interval_bars(models, "auc", title="AUC, mean over listeners"), _AUC)),
        _section("Recall@50", _figure(interval_bars(models, "recall@50", title="Recall@50"), _RECALL)),
        _section("nDCG@100", _figure(interval_bars(models, "ndcg@100", title="nDCG@100"), _NDCG)),
        _section("Recall by length of the list", _figure(recall_lines(models, title="Recall@k"), _CURVE)),
        _section("Spread over listeners", _figure(auc_distribution(spread, title="AUC"), _SPREAD)),
        _section("What are the lists like?", _lists(models)),
        _overlap(report),
        _choices(report),
        _section("Notes", "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in report.notes) + "</ul>"),
    ]
    data = ranking_as_json(report).replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Segue: {escape(report.protocol)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, sections))
        + f'\n</main>\n<script type="application/json" id="report">{data}</script>\n</body>\n</html>\n'
    )


_AUC = (
    "The chance that a track the listener plays stands above one they do not; 0.5 is no better than chance."
)
_RECALL = "The share of the listener's test plays that are among the first 50."
_NDCG = "Test plays among the first 100, the higher up the better; 1 is the best order there is."
_CURVE = "The share of test plays found within the first 1, 2, 5, … tracks; the axis is logarithmic."
_SPREAD = "How many listeners have which AUC: the model as an area, controls or bounds as lines."


def _head(report: RankingReport) -> str:
    facts = " · ".join(f"{count:,} {escape(name)}" for name, count in report.facts.items() if count)
    keys = "".join(
        f'<span class="meaning"><span class="key {kind}"></span>{escape(meaning)}</span>'
        for kind, meaning in _KINDS.items()
        if any(model.kind == kind for model in report.models)
    )
    counting = f"Means are over listeners with at least {report.min_plays} training tracks and one test play"
    return (
        f"<h1>Segue evaluate {escape(report.protocol)}</h1>\n<p>{facts}</p>\n"
        f'<p class="quiet">{counting}; below each figure its 95 % interval of a bootstrap over listeners; '
        f"“all” are all listeners with a test play; seed {report.seed}.</p>\n<p>{keys}</p>"
    )


def _accuracy(models: Sequence[ModelFigures]) -> str:
    rows = []
    for model in models:
        cells = []
        for name in COLUMNS:
            figure = model.figures[name]
            cells.append(
                f"{_number(figure.value)}<br><small>{_number(figure.low)}–{_number(figure.high)}</small>"
            )
        cells.append(_number(model.figures["auc"].over_all))
        cells.append(_number(model.figures["recall@50"].over_all))
        rows.append((model, cells))
    return _table([*COLUMNS, "auc, all", "recall@50, all"], rows)


def _lists(models: Sequence[ModelFigures]) -> str:
    words = (
        "Of the first 50. Coverage: share of tracks in anybody's list. Novelty: bits of surprise, by how few "
        "play a track. Serendipity: share that is right and not what popularity lists. Diversity: mean of "
        "1 - cosine within a list. Popularity lift: how much more popular than the listener's own tracks. "
        "Gini: 0 all tracks listed alike often, 1 one track everywhere."
    )
    rows = [(model, [_number(value_of(model, name)) for name in LIST_COLUMNS]) for model in models]
    return f'<p class="quiet">{words}</p>' + _table(LIST_COLUMNS, rows)


def _table(columns: Sequence[str], rows: Sequence[tuple[ModelFigures, Sequence[str]]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ("model", *columns))
    body = "".join(
        f'<tr class="{model.kind}"><th scope="row"><span class="key {model.kind}"></span>'
        f"{escape(model.name)}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        for model, cells in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _overlap(report: RankingReport) -> str:
    if not report.overlap:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(way)}</th><td>{one.k}</td><td>{one.value:.2%}</td>'
        f"<td>{one.chance:.2%}</td></tr>"
        for way, overlaps in report.overlap.items()
        for one in overlaps
    )
    words = (
        "The share of a list by true factors that is also in the list by predicted factors: by cosine, each "
        "track's nearest tracks; by dot product, each listener's best tracks."
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("by", "k", "overlap", "chance"))
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return _section("Overlap of predicted with true factors", f'<p class="quiet">{words}</p>{table}')


def _choices(report: RankingReport) -> str:
    if not report.choices:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{_number(value)}</td></tr>'
        for name, value in sorted(report.choices.items(), key=lambda choice: -choice[1])
    )
    settings = json.dumps({name: str(value) for name, value in report.settings.items()}, ensure_ascii=False)
    return _section(
        "What validation inside the training part chose",
        f"<p>{escape(report.chosen)}</p><table><thead><tr><th scope='col'>method</th>"
        f"<th scope='col'>validation</th></tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="quiet">Settings: {escape(settings)}</p>',
    )


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _figure(svg: str, words: str) -> str:
    return f'<figure><div class="plot">{svg}</div><figcaption>{escape(words)}</figcaption></figure>'


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"
