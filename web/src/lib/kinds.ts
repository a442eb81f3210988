// Kinds of music as people read them. No browser.
interface Kind {
  readonly name: string;
  readonly words: readonly string[];
}

/** The name of a kind, beginning like a title. */
export function nameOf({ name }: Kind): string {
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** What describes it besides its name; '' where the name says it all. */
export function otherWords({ name, words }: Kind): string {
  const said = name.toLocaleLowerCase();
  return words.filter((word) => !said.includes(word.toLocaleLowerCase())).join(', ');
}
