"""A cover is found where people keep it and comes out small, upright and harmless."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segue.audio import Tags
from segue.catalogue import Track
from segue.errors import NothingFound, SegueError
from segue.operations import covers
from segue.operations.covers import cover
from segue.operations.media import placeholder_cover, placeholder_png
from segue.operations.pictures import BrokenPicture, initials, thumbnail
from segue.settings import DataFolder
from segue.types import TrackId


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def song(tmp_path: Path) -> Track:
    path = tmp_path / "album" / "song.flac"
    path.parent.mkdir()
    soundfile.write(path, np.zeros(800), 8000)
    return Track(TrackId("x"), 1, "ab" * 32, Tags(title="Song"), 0.1, 8000, 1, "flac", None, (path,), 0.0)


def picture(
    kind: str = "JPEG", colour: object = "red", size: tuple[int, int] = (300, 200), mode: str = "RGB"
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind)  # type: ignore[arg-type]
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def colour(content: bytes) -> str:
    red, green, blue = opened(content).convert("RGB").getpixel((5, 5))
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


def embed(path: Path, content: bytes) -> None:
    import mutagen.flac

    tags = mutagen.flac.FLAC(path)
    front = mutagen.flac.Picture()
    front.type, front.mime, front.data = 3, "image/jpeg", content
    tags.clear_pictures()
    tags.add_picture(front)
    tags.save()


def test_where_it_is_found(data: DataFolder, song: Track) -> None:
    folder = song.paths[0].parent
    with pytest.raises(NothingFound, match="Song"):
        cover(data, song, 100)
    (folder / "Front.PNG").write_bytes(picture("PNG", "blue"))
    (folder / "back.jpg").write_bytes(picture())
    assert colour(cover(data, song, 100)[0]) == "blue"
    (folder / "Folder.JPG").write_bytes(picture(colour="green"))
    content, mime = cover(data, song, 100)
    assert (colour(content), mime, opened(content).size) == ("green", "image/jpeg", (128, 85))
    embed(song.paths[0], picture(colour="red"))
    tagged = replace(song, tags=replace(song.tags, has_cover=True))
    assert colour(cover(data, tagged, 100)[0]) == "red"
    embed(song.paths[0], b"\xff\xd8\xff broken")
    assert colour(cover(data, tagged, 100)[0]) == "green"
    for path in folder.glob("*.[JP][PN]G"):
        path.write_bytes(b"no picture")
    with pytest.raises(NothingFound):
        cover(data, song, 100)


def test_the_cover_of_an_album_of_several_discs(data: DataFolder, song: Track) -> None:
    album = song.paths[0].parent
    (album / "cover.jpg").write_bytes(picture(colour="blue"))
    for name, found in (("CD2", True), ("Live", False)):
        (album / name).mkdir()
        track = replace(song, paths=(album / name / "song.flac",))
        if found:
            assert colour(cover(data, track, 64)[0]) == "blue"
        else:
            with pytest.raises(NothingFound):
                cover(data, track, 64)


def test_sizes(data: DataFolder, song: Track, monkeypatch: pytest.MonkeyPatch) -> None:
    original = picture(size=(3000, 1500))
    (song.paths[0].parent / "cover.jpeg").write_bytes(original)
    assert cover(data, song, None) == (original, "image/jpeg")
    made: list[int] = []
    real = covers.thumbnail
    monkeypatch.setattr(covers, "thumbnail", lambda content, size: made.append(size) or real(content, size))
    sides = [max(opened(cover(data, song, size)[0]).size) for size in (1, 64, 65, 100, 300, 1024, 99_999)]
    assert sides == [64, 64, 128, 128, 512, 1024, 1024]
    assert made == [64, 128, 512, 1024]  # each once
    (song.paths[0].parent / "cover.jpeg").write_bytes(picture(size=(50, 40), colour="blue"))
    content, _ = cover(data, song, 512)
    assert opened(content).size == (50, 40) and colour(content) == "blue"


@pytest.mark.parametrize(
    ("kind", "mode", "ink"),
    [
        ("JPEG", "CMYK", (0, 255, 255, 0)),
        ("JPEG", "RGB", "red"),
        ("PNG", "P", 0),
        ("PNG", "RGBA", (255, 0, 0, 255)),
        ("PNG", "LA", (60, 255)),
        ("PNG", "1", 0),
        ("PNG", "I;16", 30_000),
        ("GIF", "P", 0),
        ("WEBP", "RGBA", (255, 0, 0, 255)),
    ],
)
def test_any_kind_of_picture(kind: str, mode: str, ink: object) -> None:
    image = opened(thumbnail(picture(kind, ink, mode=mode), 64))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (64, 43))
    if ink in ("red", (255, 0, 0, 255), (0, 255, 255, 0)):
        red, green, blue = image.getpixel((30, 20))
        assert red > 180 and green < 60 and blue < 60
    if mode == "I;16":
        assert abs(image.getpixel((30, 20))[0] - 117) < 5


def test_what_is_transparent_is_white() -> None:
    image = opened(thumbnail(picture("PNG", (0, 0, 0, 0), mode="RGBA"), 64))
    assert image.getpixel((5, 5)) == (255, 255, 255)


def test_moving_pictures_stand_still() -> None:
    frames = [Image.new("RGB", (80, 80), ink) for ink in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert colour(thumbnail(out.getvalue(), 64)) == "red"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_upright(kind: str) -> None:
    image = Image.new("RGB", (300, 200), "red")
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    assert opened(thumbnail(out.getvalue(), 128)).size == (85, 128)


@pytest.mark.parametrize("side", [8000, 14_000])
def test_bombs(data: DataFolder, song: Track, side: int) -> None:
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    for size in (64, None):
        (song.paths[0].parent / "cover.png").write_bytes(out.getvalue())
        with pytest.raises(SegueError, match="pixels") as said:
            cover(data, song, size)
        assert "\n" not in str(said.value) and not isinstance(said.value, NothingFound)


@given(
    st.integers(0, 400), st.binary(min_size=1, max_size=20), st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"])
)
def test_damage_is_one_line(at: int, noise: bytes, kind: str) -> None:
    content = bytearray(picture(kind))
    content[at : at + len(noise)] = noise
    for damaged in (bytes(content), bytes(content[: at + 1])):
        try:
            assert opened(thumbnail(damaged, 64)).mode == "RGB"
        except BrokenPicture as error:
            assert "\n" not in str(error)


@given(st.text(max_size=30))
def test_a_stand_in_for_any_text(text: str) -> None:
    content, mime = placeholder_cover(text)
    assert mime == "image/svg+xml"
    root = ElementTree.fromstring(content)
    assert root[-1].text == initials(text) and root[-1].text
    assert placeholder_cover(text)[0] == content


def test_a_stand_in_as_png() -> None:
    content, mime = placeholder_png("Sigur Rós", 300)
    assert mime == "image/png" and opened(content).size == (300, 300)
    assert placeholder_png("Sigur Rós", 300) == (content, mime) != placeholder_png("Björk", 300)
    assert opened(placeholder_png("東京", 99_999)[0]).size == (1024, 1024)


def test_white_letters_can_be_read_on_every_colour() -> None:
    def luminance(rgb: tuple[int, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb)]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    corners = {opened(placeholder_png(str(i), 16)[0]).getpixel((0, 0)) for i in range(300)}
    assert len(corners) > 100
    assert min(1.05 / (luminance(corner) + 0.05) for corner in corners) >= 4.5
