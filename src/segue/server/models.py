"""The records of the REST API, as the OpenAPI document shows them.

Ids are opaque strings, times UTC epoch seconds, durations seconds.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
ItemKind = Literal["track", "album", "artist"]
Text = Annotated[str, Field(max_length=400)]


class Record(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """What all bodies of requests have in common: an unknown field is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid")


class Problem(Record):
    """An error, as RFC 9457 writes it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""


# ---- the library ----


class ReplayGain(Record):
    track_gain_db: float | None
    track_peak: float | None
    album_gain_db: float | None
    album_peak: float | None


class Track(Record):
    """A recording of the library; `opinion` is -1 disliked to 1 liked, 0 where nothing was said."""

    id: str
    title: str
    artist: str
    artist_id: str | None
    album: str
    album_id: str | None
    album_artist: str
    album_artist_id: str | None
    track_number: int | None
    disc_number: int | None
    year: int | None
    duration_s: float
    genres: list[str]
    composer: str
    work: str
    codec: str
    playable: bool = Field(description="Whether browsers play the file as it is; else ask for a format.")
    has_cover: bool
    replaygain: ReplayGain
    starred_at: float | None
    rating: int | None
    added_at: float


class TrackFacts(Track):
    """A track with what only its own page shows."""

    bpm: float | None
    isrc: str | None
    musicbrainz_recording_id: str | None
    sample_rate_hz: int
    channels: int
    bitrate_bps: int | None
    file_names: list[str] = Field(description="Below the library's folders; never a path of the machine.")


class Tracks(Record):
    items: list[Track]
    total: int | None = Field(description="How many there are in all; null where counting would cost much.")


class Album(Record):
    id: str
    name: str
    artist: str
    artist_id: str | None
    year: int | None
    n_tracks: int
    duration_s: float
    genres: list[str]
    cover_track: str | None
    added_at: float
    starred_at: float | None
    rating: int | None


class AlbumFacts(Album):
    tracks: list[Track]


class Albums(Record):
    items: list[Album]
    total: int


class Artist(Record):
    id: str
    name: str
    n_albums: int
    n_tracks: int
    starred_at: float | None
    rating: int | None


class ArtistFacts(Artist):
    albums: list[Album]
    tracks: list[Track] = Field(description="Up to 200, the most played first.")


class Artists(Record):
    items: list[Artist]


class Genre(Record):
    name: str
    n_tracks: int
    n_albums: int


class Composer(Record):
    name: str
    n_tracks: int
    n_works: int


class Work(Record):
    name: str
    composer: str
    n_tracks: int


class FolderName(Record):
    id: str
    name: str
    n_tracks: int


class Folder(FolderName):
    parent_id: str | None
    folders: list[FolderName]
    tracks: list[Track]


class Found(Record):
    """What answers a search; `corrected` is how the words were read when they were in no name."""

    artists: list[Artist]
    albums: list[Album]
    tracks: list[Track]
    corrected: str | None


# ---- what comes next ----


class Answer(Record):
    """A track in an answer: `match` is a percentile of the library, `reasons` are words for people."""

    track: Track
    match: float
    reasons: list[str]
    kind: str = Field("sound", description="sound, usage, played, liked, seed or playlist.")


class Answers(Record):
    items: list[Answer]


class Continued(Answers):
    missing: list[str]


class StationSeed(Asked):
    """Where endless play begins: one thing of the library, or `ids` of tracks of a region of the map."""

    kind: Literal["track", "album", "artist", "playlist", "kind", "region"]
    id: Annotated[str, Field(max_length=64)] = ""
    ids: Annotated[list[Id], Field(max_length=2_000)] = []


class StationSettings(Asked):
    """Sliders: 0 is the middle of those that reach from -1 to 1."""

    familiar: Annotated[float, Field(ge=-1, le=1)] = 0.0
    varied: Annotated[float, Field(ge=0, le=1)] = 0.3
    tempo: Annotated[float, Field(ge=-1, le=1)] = 0.0
    energy: Annotated[float, Field(ge=-1, le=1)] = 0.0


class StationEvents(Asked):
    """What happened since it began, oldest first."""

    played: Annotated[list[Id], Field(max_length=2_000)] = []
    liked: Annotated[list[Id], Field(max_length=2_000)] = []
    disliked: Annotated[list[Id], Field(max_length=2_000)] = []
    skipped: Annotated[list[Id], Field(max_length=2_000)] = []


class StationAsked(Asked):
    seeds: Annotated[list[StationSeed], Field(min_length=1, max_length=50)]
    settings: StationSettings = StationSettings()
    events: StationEvents = StationEvents()
    n: Annotated[int, Field(ge=1, le=100)] = 10


class Feedback(Asked):
    """What a listener did or said; `clear` takes an opinion back."""

    track: Id
    kind: Literal["play", "skip", "like", "dislike", "clear"]
    played_s: Annotated[float, Field(ge=0, le=10**6)] | None = None
    time_s: Annotated[float, Field(ge=0, le=10**11)] | None = None


class Starred(Record):
    artists: list[Artist]
    albums: list[Album]
    tracks: list[Track]


class Rating(Asked):
    rating: Annotated[int, Field(ge=0, le=5, description="0 takes it back.")]


# ---- playlists and the queue ----


class Playlist(Record):
    """`version` grows with every change; a change that names an older one is refused with 409."""

    id: str
    name: str
    comment: str
    owner: str
    is_own: bool
    is_public: bool
    n_tracks: int
    duration_s: float
    created_at: float
    changed_at: float
    version: int


class PlaylistFacts(Playlist):
    tracks: list[Track]


class Playlists(Record):
    items: list[Playlist]


class NewPlaylist(Asked):
    name: Annotated[str, Field(min_length=1, max_length=400)]
    comment: Annotated[str, Field(max_length=4_000)] = ""
    is_public: bool = False
    tracks: Annotated[list[Id], Field(max_length=20_000)] = []


class PlaylistChange(Asked):
    """Only what is given is changed."""

    version: int
    name: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    comment: Annotated[str, Field(max_length=4_000)] | None = None
    is_public: bool | None = None
    tracks: Annotated[list[Id], Field(max_length=20_000)] | None = None


class PlaylistAdditions(Asked):
    tracks: Annotated[list[Id], Field(min_length=1, max_length=20_000)]


class ImportedPlaylist(Record):
    playlist: Playlist
    missing: list[str]


class Queue(Record):
    tracks: list[Track]
    place: int | None
    position_s: float
    changed_at: float | None
    changed_by: str


class QueueChange(Asked):
    tracks: Annotated[list[Id], Field(max_length=20_000)]
    place: Annotated[int, Field(ge=0)] | None = None
    position_s: Annotated[float, Field(ge=0)] = 0.0


# ---- one track, closely ----


class Peaks(Record):
    """Loudest sample of each part of the track, 0 to 255."""

    duration_s: float
    peaks: list[int]


class LyricsLine(Record):
    start_ms: int | None
    text: str


class Lyrics(Record):
    language: str
    synced: bool
    lines: list[LyricsLine]


class AllLyrics(Record):
    items: list[Lyrics]


class GenreShare(Record):
    name: str
    probability: float


class TrackGenres(Record):
    """What is told by ear of the whole track."""

    model: str
    items: list[GenreShare]


# ---- the map and kinds ----


class MapColour(Record):
    """Labels by which the map can be coloured: `labels[codes[i]]` is that of point i; code -1 has none."""

    name: str
    labels: list[str]
    codes: list[int]


class LibraryMap(Record):
    """The points come from `/api/map/points`, in the order of `tracks`."""

    encoder: str
    tracks: list[str]
    titles: list[str]
    colours: list[MapColour]
    notes: list[str]


class Kind(Record):
    """A kind of music that the library holds."""

    number: int
    name: str
    n_tracks: int
    words: list[str]
    cover_tracks: list[str]


class KindName(Asked):
    name: Annotated[str, Field(max_length=100)]


class Kinds(Record):
    encoder: str
    items: list[Kind]


# ---- sources, scans, problems ----


class Scan(Record):
    """A scan: `done` of `total` files of the present phase; total is null while it is not known."""

    running: bool
    phase: str
    done: int
    total: int | None
    problems: int
    message: str
    watching: bool
    started_at: float | None
    ended_at: float | None


class ScanAsked(Asked):
    retry: bool = Field(False, description="Try files again that could not be heard.")


class FileProblem(Record):
    file: str = Field(description="Below the library's folders.")
    reason: str
    detail: str
    seen_at: float
    attempts: int


class FileProblems(Record):
    items: list[FileProblem]


class Source(Record):
    id: str
    path: str = Field(description="A folder of the server; shown to administrators only.")
    n_tracks: int


class Sources(Record):
    items: list[Source]


class NewSource(Asked):
    path: Annotated[str, Field(min_length=1, max_length=4_000)]


# ---- history ----


class FormatRead(Record):
    format: str
    n_files: int


class Coverage(Record):
    """How much of what this person played is in the library; `near` recordings nearly fit a track."""

    recordings: int
    plays: int
    matched: int
    matched_plays: int
    near: int


class BadRows(Record):
    reason: str
    n: int
    examples: list[str]


class HistoryImport(Record):
    """What was in uploaded histories, what of it was new, and how much of all is in the library."""

    formats: list[FormatRead]
    rows: int
    bad_rows: int
    plays: int
    new_plays: int
    others: int = Field(description="Counts, places in playlists and opinions.")
    new_others: int
    skips: int
    coverage: Coverage
    problems: list[BadRows]


class HistoryFigures(Record):
    plays: int
    plays_in_library: int
    skips: int
    first_play_s: float | None
    last_play_s: float | None
    recordings: int
    recordings_in_library: int
    recordings_with_counts: int
    recordings_in_playlists: int
    liked: int
    disliked: int


class UnmatchedRecording(Record):
    """`score` tells from 0 to 100 how well the track `near_id` fits."""

    id: int
    artist: str
    title: str
    album: str
    plays: int
    near_id: str | None
    near_name: str
    score: float


class Unmatched(Record):
    coverage: Coverage
    items: list[UnmatchedRecording]


class Correction(Asked):
    """Which track a recording of the history is; null where the library does not have it."""

    track: Id | None


# ---- listening test ----


class ListeningTest(Record):
    """Two models' lists for one seed, without names; the ticket says which is which, to the server only."""

    ticket: str
    seed: Track
    first: list[Track]
    second: list[Track]


class Vote(Asked):
    ticket: Annotated[str, Field(max_length=4_000)]
    preferred: Literal[0, 1, 2] = Field(description="0 for neither.")


class Tally(Record):
    """How often `model` was preferred: wins of n votes that were not ties, with a 95 % interval."""

    model: str
    other: str
    wins: int
    n: int
    ties: int
    share: float | None
    low: float | None
    high: float | None


class Tallies(Record):
    items: list[Tally]


# ---- people ----


class Account(Record):
    name: str
    is_admin: bool
    created_at: float | None
    settings: dict[str, Any]


class Accounts(Record):
    items: list[Account]


class Features(Record):
    spotify: bool
    genres: bool
    transcoding: list[str]


class Session(Record):
    """Who asks. On a library without accounts, whoever sits at the machine is its owner."""

    setup_needed: bool
    account: Account | None
    version: str
    features: Features


Password = Annotated[str, Field(min_length=1, max_length=1_000)]
NewPassword = Annotated[str, Field(min_length=8, max_length=1_000)]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class Login(Asked):
    name: Name
    password: Password


class Setup(Asked):
    name: Name
    password: NewPassword
    folders: Annotated[list[Annotated[str, Field(max_length=4_000)]], Field(max_length=100)] = []


class NewAccount(Asked):
    name: Name
    password: NewPassword
    is_admin: bool = False


class PasswordChange(Asked):
    old: Password
    new: NewPassword


class SettingsChange(Asked):
    """Kept for this account as they are: theme, language, player and the like."""

    settings: dict[Annotated[str, Field(max_length=64)], Any]


class Key(Record):
    """A key or an app password, without its secret."""

    id: str
    label: str
    created_at: float
    used_at: float | None
    expires_at: float | None


class Keys(Record):
    items: list[Key]


class NewKey(Asked):
    label: Annotated[str, Field(min_length=1, max_length=100)]
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None


class MadeKey(Record):
    """The only time that the secret is shown."""

    key: Key
    secret: str


# ---- other services ----


class SpotifySync(Record):
    """How far the reading of an account is; `done` of `total` playlists, null while it is not known."""

    running: bool
    message: str
    done: int
    total: int | None
    error: str
    ended_at: float | None


class Connection(Record):
    """`user` is the name there, `state` what is the matter, if anything."""

    service: Literal["listenbrainz", "spotify"]
    available: bool = Field(
        description="Whether this server can speak to it; for Spotify an extra is needed."
    )
    connected: bool
    user: str
    state: str
    waiting: Annotated[int, Field(description="Plays that wait to be passed on to ListenBrainz.")] = 0
    client_id: Annotated[str, Field(description="Of this person's own app at Spotify; empty: off.")] = ""
    redirect_uri: Annotated[str, Field(description="To be registered for that app at Spotify.")] = ""
    sync: SpotifySync | None = None


class Connections(Record):
    items: list[Connection]


class ListenBrainzConnect(Asked):
    token: Annotated[str, Field(min_length=1, max_length=400)]


class SpotifyCredentials(Asked):
    client_id: Annotated[str, Field(min_length=1, max_length=200)]


class SpotifyStart(Record):
    """Where to send the browser."""

    url: str


class RemotePlaylist(Record):
    """A list at Spotify; `n_here` of its tracks are in the library. Some lists cannot be read."""

    id: str
    name: str
    owner: str
    is_saved: bool = Field(description="The saved tracks, which are no playlist there.")
    is_readable: bool
    n_tracks: int
    n_here: int


class RemotePlaylists(Record):
    items: list[RemotePlaylist]


class RemoteTrack(Record):
    """A track at Spotify, and the same recording in the library, if it is there."""

    title: str
    artists: list[str]
    album: str
    duration_s: float | None
    uri: str
    track: Track | None


class RemotePlaylistFacts(RemotePlaylist):
    tracks: list[RemoteTrack]


class SaveRemotely(Asked):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    tracks: Annotated[list[Id], Field(min_length=1, max_length=500)]


class SavedRemotely(Record):
    """`found` tracks are in the new playlist, `missing` ones are not to be had there."""

    url: str
    found: int
    missing: list[Track]


# ---- the server ----


class Health(Record):
    status: Literal["ok"]
    version: str


class About(Record):
    version: str
    licence: str
    tracks: int
    artists: int
    albums: int
    duration_s: float
    encoder: str | None
    genre_model: str | None


class Evaluation(Record):
    """A report of `segue evaluate history`, with controls and intervals; `error` is why there is none."""

    running: bool
    report: dict[str, Any] | None
    made_at: float | None
    error: str
