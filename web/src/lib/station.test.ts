import { expect, test } from 'vitest';
import { asked, leaning, MIDDLE, planOf, readable, SLIDERS } from './station';

const NOTHING = { played: [], liked: [], disliked: [], skipped: [] };

test('asks with what happened, the newest where it is more than the server takes', () => {
  const plan = { seeds: [{ kind: 'track' as const, id: 't1', ids: [] }], name: '' };
  const played = Array.from({ length: 2500 }, (_, k) => `t${k}`);
  const body = asked(plan, { ...MIDDLE, tempo: -0.5 }, { ...NOTHING, played, skipped: ['x'] }, 12);
  expect(body.events?.played).toHaveLength(2000);
  expect(body.events?.played?.at(-1)).toBe('t2499');
  expect(body).toMatchObject({ n: 12, seeds: plan.seeds, settings: { tempo: -0.5, varied: 0.3 } });
  expect(body.events?.skipped).toEqual(['x']);
});

test.each([
  ['familiar', 0, null],
  ['familiar', -1, { end: 'low', much: true }],
  ['tempo', 0.3, { end: 'high', much: false }],
  ['varied', 0.3, null],
  ['varied', 0, { end: 'low', much: true }],
  ['varied', 0.9, { end: 'high', much: true }],
] as const)('%s at %d leans', (key, value, wanted) => {
  const slider = SLIDERS.find((one) => one.key === key)!;
  expect(leaning(slider, value)).toEqual(wanted);
});

test('the address says what endless play begins with', () => {
  expect(planOf(new URLSearchParams('track=t1&track=t2&album=b3&name=Two'))).toEqual({
    seeds: [
      { kind: 'track', id: 't1', ids: [] },
      { kind: 'track', id: 't2', ids: [] },
      { kind: 'album', id: 'b3', ids: [] },
    ],
    name: 'Two',
  });
  expect(planOf(new URLSearchParams('name=x'))).toBeNull();
});

test('what was kept is read, and nonsense is not', () => {
  const plan = { seeds: [{ kind: 'album', id: 'b1', ids: [] }], name: 'One' };
  const kept = JSON.stringify({ plan, settings: { tempo: -0.4, energy: 7 } });
  expect(readable(kept)).toEqual({ plan, settings: { ...MIDDLE, tempo: -0.4 } });
  for (const text of [null, '', '{', '7', '{"plan": {"seeds": []}}', '{"plan": {"seeds": [{"kind": "x"}]}}'])
    expect(readable(text), String(text)).toBeNull();
});
