// What a person chose for this browser: the theme and the language, kept in local storage.
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

interface Settings {
  theme: Theme;
  /** A language that i18n/ has, or 'system' for the browser's. */
  language: string;
}

const KEY = 'segue.settings';

function stored(): Settings {
  const settings: Settings = { theme: 'system', language: 'system' };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof kept === 'object' && kept !== null) {
      const { theme, language } = kept as Partial<Settings>;
      if (theme && THEMES.includes(theme)) settings.theme = theme;
      if (typeof language === 'string') settings.language = language;
    }
  } catch {
    // Storage that is switched off or damaged: the defaults serve.
  }
  return settings;
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
