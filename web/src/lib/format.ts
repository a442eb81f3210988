// Figures as people write them.

/** 3:07, or 1:02:03 from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** A long time in the words of a language: "2 hr, 31 min", "3 days, 4 hr". */
export function length(seconds: number, language: string): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  const amounts: [number, string][] =
    minutes >= 48 * 60
      ? [
          [Math.floor(minutes / 1440), 'day'],
          [Math.floor(minutes / 60) % 24, 'hour'],
        ]
      : [
          [Math.floor(minutes / 60), 'hour'],
          [minutes % 60, 'minute'],
        ];
  return amounts
    .filter(([amount]) => amount > 0)
    .map(([value, unit]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value),
    )
    .join(' ');
}

/** A day in the words of a language, of UTC epoch seconds. */
export function day(time_s: number, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(time_s * 1000);
}
