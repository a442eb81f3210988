import { expect, test, vi } from 'vitest';
import { ApiError } from './api';
import { patiently } from './patient';

test('asks again while it is being made, and says so', async () => {
  vi.useFakeTimers();
  const answers = [{ being_made: true as const }, { being_made: true as const }, { items: [1] }];
  const onwait = vi.fn();
  const answer = patiently(async () => answers.shift()!, new AbortController().signal, onwait);
  await vi.runAllTimersAsync();
  expect(await answer).toEqual({ items: [1] });
  expect(onwait).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});

test('does not ask again after an error, or for a page that was left', async () => {
  const left = new AbortController();
  const ask = vi.fn(async () => {
    left.abort();
    return { being_made: true as const };
  });
  await expect(patiently(ask, left.signal)).rejects.toThrow();
  expect(ask).toHaveBeenCalledTimes(1);
  const failing = vi.fn(() => Promise.reject<object>(new ApiError(503, 'Busy', '')));
  await expect(patiently(failing, new AbortController().signal)).rejects.toThrow('Busy');
  expect(failing).toHaveBeenCalledTimes(1);
});
