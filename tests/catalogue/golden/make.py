"""Write the golden file of the present version beside this file; an old one is never written again."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from segue.audio import AudioInfo, Tags
from segue.catalogue import (
    Analysis,
    Catalogue,
    FileStat,
    HistorySource,
    Vote,
    add_credential,
    add_forwards,
    add_root,
    add_vote,
    artists,
    correct_matches,
    create_account,
    create_playlist,
    forget_paths,
    heard_table,
    import_listens,
    open_catalogue,
    rate,
    record_analysis,
    record_play,
    record_problem,
    record_recommended,
    set_connection,
    set_default_encoder,
    set_opinion,
    set_play_queue,
    set_settings,
    set_tag_names,
    star,
    stats,
    store_matches,
    track_table,
)
from segue.catalogue.rows import public_id
from segue.settings import DataFolder
from segue.types import EncoderId, Listen

_TEXT = ("album_artist", "date", "isrc", "composer", "conductor", "work", "movement")
_UNKNOWN: dict[str, Any] = dict.fromkeys(Tags.__dataclass_fields__) | {"genres": (), "has_cover": False}
TOY, OTHER = EncoderId("toy-1"), EncoderId("other-1")


def record(cat: Catalogue, path: str, payload: str, vector: list[float] | None, **tags: Any) -> None:
    """Record one made-up file."""
    place = Path(path)
    vectors = {} if vector is None else {TOY: np.array(vector, np.float32)}
    if payload == "b":
        vectors |= {OTHER: np.array([1, 2, 3], np.float32)}
    record_analysis(
        cat,
        Analysis(
            path=place,
            stat=FileStat(place, 1_000, 1_700_000_000_123_456_789),
            digest=hashlib.sha256(payload.encode()).hexdigest(),
            tags=Tags(**_UNKNOWN | tags),
            info=AudioInfo(200.5, 44_100, 2, "flac", 900_000),
            vectors=vectors,
            tag_probabilities={TOY: np.array([0.1, 0.9] if payload == "a" else [0.8, 0.2], np.float32)},
        ),
    )


def fill(cat: Catalogue) -> None:
    """Something of every kind."""
    add_root(cat, Path("/music"))
    set_tag_names(cat, TOY, ["rock", "female vocalists"])
    set_default_encoder(cat, TOY)
    joga = {
        "title": "Jóga",
        "artist": "Björk",
        "album": "Homogenic",
        "year": 1997,
        "genres": ("Electronic", "Art Pop"),
    }
    record(cat, "/music/b/joga.flac", "a", [0.5, 1.0], **joga)
    record(cat, "/music/c/joga copy.flac", "a", None, **joga)
    record(cat, "/music/z/1.flac", "b", [-0.25, 2.0], **{name: f"some {name}" for name in _TEXT}, bpm=120.5)
    record(cat, "/music/z/千本桜.flac", "c", [0.0, 3.0], title="千本桜", genres=("Electronic",))
    record(cat, "/music/gone.flac", "d", [9.0, 9.0], title="Gone")
    forget_paths(cat, [Path("/music/gone.flac")])
    for _ in range(2):
        record_problem(cat, FileStat(Path("/music/broken.mp3"), 10, 5), "truncated", "ends early")


def listen(cat: Catalogue) -> None:
    """A history of every kind."""
    joga, name = ("Björk", "Jóga", "Homogenic"), public_id(hashlib.sha256(b"a").digest())
    listens = (
        Listen(*joga, time_s=1_600_000_000, played_s=200.5, skipped=False),
        Listen(*joga, time_s=1_600_000_300),
        Listen("Nobody", "Known", time_s=1_600_000_600, count=0, skipped=True, path="/m/x.mp3"),
        Listen(*joga, kind="playlist"),
        Listen(*joga, kind="count", count=7, listener="Ann"),
    )
    import_listens(cat, [(HistorySource("golden", "/h/golden.json"), listens)])
    heard = heard_table(cat)
    nothing, rest = np.full(2, -1), np.zeros(2)
    store_matches(cat, heard.ids, nothing, np.ones(2, np.int8), rest, nothing, state="golden")
    correct_matches(cat, {int(heard.ids[0]): name})
    set_opinion(cat, *joga[:2], 1.0, album=joga[2])
    record_recommended(cat, "", "new", track_table(cat).keys[:1], 1_700_000_000.0)


def people(cat: Catalogue) -> None:
    """Two accounts, and all that one of them keeps."""
    create_account(cat, "Owner", "hash", is_admin=True)
    create_account(cat, "Zoë", "another hash", is_admin=False)
    set_settings(cat, "Zoë", {"theme": "dark"})
    add_credential(cat, "Zoë", "api-key", "script", hashlib.sha256(b"key").digest())
    set_connection(cat, "Zoë", "listenbrainz", b"sealed")
    add_forwards(cat, "Zoë", "listenbrainz", [{"title": "Jóga"}])
    first, second = (public_id(hashlib.sha256(payload).digest()) for payload in (b"a", b"d"))
    create_playlist(cat, "Zoë", "Tea", [first, second, first], comment="for two", is_public=True)
    star(cat, "Zoë", "track", [first], 1_700_000_000.0)
    rate(cat, "Zoë", "artist", artists(cat)[0].id, 4)
    set_play_queue(cat, "Zoë", [second, first], place=1, position_ms=1_500, changed_by="phone")
    add_vote(cat, Vote("Zoë", 1_700_000_000.0, first, "one", "other", 2))
    record_play(
        cat, "Zoë", int(track_table(cat).keys[0]), time_s=1_700_000_000, played_s=200.5, skipped=False
    )


def main() -> None:
    """Write ``vN.sqlite.gz`` beside this file."""
    with tempfile.TemporaryDirectory() as place:
        folder = DataFolder(Path(place))
        with open_catalogue(folder, write=True, create=True) as cat:
            fill(cat)
            listen(cat)
            people(cat)
            version = stats(cat).version
        target = Path(__file__).parent / f"v{version}.sqlite.gz"
        if target.exists():
            raise SystemExit(f"{target} is there already: a golden file is never made again")
        target.write_bytes(gzip.compress(folder.catalogue.read_bytes(), mtime=0))


if __name__ == "__main__":
    main()
