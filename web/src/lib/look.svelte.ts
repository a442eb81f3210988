// The colours of the look as a canvas needs them: numbers, for light or dark as it is now.
import { MediaQuery } from 'svelte/reactivity';
import { rgbOf, type Rgb } from './shades';
import { settings } from './settings.svelte';

const dark = new MediaQuery('(prefers-color-scheme: dark)', false);
const still = new MediaQuery('(prefers-reduced-motion: reduce)', false);

export const look = {
  /** Whether the app is dark now. */
  get isDark(): boolean {
    return settings.theme === 'system' ? dark.current : settings.theme === 'dark';
  },
  /** Whether the reader wants little to move. */
  get isStill(): boolean {
    return still.current;
  },
};

/** The number of a colour as CSS knows it (`var(--accent)`); read it where `look.isDark` is followed. */
export function colourNow(value: string, dark: boolean): Rgb {
  const probe = document.createElement('span');
  probe.style.cssText = `position: absolute; color-scheme: ${dark ? 'dark' : 'light'}; color: ${value}`;
  document.body.append(probe);
  const rgb = rgbOf(getComputedStyle(probe).color);
  probe.remove();
  return rgb;
}
