"""What a person types, and which tracks it means."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from segue.catalogue import (
    find_track,
    fold,
    forget_paths,
    record_analysis,
    search_tracks,
    set_default_encoder,
    set_tag_names,
)
from segue.errors import UsageError

LIBRARY: dict[str, dict[str, Any]] = {
    "joga": {"path": "Björk/Homogenic/02 Jóga.flac", "title": "Jóga", "artist": "Björk", "album": "Homogenic"}
    | {"year": 1997},
    "lucky": {"path": "dp/Get Lucky.mp3", "title": "Get Lucky (feat. Pharrell)", "artist": "Daft Punk"}
    | {"year": 2013},
    "hello1": {"path": "adele/hello.mp3", "title": "Hello", "artist": "Adele", "genres": ("Pop",)},
    "hello2": {"path": "lr/hello.mp3", "title": "Hello!", "artist": "Lionel", "genres": ("Soft Rock",)},
    "sakura": {"path": "jp/千本桜.opus", "title": "千本桜", "artist": "黒うさP feat. 初音ミク"},
    "dash": {"path": "x/dash.mp3", "title": "Anti-Hero - Acoustic", "artist": "Taylor – Swift"},
    "marks": {"path": "x/marks.mp3", "title": "???", "artist": "!!!"},
    "hindi": {"path": "x/hindi.mp3", "title": "तुम ही हो", "artist": "अरिजीत सिंह"},
    "seven": {"path": "x/7-4.mp3", "title": "7/4 (Shoreline)", "artist": "Broken Social Scene"},
    "winter": {"path": "x/winter.mp3", "title": "Gute Nacht", "artist": "Dieskau", "album": "Winterreise"}
    | {"composer": "Franz Schubert", "album_artist": "Gerald Moore"},
    "gone": {"path": "x/gone.mp3", "title": "Jóga", "artist": "Björk"},
}  # fmt: skip


@pytest.fixture
def ids(cat, heard):
    found = {
        name: record_analysis(
            cat, heard("/music/" + row["path"], name, **{k: v for k, v in row.items() if k != "path"})
        )
        for name, row in LIBRARY.items()
    }
    forget_paths(cat, [Path("/music/x/gone.mp3")])
    return found


@pytest.mark.parametrize(
    ("seed", "names", "kind"),
    [
        ("/music/dp/Get Lucky.mp3", ["lucky"], "path"),
        ("Homogenic/02 Jóga.flac", ["joga"], "path"),
        ("./dp/Get Lucky.mp3", ["lucky"], "path"),
        ("hello.mp3", ["hello1", "hello2"], "path"),
        ("Björk - Jóga", ["joga"], "artist-title"),
        ("bjork — joga", ["joga"], "artist-title"),
        ("Joga – Bjork", ["joga"], "artist-title"),
        ("adele - hello", ["hello1"], "artist-title"),
        ("taylor swift - anti hero - acoustic", ["dash"], "artist-title"),
        ("Taylor – Swift – Anti-Hero - Acoustic", ["dash"], "artist-title"),
        ("!!! - ???", ["marks"], "artist-title"),
        ("Gerald Moore - Gute Nacht", ["winter"], "artist-title"),
        ("HELLO", ["hello1", "hello2"], "title"),
        ("千本桜", ["sakura"], "title"),
        ("7/4 Shoreline", ["seven"], "title"),
        ("本桜", ["sakura"], "title-part"),
        ("get luck", ["lucky"], "title-part"),
        ("horelin", ["seven"], "title-part"),
        ("अरिजीत सिंह", ["hindi"], "words"),
        ("तुम", ["hindi"], "title-part"),
        ("daft lucky", ["lucky"], "words"),
        ("Daft Punk - Get Lucky", ["lucky"], "words"),
        ("初音 千本", ["sakura"], "words"),
        ("schubert nacht", ["winter"], "words"),
        ("nothing like it", [], "nothing"),
        ("", [], "nothing"),
        ("   ", [], "nothing"),
        ('"', [], "nothing"),
        ("%", [], "nothing"),
        ("title:hello OR (", [], "nothing"),
        ("/", [], "nothing"),
        ("~nobody-of-this-name/x.mp3", [], "nothing"),
        ("a\0b/c.mp3", [], "nothing"),
        ("x" * 100_000 + "/y.mp3", [], "nothing"),
    ],
)
def test_find(cat, ids, seed, names, kind):
    match = find_track(cat, seed)
    assert sorted(match.ids) == sorted(ids[name] for name in names)
    assert match.kind == kind
    assert match.exact == (kind in {"id", "path", "artist-title", "title"})


def test_find_by_id_but_not_what_is_gone(cat, ids):
    assert find_track(cat, ids["joga"]).ids == (ids["joga"],)
    assert find_track(cat, f" {ids['joga'].upper()} ").kind == "id"
    assert find_track(cat, ids["gone"]).ids == ()


def test_find_a_path_from_the_working_folder_and_one_that_is_not_utf8(cat, heard, tmp_path, monkeypatch):
    raw = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.mp3"))
    names = [record_analysis(cat, heard(tmp_path / "a" / "x.mp3", 1)), record_analysis(cat, heard(raw, 2))]
    monkeypatch.chdir(tmp_path)
    assert find_track(cat, "a/../a/x.mp3").ids == (names[0],)
    assert find_track(cat, os.fspath(raw)).ids == find_track(cat, raw.name).ids == (names[1],)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert find_track(cat, "link/x.mp3").ids == (names[0],)


def search(cat, ids, *args, **options):
    by_id = {value: name for name, value in ids.items()}
    return [by_id[found.id] for found in search_tracks(cat, *args, **options)]


def test_search_combines_everything(cat, ids):
    assert search(cat, ids, "hello") == ["hello1", "hello2"]
    assert search(cat, ids, "hel") == ["hello1", "hello2"]
    assert search(cat, ids, "ello") == ["hello1", "hello2"]  # no word begins so: a part of one
    assert search(cat, ids, "hello", genre="rock") == ["hello2"]
    assert search(cat, ids, genre="roc") == []
    assert search(cat, ids, artist="bjork") == ["joga"]
    assert search(cat, ids, artist="moore") == ["winter"]
    assert search(cat, ids, album="genic") == ["joga"]
    assert search(cat, ids, years=(2000, None)) == ["lucky"]
    assert search(cat, ids, years=(None, 2000)) == ["joga"]
    assert search(cat, ids, years=(1997, 1997), text="björk") == ["joga"]
    assert search(cat, ids, "うさ") == ["sakura"]
    assert search(cat, ids, "ミク") == ["sakura"]
    assert search(cat, ids, "!!!") == ["marks"]
    assert len(search(cat, ids)) == len(LIBRARY) - 1
    assert len(search(cat, ids, limit=2)) == 2
    assert search(cat, ids, 'x" OR "hello') == []


def test_search_by_what_is_heard(cat, heard):
    names = {}
    set_tag_names(cat, "toy-1", ["rock", "female vocalists"])
    for n, values in enumerate([(0.9, 0.0), (0.2, 0.3), (0.05, 0.8), (1.0, 0.0999)]):
        names[f"t{n}"] = record_analysis(
            cat, heard(f"/m/{n}.mp3", n, title=f"Song {n}", probabilities={"toy-1": values})
        )
    assert search(cat, names, tag="Female-Vocalists") == ["t2", "t1"]
    assert search(cat, names, tag="rock") == ["t3", "t0", "t1"]
    assert search(cat, names, tag="rock", least=0.5) == ["t3", "t0"]
    assert search(cat, names, tag="rock", least=0.0, limit=9) == ["t3", "t0", "t1", "t2"]
    assert search(cat, names, "song", tag="rock", least=0.5) == ["t3", "t0"]
    assert search(cat, names, "song 0", tag="rock", artist="somebody") == ["t0"]
    with pytest.raises(UsageError, match="hears “waltz”: choose one of: female vocalists, rock"):
        search_tracks(cat, tag="waltz")
    set_tag_names(cat, "toy-2", ["rock"])
    assert search(cat, names, tag="rock")[:1] == ["t3"]
    set_default_encoder(cat, "toy-2")
    assert search(cat, names, tag="rock") == []


def test_search_without_any_tags_says_what_to_do(cat):
    with pytest.raises(UsageError, match="scan with an encoder"):
        search_tracks(cat, tag="rock")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (None, ""), ("", ""), ("Mötley Crüe", "motley crue"), ("Ænima", "aenima"), ("Straße", "strasse"),
        ("Øresund Łódź", "oresund lodz"), ("ＡＢＣ　１２３", "abc 123"), ("がガ", "がガ"),
        ("한국어", "한국어"), ("हिन्दी", "हिन्दी"), ("...", "..."), ("P!nk", "p nk"), ("Ke$ha", "ke ha"),
        ("Guns N' Roses", "guns n roses"), ("snake_case", "snake case"), ("Жёлтый", "желтыи"),
        ("I", "i"), ("Éé", "ee"),
    ],
)  # fmt: skip
def test_fold(text, folded):
    assert fold(text) == folded
    assert fold(folded) == folded
