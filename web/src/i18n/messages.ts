// Fills a message: {name} parts, and the form of a number that the language wants. No browser, no state.
export type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Values = Readonly<Record<string, string | number>>;

/**
 * The message with its `{name}` parts filled. Numbers are written as the language writes them; of a message with
 * several forms (`{"one": "{count} track", "other": "{count} tracks"}`) the value `count` chooses one.
 */
export function fill(message: Message, values: Values, language: string): string {
  return form(message, values, language).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? rulesOf(language).number.format(value) : value;
  });
}

interface Rules {
  number: Intl.NumberFormat;
  plural: Intl.PluralRules;
}
const made = new Map<string, Rules>();

/** Made once a language: making them takes longer than all the rest, and a page may have thousands of messages. */
function rulesOf(language: string): Rules {
  let rules = made.get(language);
  if (!rules) {
    rules = { number: new Intl.NumberFormat(language), plural: new Intl.PluralRules(language) };
    made.set(language, rules);
  }
  return rules;
}

function form(message: Message, values: Values, language: string): string {
  if (typeof message === 'string') return message;
  const rule = rulesOf(language).plural.select(Number(values.count));
  return message[rule] ?? message.other ?? '';
}

/**
 * How people of a language wish figures and days written: `en-GB` of `['de', 'en-GB']` where the language is `en`,
 * and the language itself where they name no region of it.
 */
export function localeOf(language: string, wished: readonly string[]): string {
  const found = wished.find((wish) => wish.split('-')[0] === language);
  return found !== undefined && isLocale(found) ? found : language;
}

function isLocale(code: string): boolean {
  try {
    return Intl.getCanonicalLocales(code).length > 0;
  } catch {
    return false; // Some systems name theirs en-US@posix.
  }
}

/** The first wished language that there is (`es-MX` finds `es`); English where there is none. */
export function bestLanguage(wished: readonly string[], there: readonly string[]): string {
  for (const wish of wished) {
    const found = there.find((code) => code === wish) ?? there.find((code) => code === wish.split('-')[0]);
    if (found) return found;
  }
  return 'en';
}
