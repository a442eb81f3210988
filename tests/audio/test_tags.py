"""Tags of every format under one set of names."""

from __future__ import annotations

import base64
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.audio import Tags, read_cover, read_tags

Maker = Callable[..., Path]

RECORDING = "b1a9c0e9-d987-4042-ae91-78d6a3267d69"
ARTIST = "a74b1b7f-71a5-4011-9441-d0b5e4122711"
RELEASE = "1f1c4d5e-0000-4000-8000-000000000001"
GROUP = "1f1c4d5e-0000-4000-8000-000000000002"
COVER = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40

FULL = Tags(
    title="Träumerei",
    artist="Clara Haskil",
    album_artist="Various Players",
    album="Kinderszenen",
    track_number=7,
    disc_number=2,
    date="1955-05-03",
    year=1955,
    genres=("Classical", "Piano"),
    bpm=66.0,
    isrc="DEF059900123",
    musicbrainz_recording_id=RECORDING,
    musicbrainz_artist_id=ARTIST,
    musicbrainz_release_id=RELEASE,
    musicbrainz_release_group_id=GROUP,
    replaygain_track_gain_db=-6.5,
    replaygain_track_peak=0.98,
    replaygain_album_gain_db=-7.25,
    replaygain_album_peak=1.02,
    has_cover=True,
    composer="Robert Schumann",
    conductor="Nobody",
    work="Kinderszenen, Op. 15",
    movement="VII. Träumerei",
)

_COMMENTS = {
    "title": "Träumerei",
    "artist": "Clara Haskil",
    "albumartist": "Various Players",
    "album": "Kinderszenen",
    "tracknumber": "7/13",
    "discnumber": "2",
    "date": "1955-05-03",
    "genre": ["Classical", "Piano"],
    "bpm": "66",
    "isrc": "DE-F05-99-00123",
    "musicbrainz_trackid": RECORDING,
    "musicbrainz_artistid": ARTIST,
    "musicbrainz_albumid": RELEASE,
    "musicbrainz_releasegroupid": GROUP.upper(),
    "replaygain_track_gain": "-6.50 dB",
    "replaygain_track_peak": "0.980000",
    "replaygain_album_gain": "-7,25 dB",
    "replaygain_album_peak": "1.02",
    "composer": "Robert Schumann",
    "conductor": "Nobody",
    "work": "Kinderszenen, Op. 15",
    "movementname": "VII. Träumerei",
}


def _id3_frames(tags: Any) -> None:
    from mutagen import id3

    texts = {
        "TIT2": "title",
        "TPE1": "artist",
        "TPE2": "albumartist",
        "TALB": "album",
        "TRCK": "tracknumber",
        "TPOS": "discnumber",
        "TDRC": "date",
        "TCON": "genre",
        "TBPM": "bpm",
        "TSRC": "isrc",
        "TCOM": "composer",
        "TPE3": "conductor",
        "MVNM": "movementname",
    }
    for frame, key in texts.items():
        value = _COMMENTS[key]
        tags.add(getattr(id3, frame)(1, value if isinstance(value, list) else [value]))
    frees = {
        "MusicBrainz Artist Id": ARTIST,
        "MusicBrainz Album Id": RELEASE,
        "MusicBrainz Release Group Id": GROUP,
        "replaygain_track_gain": "-6.50 dB",
        "REPLAYGAIN_TRACK_PEAK": "0.98",
        "WORK": "Kinderszenen, Op. 15",
    }
    for key, value in frees.items():
        tags.add(id3.TXXX(1, key, [value]))
    tags.add(id3.UFID("http://musicbrainz.org", RECORDING.encode()))
    tags.add(id3.RVA2("album", 1, -7.25, 1.02))
    tags.add(id3.APIC(0, "image/png", 3, "", COVER))


def _write(path: Path) -> None:
    import mutagen
    from mutagen import aiff, apev2, asf, flac, id3, mp4, wave

    if path.suffix in (".mp3", ".aac", ".tta"):
        tags = id3.ID3()
        _id3_frames(tags)
        tags.save(path)
    elif path.suffix in (".wav", ".aiff"):
        file = (wave.WAVE if path.suffix == ".wav" else aiff.AIFF)(path)
        file.add_tags()
        _id3_frames(file.tags)
        file.save()
    elif path.suffix in (".flac", ".ogg", ".opus"):
        file = mutagen.File(path)
        for key, value in _COMMENTS.items():
            file[key] = value
        picture = flac.Picture()
        picture.type, picture.mime, picture.data = 3, "image/png", COVER
        if path.suffix == ".flac":
            file.add_picture(picture)
        else:
            file["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
        file.save()
    elif path.suffix == ".wv":
        ape = apev2.APEv2()
        for key, value in _COMMENTS.items():
            ape[{"tracknumber": "Track", "discnumber": "Disc", "date": "Year"}.get(key, key)] = value
        ape["Cover Art (Front)"] = apev2.APEValue(b"cover.png\0" + COVER, apev2.BINARY)
        ape.save(path)
    elif path.suffix == ".m4a":
        file = mp4.MP4(path)
        names = {
            "title": "\xa9nam",
            "artist": "\xa9ART",
            "albumartist": "aART",
            "album": "\xa9alb",
            "date": "\xa9day",
            "genre": "\xa9gen",
            "composer": "\xa9wrt",
            "work": "\xa9wrk",
            "movementname": "\xa9mvn",
        }
        file["trkn"], file["disk"], file["tmpo"] = [(7, 13)], [(2, 2)], [66]
        file["covr"] = [mp4.MP4Cover(COVER, mp4.MP4Cover.FORMAT_PNG)]
        picard = {
            "musicbrainz_trackid": "MusicBrainz Track Id",
            "musicbrainz_artistid": "MusicBrainz Artist Id",
            "musicbrainz_albumid": "MusicBrainz Album Id",
            "musicbrainz_releasegroupid": "MusicBrainz Release Group Id",
        }
        for key, value in _COMMENTS.items():
            if key in names:
                file[names[key]] = value if isinstance(value, list) else [value]
            elif key not in ("tracknumber", "discnumber", "bpm"):
                file[f"----:com.apple.iTunes:{picard.get(key, key)}"] = [str(value).encode()]
        file.save()
    else:
        file = asf.ASF(path)
        names = {
            "title": "Title",
            "artist": "Author",
            "albumartist": "WM/AlbumArtist",
            "album": "WM/AlbumTitle",
            "tracknumber": "WM/TrackNumber",
            "discnumber": "WM/PartOfSet",
            "date": "WM/Year",
            "genre": "WM/Genre",
            "bpm": "WM/BeatsPerMinute",
            "isrc": "WM/ISRC",
            "composer": "WM/Composer",
            "conductor": "WM/Conductor",
            "work": "WM/Work",
            "musicbrainz_trackid": "MusicBrainz/Track Id",
            "musicbrainz_artistid": "MusicBrainz/Artist Id",
            "musicbrainz_albumid": "MusicBrainz/Album Id",
            "musicbrainz_releasegroupid": "MusicBrainz/Release Group Id",
        }
        for key, value in _COMMENTS.items():
            file[names.get(key, key)] = value
        kinds = b"\x03" + len(COVER).to_bytes(4, "little") + "image/png\0\0".encode("utf-16-le")
        file["WM/Picture"] = [asf.ASFByteArrayAttribute(kinds + COVER)]
        file.save()


@pytest.mark.parametrize(
    "kind", ["mp3", "wav", "aiff", "flac", "vorbis", "opus", "aac", "wma", "wavpack", "adts"]
)
def test_every_format_says_the_same(make: Maker, kind: str) -> None:
    path = make(kind, 1.5)
    _write(path)
    assert read_tags(path) == FULL
    cover = read_cover(path)
    assert cover is not None
    assert (cover.mime, cover.data) == ("image/png", COVER)


def test_id3_of_version_3(make: Maker) -> None:
    from mutagen.id3 import ID3

    path = make("mp3", 1.5)
    tags = ID3()
    _id3_frames(tags)
    tags.update_to_v23()
    tags.save(path, v2_version=3)
    read = read_tags(path)
    assert (read.title, read.year, read.genres) == ("Träumerei", 1955, ("Classical", "Piano"))
    assert read.musicbrainz_recording_id == RECORDING


def test_id3_of_version_2(make: Maker) -> None:
    path = make("mp3", 1.5)
    frames = b""
    for name, body in (
        (b"TT2", b"\0Old title"),
        (b"TP1", b"\0Old artist"),
        (b"TYE", b"\x001987"),
        (b"TCO", b"\0(17)"),
        (b"PIC", b"\0PNG\x03\0" + COVER),
    ):
        frames += name + len(body).to_bytes(3, "big") + body
    size = bytes(len(frames) >> shift & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\x02\0\0" + size + frames + path.read_bytes())
    tags = read_tags(path)
    assert (tags.title, tags.artist, tags.year, tags.genres) == ("Old title", "Old artist", 1987, ("Rock",))
    assert tags.has_cover
    cover = read_cover(path)
    assert cover is not None
    assert cover.data == COVER


def test_id3_of_version_1(make: Maker) -> None:
    path = make("mp3", 1.5)
    tail = (
        b"TAG" + b"Title".ljust(30, b"\0") + b"Artist".ljust(30) + b"\0" * 30 + b"1999" + b"\0" * 30 + b"\x11"
    )
    path.write_bytes(path.read_bytes() + tail)
    tags = read_tags(path)
    assert (tags.title, tags.artist, tags.year, tags.genres) == ("Title", "Artist", 1999, ("Rock",))


def test_riff_info(make: Maker) -> None:
    path = make("wav", 1.5)
    info = b"INFO" + b"INAM\x06\0\0\0Title\0" + b"IART\x07\0\0\0B\xe9la B\0\0" + b"IGNR\x05\0\0\0Folk\0\0"
    path.write_bytes(path.read_bytes() + b"LIST" + len(info).to_bytes(4, "little") + info)
    tags = read_tags(path)
    assert (tags.title, tags.artist, tags.genres) == ("Title", "Béla B", ("Folk",))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["Rock; Pop"], ("Rock", "Pop")),
        (["Rock / Pop"], ("Rock", "Pop")),
        (["R&B/Soul"], ("R&B/Soul",)),
        (["Rock", "rock", "Pop"], ("Rock", "Pop")),
        ([" ;; "], ()),
    ],
)
def test_genres(make: Maker, written: list[str], read: tuple[str, ...]) -> None:
    import mutagen

    path = make("flac", 1.5)
    file = mutagen.File(path)
    file["genre"] = written
    file.save()
    assert read_tags(path).genres == read


def test_numeric_genres(make: Maker) -> None:
    from mutagen.id3 import ID3, TCON

    path = make("mp3", 1.5)
    tags = ID3()
    tags.add(TCON(3, ["(17)(9)Own"]))
    tags.save(path)
    assert read_tags(path).genres == ("Rock", "Metal", "Own")


def test_opus_gain(make: Maker) -> None:
    import mutagen

    path = make("opus", 1.5)
    file = mutagen.File(path)
    file["R128_TRACK_GAIN"] = ["-512"]
    file.save()
    assert read_tags(path).replaygain_track_gain_db == 3.0


def test_nonsense_is_left_out(make: Maker) -> None:
    import mutagen

    path = make("flac", 1.5, name="05 - Some One - A Song.flac")
    file = mutagen.File(path)
    for key, value in {
        "title": "\0\x07  ",
        "artist": "A\0B\x1b[31m",
        "album": "x" * 5000,
        "tracknumber": "A1",
        "date": "sometime",
        "bpm": "nan",
        "isrc": "none",
        "musicbrainz_trackid": "not-an-id",
        "replaygain_track_gain": "inf dB",
        "replaygain_track_peak": "1e999",
    }.items():
        file[key] = [value]
    file.save()
    tags = read_tags(path)
    assert (tags.title, tags.artist, tags.track_number) == ("A Song", "A B [31m", 5)
    assert tags.album == "x" * 1000
    assert (tags.date, tags.year, tags.bpm, tags.isrc) == ("sometime", None, None, None)
    assert tags.musicbrainz_recording_id is None
    assert (tags.replaygain_track_gain_db, tags.replaygain_track_peak) == (None, 1.0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("03 - Artist - Title.mp3", ("Title", "Artist", None, 3)),
        ("Artist - Title.mp3", ("Title", "Artist", None, None)),
        ("Artist - Album - 03 - Title.mp3", ("Title", "Artist", "Album", 3)),
        ("Artist/Album/03 Title.mp3", ("Title", "Artist", "Album", 3)),
        ("Artist/Album/CD2/03. Title.mp3", ("Title", "Artist", "Album", 3)),
        ("music/03_Title_of_it.mp3", ("Title of it", None, None, 3)),
        ("just_a_name.mp3", ("just a name", None, None, None)),
        ("1999.mp3", ("1999", None, None, None)),
        ("99 Luftballons.mp3", ("Luftballons", None, None, 99)),
        ("03.mp3", ("03", None, None, None)),
        (" .mp3", (".mp3", None, None, None)),
    ],
)
def test_untagged(make: Maker, tmp_path: Path, name: str, expected: tuple[Any, ...]) -> None:
    path = tmp_path / "music" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    make("wav", 1.0).rename(path)
    tags = read_tags(path)
    assert (tags.title, tags.artist, tags.album, tags.track_number) == expected


@pytest.mark.parametrize("kind", ["mp3", "flac", "vorbis", "aac"])
def test_a_tag_of_50_mb(make: Maker, kind: str) -> None:
    import mutagen
    from mutagen import flac, id3, mp4

    path = make(kind, 1.5)
    big = bytes(50_000_000)
    if kind == "mp3":
        tags = id3.ID3()
        tags.add(id3.TIT2(3, ["Title"]))
        tags.add(id3.APIC(3, "image/jpeg", 3, "", big))
        tags.add(id3.TPE1(3, ["Artist"]))
        tags.save(path)
    elif kind == "flac":
        file = flac.FLAC(path)
        for _ in range(4):
            picture = flac.Picture()
            picture.data = big[: 1 << 23]
            file.add_picture(picture)
        file["title"], file["artist"] = "Title", "Artist"
        file.save()
    elif kind == "vorbis":
        file = mutagen.File(path)
        file["title"], file["artist"], file["lyrics"] = "Title", "Artist", "la" * 10_000_000
        file.save()
    else:
        file = mp4.MP4(path)
        file["\xa9nam"], file["\xa9ART"], file["covr"] = ["Title"], ["Artist"], [mp4.MP4Cover(big)]
        file.save()
    del big
    tracemalloc.start()
    began = time.process_time()
    read = read_tags(path)
    taken_s = time.process_time() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (read.title, read.artist, read.has_cover) == ("Title", "Artist", kind != "vorbis")
    assert taken_s < 1.0
    # Pictures in MP4 are copied twice while they are parsed; in the others they are not read.
    assert peak < 160e6


@pytest.mark.parametrize("kind", ["mp3", "wav", "flac", "vorbis", "opus", "aac", "wma", "wavpack"])
def test_damaged_tags_never_raise(make: Maker, kind: str) -> None:
    path = make(kind, 1.5)
    _write(path)
    good = path.read_bytes()
    spots = [at for at in range(len(good)) if at < 14_000 or at > len(good) - 300]
    positions = st.lists(st.tuples(st.sampled_from(spots), st.integers(0, 255)), min_size=1, max_size=12)

    @given(positions, st.integers(1, len(good)))
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def damage(changes: list[tuple[int, int]], length: int) -> None:
        data = bytearray(good)
        for at, value in changes:
            data[at] = value
        if length % 3 == 0:
            del data[length:]
        path.write_bytes(data)
        tags = read_tags(path)
        assert tags.title
        assert all(ord(character) >= 32 for character in tags.title)
        read_cover(path)

    damage()


def test_real_files(shared: Path) -> None:
    folder = shared / "data" / "originals"
    tags = read_tags(folder / "emotify-classical-44.mp3")
    assert (tags.artist, tags.year, tags.genres) == ("Altri Stromenti", 2007, ("Classical",))
    assert read_tags(folder / "free-mars-06_starfall.ogg").album == "Angelic Asylum"
    for path in folder.iterdir():
        assert read_tags(path).title
