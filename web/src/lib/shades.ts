// Colours for numbers: ramps of even lightness to the eye (OKLab), for light and dark. No browser.
//
// OKLab: B. Ottosson, "A perceptual color space for image processing" (2020).

export type Rgb = readonly [red: number, green: number, blue: number];

interface Stop {
  lightness: number;
  chroma: number;
  /** In degrees. */
  hue: number;
}

/** From the ground to the brightest, or on light the darkest, through embers. */
const DARK: readonly [Stop, Stop] = [
  { lightness: 0.2, chroma: 0.015, hue: 20 },
  { lightness: 0.94, chroma: 0.09, hue: 95 },
];
const LIGHT: readonly [Stop, Stop] = [
  { lightness: 0.965, chroma: 0.012, hue: 95 },
  { lightness: 0.28, chroma: 0.08, hue: 5 },
];
/** Both ramps are most colourful half-way. */
const FULLEST = 0.13;

/** `n` colours from quiet to loud; the lightness changes by the same step from each to the next. */
export function ramp(n: number, dark: boolean, from = 0): Rgb[] {
  const [first, last] = dark ? DARK : LIGHT;
  return Array.from({ length: n }, (_, k) => {
    const share = from + ((1 - from) * k) / Math.max(n - 1, 1);
    const mix = (a: number, b: number): number => a + (b - a) * share;
    const arch = 4 * share * (1 - share);
    const chroma = mix(first.chroma, last.chroma) * (1 - arch) + FULLEST * arch;
    return oklch(mix(first.lightness, last.lightness), chroma, mix(first.hue, last.hue));
  });
}

/** sRGB, 0 to 255, of a colour in OKLCH; chroma is taken back until it fits the screen. */
export function oklch(lightness: number, chroma: number, hue: number): Rgb {
  const turn = (hue * Math.PI) / 180;
  for (let kept = 1; ; kept -= 0.05) {
    const linear = toLinear(lightness, kept * chroma * Math.cos(turn), kept * chroma * Math.sin(turn));
    if (kept <= 0 || linear.every((one) => one > -1e-4 && one < 1 + 1e-4)) {
      const [red, green, blue] = linear.map(gamma) as [number, number, number];
      return [red, green, blue];
    }
  }
}

function toLinear(lightness: number, a: number, b: number): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function gamma(linear: number): number {
  const one = Math.min(Math.max(linear, 0), 1);
  return Math.round(255 * (one <= 0.0031308 ? 12.92 * one : 1.055 * one ** (1 / 2.4) - 0.055));
}

/** A CSS colour as the browser computed it (`rgb(1, 2, 3)`) in numbers. */
export function rgbOf(computed: string): Rgb {
  const [red = 0, green = 0, blue = 0] = (computed.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

export function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}
