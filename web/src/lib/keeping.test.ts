import { expect, test, vi } from 'vitest';
import { EMPTY, playNow, shuffle } from './queue';
import { track } from './testing';

vi.stubGlobal('Audio', class extends EventTarget {});
const { keepable, readable } = await import('./keeping.svelte');

const long = playNow(
  EMPTY,
  Array.from({ length: 50 }, (_, i) => ({ track: track({ id: `t${i}` }) })),
  30,
);

test('a long queue is kept around the track that plays', () => {
  const kept = keepable(long, 20);
  expect(kept.entries.length).toBe(20);
  expect(kept.entries[kept.place]?.track.id).toBe('t30');
  expect(keepable(long, 500).entries).toEqual(long.entries);
  expect(keepable({ ...long, place: 49 }, 20).place).toBe(19);
});

test('a shuffled one keeps the order of what is kept', () => {
  const kept = keepable(shuffle(long), 20);
  expect(new Set(kept.ordered)).toEqual(new Set(kept.entries.map((entry) => entry.key)));
});

test('what was kept is read again', () => {
  const kept = { queue: long, position_s: 12, at: 1 };
  expect(readable(JSON.stringify(kept))).toEqual(kept);
});

test.each([null, '', '{', '7', '{"queue":{}}', '{"queue":{"entries":[{}]},"position_s":1}'])(
  'nothing is made of %j',
  (text) => {
    expect(readable(text)).toBeNull();
  },
);
