// What the listener said of tracks, albums and artists: shown at once everywhere, told to the server, taken back where
// it refuses.
import { SvelteMap } from 'svelte/reactivity';
import { t } from '../i18n/i18n.svelte';
import { api, ApiError } from './api';
import type { Track } from './records';
import { say } from './toasts.svelte';

export type Opinion = -1 | 0 | 1;
export type ItemKind = 'track' | 'album' | 'artist';
interface Item {
  readonly id: string;
  readonly starred_at: number | null;
}

const opinions = new SvelteMap<string, Opinion>();
const stars = new SvelteMap<string, boolean>();

export function opinionOf(track: Track): Opinion {
  return opinions.get(track.id) ?? (Math.sign(track.opinion) as Opinion);
}

/** Says what one thinks of a track; 0 takes it back. */
export async function setOpinion(track: Track, opinion: Opinion): Promise<void> {
  const before = opinionOf(track);
  opinions.set(track.id, opinion);
  const kind = opinion > 0 ? 'like' : opinion < 0 ? 'dislike' : 'clear';
  await orTakeBack(api.post('/api/feedback', { body: { track: track.id, kind } }), () =>
    opinions.set(track.id, before),
  );
}

export function isStarred(kind: ItemKind, item: Item): boolean {
  return stars.get(`${kind} ${item.id}`) ?? item.starred_at !== null;
}

export async function setStar(kind: ItemKind, item: Item, starred: boolean): Promise<void> {
  const key = `${kind} ${item.id}`;
  const before = isStarred(kind, item);
  stars.set(key, starred);
  const path = { kind, item: item.id };
  const told = starred
    ? api.put('/api/stars/{kind}/{item}', { path })
    : api.delete('/api/stars/{kind}/{item}', { path });
  await orTakeBack(told, () => stars.set(key, before));
}

async function orTakeBack(told: Promise<unknown>, takeBack: () => void): Promise<void> {
  try {
    await told;
  } catch (error) {
    takeBack();
    say(t('feedback.failed', { why: error instanceof ApiError ? error.message : String(error) }), {
      bad: true,
    });
  }
}
