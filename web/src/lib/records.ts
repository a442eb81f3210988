// The records of the API by short names.
import type { components } from './api-types';

type Schemas = components['schemas'];

export type Track = Schemas['Track'];
export type TrackFacts = Schemas['TrackFacts'];
export type Album = Schemas['Album'];
export type AlbumFacts = Schemas['AlbumFacts'];
export type Artist = Schemas['Artist'];
export type ArtistFacts = Schemas['ArtistFacts'];
export type Genre = Schemas['Genre'];
export type Composer = Schemas['Composer'];
export type Work = Schemas['Work'];
export type Folder = Schemas['Folder'];
export type FolderName = Schemas['FolderName'];
export type Found = Schemas['Found'];
export type Answer = Schemas['Answer'];
export type Feedback = Schemas['Feedback'];
export type Starred = Schemas['Starred'];
export type Playlist = Schemas['Playlist'];
export type PlaylistFacts = Schemas['PlaylistFacts'];
export type Lyrics = Schemas['Lyrics'];
export type Peaks = Schemas['Peaks'];
export type Session = Schemas['Session'];
export type Account = Schemas['Account'];
export type Key = Schemas['Key'];
export type Source = Schemas['Source'];
export type About = Schemas['About'];
