"""A listener's Spotify account beside the library: it feeds taste, and a list can be saved there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from segue.catalogue import (
    Catalogue,
    HistorySource,
    Imported,
    Track,
    import_listens,
    open_catalogue,
    tracks_by_uri,
)
from segue.errors import NothingFound, UsageError
from segue.listening.comparing import Named, compared, named
from segue.listening.names import numbers_in, parts_of
from segue.operations.history import Coverage, coverage, match_history
from segue.progress import Progress, Silent
from segue.services.secrets import seal, unseal
from segue.services.spotify import (
    RemotePlaylist,
    RemoteTrack,
    RemoteTracks,
    SpotifyApp,
    SpotifySession,
    SpotifyToken,
    make_playlist,
    open_session,
    opinion_of,
    place_of,
    playlists,
    saved_tracks,
    search_tracks,
    text_of_token,
    token_of_text,
    with_tracks,
)
from segue.settings import DataFolder
from segue.types import Listen, TrackId

FORMAT = "spotify"
"""The format of the source of an account; each listener has one of their own."""

_CLOSE_S = 7.0  # masters of one recording differ by seconds at their ends
_ALIKE = 90.0  # a misspelled title, of 100
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class SpotifyAccount:
    """What of an account could be read.

    Attributes
    ----------
    playlists
        In Spotify's order; `content` is None where Spotify does not let it be read.
    saved
        Saved tracks.
    """

    playlists: tuple[RemotePlaylist, ...]
    saved: RemoteTracks

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many items were no tracks that anything else knows, by reason."""
        contents = [playlist.content for playlist in self.playlists if playlist.content]
        return dict(sum((Counter(one.skipped) for one in (*contents, self.saved)), Counter()))


@dataclass(frozen=True, slots=True)
class SpotifyImport:
    """What importing an account did.

    Attributes
    ----------
    stored
        What changed in the catalogue.
    closed
        Names of playlists that Spotify does not let be read.
    skipped
        Items by reason, as in `SpotifyAccount`.
    coverage
        Of the whole history, after the import.
    """

    stored: Imported
    closed: tuple[str, ...]
    skipped: Mapping[str, int]
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class SavedAtSpotify:
    """A list that was saved as a playlist.

    Attributes
    ----------
    url
        Of the playlist, for a browser.
    found
        Tracks with their Spotify URIs, in the order of the list.
    missing
        Tracks that Spotify does not have, or not so that it could be told.
    """

    url: str
    found: tuple[tuple[TrackId, str], ...]
    missing: tuple[Track, ...]


def sealed_token(key: bytes, token: SpotifyToken) -> bytes:
    """A token as the catalogue may keep it; `key` is that of `segue.services.secrets.server_key`."""
    return seal(key, text_of_token(token))


def unsealed_token(key: bytes, blob: bytes) -> SpotifyToken:
    """The token that was sealed.

    Raises
    ------
    SealBroken, NotAuthorised
        If it cannot be read: the listener has to connect anew.
    """
    return token_of_text(unseal(key, blob))


def read_spotify(
    app: SpotifyApp,
    token: SpotifyToken,
    *,
    renewed: Callable[[SpotifyToken], None],
    progress: Progress | None = None,
) -> SpotifyAccount:
    """Read the playlists and saved tracks of an account.

    Parameters
    ----------
    renewed
        Stores a token that takes the place of `token`.
    progress
        Told of playlists, and of waits that Spotify asks for.

    Raises
    ------
    NotAuthorised, TryLater, ServiceError
        As their names say.
    """
    progress = progress or Silent()
    with open_session(app, token, renewed=renewed, progress=progress) as session:
        saved = saved_tracks(session)
        listed = playlists(session)
        progress.start("reading playlists at Spotify", len(listed))
        read = []
        for playlist in listed:
            read.append(with_tracks(session, playlist))
            progress.advance()
        progress.finish()
    return SpotifyAccount(tuple(read), saved)


def spotify_listens(account: SpotifyAccount) -> Iterator[Listen]:
    """An account as evidence of taste: places in playlists, and saved tracks as liked ones."""
    for playlist in account.playlists:
        if playlist.content is not None:
            yield from map(place_of, playlist.content.tracks)
    yield from map(opinion_of, account.saved.tracks)


def import_spotify(
    data: DataFolder, account: SpotifyAccount, *, listener: str = "", progress: Progress | None = None
) -> SpotifyImport:
    """Store an account for a listener, in place of what was stored of it before.

    Parameters
    ----------
    listener
        Whose it is; empty is the owner of the library.

    Raises
    ------
    CatalogueBusy, CatalogueReadOnly, DiskFull, CatalogueDamaged
        As their names say; nothing was stored then.
    """
    with open_catalogue(data, write=True, create=True) as catalogue:
        source = HistorySource(FORMAT, f"{FORMAT}:account:{listener}")
        stored = import_listens(catalogue, [(source, spotify_listens(account))], listener=listener)
        match_history(catalogue, progress=progress)
        return SpotifyImport(
            stored=stored,
            closed=tuple(one.name for one in account.playlists if one.content is None),
            skipped=account.skipped,
            coverage=coverage(catalogue),
        )


def tracks_here(catalogue: Catalogue, tracks: Sequence[RemoteTrack]) -> list[TrackId | None]:
    """The library's track of each track of an account that was imported; None where it has none."""
    found = tracks_by_uri(catalogue, (track.uri for track in tracks))
    return [found.get(track.uri) for track in tracks]


def save_to_spotify(
    app: SpotifyApp,
    token: SpotifyToken,
    name: str,
    tracks: Sequence[Track],
    *,
    description: str = "",
    renewed: Callable[[SpotifyToken], None],
    progress: Progress | None = None,
) -> SavedAtSpotify:
    """Save a list of tracks as a private playlist, each found by ISRC, then by artist and title.

    Parameters
    ----------
    renewed
        Stores a token that takes the place of `token`.
    progress
        Told of tracks, and of waits that Spotify asks for.

    Raises
    ------
    UsageError
        If there are no tracks.
    NothingFound
        If Spotify has none of them; then no playlist was made.
    NotAuthorised, TryLater, ServiceError
        As their names say.
    """
    if not tracks:
        raise UsageError("there are no tracks to save at Spotify")
    progress = progress or Silent()
    found: list[tuple[TrackId, str]] = []
    missing: list[Track] = []
    with open_session(app, token, renewed=renewed, progress=progress) as session:
        progress.start("looking for tracks at Spotify", len(tracks))
        for track in tracks:
            remote = find_at_spotify(session, track)
            if remote is None:
                missing.append(track)
            else:
                found.append((track.id, remote.uri))
            progress.advance()
        progress.finish()
        if not found:
            raise NothingFound(f"Spotify has none of the {len(tracks)} tracks: no playlist was made")
        url = make_playlist(session, name, [uri for _, uri in found], description=description)
    return SavedAtSpotify(url, tuple(found), tuple(missing))


def find_at_spotify(session: SpotifySession, track: Track) -> RemoteTrack | None:
    """The same recording at Spotify, by ISRC, or by names and length; None where nothing surely is.

    Raises
    ------
    NotAuthorised, TryLater, ServiceError
        As their names say.
    """
    tags = track.tags
    if tags.isrc:
        same = [one for one in search_tracks(session, f"isrc:{tags.isrc}") if one.isrc == tags.isrc]
        if same:
            return min(same, key=lambda one: _apart(one, track))
    if not tags.artist or not tags.title:
        return None
    artist, title = _plain(tags.artist), _plain(tags.title)
    name = _plain(parts_of(tags.title)[0])
    wanted = _of_library(track)
    for query in (f'track:"{name}" artist:"{artist}"', f"{artist} {title}"):
        best = _best(wanted, search_tracks(session, query))
        if best is not None:
            return best
    return None


def _plain(text: str) -> str:
    """Words for a query: what has a meaning in its language is left out."""
    return " ".join(text.replace('"', " ").replace(":", " ").split())[:_LONGEST_NAME]


def _of_library(track: Track) -> Named:
    tags = track.tags
    artists = [name for name in (tags.artist, tags.album_artist) if name]
    return named(artists, tags.title or "", tags.album or "", track.duration_s)


def _apart(remote: RemoteTrack, track: Track) -> float:
    """Seconds between the lengths; of no use where one is unknown."""
    return abs(remote.duration_s - track.duration_s) if remote.duration_s is not None else float("inf")


def _best(wanted: Named, candidates: Sequence[RemoteTrack]) -> RemoteTrack | None:
    """The candidate that surely is the recording, and of several the one that agrees best."""
    fits = []
    for row, one in enumerate(candidates):
        remote = named(
            (", ".join(one.artists), *one.artists[:1]),
            one.title,
            one.album,
            float("nan") if one.duration_s is None else one.duration_s,
        )
        if not _same_song(remote, wanted) or abs(remote.duration_s - wanted.duration_s) > _CLOSE_S:
            continue
        found = compared(remote, wanted, row)
        if found is not None and found.is_same:
            fits.append((found, row))
    return candidates[max(fits)[1]] if fits else None


def _same_song(one: Named, other: Named) -> bool:
    """Whether two titles name one song, a letter apart at most in ten, both live or neither."""
    from rapidfuzz import fuzz

    if _is_live(one) != _is_live(other):
        return False
    if not set(one.song.keys).isdisjoint(other.song.keys):
        return True
    words, others = one.song.words, other.song.words
    return numbers_in(words) == numbers_in(others) and fuzz.ratio(words, others) >= _ALIKE


def _is_live(names: Named) -> bool:
    return names.is_live or names.song.kind == "live"
