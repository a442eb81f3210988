// The last searches, kept in this browser.
const KEY = 'segue.searches';
const KEPT = 8;

export function recentSearches(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept)
      ? kept.filter((one): one is string => typeof one === 'string').slice(0, KEPT)
      : [];
  } catch {
    return [];
  }
}

/** The list with `text` first; a search that was only its beginning is left out: it was being typed. */
export function withSearch(before: readonly string[], text: string): string[] {
  const lower = text.toLowerCase();
  return [text, ...before.filter((one) => !lower.startsWith(one.toLowerCase()))].slice(0, KEPT);
}

export function keepSearches(searches: readonly string[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(searches));
  } catch {
    // Storage is off or full.
  }
}
