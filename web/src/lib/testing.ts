// Records for tests.
import { vi } from 'vitest';
import { useLanguage } from '../i18n/i18n.svelte';
import type { Track } from './records';

export function track(facts: Partial<Track> = {}): Track {
  return {
    id: 't1',
    title: 'A song',
    artist: 'Somebody',
    artist_id: 'a1',
    album: 'An album',
    album_id: 'l1',
    album_artist: 'Somebody',
    album_artist_id: 'a1',
    track_number: 1,
    disc_number: 1,
    year: 2001,
    duration_s: 200,
    genres: [],
    composer: '',
    work: '',
    codec: 'mp3',
    playable: true,
    has_cover: false,
    replaygain: { track_gain_db: null, track_peak: null, album_gain_db: null, album_peak: null },
    starred_at: null,
    rating: null,
    opinion: 0,
    added_at: 0,
    ...facts,
  };
}

/** Sets the language of the app; the globals that it stubs stay so until `vi.unstubAllGlobals()`. */
export async function speak(language: string): Promise<void> {
  vi.stubGlobal('document', { documentElement: {} });
  vi.stubGlobal('navigator', { languages: [language] });
  await useLanguage(language);
}
