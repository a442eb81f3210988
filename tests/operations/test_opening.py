"""Which encoder answers, and how its index keeps up with the catalogue."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from segue.catalogue import (
    keys_of,
    load_vectors,
    open_catalogue,
    remove_tracks,
    revision,
    set_default_encoder,
)
from segue.errors import DiskFull, NothingFound, UsageError
from segue.neighbours import stored_revision
from segue.operations import opening
from segue.operations.library import import_library_vectors
from segue.operations.opening import answering_encoder, library_neighbourhood
from segue.operations.seeds import find_seed
from segue.settings import DataFolder

MUSICNN = "musicnn-msd-1"


@pytest.fixture
def library(demo, tmp_path):
    shutil.copytree(demo.data, tmp_path / "data")
    data = DataFolder(tmp_path / "data")
    with open_catalogue(data, write=True) as catalogue:
        yield data, catalogue


def test_the_old_vectors_answer_until_all_tracks_have_the_new(library):
    data, catalogue = library
    assert answering_encoder(catalogue, data, None) == MUSICNN
    set_default_encoder(catalogue, "fma518-1")
    assert answering_encoder(catalogue, data, None) != "fma518-1"
    set_default_encoder(catalogue, "timbre-1")
    assert answering_encoder(catalogue, data, None) == "timbre-1"
    set_default_encoder(catalogue, "musicnn-msd-1+timbre-1")
    assert answering_encoder(catalogue, data, None) == "musicnn-msd-1+timbre-1"


def test_an_encoder_that_is_asked_for_answers_or_is_refused(library):
    data, catalogue = library
    assert answering_encoder(catalogue, data, "timbre") == "timbre-1"
    with pytest.raises(NothingFound, match="scan --encoder fma518"):
        answering_encoder(catalogue, data, "fma518")
    with pytest.raises(UsageError, match="musicnn"):
        answering_encoder(catalogue, data, "nothing")
    with pytest.raises(UsageError, match="does not say what sounds alike"):
        answering_encoder(catalogue, data, "fingerprint")


def test_the_index_is_stored_and_opened_again(library):
    data, catalogue = library
    first = library_neighbourhood(catalogue, data, MUSICNN)
    folder = next(data.index.glob(f"{MUSICNN}.*"))
    assert stored_revision(folder) == revision(catalogue)
    again = library_neighbourhood(catalogue, data, MUSICNN)
    np.testing.assert_array_equal(first.index.ids, again.index.ids)


def test_a_removed_track_leaves_the_index(library):
    data, catalogue = library
    before = library_neighbourhood(catalogue, data, MUSICNN)
    name = find_seed(catalogue, "Hail")
    key = int(keys_of(catalogue, [name])[0])
    assert key in before.index.ids
    remove_tracks(catalogue, [name])
    after = library_neighbourhood(catalogue, data, MUSICNN)
    assert key not in after.index.ids
    assert len(after.index) == len(before.index) - 1


def test_replaced_vectors_make_the_index_anew(library, tmp_path):
    data, catalogue = library
    before = library_neighbourhood(catalogue, data, MUSICNN)
    keys, vectors = load_vectors(catalogue, MUSICNN)
    from segue.catalogue import track_ids, tracks

    paths = [str(track.paths[0]) for track in tracks(catalogue, track_ids(catalogue, keys))]
    file = tmp_path / "shuffled.npz"
    np.savez(file, names=np.array(paths), vectors=vectors[::-1], encoder=np.array(MUSICNN))
    import_library_vectors(data, file)
    after = library_neighbourhood(catalogue, data, MUSICNN)
    assert not np.allclose(before.index.vectors_of(keys), after.index.vectors_of(keys))
    assert len(list(data.index.glob(f"{MUSICNN}.*"))) == 1


def test_a_full_disk_costs_time_and_no_answer(library, monkeypatch):
    data, catalogue = library
    shutil.rmtree(data.index, ignore_errors=True)

    def full(*_, **__):
        raise DiskFull("no space left")

    monkeypatch.setattr(opening, "save_neighbourhood", full)
    assert len(library_neighbourhood(catalogue, data, MUSICNN).index) > 30
