import { CT_WINDOWS, type WindowChoice } from '@ohif-medsam/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PixelArray, Slice } from '../ports/sliceStore.ts';
import { percentilesOf } from './percentiles.ts';
import { sameWindow, windowSlice, type SeriesFacts } from './window.ts';

const sliceOf = (pixels: PixelArray, facts: Partial<Slice> = {}): Slice => ({
  seriesUid: '1.2',
  plane: { axis: 'k', frame: '1.2.3/1' },
  hash: 'a'.repeat(64),
  columns: pixels.length,
  rows: 1,
  components: 1,
  pixels,
  slope: 1,
  intercept: 0,
  invert: false,
  ...facts,
});
const auto: WindowChoice = { kind: 'auto' };
const ct: SeriesFacts = { modality: 'CT', bodyPart: 'ABDOMEN' };
const mr: SeriesFacts = { modality: 'MR' };
const greys = (slice: Slice, choice: WindowChoice, series = ct) => [...windowSlice(slice, choice, series).image.pixels];

describe('CT', () => {
  it('applies slope and intercept once: stored 1024 with intercept -1024 is water, 0 HU', () => {
    const slice = sliceOf(Uint16Array.of(0, 1024, 1064, 1264, 4000), { intercept: -1024 });
    // Abdomen, level 40 width 400: -160 HU is black, 240 HU is white, 40 HU is the middle.
    expect(greys(slice, auto)).toEqual([0, 102, 128, 255, 255]);
    expect(windowSlice(slice, auto, ct).window).toEqual({ center: 40, width: 400, label: 'Abdomen' });
  });

  it.each([
    ['HEAD', 40, 80],
    ['LUNG', -600, 1500],
    ['CHEST', 40, 400],
    ['LSPINE', 400, 1800],
    [undefined, 40, 400],
  ])('takes the window of the anatomy %s', (bodyPart, center, width) => {
    const { window } = windowSlice(sliceOf(Int16Array.of(0, 1)), auto, { modality: 'CT', bodyPart });
    expect(window).toMatchObject({ center, width });
  });

  it('knows every preset by its id, and names them all when asked for another', () => {
    const slice = sliceOf(Int16Array.of(0, 1));
    for (const preset of CT_WINDOWS)
      expect(windowSlice(slice, { kind: 'preset', id: preset.id }, ct).window?.label).toBe(preset.label);
    expect(() => windowSlice(slice, { kind: 'preset', id: 'foot' }, ct)).toThrow(/"foot".*abdomen/);
  });

  it('shows a screenshot, 8 bits without rescale, as it is', () => {
    expect(greys(sliceOf(Uint8Array.of(0, 7, 255)), auto)).toEqual([0, 7, 255]);
    expect(greys(sliceOf(Uint8Array.of(0, 2, 255), { slope: 100, intercept: -160 }), auto)).toEqual([0, 128, 255]);
  });
});

describe('padding, inversion and numbers that are none', () => {
  it('makes padding black, also where low values are bright', () => {
    const pixels = Int16Array.of(-2000, -160, 240, 500);
    expect(greys(sliceOf(pixels, { padding: [-2000, -2000] }), auto)).toEqual([0, 0, 255, 255]);
    expect(greys(sliceOf(pixels, { padding: [-2000, -2000], invert: true }), auto)).toEqual([0, 255, 0, 0]);
    expect(greys(sliceOf(pixels, { padding: [200, 600] }), auto)).toEqual([0, 0, 0, 0]);
  });

  it('keeps padding out of the percentiles', () => {
    const pixels = Int16Array.from({ length: 1000 }, (_, n) => (n < 500 ? 4095 : 100 + (n % 100)));
    const { window } = windowSlice(sliceOf(pixels, { padding: [4095, 4095] }), auto, mr);
    expect(window?.center).toBeCloseTo(149.5, 0);
    expect(window?.width).toBeLessThan(101);
  });

  it('turns NaN into black and infinities into the ends', () => {
    const slice = sliceOf(Float32Array.of(NaN, -Infinity, Infinity, 1, 2, 3));
    expect(greys(slice, { kind: 'level', center: 2, width: 2 }, mr)).toEqual([0, 0, 255, 0, 128, 255]);
    expect(windowSlice(slice, auto, mr).window?.center).toBeCloseTo(2);
  });

  it.each([
    ['empty', new Int16Array(9)],
    ['of one value', new Int16Array(9).fill(70)],
    ['all NaN', new Float32Array(9).fill(NaN)],
  ])('gives a usable window for an image that is %s', (_, pixels) => {
    const { window } = windowSlice(sliceOf(pixels), auto, mr);
    expect(window?.width).toBeGreaterThan(0);
    expect(Number.isFinite(window?.center)).toBe(true);
  });
});

describe('pictures', () => {
  it('passes colour through, untouched and without a window', () => {
    const pixels = Uint8Array.of(1, 2, 3, 250, 251, 252);
    const made = windowSlice(
      sliceOf(pixels, { components: 3, columns: 2 }),
      { kind: 'level', center: 1, width: 1 },
      ct,
    );
    expect(made).toMatchObject({ window: null, image: { pixels, components: 3 } });
  });

  it('refuses colour that is not 8 bit', () => {
    const slice = sliceOf(new Uint16Array(6), { components: 3, columns: 2 });
    expect(() => windowSlice(slice, auto, ct)).toThrow(expect.objectContaining({ code: 'slice-mismatch' }));
  });

  it('leaves 8-bit ultrasound alone, stretches 8-bit MR and 16-bit ultrasound', () => {
    const pixels = Uint8Array.of(0, 50, 60, 70);
    const us = { modality: 'US' };
    expect(windowSlice(sliceOf(pixels), auto, us)).toMatchObject({ window: null, image: { pixels } });
    expect(greys(sliceOf(pixels), auto, mr)).toEqual([0, 0, 128, 255]);
    expect(windowSlice(sliceOf(Uint16Array.from(pixels)), auto, us).window?.label).toBe('Automatic');
  });
});

describe('any slice', () => {
  const types = [Int8Array, Uint8Array, Int16Array, Uint16Array, Float32Array] as const;
  const anySlice = fc
    .tuple(
      fc.constantFrom(...types),
      fc.array(fc.double({ min: -40_000, max: 70_000 }), { minLength: 1 }),
      fc.boolean(),
    )
    .map(([type, values, invert]) => sliceOf(type.from(values), { invert, slope: 0.5, intercept: -10 }));

  it('[W1] a brighter value never becomes darker, nor the other way round under MONOCHROME1', () =>
    fc.assert(
      fc.property(anySlice, (slice) => {
        // NaN is neither brighter nor darker: it has a test of its own.
        fc.pre(!slice.pixels.some(Number.isNaN));
        const { pixels } = windowSlice(slice, auto, mr).image;
        const order = Array.from(slice.pixels.keys()).sort((a, b) => slice.pixels[a]! - slice.pixels[b]!);
        const shown = order.map((at) => pixels[slice.invert ? order[order.length - 1 - order.indexOf(at)]! : at]!);
        expect(shown).toEqual([...shown].sort((a, b) => a - b));
      }),
    ));

  it('a handle that is dragged asks for the same image again, which is made once', () => {
    const slice = sliceOf(Int16Array.from({ length: 100 }, (_, n) => n * 30));
    const { image } = windowSlice(slice, auto, ct);
    expect(windowSlice(slice, auto, ct).image).toBe(image);
    expect(windowSlice(slice, { kind: 'preset', id: 'lung' }, ct).image).not.toBe(image);
  });

  it('[W2] the window that was used, asked for by its numbers, gives the same image', () =>
    fc.assert(
      fc.property(anySlice, (slice) => {
        const made = windowSlice(slice, auto, mr);
        const again = windowSlice(slice, sameWindow(made.window), mr);
        expect(again.image.pixels).toEqual(made.image.pixels);
        expect(again.image.key).toBe(made.image.key);
      }),
    ));

  it('[W4] a slice large enough for a table of greys is shown as a small one', () =>
    fc.assert(
      fc.property(anySlice, (slice) => {
        const large = new (slice.pixels.constructor as typeof Int16Array)(70_000);
        for (let at = 0; at < large.length; at++) large[at] = slice.pixels[at % slice.pixels.length]!;
        const window = { kind: 'level', center: 500, width: 3_000 } as const;
        const shown = windowSlice({ ...slice, pixels: large }, window, mr).image.pixels;
        expect(shown.subarray(0, slice.pixels.length)).toEqual(windowSlice(slice, window, mr).image.pixels);
      }),
      { numRuns: 30 },
    ));

  it('[W3] 99 % of the foreground lies within the automatic window', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 2 }), (values) => {
        const [low, high] = percentilesOf(sliceOf(Uint16Array.from(values)), [0.5, 99.5]);
        const outside = values.filter((v) => v < low || v > high).length;
        // One more on either side: percentiles lie between two values.
        expect(outside).toBeLessThanOrEqual(values.length * 0.01 + 2);
      }),
    ));
});

it('samples large slices evenly: the percentiles of 4 million pixels are right to half a percent of the range', () => {
  const side = 2048;
  const pixels = Uint16Array.from({ length: side * side }, (_, at) => 1 + (at % side) + Math.floor(at / side));
  const [low, middle] = percentilesOf(sliceOf(pixels, { columns: side, rows: side }), [0.5, 50]);
  expect(Math.abs(middle - side)).toBeLessThan(20);
  expect(Math.abs(low - 2 * side * Math.sqrt(0.0025 / 2) * Math.SQRT2)).toBeLessThan(30);
});
