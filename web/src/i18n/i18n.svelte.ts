// The words of the app in the reader's language. A language is one file beside this one, named by its code.
import { reasonIn } from '../lib/reasons';
import english from './en.json';
import { bestLanguage, fill, localeOf, type Message, type Values } from './messages';

export type Key = keyof typeof english;
type Messages = Record<Key, Message>;

const FILES = import.meta.glob<Messages>(['./*.json', '!./en.json'], { import: 'default' });

/** Codes of the languages that there are: `['en', 'es']`. */
export const LANGUAGES: readonly string[] = ['en', ...Object.keys(FILES).map((file) => file.slice(2, -5))];

let messages = $state.raw<Messages>(english);
let locale = $state('en');

/** How the language in use is written where the reader lives, such as `en-GB`, for `Intl`. */
export function language(): string {
  return locale;
}

/** The words for `key` in the language in use; reading it in a component follows a change of language. */
export function t(key: Key, values: Values = {}): string {
  return fill(messages[key], values, locale);
}

/** A reason that the server gave, in the language in use. */
export function reasonWords(reason: string): string {
  return reasonIn({ t, language: locale }, reason);
}

/** The name of a language in that language: `español`. */
export function languageName(code: string): string {
  return new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
}

/** Changes to a language that there is, or with 'system' to what the browser asks for. */
export async function useLanguage(wished: string): Promise<void> {
  const code = bestLanguage(wished === 'system' ? navigator.languages : [wished], LANGUAGES);
  messages = (await FILES[`./${code}.json`]?.()) ?? english;
  locale = localeOf(code, navigator.languages);
  document.documentElement.lang = code;
}
