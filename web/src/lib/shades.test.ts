import { expect, test } from 'vitest';
import { css, oklch, ramp, rgbOf } from './shades';

/** CIE lightness of a colour, 0 to 100. */
function lightness(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((one) => {
    const share = one / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

test.each([true, false])('a ramp has even steps of lightness (dark: %s)', (dark) => {
  const steps = ramp(12, dark).map(lightness);
  const rises = steps.slice(1).map((one, k) => (dark ? 1 : -1) * (one - steps[k]!));
  expect(Math.min(...rises)).toBeGreaterThan(3.5);
  expect(Math.max(...rises)).toBeLessThan(9.5);
});

test('white, black and red are what they are', () => {
  expect(oklch(1, 0, 0)).toEqual([255, 255, 255]);
  expect(oklch(0, 0, 0)).toEqual([0, 0, 0]);
  expect(oklch(0.62796, 0.25768, 29.23)).toEqual([255, 0, 0]);
});

test('colours as CSS writes them', () => {
  expect(rgbOf('rgb(181, 67, 27)')).toEqual([181, 67, 27]);
  expect(css([1, 2, 3])).toBe('rgb(1 2 3)');
});
