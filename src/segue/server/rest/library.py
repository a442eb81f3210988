"""The library as it is: tracks, albums, artists, genres, works, folders, search."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from segue import catalogue as kept
from segue.catalogue import Years
from segue.server import models
from segue.server.access import ServedNow, Somebody
from segue.server.paging import Limit, Offset
from segue.server.records import (
    albums_of,
    artists_of,
    facts_of,
    shown_name,
    tracks_of,
)
from segue.types import TrackId

router = APIRouter(tags=["library"])

TrackOrder = Literal["artist", "title", "newest", "year", "random"]
AlbumOrder = Literal["name", "artist", "newest", "year", "random", "frequent", "recent", "starred", "rated"]
Year = Annotated[int | None, Query(ge=-10_000, le=10_000)]
Words = Annotated[str | None, Query(max_length=400)]
Seed = Annotated[int, Query(ge=0, le=2**31, description="Of a random order: the same seed, the same order.")]
_BY_USE = ("frequent", "recent", "starred", "rated")
_MOST_OF_AN_ARTIST = 200


@router.get("/tracks")
def read_tracks(
    served: ServedNow,
    person: Somebody,
    order: TrackOrder = "artist",
    offset: Offset = 0,
    limit: Limit = 100,
    genre: Words = None,
    year_from: Year = None,
    year_to: Year = None,
    composer: Words = None,
    seed: Seed = 0,
) -> models.Tracks:
    """A page of tracks; `total` is that of the whole library where nothing narrows it."""
    catalogue = served.catalogue()
    years = _years(year_from, year_to)
    found = kept.tracks_page(
        catalogue,
        order=order,
        offset=offset,
        limit=limit,
        genre=genre,
        years=years,
        composer=composer,
        seed=seed,
    )
    whole = genre is None and years is None and composer is None
    total = kept.n_tracks(catalogue) if whole else None
    return models.Tracks(items=tracks_of(catalogue, person.listener, found), total=total)


@router.post("/tracks/lookup")
def look_up_tracks(asked: models.TrackIds, served: ServedNow, person: Somebody) -> models.Tracks:
    """The tracks of these ids, in their order; those that are gone are left out."""
    catalogue = served.catalogue()
    ids = kept.present_ids(catalogue, [TrackId(one) for one in asked.ids])
    found = tracks_of(catalogue, person.listener, kept.tracks(catalogue, ids))
    return models.Tracks(items=found, total=len(found))


@router.get("/tracks/{track}")
def read_track(track: str, served: ServedNow, person: Somebody) -> models.TrackFacts:
    """One track, with all that is known of it."""
    catalogue = served.catalogue()
    return facts_of(catalogue, person.listener, kept.track(catalogue, TrackId(track)))


@router.get("/albums")
def read_albums(
    served: ServedNow,
    person: Somebody,
    order: AlbumOrder = "name",
    offset: Offset = 0,
    limit: Limit = 100,
    genre: Words = None,
    year_from: Year = None,
    year_to: Year = None,
    seed: Seed = 0,
) -> models.Albums:
    """A page of albums; by use (frequent, recent, starred, rated) it is this person's use."""
    catalogue = served.catalogue()
    if order in _BY_USE:
        by = order
        found = kept.albums_by_use(catalogue, person.listener, by=by, offset=offset, limit=limit)  # type: ignore[arg-type]
    else:
        found = kept.albums(
            catalogue,
            order=order,  # type: ignore[arg-type]
            offset=offset,
            limit=limit,
            genre=genre,
            years=_years(year_from, year_to),
            seed=seed,
        )
    return models.Albums(items=albums_of(catalogue, person.listener, found), total=kept.n_albums(catalogue))


@router.get("/albums/{album}")
def read_album(album: str, served: ServedNow, person: Somebody) -> models.AlbumFacts:
    """One album with its tracks, by disc and number."""
    catalogue = served.catalogue()
    [shown] = albums_of(catalogue, person.listener, [kept.album(catalogue, album)])
    tracks = tracks_of(catalogue, person.listener, kept.album_tracks(catalogue, album))
    return models.AlbumFacts(**shown.model_dump(), tracks=tracks)


@router.get("/artists")
def read_artists(served: ServedNow, person: Somebody) -> models.Artists:
    """All artists of tracks and albums, by name."""
    catalogue = served.catalogue()
    return models.Artists(items=artists_of(catalogue, person.listener, kept.artists(catalogue)))


@router.get("/artists/{artist}")
def read_artist(artist: str, served: ServedNow, person: Somebody) -> models.ArtistFacts:
    """One artist: albums by year, and tracks, those first that this person plays most."""
    catalogue = served.catalogue()
    [shown] = artists_of(catalogue, person.listener, [kept.artist(catalogue, artist)])
    top = kept.top_tracks(catalogue, person.listener, artist, _MOST_OF_AN_ARTIST)
    seen = {track.key for track in top}
    rest = [track for track in kept.artist_tracks(catalogue, artist) if track.key not in seen]
    return models.ArtistFacts(
        **shown.model_dump(),
        albums=albums_of(catalogue, person.listener, kept.artist_albums(catalogue, artist)),
        n_played=kept.n_played(catalogue, person.listener, artist),
        tracks=tracks_of(catalogue, person.listener, [*top, *rest][:_MOST_OF_AN_ARTIST]),
    )


@router.get("/genres")
def read_genres(served: ServedNow, person: Somebody) -> list[models.Genre]:
    """All genres of tags."""
    catalogue = served.catalogue()
    return [
        models.Genre(name=one.name, n_tracks=one.n_tracks, n_albums=one.n_albums)
        for one in kept.genres(catalogue)
    ]


@router.get("/composers")
def read_composers(served: ServedNow, person: Somebody) -> list[models.Composer]:
    """All composers, by name."""
    catalogue = served.catalogue()
    return [
        models.Composer(name=one.name, n_tracks=one.n_tracks, n_works=one.n_works)
        for one in kept.composers(catalogue)
    ]


@router.get("/works")
def read_works(served: ServedNow, person: Somebody, composer: Words = None) -> list[models.Work]:
    """All works, or those of a composer."""
    catalogue = served.catalogue()
    return [
        models.Work(name=one.name, composer=one.composer, n_tracks=one.n_tracks)
        for one in kept.works(catalogue, composer)
    ]


@router.get("/works/tracks")
def read_work(
    served: ServedNow,
    person: Somebody,
    composer: Annotated[str, Query(max_length=400)],
    work: Annotated[str, Query(max_length=400)],
) -> models.Tracks:
    """The recordings of one work."""
    catalogue = served.catalogue()
    found = tracks_of(catalogue, person.listener, kept.work_tracks(catalogue, composer, work))
    return models.Tracks(items=found, total=len(found))


@router.get("/folders")
def read_folders(served: ServedNow, person: Somebody) -> list[models.FolderName]:
    """The folders of music."""
    catalogue = served.catalogue()
    return [_folder_name(one) for one in kept.roots_as_folders(catalogue)]


@router.get("/folders/{folder}")
def read_folder(folder: str, served: ServedNow, person: Somebody) -> models.Folder:
    """What lies in a folder."""
    catalogue = served.catalogue()
    found, inside, tracks = kept.folder(catalogue, folder)
    return models.Folder(
        **_folder_name(found).model_dump(),
        parent_id=found.parent_id,
        folders=[_folder_name(one) for one in inside],
        tracks=tracks_of(catalogue, person.listener, tracks),
    )


@router.get("/search")
def search(
    served: ServedNow,
    person: Somebody,
    q: Annotated[str, Query(max_length=400)],
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> models.Found:
    """Artists, albums and tracks by words; case, accents and small slips do not matter."""
    catalogue = served.catalogue()
    found = kept.search_all(catalogue, q, n_artists=limit, n_albums=limit, n_tracks=limit)
    return models.Found(
        artists=artists_of(catalogue, person.listener, found.artists),
        albums=albums_of(catalogue, person.listener, found.albums),
        tracks=tracks_of(catalogue, person.listener, found.tracks),
        corrected=found.corrected,
    )


def _folder_name(one: kept.Folder) -> models.FolderName:
    return models.FolderName(id=one.id, name=shown_name(one.name), n_tracks=one.n_tracks)


def _years(first: int | None, last: int | None) -> Years | None:
    return None if first is None and last is None else (first, last)
