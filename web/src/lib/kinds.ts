// Kinds of music as people read them.
import { t } from '../i18n/i18n.svelte';
import { wordsIn } from './vocabulary';

interface Kind {
  readonly name: string;
  readonly words: readonly string[];
}

/** The name of a kind, beginning like a title. */
export function nameOf({ name }: Kind): string {
  const said = wordsIn(t, name);
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

/** What describes it besides its name; '' where the name says it all. */
export function otherWords({ name, words }: Kind): string {
  const said = name.toLocaleLowerCase();
  return wordsIn(t, words.filter((word) => !said.includes(word.toLocaleLowerCase())).join(', '));
}
