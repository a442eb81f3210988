// Which form of a track to ask the server for: the file as it is, or one that this browser can play.
import { address } from './api';
import type { Track } from './records';

export type Format = 'opus' | 'mp3';
/** What `HTMLAudioElement.canPlayType` answers. */
export type CanPlay = (type: string) => string;

const TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  opus: 'audio/ogg; codecs=opus',
  vorbis: 'audio/ogg; codecs=vorbis',
  aac: 'audio/mp4; codecs=mp4a.40.2',
  alac: 'audio/mp4; codecs=alac',
};

/** null: the file as it is. Of a codec that is not known here the server's word is taken. */
export function formatFor(track: Track, canPlay: CanPlay): Format | null {
  const type = TYPES[track.codec.toLowerCase()];
  if (track.playable && (type === undefined || canPlay(type) !== '')) return null;
  return madeFor(canPlay);
}

/** What the server should make where the file as it is cannot be played. */
export function madeFor(canPlay: CanPlay): Format {
  return canPlay('audio/ogg; codecs=opus') === '' ? 'mp3' : 'opus';
}

/** Where the sound is; what is made on the way is asked for from `start_s` on. */
export function audioAddress(track: Track, format: Format | null, start_s = 0): string {
  const query = format === null ? {} : { format, start_s: start_s > 0 ? start_s : undefined };
  return address('/api/tracks/{track}/audio', { track: track.id }, query);
}
