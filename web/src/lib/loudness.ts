// How loud a track is to be played: ReplayGain, the listener's volume, fades. Numbers only.
import type { Track } from './records';

export const REPLAYGAIN_MODES = ['off', 'track', 'album'] as const;
export type ReplayGainMode = (typeof REPLAYGAIN_MODES)[number];

/** The factor that ReplayGain asks for, never so large that the loudest sample (`peak`) would be clipped. */
export function gainFactor(gain: Track['replaygain'], mode: ReplayGainMode): number {
  if (mode === 'off') return 1;
  const track = { db: gain.track_gain_db, peak: gain.track_peak };
  const album = { db: gain.album_gain_db, peak: gain.album_peak };
  const [wished, instead] = mode === 'album' ? [album, track] : [track, album];
  const { db, peak } = wished.db === null ? instead : wished;
  if (db === null) return 1;
  const factor = 10 ** (db / 20);
  return peak !== null && peak > 0 ? Math.min(factor, 1 / peak) : factor;
}

/** The slider's 0 to 1 as an amplitude: hearing is nearer to a square than to a line. */
export function amplitude(volume: number): number {
  return volume ** 2;
}

/** Amplitudes of what ends and what begins when `share` (0 to 1) of a cross-fade is over; their power adds up to 1. */
export function crossFade(share: number): { out: number; in: number } {
  const angle = (Math.min(Math.max(share, 0), 1) * Math.PI) / 2;
  return { out: Math.cos(angle), in: Math.sin(angle) };
}

/** Seconds to fade from one track to the next: none within an album that is played in its order. */
export function fadeBetween(from: Track, to: Track, wished_s: number): number {
  const follows =
    from.album_id !== null &&
    from.album_id === to.album_id &&
    (from.disc_number ?? 1) === (to.disc_number ?? 1) &&
    from.track_number !== null &&
    to.track_number === from.track_number + 1;
  return follows ? 0 : Math.max(0, Math.min(wished_s, from.duration_s / 4, to.duration_s / 4));
}
