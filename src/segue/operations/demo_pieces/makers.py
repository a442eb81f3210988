"""The invented makers of the demo: who plays which style, how fast, in what colour, on which album."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Maker:
    """One invented artist with one album.

    Attributes
    ----------
    artist, album, year
        For the tags.
    style
        A key of `STYLES`.
    genres
        Genre tags, the first the most telling.
    suffix
        File format of the album.
    bpm
        Slowest and fastest tempo.
    colour
        0 to 1, see `Plan`.
    minor
        Whether the pieces are in minor.
    progressions
        One chord progression a piece, in turn.
    titles
        One piece each.
    """

    artist: str
    album: str
    year: int
    style: str
    genres: tuple[str, ...]
    suffix: str
    bpm: tuple[float, float]
    colour: float
    minor: bool
    progressions: tuple[str, ...]
    titles: tuple[str, ...]


_SLOW = ("0 9:m 5 7", "0 4:m 5 5", "0 7 9:m 5")
_SLOW_MINOR = ("0:m 8 3 10", "0:m 5:m 8 7")
_DRIVE = ("0:m 8 3 10", "0:m 10 8 10", "0:m 3 10 5:m")
_CALM = ("0:9 5:maj7", "0:sus 9:m7 5:maj7", "0:maj7 7:sus")
_HYMN = ("0 7 9:m 4:m 5 0 5 7", "0 5 7 0 9:m 2:m 7 0")
_HYMN_MINOR = ("0:m 5:m 10 3 8 5:m 7 0:m",)
_CHANGES = ("2:m7 7:7 0:maj7 9:m7", "0:maj7 9:m7 2:m7 7:7", "0:7 5:7 0:7 7:7")

MAKERS: tuple[Maker, ...] = (
    Maker("Ilse Maren", "Letters Unsent", 2014, "piano", ("Piano", "Instrumental"), ".flac",
          (62, 70), 0.35, False, _SLOW, ("Snow on the Sill", "Half a Letter")),
    Maker("Tobias Renn", "Small Hours", 2019, "piano", ("Piano",), ".mp3",
          (58, 66), 0.5, True, _SLOW_MINOR, ("Lamp Left On", "Stairwell")),
    Maker("Yuna Okabe", "Paper Garden", 2021, "piano", ("Piano", "Instrumental"), ".ogg",
          (66, 74), 0.65, False, _SLOW, ("Folded Crane",)),
    Maker("Kilowatt Club", "Basement Lights", 2016, "house", ("House", "Electronic"), ".mp3",
          (122, 126), 0.35, True, _DRIVE, ("Night Tram", "Second Floor")),
    Maker("Vanta Drive", "Overpass", 2018, "house", ("House", "Electronic"), ".flac",
          (124, 128), 0.5, True, _DRIVE, ("Neon Ledger", "Exit 14")),
    Maker("Mira Volt", "Afterglow", 2022, "house", ("House",), ".ogg",
          (123, 127), 0.65, True, _DRIVE, ("Strobe Garden",)),
    Maker("The Rust Parade", "Gravel Hymns", 2009, "rock", ("Rock", "Hard Rock"), ".mp3",
          (118, 128), 0.35, True, _DRIVE, ("Broken Axle", "Red Dust")),
    Maker("Wolf Street", "Loud Weather", 2012, "rock", ("Rock",), ".flac",
          (128, 140), 0.5, True, _DRIVE, ("Hail", "Thunderhead")),
    Maker("Iron Lanterns", "Signal Fires", 2015, "rock", ("Rock", "Alternative Rock"), ".wav",
          (122, 134), 0.65, True, _DRIVE, ("Watchtower",)),
    Maker("Hollow Coast", "Tidal Maps", 2013, "ambient", ("Ambient",), ".ogg",
          (44, 50), 0.35, False, _CALM, ("Low Water", "Fog Signal")),
    Maker("Anselm Grey", "Long Exposure", 2017, "ambient", ("Ambient", "Electronic"), ".flac",
          (46, 54), 0.5, False, _CALM, ("Dust in Light", "Slow Shutter")),
    Maker("Fjernlys", "Polar Night", 2020, "ambient", ("Ambient",), ".mp3",
          (42, 48), 0.65, False, _CALM, ("Ninety Days",)),
    Maker("Lindgate Quartet", "Chorales for Four", 2008, "chamber", ("Classical", "Chamber Music"), ".flac",
          (76, 84), 0.35, False, _HYMN, ("Chorale No. 1 in Four Parts", "Chorale No. 2 in Four Parts")),
    Maker("Corvin Ensemble", "Evening Music", 2011, "chamber", ("Classical",), ".mp3",
          (70, 78), 0.5, True, _HYMN_MINOR, ("Sarabande", "Pavane for an Empty Hall")),
    Maker("St. Alder Strings", "Winter Suite", 2016, "chamber", ("Classical", "Chamber Music"), ".aiff",
          (74, 82), 0.65, False, _HYMN, ("Winter Suite: Prelude",)),
    Maker("Pixel Otter", "Level Select", 2015, "chiptune", ("Chiptune", "Electronic"), ".ogg",
          (138, 150), 0.35, False, _SLOW, ("River Stage", "Boss Raft")),
    Maker("8-Bit Harbour", "Save Point", 2018, "chiptune", ("Chiptune",), ".flac",
          (144, 156), 0.5, False, _SLOW, ("Dock Run", "Lighthouse Keys")),
    Maker("Turbo Kestrel", "Continue?", 2021, "chiptune", ("Chiptune", "Electronic"), ".mp3",
          (148, 160), 0.65, False, _SLOW, ("Wingbeat",)),
    Maker("Ada Finch Trio", "Corner Table", 2006, "jazz", ("Jazz",), ".mp3",
          (150, 172), 0.35, False, _CHANGES, ("Last Orders", "Umbrella Blues")),
    Maker("Lowell & Pace", "Two Stops Early", 2010, "jazz", ("Jazz", "Swing"), ".flac",
          (140, 160), 0.5, False, _CHANGES, ("Platform Nine", "Mind the Gap")),
    Maker("Marguerite Osei Trio", "Blue Crockery", 2019, "jazz", ("Jazz",), ".ogg",
          (146, 166), 0.65, False, _CHANGES, ("Saucer",)),
)  # fmt: skip
"""Seven styles, three makers each, five pieces a style."""
