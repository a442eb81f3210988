// How loud, in which form, and whether it was heard.
import { describe, expect, test, vi } from 'vitest';
import { audioAddress, formatFor } from './formats';
import { Hearing } from './hearing';
import { crossFade, fadeBetween, gainFactor } from './loudness';
import { track } from './testing';

describe('ReplayGain', () => {
  const gain = { track_gain_db: -6, track_peak: 0.9, album_gain_db: 6, album_peak: 0.8 };
  const none = { track_gain_db: null, track_peak: null, album_gain_db: null, album_peak: null };

  test('turns decibels into a factor', () => {
    expect(gainFactor(gain, 'track')).toBeCloseTo(0.501, 3);
    expect(gainFactor(gain, 'off')).toBe(1);
    expect(gainFactor(none, 'album')).toBe(1);
  });

  test('never clips', () => {
    expect(gainFactor(gain, 'album')).toBeCloseTo(1.25, 9); // 6 dB would be 1.995
  });

  test('takes the other figure where the wished one is missing', () => {
    expect(gainFactor({ ...gain, album_gain_db: null }, 'album')).toBeCloseTo(0.501, 3);
  });
});

describe('fades', () => {
  test('keep the power', () => {
    for (const share of [0, 0.2, 0.5, 0.9, 1, 3]) {
      const { out, in: into } = crossFade(share);
      expect(out ** 2 + into ** 2).toBeCloseTo(1, 9);
    }
    expect(crossFade(-1).out).toBe(1);
  });

  test('are left out inside an album and short for short tracks', () => {
    const first = track({ track_number: 1 });
    expect(fadeBetween(first, track({ track_number: 2 }), 8)).toBe(0);
    expect(fadeBetween(first, track({ track_number: 3 }), 8)).toBe(8);
    expect(fadeBetween(first, track({ track_number: 2, album_id: 'other' }), 8)).toBe(8);
    expect(fadeBetween(first, track({ track_number: 3, duration_s: 12 }), 8)).toBe(3);
  });
});

describe('the form that is asked for', () => {
  const everything = (): string => 'maybe';
  const nothing = (): string => '';

  test.each([
    [{ codec: 'mp3' }, everything, null],
    [{ codec: 'wma', playable: false }, everything, 'opus'],
    [{ codec: 'wma', playable: false }, nothing, 'mp3'],
    [{ codec: 'flac' }, nothing, 'mp3'],
    [{ codec: 'unheard-of' }, nothing, null],
  ] as const)('of %j', (facts, can, format) => {
    expect(formatFor(track(facts), can)).toBe(format);
  });

  test('starts late only where it is made on the way', () => {
    vi.stubGlobal('document', { baseURI: 'http://host/' });
    expect(audioAddress(track(), null, 30)).toBe('http://host/api/tracks/t1/audio');
    expect(audioAddress(track(), 'opus', 30)).toBe('http://host/api/tracks/t1/audio?format=opus&start_s=30');
    vi.unstubAllGlobals();
  });
});

describe('a track was played', () => {
  const listen = (hearing: Hearing, from: number, to: number): number => {
    let times = 0;
    for (let s = from; s <= to; s += 0.25) times += Number(hearing.at(s));
    return times;
  };

  test('when half of it was heard, and once', () => {
    const hearing = new Hearing(100);
    expect(listen(hearing, 0, 49)).toBe(0);
    expect(listen(hearing, 49.25, 100)).toBe(1);
  });

  test('after four minutes of a long one', () => {
    expect(listen(new Hearing(3600), 0, 239)).toBe(0);
    expect(listen(new Hearing(3600), 0, 241)).toBe(1);
  });

  test('but not when its end was only looked at', () => {
    const hearing = new Hearing(100);
    listen(hearing, 0, 10);
    hearing.jump();
    listen(hearing, 80, 100);
    expect(hearing.isSkip(true)).toBe(true);
    expect(hearing.heard_s).toBeCloseTo(30, 6);
  });
});
