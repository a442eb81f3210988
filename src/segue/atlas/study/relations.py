"""The parts of a report on what goes together, what may go, and what stands apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas.study import plots
from segue.atlas.study.heatmap import MOST_NAMED, families_of, heatmap
from segue.atlas.study.marks import counted
from segue.atlas.study.parts import figure_of, table_of

if TYPE_CHECKING:
    from segue.atlas.study.facts import TrialFigure
    from segue.atlas.study.whole import Study

_IN_GROUP, _PAIRS = 12, 15


def correlations_part(study: Study) -> str:
    """The picture of all correlations, families where columns are many, and groups."""
    found, columns = study.correlations, study.table.columns
    if len(columns) < 2:
        return ""
    pictures = "".join(
        f"<div class='{tone} plot'>{heatmap(found, columns, dark=tone == 'on-dark')}</div>"
        for tone in ("on-light", "on-dark")
    )
    words = (
        "Below the diagonal Pearson’s correlation, above it Spearman’s, of ranks; blue is positive, orange "
        "negative, and what has the colour of the page is none. Attributes that go together are neighbours."
    )
    words += (
        "" if len(columns) <= MOST_NAMED else f" The names of {len(columns):,} do not fit: see the groups."
    )
    parts = [f"<figure>{pictures}<figcaption>{words}</figcaption></figure>"]
    if len(columns) > MOST_NAMED:
        parts.append(_family_table(study))
    parts.append(_groups(study))
    return "".join(parts)


def _family_table(study: Study) -> str:
    found = families_of(study.correlations, study.table.families)
    if not 2 <= len(found.names) <= 40:
        return ""
    rows = [
        (name, *("–" if np.isnan(value) else f"{value:.2f}" for value in row))
        for name, row in zip(found.names, found.strength, strict=True)
    ]
    return (
        "<h3>By family</h3><p class='quiet'>Mean absolute correlation of the attributes of two families.</p>"
        + table_of(("family", *found.names), rows)
    )


def _groups(study: Study) -> str:
    found, columns = study.correlations, study.table.columns
    if not found.groups:
        return f"<p>No two attributes correlate at {found.threshold:g} or more.</p>"
    rows = []
    for group in found.groups[:20]:
        strength = np.abs(found.pearson[np.ix_(group, group)])[np.triu_indices(len(group), 1)]
        more = f" and {len(group) - _IN_GROUP} more" if len(group) > _IN_GROUP else ""
        names = ", ".join(columns[at] for at in group[:_IN_GROUP]) + more
        rows.append((names, f"{len(group)}", f"{strength.min():.2f}", f"{strength.mean():.2f}"))
    more = (
        f" {len(found.groups) - 20} smaller groups are in correlated-pairs.csv."
        if len(found.groups) > 20
        else ""
    )
    words = (
        f"Each correlates at {found.threshold:g} or more with another of its group, whatever the sign.{more}"
    )
    head = ("attributes", "how many", "weakest pair", "mean")
    return f"<h3>Groups</h3><p class='quiet'>{words}</p>" + table_of(head, rows, kind="wrap")


def drops_part(study: Study) -> str:
    """What may go, and what stays instead."""
    columns = study.table.columns
    if not study.drops:
        return "<p>None.</p>"
    rule = (
        f"Of two attributes that correlate at {study.correlations.threshold:g} or more, the one stays that "
        + ("tells the classes apart better" if study.names else "correlates less with all others")
    )
    parts = [f"<p>{rule}. {len(study.drops):,} of {len(columns):,} would go.</p>"]
    blind = [drop.column for drop in study.drops if drop.instead is None]
    if blind:
        parts.append(_blind(study, blind))
    rows = [
        (columns[drop.column], columns[drop.instead], f"{drop.correlation:+.3f}")
        for drop in sorted(study.drops, key=lambda drop: -abs(drop.correlation))
        if drop.instead is not None
    ]
    if rows:
        parts.append(_copies(rows))
    return "".join(parts)


def _blind(study: Study, blind: Sequence[int]) -> str:
    """What tells no classes apart: how many of each family, and all names for who wants them."""
    families = study.table.families
    gone = Counter(families[at] for at in blind)
    whole = Counter(families)
    shares = ", ".join(f"{family} {count} of {whole[family]}" for family, count in gone.most_common())
    names = ", ".join(study.table.columns[at] for at in blind)
    return (
        f"<p>{counted(len(blind), 'attribute')} because the classes explain less than 1 % of them, or "
        f"nothing that chance would not: {escape(shares)}.</p><details><summary>Their names</summary>"
        f"{escape(names)}</details>"
    )


def _copies(rows: Sequence[Sequence[str]]) -> str:
    """The strongest pairs, and the others for who wants them."""
    head = ("goes", "says the same and stays", "correlation")
    shown = table_of(head, rows[:_PAIRS], kind="words")
    if len(rows) <= _PAIRS:
        return shown
    rest = table_of(head, rows[_PAIRS:], kind="words")
    return f"{shown}<details><summary>{len(rows) - _PAIRS:,} more</summary>{rest}</details>"


def cost_part(study: Study, trials: Sequence[TrialFigure]) -> str:
    """Accuracy with and without what may go."""
    if not trials or study.cost is None:
        return ""
    largest = np.bincount(study.cost.truth).max() / len(study.cost.truth)
    rows = [
        plots.Bar(
            f"{one.name} ({one.n_columns:.0f})",
            one.accuracy,
            one.low,
            one.high,
            "control" if at == 2 else "model",
        )
        for at, one in enumerate(trials)
    ]
    rows.append(plots.Bar("always the largest class", float(largest), kind="control"))
    apart = f"{study.table.grouped_by} kept apart" if study.table.groups is not None else "at random"
    warning = (
        ""
        if study.table.groups is not None
        else "<p><b>Artists are not known:</b> tracks of one artist or album may be on both sides, and "
        "accuracies too good.</p>"
    )
    words = (
        f"Accuracy of logistic regression in {study.cost.n_folds} folds, {apart}, on "
        f"{len(study.cost.rows):,} tracks, with 95 % intervals; in brackets the number of "
        "attributes. What to drop is decided in each fold from the tracks that are learned from."
    )
    table = [
        (
            one.name,
            f"{one.n_columns:.0f}",
            f"{one.accuracy:.3f}",
            f"{one.kappa:.3f}",
            "" if at == 0 else f"{one.gain:+.3f} ({one.gain_low:+.3f} to {one.gain_high:+.3f})",
        )
        for at, one in enumerate(trials)
    ]
    head = ("attributes", "how many", "accuracy", "kappa", "against all (95 % interval)")
    return warning + figure_of(plots.bars(rows, "What dropping costs"), words) + table_of(head, table)


def outliers_part(study: Study) -> str:
    """Tracks and attributes with values far from the rest."""
    columns, tracks = study.table.columns, study.table.tracks
    most = np.argsort(-study.outliers.far, kind="stable")[:8]
    by_column = [
        (columns[at], f"{study.outliers.far[at]:,}", f"{study.outliers.far[at] / len(tracks):.1%}")
        for at in most.tolist()
        if study.outliers.far[at]
    ]
    if not by_column:
        return "<p>Nothing: no value is beyond the outer fences of its attribute.</p>"
    rows = [
        (
            tracks[odd.row],
            study.table.classes[odd.row] if study.table.classes else "",
            f"{odd.n_far}",
            ", ".join(
                f"{columns[at]} ({score:,.0f})" for at, score in zip(odd.columns, odd.scores, strict=True)
            ),
        )
        for odd in study.outliers.tracks
    ]
    words = (
        "An attribute of a track is far out when it lies more than three times the distance of the quartiles "
        "outside them. Beside each attribute, how many robust standard deviations it is from the median. "
        "Look at these tracks: a fault of the file, a wrong label, or something rare."
    )
    return (
        f"<p class='quiet'>{words}</p>"
        + table_of(("track", study.table.target or "", "far out in", "furthest"), rows, kind="words")
        + "<h3>Attributes with most of them</h3>"
        + table_of(("attribute", "tracks far out", "share"), by_column)
    )
