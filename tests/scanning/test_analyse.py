"""One file heard: what is known is not heard again, and everything survives the way from the worker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from segue.encoders import load_encoder
from segue.errors import AudioError
from segue.scanning import ProblemSeen, ScanSettings, analyse_file, hear
from segue.scanning.analyse import from_message, to_message
from segue.scanning.wire import Unpacker, pack
from segue.types import EncoderId

TIMBRE, MUSICNN = EncoderId("timbre-1"), EncoderId("musicnn-msd-1")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("music") / "Some Artist - A Song.wav"
    time_s = np.arange(6 * 16000) / 16000
    noise = np.random.default_rng(0).normal(0, 0.02, time_s.size)
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * time_s) * (time_s % 0.5 < 0.25) + noise, 16000)
    return path


def test_everything_is_heard(song: Path) -> None:
    analysis = analyse_file(song, encoders=(TIMBRE, MUSICNN), plan="fast")
    state = song.stat()
    assert (analysis.stat.size, analysis.stat.mtime_ns) == (state.st_size, state.st_mtime_ns)
    assert len(analysis.digest) == 64
    assert analysis.info.duration_s == pytest.approx(6)
    assert analysis.tags.title == "A Song"
    for name in (TIMBRE, MUSICNN):
        assert analysis.vectors[name].shape == (load_encoder(name).dim,)
    assert list(analysis.tag_probabilities) == [MUSICNN]


def test_what_is_known_is_not_heard(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def known(digest: str) -> tuple[EncoderId, ...]:
        asked.append(digest)
        return (MUSICNN,)

    part = analyse_file(song, encoders=(TIMBRE, MUSICNN), plan="fast", known=known)
    assert list(part.vectors) == [TIMBRE] and not part.tag_probabilities
    monkeypatch.setattr("segue.scanning.analyse.read_recording", None)
    rest = analyse_file(song, encoders=(MUSICNN,), plan="fast", known=known)
    assert not rest.vectors and rest.tags == part.tags and rest.info == part.info
    assert asked == [part.digest] * 2


def test_an_analysis_survives_the_pipe(song: Path) -> None:
    sent = analyse_file(song, encoders=(TIMBRE, MUSICNN), plan="fast")
    (message,) = Unpacker().feed(pack(to_message(sent)))
    got = from_message(song, message)
    assert (got.stat, got.digest, got.tags, got.info) == (sent.stat, sent.digest, sent.tags, sent.info)
    for name in sent.vectors:
        np.testing.assert_array_equal(got.vectors[name], sent.vectors[name])
    np.testing.assert_array_equal(got.tag_probabilities[MUSICNN], sent.tag_probabilities[MUSICNN])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AudioError) as caught:
        analyse_file(tmp_path / "gone.mp3", encoders=(TIMBRE,), plan="fast")
    assert caught.value.reason == "missing"


def test_a_file_named_by_a_person_is_heard_whatever_its_name(song: Path, tmp_path: Path) -> None:
    odd = tmp_path / "song.dat"
    odd.write_bytes(song.read_bytes())
    settings = ScanSettings(encoders=(TIMBRE,), plan="fast", workers=1, nice=0)
    count, heard = hear([odd], settings)
    assert count == 1
    assert not isinstance(heard, int | ProblemSeen)
    assert heard.path == odd
    assert list(hear([tmp_path], settings)) == [0]


def test_hearing_without_a_catalogue(song: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mp3").write_text("no music at all\n" * 100)
    settings = ScanSettings(encoders=(TIMBRE,), plan="fast", workers=1, nice=0)
    count, *results = hear([song, tmp_path], settings)
    assert count == 2
    problems = [result for result in results if isinstance(result, ProblemSeen)]
    assert [(problem.path.name, problem.reason) for problem in problems] == [("text.mp3", "not-audio")]
    (heard,) = (result for result in results if not isinstance(result, ProblemSeen))
    np.testing.assert_array_equal(
        heard.vectors[TIMBRE], analyse_file(song, encoders=(TIMBRE,), plan="fast").vectors[TIMBRE]
    )
