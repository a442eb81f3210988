"""Progress as lines, for terminals that cannot draw."""

from __future__ import annotations

import pytest

from segue.cli import output


def test_progress_without_a_step_yet_has_no_rate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "_SECONDS_BETWEEN_LINES", 0)
    progress = output.PlainProgress(noun="")
    progress.start("training, epochs", 4)
    progress.advance(0)
    assert capsys.readouterr().err == "training, epochs: 0 of 4, 0/minute\n"
    progress.advance(2)
    assert " left" in capsys.readouterr().err
