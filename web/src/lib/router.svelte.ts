// Where we are in the app: the path below <base href>, the query, links, back and forward, scroll positions.
//
// Links in the app are plain <a href="albums/3"> without a leading slash: the browser resolves them against
// <base href>, so the app works below any path of a reverse proxy, and "open in a new tab" works too.

/** Paths below the base that the server answers itself. */
const SERVED = /^(api|rest|metrics)(\/|$)/;
const SCROLL_KEY = 'segue.scroll';
const SETTLE_MS = 3000;

interface Place {
  /** Path below the base, without a leading slash: '', 'albums/3'. */
  path: string;
  query: URLSearchParams;
}

function base(): URL {
  return new URL(document.baseURI);
}

function placeOf(url: URL): Place {
  return { path: url.pathname.slice(base().pathname.length), query: url.searchParams };
}

let here = $state.raw<Place>({ path: '', query: new URLSearchParams() });
let visits = $state(0);

/** The present place; reading it in a component follows every navigation. */
export const router = {
  get path(): string {
    return here.path;
  },
  get query(): URLSearchParams {
    return here.query;
  },
  /** How many navigations there were since the app opened; 0 on the page that was opened first. */
  get visits(): number {
    return visits;
  },
};

/** Goes to a path of the app (`albums/3?sort=year`); `replace` leaves no step to go back to. */
export function go(path: string, { replace = false } = {}): void {
  const url = new URL(path, base());
  if (replace) history.replaceState(history.state, '', url);
  else {
    keepScroll();
    history.pushState({ key: crypto.getRandomValues(new Uint32Array(1))[0] }, '', url);
  }
  arrive(url);
  if (!replace) scrollTo(0, 0);
}

/** Takes over links, back and forward; called once, before the app is mounted. */
export function startRouter(): void {
  history.scrollRestoration = 'manual';
  here = placeOf(new URL(location.href));
  entry = entryKey();
  restoreScroll();
  addEventListener('click', followLink);
  addEventListener('pagehide', keepScroll);
  addEventListener('popstate', () => {
    keepScroll();
    arrive(new URL(location.href));
    restoreScroll();
  });
}

function arrive(url: URL): void {
  entry = entryKey();
  here = placeOf(url);
  visits += 1;
}

/** The address of the app that a click leads to; null where the browser should do what it always does. */
function inApp(event: MouseEvent): URL | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = (event.target as Element).closest('a');
  if (!link?.hasAttribute('href') || link.target || link.hasAttribute('download')) return null;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !url.pathname.startsWith(base().pathname)) return null;
  return SERVED.test(placeOf(url).path) ? null : url;
}

function followLink(event: MouseEvent): void {
  const url = inApp(event);
  if (!url) return;
  event.preventDefault();
  go(url.href, { replace: url.href === location.href });
}

// Scroll positions: one for each entry of the tab's history, kept over a reload.

let entry = 'first';

function entryKey(): string {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null && 'key' in state
    ? String(state.key)
    : `first ${location.pathname}`;
}

function positions(): Record<string, number> {
  try {
    return JSON.parse(sessionStorage.getItem(SCROLL_KEY) ?? '{}') as Record<string, number>;
  } catch {
    return {};
  }
}

function keepScroll(): void {
  try {
    sessionStorage.setItem(SCROLL_KEY, JSON.stringify({ ...positions(), [entry]: scrollY }));
  } catch {
    // Storage is off: back leads to the top of the page.
  }
}

/** Scrolls to where this entry was left, as soon as its content is tall enough; gives up when the reader scrolls. */
function restoreScroll(): void {
  const top = positions()[entry] ?? 0;
  const asked = new AbortController();
  const settle = (): void => {
    scrollTo(0, top);
    if (Math.abs(scrollY - top) < 2) asked.abort();
  };
  const grown = new ResizeObserver(settle);
  asked.signal.addEventListener('abort', () => grown.disconnect());
  for (const sign of ['wheel', 'touchstart', 'keydown', 'popstate', 'click'] as const) {
    addEventListener(sign, () => asked.abort(), { signal: asked.signal, passive: true });
  }
  setTimeout(() => asked.abort(), SETTLE_MS);
  grown.observe(document.body);
}
