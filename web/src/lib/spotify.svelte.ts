// Whether this person has connected Spotify, and saving a list there.
import { t } from '../i18n/i18n.svelte';
import { api } from './api';
import { wordsOf } from './problem';
import { session } from './session.svelte';
import { say } from './toasts.svelte';

class Spotify {
  connected = $state(false);
  #looked = false;

  /** Asks once; `again` after it was connected or ended. */
  look(again = false): void {
    if ((this.#looked && !again) || !session.value?.features.spotify) return;
    this.#looked = true;
    api.get('/api/connections').then(
      ({ items }) => (this.connected = items.some((one) => one.service === 'spotify' && one.connected)),
      () => (this.#looked = false),
    );
  }

  /** Saves tracks there as a playlist, and says how many of them were found. */
  async save(name: string, tracks: readonly string[]): Promise<void> {
    try {
      const { url, found, missing } = await api.post('/api/connections/spotify/save', {
        body: { name: name.slice(0, 100), tracks: [...tracks] },
      });
      say(t('spotify.saved', { found, count: found + missing.length }), {
        action: { label: t('spotify.open'), run: () => void open(url, '_blank', 'noopener') },
      });
    } catch (error) {
      say(wordsOf(error), { bad: true });
    }
  }
}

export const spotify = new Spotify();
