"""Encoders that a person trained and uses with a library: kept in its data folder, known when it is asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from segue.encoders import encoder_folders, know_encoder
from segue.encoders.artefacts import read_graph
from segue.encoders.folders import CARD, GRAPH, HEADER, read_folder
from segue.errors import SegueError
from segue.files import whole_file
from segue.settings import DataFolder
from segue.types import EncoderId


def know_own_encoders(data: DataFolder) -> None:
    """Make the encoders in a data folder known by id and name; of a damaged one `segue doctor` tells."""
    for header in sorted(data.models.glob(f"*/{HEADER}")):
        with contextlib.suppress(SegueError):
            know_encoder(header.parent)


def keep_own_encoders(data: DataFolder, ids: Iterable[EncoderId]) -> None:
    """Copy those of some encoders that a person trained into the data folder, and use the copies from now on.

    Raises
    ------
    SegueError
        If a graph is missing or damaged, or nothing can be written.
    """
    for id_, folder in encoder_folders(ids).items():
        kept = data.models / id_
        if folder == kept.absolute():
            continue
        graph = read_graph(read_folder(folder)[0])
        # The header comes last: until it is there, the folder is no encoder.
        for name, content in ((GRAPH, graph), (CARD, None), (HEADER, None)):
            with whole_file(kept / name) as out:
                out.write((folder / name).read_bytes() if content is None else content)
        know_encoder(kept)
