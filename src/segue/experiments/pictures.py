"""Pictures of a run as PNG: curves, filters, activations, confusion, a map; arrays in, bytes out.

Each is drawn twice, dark on light and light on dark, so that a page can show what fits the reader's screen.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_LIGHT = {"paper": "#fdfdfb", "ink": "#1c1d21", "rule": "#d9dad5"}
_DARK = {"paper": "#17181b", "ink": "#ecebe6", "rule": "#3a3c42"}
_LINES_LIGHT = ("#0f6b8f", "#b4641e", "#7a5aa6", "#3f7d3a", "#a8324a", "#6b6f78")
_LINES_DARK = ("#57b8dd", "#e39a57", "#b99be6", "#86c77f", "#e8798f", "#a3a6ae")
_MARKERS = "osD^vP"
_MOST_FILTERS = 64
_MOST_MAPS = 8
_COLUMNS = 16
_MOST_NAMED = 24


class Picture(NamedTuple):
    """One picture.

    Attributes
    ----------
    name
        Of its file, without ending.
    title
        What it shows, in a line.
    words
        The same for who cannot see it.
    light, dark
        PNG, for a light and for a dark page.
    """

    name: str
    title: str
    words: str
    light: bytes
    dark: bytes


def curves(histories: Sequence[Sequence[Mapping[str, Any]]]) -> Picture:
    """Loss over the epochs, in training and in validation, and accuracy where it was kept.

    Parameters
    ----------
    histories
        One a fold: rows with ``epoch`` (from 0), ``train_loss``, ``valid_loss``, and perhaps
        ``train_accuracy`` and ``valid_accuracy``.
    """
    figures = ["loss"]
    if any(_known(rows, f"{side}_accuracy") for rows in histories for side in ("train", "valid")):
        figures.append("accuracy")

    from matplotlib.ticker import MaxNLocator

    def draw(figure: Figure) -> None:
        for place, name in enumerate(figures):
            axes = figure.add_subplot(1, len(figures), place + 1)
            for part, (side, words) in enumerate((("train", "training"), ("valid", "validation"))):
                lines = [known for rows in histories if (known := _known(rows, f"{side}_{name}"))]
                for at, known in enumerate(lines):
                    axes.plot(
                        *zip(*known, strict=True),
                        color=f"C{part}",
                        marker="." if len(known) < 20 else "",
                        linewidth=1.6,
                        label=words if at == 0 else None,
                    )
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.set_xlabel("epoch")
            axes.set_ylabel(name)
            axes.legend(frameon=False)

    keys = [f"{side}_{name}" for name in figures for side in ("train", "valid")]
    words = "; ".join(
        f"after {len(rows)} epochs "
        + ", ".join(f"{key} {known[-1][1]:.3f}" for key in keys if (known := _known(rows, key)))
        for rows in histories
        if rows
    )
    title = f"{' and '.join(figures).capitalize()} over the epochs"
    return _picture("curves", title, words, draw, size=(4.6 * len(figures) + 0.8, 3.2))


def inertia(shares: Sequence[float], *, at: int) -> Picture:
    """Inertia over the number of clusters, and where the curve bends.

    Parameters
    ----------
    shares
        For k = 1, 2, …, as shares of the first.
    at
        The k of the elbow.
    """
    from matplotlib.ticker import MaxNLocator

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.plot(range(1, len(shares) + 1), shares, color="C0", marker=".", linewidth=1.6)
        axes.axvline(at, color="C1", linestyle="--", linewidth=1.2)
        axes.annotate(f"elbow: {at}", (at, shares[0]), (6, -4), textcoords="offset points", va="top")
        axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("clusters")
        axes.set_ylabel("inertia")

    words = ", ".join(f"{k}: {share:.2f}" for k, share in enumerate(shares, 1))
    return _picture("inertia", "Inertia over the number of clusters", words, draw, size=(5.4, 3.2))


def _known(rows: Sequence[Mapping[str, Any]], key: str) -> list[tuple[int, float]]:
    """(epoch from 1, value) where there is a finite one."""
    points = [(row["epoch"] + 1, row.get(key)) for row in rows]
    return [(epoch, value) for epoch, value in points if value is not None and math.isfinite(value)]


def filters(weights: NDArray[np.float32]) -> Picture:
    """What the first convolution looks for, each filter scaled to its own extremes.

    Parameters
    ----------
    weights : (n_filters, n_bands, n_frames) float32
        Bands upwards, time to the right; filters over vectors have one band.
    """
    shown = weights[:_MOST_FILTERS]
    rows = -(-len(shown) // _COLUMNS)
    tall = shown.shape[1] > 4 * shown.shape[2]

    def draw(figure: Figure) -> None:
        _tiles(
            figure.add_subplot(), [one / (np.abs(one).max() or 1) for one in shown], _COLUMNS, "RdBu_r", -1
        )

    words = f"{len(shown)} of {len(weights)} filters of {weights.shape[1]} bands by {weights.shape[2]} frames"
    size = (9, max(1.2, rows * (1.5 if tall else 0.62)))
    return _picture("filters", "Filters of the first convolution", words, draw, size=size)


def activations(
    spectrum: NDArray[np.float32], layers: Mapping[str, NDArray[np.float32]], *, title: str
) -> Picture:
    """What a song looks like to the network, layer by layer.

    Parameters
    ----------
    spectrum : (n_frames, n_mels) float32
        The log-mel window that it heard.
    layers
        By name: (n_channels, n_bands, n_frames) float32; the channels that vary most are drawn.
    title
        Which song.
    """
    rows = 1 + len(layers)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot(rows, 1, 1)
        axes.imshow(spectrum.T, aspect="auto", origin="lower", cmap="magma", interpolation="nearest")
        _bare(axes)
        axes.set_title(f"{_drawable(title)}: log-mel spectrum", fontsize=9, loc="left")
        for row, (name, maps) in enumerate(layers.items(), start=2):
            livelier = np.argsort(-maps.reshape(len(maps), -1).std(axis=1), kind="stable")[:_MOST_MAPS]
            tiles = [(one - one.min()) / (np.ptp(one) or 1) for one in maps[livelier]]
            axes = figure.add_subplot(rows, 1, row)
            _tiles(axes, tiles, _MOST_MAPS, "magma", 0)
            axes.set_title(f"{name}, {len(maps)} channels", fontsize=8, loc="left")

    words = f"{title}; " + "; ".join(
        f"{name}: {maps.shape[0]} maps of {maps.shape[1]} x {maps.shape[2]}" for name, maps in layers.items()
    )
    return _picture(
        "activations", "What the layers make of one song", words, draw, size=(9, 1.25 * rows + 0.3)
    )


def confusion(matrix: NDArray[np.int64], names: Sequence[str]) -> Picture:
    """Which class was taken for which: rows are true, columns predicted, shares of the row.

    Parameters
    ----------
    matrix : (n, n) int64
        Counts of tracks.
    names
        Of the classes.
    """
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    n = len(names)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.imshow(shares, cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
        if n <= _MOST_NAMED:
            shown = [_drawable(name) for name in names]
            axes.set_xticks(range(n), shown, rotation=45, ha="right", rotation_mode="anchor")
            axes.set_yticks(
                range(n),
                [f"{name} ({count:,})" for name, count in zip(shown, matrix.sum(axis=1), strict=True)],
            )
            for row, column in np.ndindex(n, n):
                if matrix[row, column]:
                    ink = "#17181b" if shares[row, column] > 0.6 else "#fdfdfb"
                    axes.text(
                        column,
                        row,
                        f"{shares[row, column]:.0%}".rstrip("%"),
                        ha="center",
                        va="center",
                        color=ink,
                        fontsize=8,
                    )
        axes.grid(visible=False)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true (tracks)")

    words = "; ".join(f"{name}: {shares[at, at]:.0%} right" for at, name in enumerate(names))
    side = 2.2 + 0.42 * min(n, _MOST_NAMED)
    return _picture(
        "confusion",
        "Which class was taken for which, % of the true class",
        words,
        draw,
        size=(side + 1.2, side),
    )


def factor_map(
    points: NDArray[np.float32], labels: NDArray[np.int64], names: Sequence[str], *, what: str
) -> Picture:
    """Tracks on a plane, near where alike, coloured by genre.

    Parameters
    ----------
    points : (n, 2) float32
        Such as from `plane_of`.
    labels : (n,) int64
        Position in `names`; -1 where not known.
    names
        Of the genres.
    what
        What was laid on the plane, such as ``predicted factors``.
    """

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        rest = labels < 0
        axes.scatter(points[rest, 0], points[rest, 1], s=8, color="0.5", alpha=0.4, linewidths=0)
        for at, name in enumerate(names):
            here = labels == at
            axes.scatter(
                points[here, 0],
                points[here, 1],
                s=16,
                color=f"C{at % len(_LINES_LIGHT)}",
                marker=_MARKERS[at // len(_LINES_LIGHT) % len(_MARKERS)],
                alpha=0.8,
                linewidths=0,
                label=f"{_drawable(name)} ({int(here.sum()):,})",
            )
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(visible=False)
        if len(names) <= _MOST_NAMED and len(names):
            axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)

    words = f"t-SNE of {what} of {len(points)} tracks in {len(names)} genres"
    return _picture("map", f"t-SNE of {what}, coloured by genre", words, draw, size=(7.2, 4.8))


def plane_of(
    vectors: NDArray[np.float32], *, seed: int, most: int = 2500
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Rows (all, or `most` at random), ``(n,)`` int64; where t-SNE by cosine lays them, ``(n, 2)`` float32.

    References
    ----------
    L. van der Maaten, G. Hinton, "Visualizing data using t-SNE", JMLR 9, 2008.
    """
    from sklearn.manifold import TSNE

    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(vectors))[:most])
    lengths = np.linalg.norm(vectors[rows], axis=1, keepdims=True)
    unit = vectors[rows] / np.where(lengths > 0, lengths, 1)
    # Of unit vectors, squared Euclidean distance is twice the cosine distance.
    perplexity = max(1.0, min(30.0, (len(rows) - 1) / 3))
    plane = TSNE(2, perplexity=perplexity, init="random", random_state=seed, n_jobs=1).fit_transform(unit)
    return rows, np.asarray(plane, dtype=np.float32)


def _picture(
    name: str, title: str, words: str, draw: Callable[[Figure], None], *, size: tuple[float, float]
) -> Picture:
    return Picture(name, title, words, _drawn(draw, size, dark=False), _drawn(draw, size, dark=True))


def _drawn(draw: Callable[[Figure], None], size: tuple[float, float], *, dark: bool) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _colours(dark), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a box is drawn instead
        figure = Figure(figsize=size, dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        out = io.BytesIO()
        # Without the library's version in the file, the same figures give the same bytes.
        figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _drawable(text: str) -> str:
    """A name as matplotlib takes it: bytes that are no text as escapes, in one line, a dollar as such."""
    plain = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return " ".join(plain.split()).replace("$", r"\$")


@contextmanager
def _colours(dark: bool) -> Iterator[None]:
    import matplotlib
    from cycler import cycler

    tone = _DARK if dark else _LIGHT
    ink = ("text.color", "axes.labelcolor", "xtick.color", "ytick.color")
    settings: dict[Any, Any] = {
        **dict.fromkeys(ink, tone["ink"]),
        **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), tone["paper"]),
        "axes.edgecolor": tone["rule"],
        "grid.color": tone["rule"],
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=_LINES_DARK if dark else _LINES_LIGHT),
        "font.size": 9,
    }
    with matplotlib.rc_context(settings):
        yield


def _tiles(
    axes: Axes, tiles: Sequence[NDArray[np.float32]], columns: int, colours: str, lowest: float
) -> None:
    """Small pictures in rows; values from `lowest` to 1."""
    for at, one in enumerate(tiles):
        x, y = at % columns, -(at // columns)
        place = (x, x + 0.94, y - 0.92, y)
        axes.imshow(
            one, extent=place, origin="lower", cmap=colours, vmin=lowest, vmax=1, interpolation="nearest"
        )
    rows = math.ceil(len(tiles) / columns)
    axes.set(xlim=(0, columns - 0.06), ylim=(0.08 - rows, 0), aspect="auto")
    axes.set_frame_on(False)
    _bare(axes)


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
