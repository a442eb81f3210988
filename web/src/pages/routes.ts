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
  nav?: { label: Key; icon: IconName };
}

export const ROUTES: readonly Route[] = [
  { path: '', load: () => import('./Home.svelte'), nav: { label: 'home.title', icon: 'home' } },
  { path: 'map', load: () => import('./Map.svelte'), nav: { label: 'map.title', icon: 'map' } },
  {
    path: 'station',
    load: () => import('./Station.svelte'),
    nav: { label: 'station.title', icon: 'endless' },
  },
  { path: 'path', load: () => import('./Path.svelte') },
  { path: 'mix', load: () => import('./Mix.svelte') },
  { path: 'similar/:id', load: () => import('./Similar.svelte') },
  { path: 'kinds', load: () => import('./Kinds.svelte'), nav: { label: 'kinds.title', icon: 'kinds' } },
  { path: 'kinds/:number', load: () => import('./Kind.svelte') },
  { path: 'for-you/:wish', load: () => import('./ForYou.svelte') },
  { path: 'listening-test', load: () => import('./ListeningTest.svelte') },
  { path: 'history', load: () => import('./History.svelte') },
  { path: 'scan', load: () => import('./Scan.svelte') },
  { path: 'problems', load: () => import('./Problems.svelte') },
  { path: 'evaluation', load: () => import('./Evaluation.svelte') },
  { path: 'connections', load: () => import('./Connections.svelte') },
  { path: 'live/:id', load: () => import('./Live.svelte') },
  {
    path: 'settings',
    load: () => import('./Settings.svelte'),
    nav: { label: 'settings.title', icon: 'settings' },
  },
];

export const MISSING: Route = { path: '*', load: () => import('./Missing.svelte') };
