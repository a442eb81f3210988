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
  { path: 'live/:id', load: () => import('./Live.svelte') },
  {
    path: 'settings',
    load: () => import('./Settings.svelte'),
    nav: { label: 'settings.title', icon: 'settings' },
  },
];

export const MISSING: Route = { path: '*', load: () => import('./Missing.svelte') };
