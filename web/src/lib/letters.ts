// Long lists of names: found by a few letters, put under their first one.

/** A name as it is compared: no case, no accents. */
export function folded(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Those whose name has all words that were typed. */
export function matching<T extends { name: string }>(items: readonly T[], typed: string): readonly T[] {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  return items.filter((item) => {
    const name = folded(item.name);
    return words.every((word) => name.includes(word));
  });
}

/** By the first letter, in the order of the language; what begins with no letter stands under # at the end. */
export function byLetter<T extends { name: string }>(items: readonly T[], language: string): [string, T[]][] {
  const order = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  const groups = grouped(items, ({ name }) => {
    const first = folded(name).match(/[\p{L}\p{N}]/u)?.[0] ?? '#';
    return /\p{L}/u.test(first) ? first.toUpperCase() : '#';
  });
  return [...groups]
    .sort(([a], [b]) => Number(a === '#') - Number(b === '#') || order.compare(a, b))
    .map(([letter, of]) => [letter, of.toSorted((a, b) => order.compare(a.name, b.name))]);
}

/** Items by what `key` says of them, in the order in which the keys come. */
export function grouped<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const of = key(item);
    const group = groups.get(of);
    if (group) group.push(item);
    else groups.set(of, [item]);
  }
  return groups;
}
