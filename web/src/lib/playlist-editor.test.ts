import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PlaylistEditor } from './playlist-editor.svelte';
import type { PlaylistFacts } from './records';
import { track } from './testing';

const fetched = vi.fn<typeof fetch>();
const tracks = (names: string) => [...names].map((id) => track({ id }));
const list = (version: number, names: string, facts: Partial<PlaylistFacts> = {}): PlaylistFacts => ({
  id: 'p1',
  name: 'Mine',
  comment: '',
  owner: 'ada',
  is_own: true,
  is_public: false,
  n_tracks: names.length,
  duration_s: 0,
  created_at: 0,
  changed_at: 0,
  version,
  tracks: tracks(names),
  ...facts,
});
const sent = (): unknown[] =>
  fetched.mock.calls.map(([, request]) => JSON.parse(String(request?.body ?? 'null')));
const names = (editor: PlaylistEditor): string => editor.shown.tracks.map((one) => one.id).join('');
const conflict = (): Response => new Response('{"title":"Changed meanwhile"}', { status: 409 });

beforeEach(() => {
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('document', { baseURI: 'http://host/' });
});
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockReset();
});

test('each change names the version that it is made from', async () => {
  fetched.mockResolvedValueOnce(Response.json(list(8, 'ba')));
  fetched.mockResolvedValueOnce(Response.json(list(9, 'ba', { name: 'Ours' })));
  const editor = new PlaylistEditor(list(7, 'ab'));
  const first = editor.change({ tracks: tracks('ba') });
  const second = editor.change({ name: 'Ours' });
  expect([names(editor), editor.shown.name]).toEqual(['ba', 'Ours']);
  await Promise.all([first, second]);
  expect(sent()).toEqual([
    { version: 7, tracks: ['b', 'a'] },
    { version: 8, name: 'Ours' },
  ]);
  expect(editor.saving).toBe(false);
});

test('where somebody was faster, both versions are there', async () => {
  fetched.mockResolvedValueOnce(conflict());
  fetched.mockResolvedValueOnce(Response.json(list(9, 'abc')));
  const editor = new PlaylistEditor(list(7, 'ab'));
  await editor.change({ tracks: tracks('b') });
  expect(names(editor)).toBe('b');
  expect(editor.theirs?.tracks.length).toBe(3);
  editor.takeTheirs();
  expect([names(editor), editor.theirs]).toEqual(['abc', null]);
  fetched.mockResolvedValueOnce(Response.json(list(10, 'a')));
  await editor.change({ tracks: tracks('a') });
  expect(sent().at(-1)).toEqual({ version: 9, tracks: ['a'] });
});

test('mine is kept as a copy', async () => {
  fetched.mockResolvedValueOnce(conflict());
  fetched.mockResolvedValueOnce(Response.json(list(9, 'abc')));
  const editor = new PlaylistEditor(list(7, 'ab'));
  await editor.change({ tracks: tracks('b') });
  fetched.mockResolvedValueOnce(Response.json(list(1, 'b', { id: 'p2' })));
  expect((await editor.keepCopy('Mine (2)')).id).toBe('p2');
  expect(sent().at(-1)).toEqual({ name: 'Mine (2)', comment: '', is_public: false, tracks: ['b'] });
  expect(names(editor)).toBe('abc');
});

test('another error is told, and nothing is lost', async () => {
  fetched.mockRejectedValueOnce(new TypeError('offline'));
  const editor = new PlaylistEditor(list(7, 'ab'));
  await editor.change({ name: 'Ours' });
  expect(editor.shown.name).toBe('Ours');
  expect(editor.error).not.toBeNull();
  fetched.mockResolvedValueOnce(Response.json(list(8, 'b', { name: 'Ours' })));
  await editor.change({ tracks: tracks('b') });
  expect(sent().at(-1)).toEqual({ version: 7, name: 'Ours', tracks: ['b'] });
  expect(editor.error).toBeNull();
});
