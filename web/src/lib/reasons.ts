// Reasons in the reader's language: the server says them in English, in few forms. What has no known form stays.
import type { Key } from '../i18n/i18n.svelte';
import type { Values } from '../i18n/messages';
import { wordsIn } from './vocabulary';

/** The words for a message of a language, and how it writes a month. */
export interface Tongue {
  t: (key: Key, values?: Values) => string;
  language: string;
}

const QUALITIES = ['timbre', 'harmony', 'rhythm', 'dynamics'] as const;
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** One reason, such as "timbre", "both jazz (91 %)", "sounds like A - B (played 3 times)". */
export function reasonIn(tongue: Tongue, reason: string): string {
  const { t } = tongue;
  const quality = QUALITIES.find((one) => one === reason);
  if (quality) return t(`reason.${quality}`);
  let found = /^tags: (.+)$/.exec(reason);
  if (found) return t('reason.tags', { words: wordsIn(t, found[1]!) });
  found = /^both (.+) \((\d+) %\)$/.exec(reason);
  if (found) return t('reason.both', { name: found[1]!, percent: found[2]! });
  found = /^sounds like (.+)$/.exec(reason);
  if (found) return t('reason.like', { names: namesIn(tongue, found[1]!) });
  found = /^listeners of (.+) also play it$/.exec(reason);
  if (found) return t('reason.usage', { names: namesIn(tongue, found[1]!) });
  return historyIn(tongue, reason) ?? reason;
}

/** Names of tracks, with how often they were played. */
function namesIn({ t }: Tongue, names: string): string {
  if (names === 'what you play') return t('reason.yours');
  return names
    .replace(/\(played once\)/g, `(${t('reason.played', { count: 1 })})`)
    .replace(/\(played (\d+) times\)/g, (_, n: string) => `(${t('reason.played', { count: Number(n) })})`)
    .replace(/\(liked\)/g, `(${t('reason.liked')})`)
    .replace(/(?<=\)) and (?=.+\)$)/, ` ${t('reason.and')} `);
}

/** "liked, played 12 times, last in March 2025", or parts of it; null where a part is something else. */
function historyIn({ t, language }: Tongue, reason: string): string | null {
  const parts = reason.split(', ').map((part) => {
    if (part === 'liked') return t('reason.liked');
    if (part === 'played once') return t('reason.played', { count: 1 });
    const played = /^played (\d+) times$/.exec(part);
    if (played) return t('reason.played', { count: Number(played[1]) });
    const last = /^last in (\w+) (\d{4})$/.exec(part);
    const month = MONTHS.indexOf(last?.[1] ?? '');
    if (!last || month < 0) return null;
    const date = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric' });
    return t('reason.last', { month: date.format(new Date(Number(last[2]), month, 15)) });
  });
  return parts.includes(null) ? null : parts.join(', ');
}
