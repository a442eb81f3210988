// The signs of the app: paths in a 24 × 24 box, drawn as lines in the colour of the text.
export const ICONS = {
  home: 'M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-5v-6h-4v6H5a1 1 0 0 1-1-1z',
  menu: 'M4 7h16M4 12h16M4 17h16',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
} as const;

export type IconName = keyof typeof ICONS;
