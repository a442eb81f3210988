"""What a person said of a track is shown with it, to that person alone."""

from __future__ import annotations

import shutil

from segue.catalogue import judge_track, open_catalogue, said_of, tracks_page
from segue.settings import DataFolder


def test_what_was_said_is_told(demo, tmp_path):
    shutil.copytree(demo.data, tmp_path / "data")
    with open_catalogue(DataFolder(tmp_path / "data"), write=True) as catalogue:
        one, other, third = (track.id for track in tracks_page(catalogue, limit=3))
        judge_track(catalogue, "ann", one, -1.0)
        judge_track(catalogue, "ann", other, 1.0)
        judge_track(catalogue, "bob", third, -1.0)
        assert said_of(catalogue, "ann", [one, other, third]) == {one: -1.0, other: 1.0}
        judge_track(catalogue, "ann", one, None)
        assert said_of(catalogue, "ann", [one, other]) == {other: 1.0}
        assert said_of(catalogue, "nobody", [one]) == {}
