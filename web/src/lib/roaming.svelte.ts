// Takes what a person chose (look, language, how it plays) from one browser to the next, with the account.
import { untrack } from 'svelte';
import { useLanguage } from '../i18n/i18n.svelte';
import { api } from './api';
import { session } from './session.svelte';
import { sane, settings } from './settings.svelte';

const NAME = 'web'; // Apps share the settings of an account; ours stand under this name.
const REST_MS = 1500;

/** What goes with the person; how loud it is stays with the machine. */
function chosen() {
  const { theme, language, replaygain, crossfade_s } = settings;
  return { theme, language, replaygain, crossfade_s };
}

/** Follows the account's settings until the answer is called. */
export function roamSettings(): () => void {
  const account = session.account;
  if (!account?.name) return () => undefined;
  const kept = account.settings[NAME];
  if (typeof kept === 'object' && kept !== null) {
    const before = settings.language;
    Object.assign(settings, sane({ ...settings, ...kept }));
    if (settings.language !== before) void useLanguage(settings.language);
  }
  let resting: ReturnType<typeof setTimeout> | undefined;
  let told = JSON.stringify(untrack(chosen));
  const tell = (): void => {
    told = JSON.stringify(chosen());
    const body = { settings: { ...account.settings, [NAME]: chosen() } };
    void api.put('/api/account/settings', { body }).catch(() => undefined); // They are kept in this browser, too.
  };
  return $effect.root(() => {
    $effect(() => {
      if (JSON.stringify(chosen()) === told) return;
      clearTimeout(resting);
      resting = setTimeout(tell, REST_MS);
    });
  });
}
