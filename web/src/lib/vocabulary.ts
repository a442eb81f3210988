// The words that Segue has for sound, in the reader's language. No browser.
import type { Key } from '../i18n/i18n.svelte';

// Traits of sound, and of the words that an encoder tells those that are no names of genres, as it spells them.
const WORDS = [
  ...(['bright', 'dark', 'rhythmic', 'flowing', 'fast', 'slow', 'dynamic', 'even', 'tonal'] as const),
  ...(['noisy', 'clear', 'dense', 'major', 'minor', 'mixed'] as const),
  ...([
    'acoustic',
    'beautiful',
    'catchy',
    'chill',
    'easy listening',
    'experimental',
    'female vocalist',
  ] as const),
  ...(['female vocalists', 'guitar', 'happy', 'instrumental', 'male vocalists', 'Mellow', 'mellow'] as const),
  ...(['oldies', 'party', 'sad', 'sexy'] as const),
];

/** "dark, jazz, slow 2" with those words said in the language of `t`; names and other words stay as they are. */
export function wordsIn(t: (key: Key) => string, text: string): string {
  return text
    .split(', ')
    .map((part) => {
      const [, word, number = ''] = /^(.*?)( \d+)?$/s.exec(part)!;
      const known = WORDS.find((one) => one === word);
      return known ? t(`word.${known}`) + number : part;
    })
    .join(', ');
}
