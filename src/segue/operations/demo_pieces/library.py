"""Write the generated pieces as a folder of music, with the oddities that real folders have."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from segue.operations.demo_pieces.makers import MAKERS, Maker
from segue.operations.demo_pieces.score import Plan, chords
from segue.operations.demo_pieces.styles import STYLES
from segue.operations.demo_pieces.synth import SAMPLE_RATE
from segue.operations.demo_pieces.tagging import Labels, draw_cover, fix_serial, write_labels

if TYPE_CHECKING:
    from segue.types import Samples

Kind = Literal["piece", "duplicate", "reencoding", "broken", "truncated"]
"""``duplicate``: the same audio bytes as another file, other tags; ``reencoding``: the same samples in
another format; ``broken``: no audio at all; ``truncated``: cut off after a fraction of a second."""

_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class DemoPiece:
    """One file of the demo library.

    Attributes
    ----------
    path
        The file.
    artist, album, title, genres
        As tagged; all empty for a broken file, which cannot carry tags.
    style
        Which of the seven styles it is in; pieces of one style are each other's right neighbours.
    kind
        ``piece``, or which oddity.
    twin
        For a duplicate or re-encoding: the file it repeats.
    """

    path: Path
    artist: str
    album: str
    title: str
    genres: tuple[str, ...]
    style: str
    kind: Kind = "piece"
    twin: Path | None = None


def make_demo(folder: Path, *, seed: int = 0) -> list[DemoPiece]:
    """Write a small library of generated music: seven styles, 21 invented makers, 35 pieces, 4 oddities.

    Parameters
    ----------
    folder
        Where; made if need be. Files of an earlier demo are written over.
    seed
        Decides keys, tempos and melodies; the same seed gives the same bytes.

    Returns
    -------
    list of DemoPiece
        Every file written, pieces first.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    pieces = [
        _write(folder, maker, number, labels, samples)
        for maker, number, labels, samples in _performances(seed, MAKERS)
    ]
    by_title = {piece.title: piece for piece in pieces}
    pieces.append(_duplicate(folder, by_title["Neon Ledger"]))
    pieces.append(_reencoding(folder, seed, by_title["Lamp Left On"]))
    pieces.extend(_damaged(folder, by_title["Hail"]))
    return pieces


def _performances(seed: int, makers: tuple[Maker, ...]) -> Iterator[tuple[Maker, int, Labels, Samples]]:
    """Play each piece of `makers`: maker, track number, tags, samples."""
    for maker in makers:
        cover = draw_cover(_stable(seed, maker.album))
        for number, title in enumerate(maker.titles, start=1):
            # A seed from the title: a piece stays the same when others are added.
            rng = np.random.default_rng(_stable(seed, title))
            plan = Plan(
                bpm=float(rng.uniform(*maker.bpm)),
                key=int(rng.integers(48, 60)),
                minor=maker.minor,
                progression=chords(maker.progressions[(number - 1) % len(maker.progressions)]),
                colour=maker.colour,
                seconds=_SECONDS + float(rng.uniform(-2, 2)),
                rng=rng,
            )
            steady = maker.style in ("house", "rock", "chiptune")
            labels = Labels(
                title,
                maker.artist,
                maker.album,
                number,
                maker.year,
                maker.genres,
                plan.bpm if steady else None,
                cover,
            )
            yield maker, number, labels, STYLES[maker.style](plan)


def _stable(seed: int, text: str) -> int:
    return seed * 0x1_0000_0000 + zlib.crc32(text.encode())


def _write(folder: Path, maker: Maker, number: int, labels: Labels, samples: Samples) -> DemoPiece:
    name = labels.title.replace(":", " -").replace("?", "")
    album = maker.album.replace("?", "")
    path = folder / maker.artist / album / f"{number:02d} {name}{maker.suffix}"
    _encode(path, samples)
    write_labels(path, labels)
    return DemoPiece(path, maker.artist, maker.album, labels.title, maker.genres, maker.style)


def _encode(path: Path, samples: Samples) -> None:
    """Write mono `samples` in the format of the path's suffix."""
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    subtype = {
        ".flac": "PCM_16",
        ".wav": "PCM_16",
        ".aiff": "PCM_16",
        ".ogg": "VORBIS",
        ".mp3": "MPEG_LAYER_III",
    }
    with soundfile.SoundFile(path, "w", SAMPLE_RATE, 1, subtype=subtype[path.suffix]) as file:
        # In pieces: the Vorbis encoder overflows its stack when handed minutes at once.
        for start in range(0, len(samples), SAMPLE_RATE):
            file.write(samples[start : start + SAMPLE_RATE])
    if path.suffix == ".ogg":
        fix_serial(path)


def _duplicate(folder: Path, original: DemoPiece) -> DemoPiece:
    """The same audio bytes under another name and other tags."""
    from mutagen.flac import FLAC

    path = folder / "Various Artists" / "Night Shift Mix" / "07 Neon Ledger (Mix Cut).flac"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(original.path, path)
    file = FLAC(path)
    file["title"], file["album"] = "Neon Ledger (Mix Cut)", "Night Shift Mix"
    file["albumartist"], file["tracknumber"] = "Various Artists", "7"
    file.save()
    return replace(
        original,
        path=path,
        album="Night Shift Mix",
        title="Neon Ledger (Mix Cut)",
        kind="duplicate",
        twin=original.path,
    )


def _reencoding(folder: Path, seed: int, original: DemoPiece) -> DemoPiece:
    """The same samples in a lossless file beside the MP3."""
    maker = next(maker for maker in MAKERS if original.title in maker.titles)
    _, number, labels, samples = next(
        played for played in _performances(seed, (maker,)) if played[2].title == original.title
    )
    again = _write(
        folder, replace(maker, suffix=".flac", album=f"{maker.album} (Lossless)"), number, labels, samples
    )
    write_labels(again.path, replace(labels, album=again.album))
    return replace(again, kind="reencoding", twin=original.path)


def _damaged(folder: Path, original: DemoPiece) -> Iterator[DemoPiece]:
    """A text renamed to .mp3, and a FLAC cut off in its first frames."""
    broken = folder / "Downloads" / "not really music.mp3"
    broken.parent.mkdir(parents=True, exist_ok=True)
    broken.write_text("This is a shopping list, whatever its name says: bread, tea, strings.\n" * 40)
    yield DemoPiece(broken, "", "", "", (), "", "broken")
    cut = folder / "Downloads" / "interrupted download.flac"
    content = original.path.read_bytes()
    cut.write_bytes(content[: _flac_audio_start(content) + 4_000])
    yield DemoPiece(
        cut, original.artist, original.album, original.title, original.genres, original.style, "truncated"
    )


def _flac_audio_start(content: bytes) -> int:
    """Where the metadata blocks of a FLAC file end."""
    at, last = 4, False
    while not last:
        last = bool(content[at] & 0x80)
        at += 4 + int.from_bytes(content[at + 1 : at + 4], "big")
    return at
