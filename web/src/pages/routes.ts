// Every page: its path, its file (a chunk of its own), and its words and sign in the side bar where it stands there.
import type { Component } from 'svelte';
import type { Key } from '../i18n/i18n.svelte';
import type { IconName } from '../components/icons';

/**
 * A page shows its heading with PageTitle. Of `albums/:id` it gets `let { params }: { params: { id: string } } = $props()`;
 * which names it asks for is its own affair, so that its type says nothing here.
 */
export type Page = Component<any>;

export interface Route {
  path: string;
  load: () => Promise<{ default: Page }>;
  nav?: { label: Key; icon: IconName; group?: NavGroup };
}

/** The groups of the side bar, in order; what names none stands with what one discovers. */
export const NAV_GROUPS = ['discover', 'library', 'sources', 'program'] as const;
export type NavGroup = (typeof NAV_GROUPS)[number];

export const ROUTES: readonly Route[] = [
  { path: '', load: () => import('./Home.svelte'), nav: { label: 'home.title', icon: 'home' } },
  { path: 'map', load: () => import('./Map.svelte'), nav: { label: 'map.title', icon: 'map' } },
  {
    path: 'station',
    load: () => import('./Station.svelte'),
    nav: { label: 'station.title', icon: 'endless' },
  },
  { path: 'path', load: () => import('./Path.svelte'), nav: { label: 'path.title', icon: 'route' } },
  { path: 'mix', load: () => import('./Mix.svelte'), nav: { label: 'mix.title', icon: 'similar' } },
  { path: 'similar/:id', load: () => import('./Similar.svelte') },
  { path: 'kinds', load: () => import('./Kinds.svelte'), nav: { label: 'kinds.title', icon: 'kinds' } },
  { path: 'kinds/:number', load: () => import('./Kind.svelte') },
  { path: 'for-you/:wish', load: () => import('./ForYou.svelte') },
  {
    path: 'listening-test',
    load: () => import('./ListeningTest.svelte'),
    nav: { label: 'test.title', icon: 'listen', group: 'program' },
  },
  {
    path: 'history',
    load: () => import('./History.svelte'),
    nav: { label: 'history.short', icon: 'upload', group: 'program' },
  },
  {
    path: 'scan',
    load: () => import('./Scan.svelte'),
    nav: { label: 'scan.title', icon: 'scan', group: 'program' },
  },
  { path: 'problems', load: () => import('./Problems.svelte') },
  { path: 'evaluation', load: () => import('./Evaluation.svelte') },
  {
    path: 'connections',
    load: () => import('./Connections.svelte'),
    nav: { label: 'connections.title', icon: 'connections', group: 'sources' },
  },
  { path: 'spotify/:id', load: () => import('./SpotifyList.svelte') },
  { path: 'live/:id', load: () => import('./Live.svelte') },
  {
    path: 'artists',
    load: () => import('./Artists.svelte'),
    nav: { label: 'artists.title', icon: 'artist', group: 'library' },
  },
  {
    path: 'albums',
    load: () => import('./Albums.svelte'),
    nav: { label: 'albums.title', icon: 'album', group: 'library' },
  },
  {
    path: 'tracks',
    load: () => import('./Tracks.svelte'),
    nav: { label: 'tracks.title', icon: 'note', group: 'library' },
  },
  {
    path: 'genres',
    load: () => import('./Genres.svelte'),
    nav: { label: 'genres.title', icon: 'genre', group: 'library' },
  },
  {
    path: 'composers',
    load: () => import('./Composers.svelte'),
    nav: { label: 'composers.title', icon: 'composer', group: 'library' },
  },
  {
    path: 'folders',
    load: () => import('./Folders.svelte'),
    nav: { label: 'folders.title', icon: 'folder', group: 'library' },
  },
  {
    path: 'playlists',
    load: () => import('./Playlists.svelte'),
    nav: { label: 'playlists.title', icon: 'playlist', group: 'library' },
  },
  {
    path: 'starred',
    load: () => import('./Starred.svelte'),
    nav: { label: 'starred.title', icon: 'star', group: 'library' },
  },
  { path: 'artists/:artist', load: () => import('./Artist.svelte') },
  { path: 'albums/:album', load: () => import('./Album.svelte') },
  { path: 'genres/:genre', load: () => import('./Genre.svelte') },
  { path: 'composers/:composer', load: () => import('./Composer.svelte') },
  { path: 'composers/:composer/:work', load: () => import('./Work.svelte') },
  { path: 'folders/:folder', load: () => import('./Folder.svelte') },
  { path: 'playlists/:playlist', load: () => import('./Playlist.svelte') },
  { path: 'search', load: () => import('./Search.svelte') },
  { path: 'queue', load: () => import('./Queue.svelte') },
  { path: 'playing', load: () => import('./Playing.svelte') },
  {
    path: 'settings',
    load: () => import('./Settings.svelte'),
    nav: { label: 'settings.title', icon: 'settings', group: 'program' },
  },
  {
    path: 'about',
    load: () => import('./About.svelte'),
    nav: { label: 'about.title', icon: 'about', group: 'program' },
  },
];

export const MISSING: Route = { path: '*', load: () => import('./Missing.svelte') };
