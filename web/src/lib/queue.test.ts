import { describe, expect, test } from 'vitest';
import * as queues from './queue';
import type { Queue, Wanted } from './queue';
import { track } from './testing';

const wanted = (names: string): Wanted[] => [...names].map((id) => ({ track: track({ id }) }));
const queue = (names: string, place = 0): Queue => queues.playNow(queues.EMPTY, wanted(names), place);
const names = (of: Queue): string => of.entries.map((entry) => entry.track.id).join('');
const playing = (of: Queue): string | undefined => queues.present(of)?.track.id;
const key = (of: Queue, id: string): number => of.entries.find((entry) => entry.track.id === id)?.key ?? -1;

/** Random numbers that are always the same. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

test('plays a list from any of its places', () => {
  expect(playing(queue('abc', 1))).toBe('b');
  expect(playing(queue('abc', 9))).toBe('c');
  expect(playing(queue('', 0))).toBeUndefined();
});

test('adds next and last around what plays', () => {
  expect(names(queues.addNext(queue('abc', 1), wanted('xy')))).toBe('abxyc');
  expect(names(queues.addLast(queue('abc', 1), wanted('xy')))).toBe('abcxy');
  expect(names(queues.addNext(queues.EMPTY, wanted('x')))).toBe('x');
});

test('what a person adds comes before what endless play foresaw', () => {
  const endless = queues.foresee(queue('ab', 0), wanted('stu'));
  expect(names(queues.addLast(endless, wanted('x')))).toBe('abxstu');
});

test('every entry has a key of its own, of the same track too', () => {
  const twice = queues.addLast(queues.addNext(queue('aa'), wanted('a')), wanted('a'));
  expect(new Set(twice.entries.map((entry) => entry.key)).size).toBe(4);
});

describe('move', () => {
  test.each([
    [0, 2, 'bcad', 'b'],
    [1, 3, 'acdb', 'b'],
    [3, 0, 'dabc', 'b'],
    [2, 2, 'abcd', 'b'],
    [9, 0, 'abcd', 'b'],
  ])('%i to %i gives %s and %s plays on', (from, to, order, plays) => {
    const moved = queues.move(queue('abcd', 1), from, to);
    expect(names(moved)).toBe(order);
    expect(playing(moved)).toBe(plays);
  });
});

describe('remove', () => {
  test.each([
    ['a', 'bcd', 'c'],
    ['c', 'abd', 'd'],
    ['cd', 'ab', 'b'],
    ['abcd', '', undefined],
  ])('%s', (gone, left, plays) => {
    const whole = queue('abcd', 2);
    const rest = queues.remove(
      whole,
      [...gone].map((id) => key(whole, id)),
    );
    expect(names(rest)).toBe(left);
    expect(playing(rest)).toBe(plays);
  });

  test('clearing leaves what plays', () => {
    const left = queues.clear(queue('abcd', 2));
    expect([names(left), left.place]).toEqual(['c', 0]);
  });
});

describe('shuffle', () => {
  test('keeps the present track first, loses none, and is undone', () => {
    for (let seed = 1; seed < 40; seed++) {
      const mixed = queues.shuffle(queue('abcdefgh', 3), numbers(seed));
      expect([playing(mixed), mixed.place]).toEqual(['d', 0]);
      expect([...names(mixed)].sort().join('')).toBe('abcdefgh');
      const back = queues.unshuffle({ ...mixed, place: 4 });
      expect(names(back)).toBe('abcdefgh');
      expect(playing(back)).toBe(mixed.entries[4]?.track.id);
    }
  });

  test('what is added and removed meanwhile stays added and removed', () => {
    let mixed = queues.shuffle(queue('abcd', 1), numbers(7));
    mixed = queues.addNext(mixed, wanted('x')); // Behind b, before and after.
    mixed = queues.remove(mixed, [key(mixed, 'c')]);
    expect(names(queues.unshuffle(mixed))).toBe('abxd');
  });

  test('a new list is mixed too, and begins with the track that was chosen', () => {
    const mixed = queues.playNow(queues.shuffle(queue('ab')), wanted('stuv'), 2, numbers(3));
    expect([playing(mixed), mixed.place]).toEqual(['u', 0]);
    expect(names(queues.unshuffle(mixed))).toBe('stuv');
  });
});

describe('what comes next', () => {
  const at = (place: number, repeat: queues.Repeat): Queue => ({ ...queue('abc', place), repeat });
  test.each([
    [0, 'off', false, 1],
    [2, 'off', false, null],
    [2, 'off', true, null],
    [2, 'all', false, 0],
    [1, 'one', false, 1],
    [1, 'one', true, 2],
    [2, 'one', true, null],
  ] as const)('of place %i with repeat %s, by hand %s: %s', (place, repeat, byHand, next) => {
    expect(queues.nextPlace(at(place, repeat), { byHand })).toBe(next);
  });

  test('of an empty queue is nothing', () => {
    expect(queues.nextPlace({ ...queues.EMPTY, repeat: 'all' }, { byHand: true })).toBeNull();
    expect(queues.previousPlace({ ...queues.EMPTY, repeat: 'all' })).toBeNull();
  });

  test('and what came before', () => {
    expect(queues.previousPlace(at(1, 'off'))).toBe(0);
    expect(queues.previousPlace(at(0, 'off'))).toBeNull();
    expect(queues.previousPlace(at(0, 'all'))).toBe(2);
  });
});

describe('endless play', () => {
  test('what it foresees takes the place of what it foresaw, and repeats nothing', () => {
    const first = queues.foresee(queue('ab', 1), wanted('asts'));
    expect(names(first)).toBe('abst');
    const heard = { ...first, place: 2 };
    expect(names(queues.foresee(heard, wanted('tuv')))).toBe('abstuv');
    expect(names(queues.foresee(heard, wanted('uv')))).toBe('absuv');
    expect(names(queues.foresee(heard, wanted('uv'), { keep: true }))).toBe('abstuv');
  });

  test('what a person put there stays', () => {
    const added = queues.addNext(queues.foresee(queue('a'), wanted('st')), wanted('x'));
    expect(names(queues.forget(added))).toBe('ax');
  });
});
