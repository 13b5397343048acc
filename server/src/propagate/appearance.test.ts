import { encodeRuns } from '@ohif-medsam/protocol';
import { expect, it } from 'vitest';
import { learnAppearance, separation } from './appearance.ts';

const side = 60;
const disc = (radius: number, x = 30, y = 30) =>
  Uint8Array.from({ length: side * side }, (_, at) =>
    Math.hypot((at % side) - x, Math.floor(at / side) - y) <= radius ? 1 : 0,
  );
/** A disc of one grey level in another, with a fixed pattern of noise. */
const imageOf = (inside: number, outside: number, mask = disc(12), components: 1 | 3 = 1) => ({
  key: '',
  columns: side,
  rows: side,
  components,
  pixels: Uint8Array.from({ length: mask.length * components }, (_, at) => {
    const noise = ((at * 7919) % 23) - 11;
    return (mask[Math.floor(at / components)] ? inside : outside) + noise;
  }),
});
const object = encodeRuns(disc(12));
const kidney = imageOf(170, 90);
const appearance = learnAppearance(kidney, object);

it('parts the object from its surroundings where it was learned, and on a plane like it', () => {
  const here = separation(appearance, kidney, object);
  expect(here).toBeGreaterThan(3);
  expect(separation(appearance, imageOf(165, 95, disc(10)), encodeRuns(disc(10)))).toBeGreaterThan(0.7 * here);
});

it('parts nothing where a mask lies in even tissue, be it the surroundings or more of the same', () => {
  expect(Math.abs(separation(appearance, imageOf(90, 90), object))).toBeLessThan(0.3);
  expect(Math.abs(separation(appearance, imageOf(170, 170), object))).toBeLessThan(0.3);
});

it('parts less the further a mask misses the object, and negatively where it shows the opposite', () => {
  const shifts = [0, 6, 12, 24].map((x) => separation(appearance, kidney, encodeRuns(disc(12, 30 + x))));
  expect(shifts).toEqual([...shifts].sort((a, b) => b - a));
  expect(separation(appearance, imageOf(90, 170), object)).toBeLessThan(0);
});

it('takes colour for the mean of its components', () => {
  const colour = imageOf(170, 90, disc(12), 3);
  expect(separation(learnAppearance(colour, object), colour, object)).toBeGreaterThan(3);
});

it('is zero for an empty mask, and finite where there is no room for surroundings', () => {
  expect(separation(appearance, kidney, [])).toBe(0);
  const everything = [0, side * side];
  expect(Number.isFinite(separation(learnAppearance(kidney, everything), kidney, everything))).toBe(true);
});
