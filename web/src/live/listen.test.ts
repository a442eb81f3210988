import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listen } from './listen';
import type { Timeline } from './timeline';

/** A connection that says what the test tells it to. */
class Source extends EventTarget {
  static made: Source[] = [];
  closed = false;

  constructor(readonly url: string) {
    super();
    Source.made.push(this);
  }

  say(name: string, data: unknown): void {
    this.dispatchEvent(Object.assign(new Event(name), { data: JSON.stringify(data) }));
  }

  close(): void {
    this.closed = true;
  }
}

const never = (): void => expect.unreachable();

beforeEach(() => {
  Source.made = [];
  vi.stubGlobal('EventSource', Source);
  vi.stubGlobal('document', { baseURI: 'https://music.example/' });
  vi.stubGlobal('requestAnimationFrame', (show: () => void) => (queueMicrotask(show), 1));
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
});

afterEach(() => vi.unstubAllGlobals());

test('moments are gathered until the end, and remembered', async () => {
  const heard: Timeline[] = [];
  listen('t1', (all) => heard.push(all), never);
  const source = Source.made[0]!;
  expect(source.url).toBe('https://music.example/api/tracks/t1/timeline');
  source.say('classes', ['Folk', 'Jazz']);
  source.say('moment', { start_s: 0, probabilities: [0.4, 0.6] });
  await Promise.resolve();
  expect(heard.at(-1)).toMatchObject({ names: ['Folk', 'Jazz'], ended: false });
  source.say('moment', { start_s: 1, probabilities: [0.5, 0.5] });
  source.say('end', null);
  expect(source.closed).toBe(true);
  expect(heard.at(-1)?.moments).toHaveLength(2);

  listen('t1', (all) => heard.push(all), never);
  expect(Source.made).toHaveLength(1);
  expect(heard.at(-1)).toMatchObject({ ended: true });
});

test('a problem of the track is told, what came before stays', () => {
  const heard: Timeline[] = [];
  const failed: unknown[] = [];
  listen(
    't2',
    (all) => heard.push(all),
    (error) => failed.push(error),
  );
  const source = Source.made[0]!;
  source.say('classes', ['Folk']);
  source.say('problem', 'the file ends in the middle');
  expect(failed[0]).toMatchObject({ title: 'the file ends in the middle' });
});

test('where the connection fails, the server is asked why', async () => {
  vi.stubGlobal(
    'fetch',
    vi.fn(async () =>
      Response.json({ title: 'Nothing found', detail: 'there is no genre model' }, { status: 404 }),
    ),
  );
  const failed: unknown[] = [];
  listen('t3', never, (error) => failed.push(error));
  Source.made[0]!.dispatchEvent(new Event('error'));
  await vi.waitFor(() => expect(failed).toHaveLength(1));
  expect(failed[0]).toMatchObject({ status: 404, detail: 'there is no genre model' });
  expect(Source.made[0]!.closed).toBe(true);
});
