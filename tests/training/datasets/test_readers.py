"""Each reader on a small folder of its shape."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import soundfile
from pyarrow import parquet

from segue.audio import AudioInfo, Tags
from segue.catalogue import Track
from segue.encoders.fma518 import FMA518_COLUMNS
from segue.errors import UsageError
from segue.training.datasets import Dataset, open_dataset, reader_names
from segue.training.datasets.emotify import EMOTIONS
from segue.training.datasets.library import dataset_of_library
from segue.training.datasets.playlists import ATTRIBUTES
from segue.types import TrackId


def _table(file: Path, rows: Iterable[Sequence[object]], separator: str = ",") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=separator).writerows(rows)
    return file


def _touch(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def _classes(dataset: Dataset, name: str = "genre") -> list[str]:
    target = dataset.target(name)
    return [target.names[value] if value >= 0 else "" for value in target.values]


def _tags(dataset: Dataset, name: str) -> list[set[str]]:
    target = dataset.target(name)
    return [
        {tag for tag, value in zip(target.names, row, strict=True) if value == 1} for row in target.values
    ]


@pytest.mark.parametrize("place", ["", "genres", "genres_original", "Data/genres_original"])
def test_gtzan_as_folders(tmp_path: Path, place: str) -> None:
    root = tmp_path / place
    _touch(root / "blues/blues.00000.wav", root / "blues/blues.00001.au", root / "rock/rock.00000.wav")
    _touch(root / "blues/notes.txt", root / "rock/other.wav")
    dataset = open_dataset(tmp_path, reader="gtzan")
    assert _classes(dataset) == ["blues", "blues", "rock"]
    assert dataset.tracks[2] == f"{place}/rock/rock.00000.wav".lstrip("/")
    assert "nothing apart" in dataset.notes[0]


def test_gtzan_with_a_table(tmp_path: Path) -> None:
    head = ["file", "genre", "artist", "title", "dropped_by_fault_filter", "recording_key"]
    rows = [
        ["blues.00000.ogg", "blues", "X", "One", "0", "7.0"],
        ["blues.00001.ogg", "blues", "X", "One again", "0", "7.0"],
        ["rock.00000.ogg", "rock", "", "", "1", ""],
        ["rock.00001.ogg", "rock", "Y", "Two", "0", ""],
    ]
    _table(tmp_path / "tracks.csv", [head, *rows])
    for number, row in enumerate(rows):
        soundfile.write(tmp_path / row[0], np.full(800, number / 9), 8000)
    dataset = open_dataset(tmp_path)
    assert list(dataset.targets) == ["genre", "artist"] and len(dataset) == 4
    assert dataset.recordings == ("7.0", "7.0", "", "")
    sound = open_dataset(tmp_path, without_faults=True)
    assert sound.tracks == ("blues.00000.ogg", "rock.00001.ogg")


def test_gtzan_attributes(tmp_path: Path) -> None:
    head = ["filename", "length", "tempo", "rms_mean", "label"]
    rows = [["blues.00000.au", 661794, 123.0, 0.1, "blues"], ["pop.00003.au", 661794, 99.5, 0.2, "pop"]]
    _table(tmp_path / "features_30_sec.csv", [head, *rows])
    dataset = open_dataset(tmp_path)
    assert dataset.tracks == ("blues.00000", "pop.00003") and dataset.audio == ()
    assert np.allclose(dataset.vectors["attributes"], [[123.0, 0.1], [99.5, 0.2]])
    _table(tmp_path / "index.csv", [["clip", "artist", "recording_key"], ["pop.00003", "Z", "5"]])
    assert open_dataset(tmp_path).artists == ("", "Z")
    _table(tmp_path / "features_30_sec.csv", [head, ["pop.00003.au", 1, "fast", 0.2, "pop"]])
    with pytest.raises(UsageError, match=r"pop\.00003 has an attribute that is no number"):
        open_dataset(tmp_path)


def test_emotify(tmp_path: Path) -> None:
    head = ["file", "artist", "album", "title", "genre", *EMOTIONS, "raters"]
    shares = [number / 10 for number in range(9)]
    rows = [["a.mp3", "X", "Al", "T", "pop", *shares, 12], ["b.mp3", "Y", "", "", "rock", *["?"] * 9, 3]]
    _table(tmp_path / "tracks.csv", [head, *rows])
    _touch(tmp_path / "a.mp3", tmp_path / "b.mp3")
    dataset = open_dataset(tmp_path)
    mood = dataset.target("mood")
    assert mood.names == EMOTIONS and np.allclose(mood.values[0], shares)
    assert mood.known.tolist() == [True, False] and _classes(dataset) == ["pop", "rock"]


@pytest.mark.parametrize("metadata", ["", "fma_metadata"])
def test_fma(tmp_path: Path, metadata: str) -> None:
    columns = [("album", "title"), ("artist", "name"), ("track", "genre_top"), ("track", "genres_all")]
    columns.append(("track", "title"))
    head = [["", *(upper for upper, _ in columns)], ["", *(lower for _, lower in columns)]]
    rows = [
        [2, "Way", "AWOL", "Hip-Hop", "[21]", "Food"],
        [5, "Way", "AWOL", "", "[21, 45]", "Line\nbreak"],
        [140, "Other", "Nicky", "Rock", "[]", "Gone"],
    ]
    place = tmp_path / metadata
    _table(place / "tracks.csv", [*head, ["track_id", *[""] * 5], *rows])
    genres = [["genre_id", "#tracks", "parent", "title", "top_level"], [21, 9, 0, "Hip-Hop", 21]]
    _table(place / "genres.csv", genres)
    dataset = open_dataset(tmp_path)
    assert dataset.audio == () and "no audio: looked for fma_full" in dataset.notes[0]
    assert dataset.tracks == ("2", "5", "140") and _classes(dataset) == ["Hip-Hop", "", "Rock"]
    assert _tags(dataset, "genres") == [{"Hip-Hop"}, {"Hip-Hop", "genre 45"}, set()]
    _touch(tmp_path / "fma_small/000/000002.mp3", tmp_path / "fma_medium/000/000005.mp3")
    dataset = open_dataset(tmp_path)
    assert [path.name for path in dataset.audio] == ["000002.mp3", "000005.mp3"]
    assert "1 of 3 audio files are missing" in dataset.notes[0]


def _features(file: Path, columns: Sequence[tuple[str, ...]]) -> None:
    names = zip(("feature", "statistics", "number"), zip(*columns, strict=True), strict=True)
    values = [[number, *np.arange(518) + number] for number in (2, 3)]
    _table(file, [*([name, *row] for name, row in names), ["track_id", *[""] * 518], *values])


def test_the_descriptors_of_fma(tmp_path: Path) -> None:
    head = [["", "track", "track", "artist", "album", "track"]]
    head.append(["", "title", "genre_top", "name", "title", "genres_all"])
    rows = [[number, "T", "Rock", "A", "B", "[]"] for number in (2, 3, 4)]
    _table(tmp_path / "tracks.csv", [*head, ["track_id", *[""] * 5], *rows])
    _features(tmp_path / "features.csv", FMA518_COLUMNS)
    dataset = open_dataset(tmp_path)
    assert dataset.tracks == ("2", "3") and dataset.vectors["fma518"][1, 517] == 520
    _features(tmp_path / "features.csv", FMA518_COLUMNS[::-1])
    with pytest.raises(UsageError, match="other columns than FMA's 518 descriptors"):
        open_dataset(tmp_path)


def test_mtg_jamendo(tmp_path: Path) -> None:
    head = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID", "PATH", "DURATION", "TAGS"]
    rows = [
        ["track_0000948", "artist_05", "album_09", "48/948.mp3", 212.7, "genre---rock", "mood/theme---sad"],
        ["track_0001000", "artist_05", "album_10", "00/1000.mp3", 61.0, "instrument---piano"],
    ]
    _table(tmp_path / "data/autotagging.tsv", [head, *rows], "\t")
    _touch(tmp_path / "48/948.low.mp3", tmp_path / "audio/00/1000.mp3")
    dataset = open_dataset(tmp_path)
    assert [path.name for path in dataset.audio] == ["948.low.mp3", "1000.mp3"]
    assert _tags(dataset, "genres") == [{"rock"}, set()]
    assert dataset.target("moods").known.tolist() == [True, False]
    assert _tags(dataset, "tags")[1] == {"instrument---piano"}
    assert dataset.artists == ("artist_05", "artist_05")


def test_magnatagatune(tmp_path: Path) -> None:
    rows = [[2, 1, 0, "f/a-0-29.mp3"], [6, 0, 0, "f/a-29-58.mp3"], [7, 0, 1, "c/b-0-29.mp3"]]
    head = ["clip_id", "no voice", "rock", "mp3_path"]
    _table(tmp_path / "annotations_final.csv", [head, *rows], "\t")
    info = [["clip_id", "track_number", "title", "artist", "album", "original_url", "mp3_path"]]
    info += [[2, 1, "S", "X", "L", "http://a", "f/a-0-29.mp3"], [6, 1, "S", "X", "L", "http://a", "…"]]
    _table(tmp_path / "clip_info_final.csv", info, "\t")
    _touch(*(tmp_path / "mp3" / str(row[3]) for row in rows))
    dataset = open_dataset(tmp_path)
    assert _tags(dataset, "tags") == [{"no voice"}, set(), {"rock"}]
    assert dataset.target("all-tags").known.all()
    assert dataset.albums == ("L", "L", "") and dataset.artists == ("X", "X", "")


def test_playlists(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"track": [4, 5], "name": ["A", "B"], "artist": ["X", None]}
    columns |= {name: [0.5, 1.0] for name in ATTRIBUTES} | {"song": [9, 9]}
    parquet.write_table(pa.table(columns), tmp_path / "tracks.parquet")
    parquet.write_table(pa.table({"listener": [0], "track": [4], "plays": [1]}), tmp_path / "plays.parquet")
    dataset = open_dataset(tmp_path)
    assert dataset.tracks == ("4", "5") and dataset.artists == ("X", "")
    assert dataset.recordings == ("9", "9") and dataset.vectors["attributes"].shape == (2, 12)
    columns["tempo"] = [None, 120.0]
    parquet.write_table(pa.table(columns), tmp_path / "tracks.parquet")
    assert open_dataset(tmp_path).tracks == ("5",)
    (tmp_path / "tracks.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(UsageError, match=r"tracks\.parquet cannot be read"):
        open_dataset(tmp_path)


def test_a_folder_for_each_genre(tmp_path: Path) -> None:
    _touch(tmp_path / "Jazz/b/two.mp3", tmp_path / "Jazz/readme.txt", tmp_path / "Folk/one.FLAC")
    _touch(tmp_path / ".hidden/three.mp3", tmp_path / "Jazz/.four.mp3")
    dataset = open_dataset(tmp_path)
    assert dataset.tracks == ("Folk/one.FLAC", "Jazz/b/two.mp3") and _classes(dataset) == ["Folk", "Jazz"]


def test_artists_of_genre_folders_come_from_tags(tmp_path: Path) -> None:
    from mutagen.flac import FLAC

    for genre in ("Folk", "Jazz"):
        (tmp_path / genre).mkdir()
        soundfile.write(tmp_path / genre / "one.flac", np.zeros(800), 8000)
    tags = FLAC(tmp_path / "Jazz/one.flac")
    tags.update({"artist": "Ada Finch", "album": "Three", "title": "One"})
    tags.save()
    dataset = open_dataset(tmp_path)
    assert dataset.artists == ("", "Ada Finch") and dataset.albums == ("", "Three")


def test_the_library_of_the_user(tmp_path: Path) -> None:
    here = tmp_path / "a.mp3"
    here.touch()

    def track(name: str, tags: Tags, *paths: Path) -> Track:
        info = AudioInfo(10.0, 44100, 2, "mp3", None)
        return Track(
            id=TrackId(name),
            key=1,
            digest="",
            tags=tags,
            duration_s=info.duration_s,
            sample_rate=info.sample_rate,
            channels=info.channels,
            codec=info.codec,
            bitrate_bps=None,
            paths=paths,
            added_at=0.0,
        )

    tracks = [
        track("t1", Tags(artist="X", genres=("Hip  Hop", "Pop")), here),
        track("t2", Tags(artist="X", genres=("hip hop",)), here),
        track("t3", Tags()),
        track("t4", Tags(), here),
    ]
    dataset = dataset_of_library(tracks)
    assert dataset.tracks == ("t1", "t2", "t4") and _classes(dataset) == ["hip hop", "hip hop", ""]
    assert _tags(dataset, "genres")[0] == {"hip hop", "pop"} and dataset.target("artist").names == ("X",)


def test_a_folder_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"looked for .*autotagging\.tsv \(mtg-jamendo\)"):
        open_dataset(tmp_path)
    with pytest.raises(UsageError, match=r"is not of the shape of emotify: looked for tracks\.csv with"):
        open_dataset(tmp_path, reader="emotify")
    with pytest.raises(UsageError, match="did you mean emotify"):
        open_dataset(tmp_path, reader="emotfy")
    with pytest.raises(UsageError, match="there are fma, mtg-jamendo"):
        open_dataset(tmp_path, reader="x")
    with pytest.raises(UsageError, match="is not a folder"):
        open_dataset(tmp_path / "nowhere")
    assert {"gtzan", "fma", "emotify", "csv", "playlists"} <= set(reader_names())


def test_the_data_sets_at_hand(shared: Path) -> None:
    gtzan = open_dataset(shared / "data/gtzan")
    assert len(gtzan) == 499 and len(gtzan.target("genre").names) == 10
    assert gtzan.artists.count("Bob Marley") == 27
    assert len(open_dataset(shared / "data/gtzan-attributes").vectors["attributes"][0]) == 57
    assert len(open_dataset(shared / "data/emotify").target("genre").names) == 4
    assert open_dataset(shared / "data/fma").target("genres").kind == "tags"
    assert open_dataset(shared / "data/free-music").target("artist").names
