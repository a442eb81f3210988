"""The generated library: what it holds, that it repeats, and that styles can be told apart."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import mutagen
import numpy as np
import pytest
import soundfile
import soxr

from segue.encoders import load_encoder
from segue.evaluation import label_precision_at_k, mfcc_statistics
from segue.neighbours import standardise
from segue.operations.demo_pieces import DemoPiece, make_demo
from segue.operations.demo_pieces.library import _performances
from segue.operations.demo_pieces.makers import MAKERS
from segue.operations.demo_pieces.styles import STYLES
from segue.operations.demo_pieces.tagging import draw_cover


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> list[DemoPiece]:
    return make_demo(tmp_path_factory.mktemp("demo"))


def _kind(demo: list[DemoPiece], kind: str) -> list[DemoPiece]:
    return [piece for piece in demo if piece.kind == kind]


def test_it_holds_seven_styles_and_four_oddities(demo: list[DemoPiece]) -> None:
    assert Counter(piece.kind for piece in demo) == {
        "piece": 35,
        "duplicate": 1,
        "reencoding": 1,
        "broken": 1,
        "truncated": 1,
    }
    pieces = _kind(demo, "piece")
    assert Counter(piece.style for piece in pieces) == dict.fromkeys(STYLES, 5)
    for style in STYLES:
        assert len({piece.artist for piece in pieces if piece.style == style}) == 3
    assert len({piece.title for piece in pieces}) == 35
    assert {piece.path.suffix for piece in pieces} == {".flac", ".mp3", ".ogg", ".wav", ".aiff"}


def test_every_file_is_on_the_list(demo: list[DemoPiece]) -> None:
    root = Path(*Path(demo[0].path).parts[: -len(Path("artist/album/title").parts)])
    assert {path for path in root.rglob("*") if path.is_file()} == {piece.path for piece in demo}


def test_pieces_are_music_of_a_sane_level(demo: list[DemoPiece]) -> None:
    for piece in demo:
        if piece.kind in ("broken", "truncated"):
            continue
        samples, rate = soundfile.read(piece.path, dtype="float32")
        assert rate == 22_050
        assert 22 < len(samples) / rate < 30
        assert np.isfinite(samples).all()
        assert 0.02 < np.sqrt(np.mean(samples**2)) < 0.35
        assert np.abs(samples).max() < 1.0


def test_tags_and_covers_are_written(demo: list[DemoPiece]) -> None:
    for piece in _kind(demo, "piece") + _kind(demo, "duplicate") + _kind(demo, "reencoding"):
        file = mutagen.File(piece.path)
        if piece.path.suffix in (".flac", ".ogg"):
            tags = (file["artist"][0], file["album"][0], file["title"][0], tuple(file["genre"]))
            cover = (
                file.pictures[0].data if piece.path.suffix == ".flac" else file["metadata_block_picture"][0]
            )
        else:
            tags = (
                *(str(file.tags[key]) for key in ("TPE1", "TALB", "TIT2")),
                tuple(file.tags["TCON"].genres),
            )
            cover = file.tags["APIC:"].data
        assert tags == (piece.artist, piece.album, piece.title, piece.genres)
        assert cover


def test_the_duplicate_has_the_same_audio_and_other_tags(demo: list[DemoPiece]) -> None:
    (piece,) = _kind(demo, "duplicate")
    assert piece.twin is not None
    assert piece.path.read_bytes() != piece.twin.read_bytes()
    tail = piece.path.read_bytes()[-200_000:]
    assert piece.twin.read_bytes().endswith(tail)


def test_the_reencoding_is_the_same_sound_in_another_format(demo: list[DemoPiece]) -> None:
    (piece,) = _kind(demo, "reencoding")
    assert piece.twin is not None
    assert piece.path.suffix != piece.twin.suffix
    ours, _ = soundfile.read(piece.path)
    theirs, _ = soundfile.read(piece.twin)
    n = 22_050 * 20
    spectra = [np.abs(np.fft.rfft(x[22_050:n])) for x in (ours, theirs)]
    assert np.corrcoef(spectra[0], spectra[1])[0, 1] > 0.99


def test_the_broken_files_are_broken(demo: list[DemoPiece]) -> None:
    (broken,) = _kind(demo, "broken")
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.read(broken.path)
    (cut,) = _kind(demo, "truncated")
    stated = soundfile.info(cut.path).frames / 22_050
    assert stated > 20
    assert cut.path.stat().st_size < 20_000


def _style_precision(demo: list[DemoPiece], vectors: np.ndarray) -> float:
    """Of the three nearest by other artists (every style has as many), the share of the same style."""
    styles, artists = (
        np.unique([getattr(piece, name) for piece in _kind(demo, "piece")], return_inverse=True)[1]
        for name in ("style", "artist")
    )
    return float(label_precision_at_k(standardise(vectors), styles, artists, k=3).mean())


def test_styles_are_each_others_neighbours(demo: list[DemoPiece]) -> None:
    pieces = [soundfile.read(piece.path, dtype="float32") for piece in _kind(demo, "piece")]
    assert _style_precision(demo, np.array([mfcc_statistics([samples]) for samples, _ in pieces])) > 0.9
    for name in ("musicnn", "timbre"):
        encoder = load_encoder(name)
        rate = encoder.sample_rate
        vectors = [encoder.encode([soxr.resample(samples, own, rate)]) for samples, own in pieces]
        assert _style_precision(demo, np.array(vectors)) > 0.98


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    from segue.operations.demo_pieces.library import _write

    makers = tuple(maker for maker in MAKERS if maker.album in ("Paper Garden", "Corner Table"))
    digests = []
    for folder in ("a", "b"):
        for maker, number, labels, samples in _performances(3, makers):
            path = _write(tmp_path / folder, maker, number, labels, samples).path
            digests.append(hashlib.sha256(path.read_bytes()).hexdigest())
    assert digests[:3] == digests[3:]


def test_another_seed_gives_other_music() -> None:
    first = next(_performances(0, MAKERS[:1]))[3]
    second = next(_performances(1, MAKERS[:1]))[3]
    n = min(len(first), len(second))
    assert not np.allclose(first[:n], second[:n], atol=0.05)


def test_a_cover_is_a_png_that_depends_on_the_seed() -> None:
    assert draw_cover(1).startswith(b"\x89PNG\r\n\x1a\n")
    assert draw_cover(1) == draw_cover(1) != draw_cover(2)
