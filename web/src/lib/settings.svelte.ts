// What a person chose for this browser: look, language, how it plays. Kept in local storage.
import { REPLAYGAIN_MODES, type ReplayGainMode } from './loudness';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const CROSSFADE_MAX_S = 12;

export interface Settings {
  theme: Theme;
  /** A language that i18n/ has, or 'system' for the browser's. */
  language: string;
  replaygain: ReplayGainMode;
  /** Seconds that two tracks overlap; 0 plays them without a gap. */
  crossfade_s: number;
  /** 0 to 1 */
  volume: number;
  muted: boolean;
}

const KEY = 'segue.settings';
const DEFAULTS: Settings = {
  theme: 'system',
  language: 'system',
  replaygain: 'track',
  crossfade_s: 0,
  volume: 0.9,
  muted: false,
};

/** `kept` with everything that does not fit replaced by the default. */
export function sane(kept: unknown): Settings {
  const given = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Settings>;
  const one = <T>(choices: readonly T[], value: unknown, otherwise: T): T =>
    choices.includes(value as T) ? (value as T) : otherwise;
  const number = (value: unknown, max: number, otherwise: number): number =>
    typeof value === 'number' && value >= 0 && value <= max ? value : otherwise;
  return {
    theme: one(THEMES, given.theme, DEFAULTS.theme),
    language: typeof given.language === 'string' ? given.language : DEFAULTS.language,
    replaygain: one(REPLAYGAIN_MODES, given.replaygain, DEFAULTS.replaygain),
    crossfade_s: number(given.crossfade_s, CROSSFADE_MAX_S, DEFAULTS.crossfade_s),
    volume: number(given.volume, 1, DEFAULTS.volume),
    muted: given.muted === true,
  };
}

function stored(): Settings {
  try {
    return sane(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    return { ...DEFAULTS }; // Storage that is switched off or damaged.
  }
}

export const settings = $state(stored());

/** Keeps each change and shows the theme; called once, by the app's root component. */
export function followSettings(): void {
  $effect(() => {
    document.documentElement.dataset.theme = settings.theme;
    try {
      localStorage.setItem(KEY, JSON.stringify(settings));
    } catch {
      // Storage is off or full: the choice lasts until the tab is closed.
    }
  });
}
