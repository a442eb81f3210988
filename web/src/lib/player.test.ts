import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Player } from './player.svelte';
import type { Answer, Feedback, Track } from './records';
import { track } from './testing';

/** An audio element whose time passes by `play`. */
class FakeAudio extends EventTarget {
  static made: FakeAudio[] = [];
  currentTime = 0;
  duration = NaN;
  paused = true;
  readyState = 0;
  volume = 1;
  preload = '';
  error = null;
  #src = '';

  constructor() {
    super();
    FakeAudio.made.push(this);
  }
  get src(): string {
    return this.#src;
  }
  set src(address: string) {
    this.#src = address;
    this.paused = true;
    this.currentTime = 0;
    this.readyState = 0;
  }
  hasAttribute = (): boolean => this.#src !== '';
  removeAttribute(): void {
    this.#src = '';
  }
  load(): void {
    this.paused = true;
  }
  canPlayType = (): string => 'maybe';
  async play(): Promise<void> {
    this.paused = false;
  }
  pause(): void {
    this.paused = true;
  }
  /** The file came. */
  come(duration: number): void {
    this.duration = duration;
    this.readyState = 4;
    this.dispatchEvent(new Event('loadedmetadata'));
    this.dispatchEvent(new Event('playing'));
  }
  sound(to_s: number): void {
    while (this.currentTime < to_s) {
      this.currentTime += 0.25;
      this.dispatchEvent(new Event('timeupdate'));
    }
  }
  end(): void {
    this.currentTime = this.duration;
    this.paused = true;
    this.dispatchEvent(new Event('ended'));
  }
  fail(): void {
    this.dispatchEvent(new Event('error'));
  }
}

const answers = (names: string): Answer[] =>
  [...names].map((id) => ({ track: track({ id, duration_s: 100 }), match: 90, reasons: [], kind: 'sound' }));
const tracks = (names: string): Track[] => answers(names).map((answer) => answer.track);
const named = (of: Player): string => of.queue.entries.map((entry) => entry.track.id).join('');
const front = (id: string): FakeAudio => {
  const found = FakeAudio.made.findLast((audio) => audio.src.includes(`/tracks/${id}/`));
  if (!found) throw new Error(`nothing plays ${id}`);
  return found;
};

const fetched = vi.fn<typeof fetch>();
let player: Player;

function told(): Feedback[] {
  return fetched.mock.calls
    .filter(([url]) => String(url).endsWith('/api/feedback'))
    .map(([, request]) => JSON.parse(String(request?.body)) as Feedback);
}

beforeEach(async () => {
  vi.useFakeTimers();
  FakeAudio.made = [];
  vi.stubGlobal('Audio', FakeAudio);
  vi.stubGlobal('HTMLMediaElement', { HAVE_FUTURE_DATA: 3 });
  vi.stubGlobal('document', { baseURI: 'http://host/' });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  vi.stubGlobal('fetch', fetched);
  fetched.mockImplementation(async () => new Response(null, { status: 204 }));
  vi.resetModules();
  player = new (await import('./player.svelte')).Player();
});

afterEach(() => {
  player.pause();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  fetched.mockReset();
});

test('plays one track after the other and tells what was heard', async () => {
  player.playTracks(tracks('ab'));
  front('a').come(100);
  front('a').sound(60);
  expect(told()).toMatchObject([{ track: 'a', kind: 'play' }]);
  front('a').end();
  expect(player.track?.id).toBe('b');
  front('b').come(100);
  front('b').end();
  expect([player.playing, player.track?.id]).toEqual([false, 'b']);
});

test('what is left early was skipped; what plays again was not', () => {
  player.playTracks(tracks('abc'));
  front('a').come(100);
  front('a').sound(10);
  player.next();
  front('b').come(100);
  front('b').sound(3);
  player.previous();
  expect(told()).toMatchObject([{ track: 'a', kind: 'skip', played_s: 10 }]);
  expect(player.track?.id).toBe('a');
});

test('what is left before any sound was skipped, if there was time to read its name', async () => {
  player.playTracks(tracks('abcde'));
  await vi.advanceTimersByTimeAsync(1500);
  player.next();
  expect(told()).toMatchObject([{ track: 'a', kind: 'skip', played_s: 0 }]);
  for (let i = 0; i < 3; i++) {
    await vi.advanceTimersByTimeAsync(300);
    player.next();
  }
  expect(told()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2000);
  player.pause();
  player.clear();
  expect(told()).toHaveLength(1);
});

test('a queue that was only shown is not skipped, nor what waits for the server', async () => {
  player.addLast(answers('ab'));
  player.resume(player.queue, 30);
  await vi.advanceTimersByTimeAsync(5000);
  player.next();
  expect(told()).toEqual([]);
  fetched.mockRejectedValue(new TypeError('offline'));
  await vi.advanceTimersByTimeAsync(5000);
  front('b').fail();
  await vi.advanceTimersByTimeAsync(10);
  player.playTracks(tracks('c'));
  expect(told()).toEqual([]);
});

test('loads the next track before the end and lets it take over', async () => {
  player.playTracks(tracks('ab'));
  front('a').come(100);
  front('a').currentTime = 80;
  await vi.advanceTimersByTimeAsync(60);
  expect(front('b').paused).toBe(true);
  front('a').currentTime = 99.9;
  await vi.advanceTimersByTimeAsync(200);
  expect(player.track?.id).toBe('b');
  expect(front('b').paused).toBe(false);
});

test('removing what plays plays what follows; while paused it stays quiet', () => {
  player.playTracks(tracks('abc'));
  player.remove([player.current?.key ?? 0]);
  expect([player.track?.id, player.playing]).toEqual(['b', true]);
  player.pause();
  player.remove([player.current?.key ?? 0]);
  expect([player.track?.id, player.playing]).toEqual(['c', false]);
  player.clear();
  player.remove([player.current?.key ?? 0]);
  expect([player.track, player.playing]).toEqual([null, false]);
});

test('a file that is gone is passed over, said once, and is no skip', async () => {
  fetched.mockImplementation(async () => new Response(null, { status: 404 }));
  const { toasts } = await import('./toasts.svelte');
  player.playTracks(tracks('ab'));
  front('a').fail();
  await vi.advanceTimersByTimeAsync(0);
  expect(player.track?.id).toBe('b');
  expect(toasts.length).toBe(1);
  expect(told()).toEqual([]);
  front('b').fail();
  await vi.advanceTimersByTimeAsync(0);
  expect(player.playing).toBe(false);
});

test('without the network it tries again later, where it was', async () => {
  player.playTracks(tracks('ab'));
  front('a').come(100);
  front('a').sound(20);
  fetched.mockRejectedValue(new TypeError('offline'));
  front('a').fail();
  await vi.advanceTimersByTimeAsync(10);
  expect(player.trouble).not.toBeNull();
  await vi.advanceTimersByTimeAsync(1000);
  expect(player.trouble).toBeNull();
  expect(player.track?.id).toBe('a');
  front('a').come(100);
  expect(front('a').currentTime).toBe(20);
});

test('a form that the browser cannot play is asked for in another', async () => {
  fetched.mockImplementation(async () => new Response('x', { status: 206 }));
  player.playTracks(tracks('a'));
  front('a').fail();
  await vi.advanceTimersByTimeAsync(0);
  expect(front('a').src).toContain('format=opus');
});

describe('endless play', () => {
  test('is asked for more when the queue nearly ends', async () => {
    const station = vi.fn(async () => answers('de'));
    station.mockResolvedValueOnce(answers('abcd'));
    await player.startStation(station);
    expect([named(player), player.playing]).toEqual(['abcd', true]);
    player.next();
    await vi.advanceTimersByTimeAsync(0);
    expect(named(player)).toBe('abcde');
  });

  test('a skip, a like and a dislike change at once what comes', async () => {
    const heard: unknown[] = [];
    let answer = 'abcd';
    await player.startStation(async () => {
      heard.push(player.events);
      return answers(answer);
    });
    front('a').come(100);
    front('a').sound(5);
    answer = 'xyz';
    player.next();
    await vi.advanceTimersByTimeAsync(0);
    expect(named(player)).toBe('abxyz');
    answer = 'stu';
    player.say(1);
    await vi.advanceTimersByTimeAsync(0);
    expect(named(player)).toBe('abstu');
    player.say(-1);
    await vi.advanceTimersByTimeAsync(0);
    expect(player.track?.id).toBe('s');
    expect(heard.at(-1)).toEqual({ played: [], skipped: ['a'], liked: ['b'], disliked: ['b'] });
  });

  test('ends where a list is played, and an answer that comes late is not heard', async () => {
    let answered: (answer: Answer[]) => void = () => undefined;
    await player.startStation(async () => answers('abcd'));
    player.nextTracks = () => new Promise((resolve) => (answered = resolve));
    const asked = player.ask();
    player.playTracks(tracks('xy'));
    answered(answers('stu'));
    await asked;
    expect([named(player), player.nextTracks]).toEqual(['xy', null]);
  });
});
