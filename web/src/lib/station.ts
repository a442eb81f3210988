// Endless play: what it began with, how it is set, and what the server is asked. No browser, no state.
import type { components } from './api-types';

type Schemas = components['schemas'];
export type StationAsked = Schemas['StationAsked'];
export type Seed = Schemas['StationSeed'];
export type StationSettings = Required<Schemas['StationSettings']>;

/** What endless play began with, and its name for people. */
export interface StationPlan {
  seeds: Seed[];
  /** Of a thing of the library: its name; '' where it has none. */
  name: string;
}

export interface Slider {
  key: keyof StationSettings;
  min: number;
  max: number;
}

export const SLIDERS: readonly Slider[] = [
  { key: 'familiar', min: -1, max: 1 },
  { key: 'varied', min: 0, max: 1 },
  { key: 'tempo', min: -1, max: 1 },
  { key: 'energy', min: -1, max: 1 },
];

export const MIDDLE: StationSettings = { familiar: 0, varied: 0.3, tempo: 0, energy: 0 };

/** As many as the server takes of each; the newest are kept. */
const MOST = 2000;

interface Happened {
  readonly played: readonly string[];
  readonly liked: readonly string[];
  readonly disliked: readonly string[];
  readonly skipped: readonly string[];
}

/** The body of the request: what was taken back later is not told. */
export function asked(
  plan: StationPlan,
  settings: StationSettings,
  events: Happened,
  n: number,
): StationAsked {
  const last = (ids: readonly string[]): string[] => ids.slice(-MOST);
  return {
    seeds: plan.seeds,
    settings: { ...settings },
    events: {
      played: last(events.played),
      liked: last(events.liked),
      disliked: last(events.disliked),
      skipped: last(events.skipped),
    },
    n,
  };
}

/** The words beside a slider at a place: which of its two ends, and whether much or little; null in the middle. */
export function leaning(slider: Slider, value: number): { end: 'low' | 'high'; much: boolean } | null {
  const middle = slider.key === 'varied' ? MIDDLE.varied : (slider.min + slider.max) / 2;
  const share =
    value < middle ? (value - middle) / (middle - slider.min) : (value - middle) / (slider.max - middle);
  if (Math.abs(share) < 0.15) return null;
  return { end: share < 0 ? 'low' : 'high', much: Math.abs(share) >= 0.6 };
}

const KINDS: readonly Seed['kind'][] = ['track', 'album', 'artist', 'playlist', 'kind', 'region'];

/** What the address of the page asks for: `?track=t1&name=…`; null where it names nothing. */
export function planOf(query: URLSearchParams): StationPlan | null {
  const seeds = KINDS.flatMap((kind) =>
    kind === 'region' ? [] : query.getAll(kind).map((id): Seed => ({ kind, id, ids: [] })),
  );
  return seeds.length > 0 ? { seeds, name: query.get('name') ?? '' } : null;
}

/** A plan and settings as they were kept; null where that has not their form. Settings out of reach are the middle. */
export function readable(text: string | null): { plan: StationPlan; settings: StationSettings } | null {
  try {
    const kept = JSON.parse(text ?? 'null') as {
      plan?: StationPlan;
      settings?: Partial<StationSettings>;
    } | null;
    const seeds = kept?.plan?.seeds;
    if (!kept || !Array.isArray(seeds) || seeds.length === 0) return null;
    if (!seeds.every((seed) => KINDS.includes(seed.kind))) return null;
    const settings = { ...MIDDLE };
    for (const { key, min, max } of SLIDERS) {
      const value = kept.settings?.[key];
      if (typeof value === 'number' && value >= min && value <= max) settings[key] = value;
    }
    return { plan: { seeds, name: String(kept.plan?.name ?? '') }, settings };
  } catch {
    return null;
  }
}
