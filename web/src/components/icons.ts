// The signs of the app: paths in a 24 × 24 box, drawn as lines in the colour of the text.
export const ICONS = {
  home: 'M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-5v-6h-4v6H5a1 1 0 0 1-1-1z',
  endless:
    'M7 8.5c-2 0-3.5 1.5-3.5 3.5S5 15.5 7 15.5c4 0 6-7 10-7 2 0 3.5 1.5 3.5 3.5S19 15.5 17 15.5c-4 0-6-7-10-7z',
  fit: 'M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4',
  hand: 'M12 3v18M3 12h18M12 3l-2.5 2.5M12 3l2.5 2.5M12 21l-2.5-2.5M12 21l2.5-2.5M3 12l2.5-2.5M3 12l2.5 2.5M21 12l-2.5-2.5M21 12l-2.5 2.5',
  kinds:
    'M8.5 4.5a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM17 8a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM11 15a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5z',
  lasso: 'M12 5c4.7 0 8.5 2.2 8.5 5s-3.8 5-8.5 5-8.5-2.2-8.5-5S7.3 5 12 5zM7 14c-1.5 1-1.5 3 0 3s2 2 .5 4',
  map: 'M9 5L4 7v12l5-2 6 2 5-2V5l-5 2zM9 5v12M15 7v12',
  menu: 'M4 7h16M4 12h16M4 17h16',
  minus: 'M5 12h14',
  play: 'M8 5.5v13l10.5-6.5z',
  plus: 'M12 5v14M5 12h14',
  route:
    'M6 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM18 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 17h7a3 3 0 0 0 0-6H9a3 3 0 0 1 0-6h7',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
} as const;

export type IconName = keyof typeof ICONS;
