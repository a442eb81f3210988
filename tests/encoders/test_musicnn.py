"""The shipped network against the vectors of the arrays that its authors published."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from segue.encoders import TaggingEncoder, load_encoder
from segue.encoders.artefacts import PACKAGE_DATA, Artefact, read_artefact, read_graph
from segue.encoders.onnx_encoder import OnnxEncoder, network_encoder, patches_of
from segue.errors import SegueError

CARD = PACKAGE_DATA / "musicnn-msd-1.json"


@pytest.fixture(scope="module")
def musicnn() -> TaggingEncoder:
    encoder = load_encoder("musicnn")
    assert isinstance(encoder, TaggingEncoder)
    return encoder


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    return read_artefact(CARD)


def _clip(path: Path) -> np.ndarray:
    import soundfile
    import soxr

    samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.asarray(soxr.resample(samples.mean(axis=1), sample_rate, 16_000, quality="HQ"))


def test_agrees_with_the_published_network(musicnn: TaggingEncoder, shared: Path) -> None:
    with np.load(shared / "encoders" / "musicnn-msd" / "reference.npz", allow_pickle=False) as reference:
        files, embeddings, tags = (reference[name] for name in ("files", "embedding", "tags"))
    assert len(files) == 24
    for file, embedding, probabilities in zip(files, embeddings, tags, strict=True):
        vector, heard = musicnn.encode_and_tag([_clip(shared / "data" / "emotify" / str(file))])
        cosine = vector @ embedding / np.linalg.norm(vector) / np.linalg.norm(embedding)
        assert cosine > 0.99999, file
        assert np.abs(vector - embedding).max() < 2e-5, file
        assert np.abs(heard - probabilities).max() < 5e-6, file


def test_tags_have_their_published_names(musicnn: TaggingEncoder, shared: Path) -> None:
    published = json.loads((shared / "encoders" / "musicnn-msd" / "musicnn-msd-tags.json").read_text())
    assert list(musicnn.tag_names) == published


def test_several_windows_are_the_mean_over_their_patches(musicnn: TaggingEncoder) -> None:
    rng = np.random.default_rng(5)
    long, short = (rng.standard_normal(n).astype(np.float32) / 5 for n in (10 * 16_000, 4 * 16_000))
    # Ten seconds hold three patches, four hold one.
    expected = (3 * musicnn.encode([long]) + musicnn.encode([short])) / 4
    assert np.allclose(musicnn.encode([long, short]), expected, atol=1e-5)


def test_patches_are_cut_as_defined(artefact: Artefact) -> None:
    librosa = pytest.importorskip("librosa")
    rng = np.random.default_rng(6)
    for n_samples in (187 * 256 - 256, 187 * 256, 5 * 16_000, 10 * 16_000, 2 * 187 * 256 - 1):
        window = rng.standard_normal(n_samples).astype(np.float32) / 4
        mel = librosa.feature.melspectrogram(
            y=window, sr=16_000, n_fft=512, hop_length=256, n_mels=96, pad_mode="constant"
        ).T
        n_patches = len(mel) // 187
        expected = np.log10(1 + 10_000 * mel)[: n_patches * 187].reshape(n_patches, 187, 96)
        patches = np.concatenate(list(patches_of(window, artefact, at_a_time=2)))
        assert patches.dtype == np.float32 and patches.shape == expected.shape
        assert np.abs(patches - expected).max() < 1e-4


def test_frames_of_a_short_window_are_repeated(artefact: Artefact) -> None:
    window = np.random.default_rng(7).standard_normal(16_000).astype(np.float32)
    ((patch,),) = patches_of(window, artefact, at_a_time=2)
    n_frames = 1 + 16_000 // 256
    assert np.array_equal(patch[:n_frames], patch[n_frames : 2 * n_frames])
    assert np.array_equal(patch[2 * n_frames :], patch[: 187 - 2 * n_frames])


def test_card_licence_and_graph_fit_together(artefact: Artefact) -> None:
    assert hashlib.sha256(read_graph(artefact)).hexdigest() == artefact.card.sha256
    assert artefact.card.licence == "ISC"
    licence = CARD.with_name("musicnn-msd-1.LICENCE.txt").read_text()
    assert "Permission to use, copy, modify, and/or distribute" in licence and "Jordi Pons" in licence
    assert artefact.graph.stat().st_size < 1_000_000


def _copy(folder: Path) -> Path:
    for suffix in ("json", "onnx"):
        shutil.copy(CARD.with_suffix(f".{suffix}"), folder)
    return folder / CARD.name


def test_a_damaged_graph_is_never_run(tmp_path: Path) -> None:
    card = _copy(tmp_path)
    graph = card.with_suffix(".onnx")
    raw = bytearray(graph.read_bytes())
    raw[len(raw) // 2] ^= 1
    graph.write_bytes(raw)
    encoder = network_encoder(read_artefact(card))
    with pytest.raises(SegueError, match=r"damaged.*reinstall"):
        encoder.encode([np.ones(16_000, np.float32)])


def test_a_missing_graph_is_named(tmp_path: Path) -> None:
    card = _copy(tmp_path)
    card.with_suffix(".onnx").unlink()
    encoder = network_encoder(read_artefact(card))
    with pytest.raises(SegueError, match=r"musicnn-msd-1\.onnx cannot be read.*reinstall"):
        encoder.encode([np.ones(16_000, np.float32)])


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "{}", '{"format": 1}', '{"format": 1, "front_end": 3, "outputs": {}}']
)
def test_a_damaged_card_is_named(tmp_path: Path, text: str) -> None:
    card = tmp_path / "x.json"
    card.write_text(text)
    with pytest.raises(SegueError, match=r"x\.json is not the card"):
        read_artefact(card)


def test_a_card_of_a_later_format_asks_for_an_update(tmp_path: Path) -> None:
    card = tmp_path / "x.json"
    card.write_text('{"format": 2}')
    with pytest.raises(SegueError, match="update Segue"):
        read_artefact(card)


def test_a_network_without_tags_is_a_plain_encoder(artefact: Artefact) -> None:
    encoder = network_encoder(dataclasses.replace(artefact, tags=None, tag_names=()))
    assert type(encoder) is OnnxEncoder and not isinstance(encoder, TaggingEncoder)
