"""What is known of tracks for going over from one to the next; those never heard for it are heard now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from segue.atlas import Transitions
from segue.catalogue import Analysis, Track, load_vectors, open_catalogue, record_vectors
from segue.encoders import TRANSITION_VALUES, members
from segue.progress import Progress
from segue.ranking import ByKey
from segue.scanning import ProblemSeen, ScanSettings, hear
from segue.settings import DataFolder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from segue.types import Matrix

_ENCODER = members("transition")[0]
# Below, a key or a beat is a guess.
_LEAST_KEY, _LEAST_TEMPO = 0.5, 0.1
_REPLAYGAIN_REFERENCE_LUFS = -18.0


def hear_transitions(
    data: DataFolder, tracks: Sequence[Track], *, workers: int | None = None, progress: Progress
) -> tuple[ProblemSeen, ...]:
    """Hear whole tracks for tempo, key, beginning and end, where that is not stored yet.

    Each is stored as soon as it is heard, so that what is stopped goes on from there.

    Returns
    -------
    problems
        The files that could not be heard.
    """
    with open_catalogue(data) as catalogue:
        known = set(load_vectors(catalogue, _ENCODER, keys=_keys(tracks))[0].tolist())
    missing = [track for track in tracks if track.key not in known]
    if not missing:
        return ()
    problems: list[ProblemSeen] = []
    by_path: dict[Path, Track] = {}
    for track in missing:
        path = next((path for path in track.paths if path.is_file()), None)
        if path is None:
            where = track.paths[0] if track.paths else Path(track.id)
            problems.append(ProblemSeen(where, "missing", "is not there"))
        else:
            by_path[path] = track
    settings = ScanSettings(encoders=(_ENCODER,), plan="whole", workers=workers or os.cpu_count() or 1)
    progress.start("Hearing transitions", len(by_path))
    with open_catalogue(data, write=True) as catalogue:
        for result in hear(list(by_path), settings) if by_path else ():
            if isinstance(result, int):
                continue
            progress.advance()
            if isinstance(result, Analysis) and result.digest == by_path[result.path].digest:
                record_vectors(catalogue, by_path[result.path].key, result.vectors)
            elif isinstance(result, Analysis):
                problems.append(
                    ProblemSeen(result.path, "changed", "has changed since the scan: run `segue scan`")
                )
            else:
                problems.append(result)
    progress.finish()
    for problem in problems:
        progress.problem(problem.path, problem.reason, problem.detail)
    return tuple(problems)


def known_transitions(data: DataFolder, tracks: Sequence[Track], vectors: Matrix) -> Transitions:
    """What is stored of tracks and what their tags say, in their order.

    Parameters
    ----------
    vectors : (n, dim) float32
        Unit rows, by which they sound alike.
    """
    keys = _keys(tracks)
    with open_catalogue(data) as catalogue:
        found, stored = load_vectors(catalogue, _ENCODER, keys=np.unique(keys))
    rows = np.full((len(keys), len(TRANSITION_VALUES)), np.nan)
    if len(found):
        rows = ByKey(found, stored).rows(keys)[0].astype(np.float64)
    heard = dict(zip(TRANSITION_VALUES, rows.T, strict=True))
    clear = (heard["tempo_strength"] >= _LEAST_TEMPO) & (heard["tempo_bpm"] > 0)
    tempo = np.where(clear, heard["tempo_bpm"], np.nan)
    key = np.where(heard["key_strength"] >= _LEAST_KEY, heard["key"], -1).astype(np.int64)
    start, end = heard["start_lufs"].copy(), heard["end_lufs"].copy()
    for row, track in enumerate(tracks):
        if track.tags.bpm is not None:  # somebody counted
            tempo[row] = track.tags.bpm
        gain = track.tags.replaygain_track_gain_db
        if np.isnan(start[row]) and gain is not None:
            start[row] = end[row] = _REPLAYGAIN_REFERENCE_LUFS - gain
    return Transitions(tempo, key, start, end, vectors)


def _keys(tracks: Sequence[Track]) -> NDArray[np.int64]:
    return np.array([track.key for track in tracks], dtype=np.int64)
