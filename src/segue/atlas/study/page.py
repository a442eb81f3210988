"""The report of a study as one HTML page; no file, font or script beside it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas.study import plots
from segue.atlas.study.marks import counted, figure
from segue.atlas.study.parts import figure_of, items, section, table_of
from segue.atlas.study.portraits import spectrum_png
from segue.atlas.study.relations import correlations_part, cost_part, drops_part, outliers_part
from segue.atlas.study.style import STYLE

if TYPE_CHECKING:
    from segue.atlas.study.facts import TrialFigure
    from segue.atlas.study.portraits import Portrait
    from segue.atlas.study.whole import Study

_BEST, _WORST = 20, 10
_ALL_IN_TABLE = 80
_NAMED = 40


def study_page(study: Study, trials: Sequence[TrialFigure], portraits: Sequence[Portrait]) -> str:
    """The whole report, readable on light and dark, wide and narrow, and without colour.

    Parameters
    ----------
    study
        Of a table.
    trials
        What dropping costs; empty where it was not judged.
    portraits
        Of chosen tracks; empty where there is no audio.
    """
    sections = [
        _head(study),
        section("What tells the classes apart?", _separation(study)),
        section("How are the values spread?", _distributions(study)),
        section("Two attributes at once", _planes(study)),
        section("Which attributes say the same?", correlations_part(study)),
        section("Which may go?", drops_part(study)),
        section("What does it cost to drop them?", cost_part(study, trials)),
        section("What is unusual?", outliers_part(study)),
        section("Pictures of single tracks", _portraits(portraits, study)),
        section("All attributes", _attributes(study)),
        section("Notes", items(study.notes)),
        section("How it was computed", _methods(study)),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Segue: a study of {escape(study.table.name)}</title>\n<style>{STYLE}</style>\n</head>\n"
        "<body>\n<main>\n" + "\n".join(filter(None, sections)) + "\n</main>\n</body>\n</html>\n"
    )


def _head(study: Study) -> str:
    table = study.table
    facts = [f"{len(table):,} tracks", f"{len(table.columns):,} attributes"]
    facts.append(f"{len(dict.fromkeys(table.families)):,} families")
    if study.names:
        facts.append(f"{len(study.names):,} classes by {table.target}")
    if table.groups is not None:
        facts.append(f"{len(np.unique(table.groups)):,} groups by {table.grouped_by}")
    classes = ", ".join(
        f"{escape(name)} {count:,}"
        for name, count in list(zip(study.names, study.counts, strict=True))[:_NAMED]
    )
    if len(study.names) > _NAMED:
        classes += f" and {len(study.names) - _NAMED:,} more"
    unknown = int((study.labels < 0).sum()) if study.names else 0
    rest = f"; {counted(unknown, 'track')} of no class" if unknown else ""
    return (
        f"<h1>A study of {escape(table.name)}</h1>\n<p>{escape(' · '.join(facts))}</p>\n"
        + (f"<p class='quiet'>{classes}{rest}</p>\n" if classes else "")
        + _summary(study)
    )


def _summary(study: Study) -> str:
    """The findings in a few sentences."""
    columns = study.table.columns
    lines = []
    if study.separation is not None:
        order = study.separation.ranking().tolist()
        share = study.separation.epsilon_squared
        best = ", ".join(f"{columns[at]} ({share[at]:.2f})" for at in order[:3])
        worst = ", ".join(f"{columns[at]} ({share[at]:.2f})" for at in order[::-1][:3])
        lines.append(f"Most telling: {best}. Least: {worst}. In brackets the share of the variance of ranks.")
    n_pairs = len(study.correlations.pairs())
    threshold = study.correlations.threshold
    alike = (
        f"{counted(n_pairs, 'pair')} of attributes at a correlation of {threshold:g} or more, in "
        f"{counted(len(study.correlations.groups), 'group')}"
        if n_pairs
        else f"No two attributes correlate at {threshold:g} or more"
    )
    lines.append(f"{alike}; {len(study.drops):,} of {len(columns):,} attributes may go.")
    return items(lines)


def _separation(study: Study) -> str:
    if study.separation is None:
        return ""
    order = study.separation.ranking().tolist()
    few = len(order) <= _BEST + _WORST
    shown = order if few else [*order[:_BEST], *order[-_WORST:]]
    values = study.separation.epsilon_squared
    rows = [
        plots.Bar(
            study.table.columns[at], float(values[at]), kind="model" if place < _BEST or few else "control"
        )
        for place, at in enumerate(shown)
    ]
    words = "The share of the variance of ranks that the classes explain (epsilon squared): 0 none, 1 all. "
    words += "" if few else f"The {_BEST} best, then, paler, the {_WORST} that tell least."
    chart = figure_of(plots.bars(rows, "How well attributes tell the classes apart"), words)
    return chart + (_of_families(study) if len(set(study.table.families)) > 1 else "")


def _of_families(study: Study) -> str:
    assert study.separation is not None
    values, families = study.separation.epsilon_squared, np.array(study.table.families)
    rows = []
    for family in dict.fromkeys(study.table.families):
        members = np.flatnonzero(families == family)
        best = int(members[int(values[members].argmax())])
        share = f"{values[members].mean():.3f}"
        rows.append((family, f"{len(members):,}", share, f"{values[best]:.3f}", study.table.columns[best]))
    rows.sort(key=lambda row: -float(row[3]))
    return "<h3>By family</h3>" + table_of(("family", "attributes", "mean", "best", "which"), rows)


def _distributions(study: Study) -> str:
    cards = "".join(
        f"<figure class='card'><figcaption><b>{escape(study.table.columns[one.column])}</b> "
        f"{escape(one.why)}</figcaption>{plots.distribution(one, study.table.columns[one.column])}</figure>"
        for one in study.distributions
    )
    words = (
        "Above, how many of all tracks lie where. Below, each box goes from quartile to quartile with the "
        "median as a line, whiskers to the last value within 1.5 times that length; a ring is the extreme "
        "beyond them, an arrow one beyond the picture, which ends with the longest whisker."
    )
    left_out = len(study.names) - (len(study.distributions[0].boxes) - 1) if study.names else 0
    more = (
        f" Of {len(study.names)} classes, the {len(study.names) - left_out} largest." if left_out > 0 else ""
    )
    return f"<p class='quiet'>{words}{more}</p><div class='cards'>{cards}</div>"


def _planes(study: Study) -> str:
    columns = study.table.columns
    cards = "".join(
        f"<figure class='card'><figcaption><b>{escape(columns[one.columns[1]])}</b> (upwards) against "
        f"<b>{escape(columns[one.columns[0]])}</b>: {escape(one.why)}</figcaption>"
        + plots.plane(one, (columns[one.columns[0]], columns[one.columns[1]]))
        + "</figure>"
        for one in study.planes
    )
    if not cards:
        return ""
    words = "The stronger the colour of a cell, the more tracks are in it."
    if study.names:
        words += " A cross goes from quartile to quartile of a class, its dot is the median."
    return f"<p class='quiet'>{words}</p><div class='cards'>{cards}</div>"


def _portraits(portraits: Sequence[Portrait], study: Study) -> str:
    if not portraits:
        return ""
    cards = []
    for one in portraits:
        png = base64.b64encode(spectrum_png(one)).decode()
        label = f"{one.label}: " if one.label else ""
        alt = f"Log-mel spectrum of {one.name}, {one.duration_s:.0f} s, up to {one.top_hz:,.0f} Hz"
        cards.append(
            f"<figure class='card'><figcaption><b>{escape(label)}</b>{escape(one.name)}</figcaption>"
            f"{plots.waveform(one)}<img src='data:image/png;base64,{png}' alt=\"{escape(alt, quote=True)}\">"
            f"<div class='quiet scale'><span>0 s</span><span>{one.duration_s:.0f} s</span></div></figure>"
        )
    words = (
        f"Above the waveform, below the log-mel spectrum: {len(portraits[0].level_db)} bands up to "
        f"{portraits[0].top_hz / 1000:g} kHz, low ones below, 80 dB from dark to light."
    )
    return f"<p class='quiet'>{words}</p><div class='cards'>{''.join(cards)}</div>"


def _attributes(study: Study) -> str:
    spread, separation = study.spread, study.separation
    dropped = {drop.column for drop in study.drops}
    order = separation.ranking().tolist() if separation is not None else list(range(len(study.table.columns)))
    shown = order if len(order) <= _ALL_IN_TABLE else [*order[:30], *order[-20:]]
    head = ["attribute", "median", "quartiles", "mean", "deviation", "skewness", "far out"]
    head += ["F", "η²", "H", "ε²", "q"] if separation is not None else []
    rows = []
    for at in shown:
        low, middle, high = spread.quartiles[:, at].tolist()
        row = [study.table.columns[at] + (" (may go)" if at in dropped else ""), figure(middle)]
        row += [f"{figure(low)} to {figure(high)}", figure(spread.mean[at]), figure(spread.deviation[at])]
        row += [f"{spread.skewness[at]:.1f}", f"{study.outliers.far[at]:,}"]
        if separation is not None:
            row += [figure(separation.f[at]), f"{separation.eta_squared[at]:.3f}", figure(separation.h[at])]
            row += [f"{separation.epsilon_squared[at]:.3f}", figure(separation.h_q[at])]
        rows.append(row)
    part = f"The first 30 and the last 20 of {len(order):,}; " if len(shown) < len(order) else ""
    words = f"{part}all, with more figures, are in attributes.csv."
    words = words[0].upper() + words[1:]
    if separation is not None:
        words += " Sorted by ε²; q is the p-value of H, corrected for the number of attributes."
    return f"<p class='quiet'>{words}</p>" + table_of(head, rows)


def _methods(study: Study) -> str:
    lines = [
        "Correlations: K. Pearson 1896; C. Spearman 1904. Order: Z. Bar-Joseph et al., Bioinformatics 2001.",
        "Boxes and fences: J. W. Tukey, Exploratory Data Analysis, 1977. Robust deviations: B. Iglewicz, "
        "D. C. Hoaglin, How to Detect and Handle Outliers, 1993.",
    ]
    if study.separation is not None:
        lines.append(
            "F and η²: R. A. Fisher 1925. H and ε²: W. H. Kruskal, W. A. Wallis, JASA 1952; M. Tomczak, "
            "E. Tomczak, Trends in Sport Sciences 2014. Correction for many tests: Y. Benjamini, "
            "Y. Hochberg, JRSS B 1995. P-values take tracks for independent; those of one artist "
            "are not, so read the effect sizes first."
        )
    lines.append(f"Seed of folds and of everything drawn: {study.seed}.")
    return items(lines)
