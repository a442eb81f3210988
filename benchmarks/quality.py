"""Measure every encoder on labelled music and write the tables of docs/quality.md.

    python benchmarks/quality.py ../shared/data --work /tmp/quality

Vectors are made once and kept in the work folder: empty it after an encoder has changed. The figures are what
``segue evaluate similarity`` says.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from segue.audio import AUDIO_SUFFIXES, read_recording
from segue.encoders import Combination, resolve
from segue.errors import AudioError
from segue.evaluation import MFCC_SAMPLE_RATE, mfcc_statistics
from segue.operations.embed import Embedding, embed_paths, write_embedding
from segue.operations.evaluate_similarity import read_vectors
from segue.types import EncoderId

SETS = ("emotify", "free-music")
ENCODERS = ("mfcc", "timbre", "fma518", "musicnn", "musicnn+timbre", "musicnn+fma518", "timbre+fma518")
COLUMNS = {
    "genre_precision_at_10": "genre precision@10",
    "artist_hit_at_10": "same-artist hit@10",
    "artist_r_precision": "same-artist R-precision",
    "mood_correlation": "mood r",
    "genre_accuracy": "genre accuracy",
    "hubness": "hubness",
}
PAGE = Path(__file__).resolve().parents[1] / "docs" / "quality.md"


def vectors_of(folder: Path, encoder: str, work: Path) -> Path:
    """The file of one set's vectors, made unless it is there."""
    file = work / f"{folder.name}-{encoder}.npz"
    if file.exists():
        return file
    if encoder == "mfcc":
        embedding = mfcc_of(folder)
    elif "+" in encoder:
        embedding = combined(folder, encoder, work)
    else:
        embedding = embed_paths([folder], encoder=encoder, workers=os.cpu_count())
    write_embedding(file, embedding)
    return file


def mfcc_of(folder: Path) -> Embedding:
    """The baseline, from the same windows that the encoders hear."""
    names, vectors = [], []
    for file in sorted(folder.iterdir()):
        if file.suffix not in AUDIO_SUFFIXES:
            continue
        try:
            recording = read_recording(file, sample_rates=[MFCC_SAMPLE_RATE])
        except AudioError as error:
            print(error, file=sys.stderr)
            continue
        names.append(str(file))
        vectors.append(mfcc_statistics(recording.windows[MFCC_SAMPLE_RATE]))
    return Embedding(tuple(names), np.stack(vectors), EncoderId("mfcc-statistics"), ())


def combined(folder: Path, encoder: str, work: Path) -> Embedding:
    """A combination, from its members' own files."""
    kind = resolve(encoder)
    assert isinstance(kind, Combination)
    short = {resolve(name).id: name for name in encoder.split("+")}
    parts = [read_vectors(vectors_of(folder, short[member], work)) for member in kind.members]
    assert all(part.names == parts[0].names for part in parts)
    return Embedding(parts[0].names, kind.combine([part.vectors for part in parts]), kind.id, ())


def figures(vectors: Path, tracks: Path) -> dict[str, Any]:
    """What the command says in JSON."""
    command = [sys.executable, "-m", "segue", "evaluate", "similarity", "--json"]
    command += ["--vectors", str(vectors), "--tracks", str(tracks)]
    report: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return report


def table(reports: dict[str, dict[str, Any]]) -> str:
    """A Markdown table: one row an encoder with intervals, then the controls of the last."""
    known = [name for name in COLUMNS if any(name in report["measures"] for report in reports.values())]
    lines = [
        f"| vectors | dim | {' | '.join(COLUMNS[name] for name in known)} |",
        f"| --- | --- |{' --- |' * len(known)}",
    ]
    for name, report in reports.items():
        label = "MFCC statistics" if name == "mfcc" else f"`{name}`"
        cells = [_cell(report["measures"][column]) for column in known]
        lines.append(f"| {label} | {report['dim']} | {' | '.join(cells)} |")
    controls = reports["musicnn"]["measures"]
    cells = [f"{controls[column]['control']:.3f}" for column in known]
    lines.append(f"| random control of `musicnn` | | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(measure: dict[str, Any]) -> str:
    low, high = measure["interval"]
    return f"{measure['value']:.3f} ({low:.2f} – {high:.2f})"


def write_table(page: Path, name: str, text: str) -> None:
    """Put `text` between the page's two comments of that name."""
    content = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found_begin, rest = content.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise SystemExit(f"{page} has no lines {begin} and {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="folder with the folders emotify and free-music")
    parser.add_argument("--work", type=Path, required=True, help="where vectors are kept between runs")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    for name in SETS:
        folder = arguments.data / name
        reports = {}
        for encoder in ENCODERS:
            reports[encoder] = figures(vectors_of(folder, encoder, arguments.work), folder / "tracks.csv")
            print(name, encoder, {k: v["value"] for k, v in reports[encoder]["measures"].items()}, flush=True)
        some = reports["musicnn"]
        heading = f"{some['tracks']} clips by {some['artists']} artists."
        write_table(PAGE, name, f"{heading}\n\n{table(reports)}")


if __name__ == "__main__":
    main()
