// What the server calls colours, labels and notes of the map, in the reader's language where it is known.
import { t } from '../i18n/i18n.svelte';
import { wordsIn } from '../lib/vocabulary';

const COLOURS = ['genre', 'genre by ear', 'kind', 'artist', 'album', 'decade'] as const;

export function colourName(name: string): string {
  const known = COLOURS.find((one) => one === name.toLowerCase());
  return known ? t(`map.by.${known}`) : name;
}

/** Labels of the colour of that name; names of artists, albums and genres stay as they are. */
export function labelsIn(colour: string, labels: readonly string[]): readonly string[] {
  if (colour === 'kind') return labels.map((label) => wordsIn(t, label));
  if (colour === 'decade') return labels.map((label) => t('decade.of', { decade: label.replace(/s$/, '') }));
  return labels;
}

/** The first colour that tells anything: files without tags leave some of them without a label. */
export function firstTelling(colours: readonly { name: string; labels: readonly string[] }[]): string {
  return (colours.find(({ labels }) => labels.length > 0) ?? colours[0])?.name ?? '';
}

export function noteIn(note: string): string {
  const late = /^([\d,]+) of ([\d,]+) tracks came after the map was made/.exec(note);
  if (!late) return note;
  const [placed, count] = late.slice(1).map((figure) => Number(figure.replaceAll(',', '')));
  return t('map.late', { placed: placed!, count: count! });
}
