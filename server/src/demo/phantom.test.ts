import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedArchive } from '../adapters/archive/embeddedArchive.ts';
import { numberOf, numbersOf, textOf } from '../ports/dicomJson.ts';
import { PIXEL_MM, SIZE } from './canvas.ts';
import { PHANTOM_LABELS, type PhantomStructure } from './labels.ts';
import { PHANTOM_SLICES, phantomLabels, phantomSlice, SLICE_MM } from './phantomSlice.ts';
import { PHANTOM_SERIES, phantomSopInstanceUid } from './phantomStudy.ts';
import { storeDemoStudy } from './storeDemoStudy.ts';

/** Every fourth slice: enough for volumes and densities, in a quarter of the time. */
const EVERY = 4;
const slices = Array.from({ length: PHANTOM_SLICES / EVERY }, (_, n) => phantomSlice(n * EVERY));

function statistics(structure: PhantomStructure): { ml: number; meanHu: number; deviation: number } {
  const label = PHANTOM_LABELS[structure];
  const values = slices.flatMap(({ hu, labels }) => [...hu].filter((_, pixel) => labels[pixel] === label));
  const meanHu = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - meanHu) ** 2, 0) / values.length;
  return { ml: (values.length * EVERY * PIXEL_MM ** 2 * SLICE_MM) / 1000, meanHu, deviation: Math.sqrt(variance) };
}

describe('the phantom', () => {
  // Volumes of adults, and densities in the portal venous phase, as radiology textbooks give them.
  it.each<[PhantomStructure, [number, number], [number, number]]>([
    ['liver', [1100, 2200], [95, 130]],
    ['spleen', [80, 350], [105, 135]],
    ['kidneyLeft', [110, 260], [120, 200]],
    ['kidneyRight', [110, 260], [120, 200]],
    ['aorta', [50, 150], [120, 165]],
    ['lungs', [500, 2500], [-900, -700]],
    ['vertebrae', [200, 500], [150, 450]],
    ['liverLesion', [5, 40], [40, 80]],
    ['kidneyLesion', [5, 40], [45, 90]],
  ])('has a %s of a usual volume (%j ml) and density (%j HU)', (structure, [least, most], [darkest, brightest]) => {
    const { ml, meanHu } = statistics(structure);
    expect(ml).toBeGreaterThan(least);
    expect(ml).toBeLessThan(most);
    expect(meanHu).toBeGreaterThan(darkest);
    expect(meanHu).toBeLessThan(brightest);
  });

  it('is noisy like a scan, not smooth like a drawing', () => {
    const { deviation } = statistics('liver');
    expect(deviation).toBeGreaterThan(8);
    expect(deviation).toBeLessThan(30);
  });

  it('keeps left and right: the liver is on the right of the patient, the spleen on the left', () => {
    const meanColumn = (structure: PhantomStructure) => {
      const columns = slices.flatMap(({ labels }) => {
        const found: number[] = [];
        labels.forEach((label, pixel) => label === PHANTOM_LABELS[structure] && found.push(pixel % SIZE));
        return found;
      });
      return columns.reduce((sum, column) => sum + column, 0) / columns.length;
    };
    // The patient's left is on the right of the image.
    expect(meanColumn('liver')).toBeLessThan(SIZE / 2 - 40);
    expect(meanColumn('spleen')).toBeGreaterThan(SIZE / 2 + 40);
    expect(meanColumn('kidneyRight')).toBeLessThan(meanColumn('kidneyLeft'));
  });

  it('is the same whenever and wherever it is drawn, and its truth comes without drawing it whole', () => {
    const [again, before] = [phantomSlice(32), slices[32 / EVERY]];
    expect(again).toEqual(before);
    expect(phantomLabels(32)).toEqual(again.labels);
  });
});

describe('the demonstration study', () => {
  let folder: string;
  let archive: EmbeddedArchive;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'medsam-demo-'));
    archive = await EmbeddedArchive.open(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is drawn once, completes what a cut-short start left, and stays as it is', { timeout: 240_000 }, async () => {
    const announced: string[] = [];
    await storeDemoStudy(archive, (message) => announced.push(message));
    await storeDemoStudy(archive, (message) => announced.push(message));
    expect(announced).toHaveLength(1);
    const headers = await archive.seriesMetadata(PHANTOM_SERIES);
    expect(headers).toHaveLength(PHANTOM_SLICES);
    const heights = headers.map((header) => numbersOf(header, '00200032')[2] ?? NaN).sort((a, b) => a - b);
    heights.slice(1).forEach((height, n) => expect(height - (heights[n] ?? NaN)).toBeCloseTo(SLICE_MM, 6));
    for (const header of headers) expect(textOf(header, '0020000E')?.length).toBeLessThanOrEqual(64);
    const middle = headers.find((header) => textOf(header, '00080018') === phantomSopInstanceUid(32));
    expect(numberOf(middle ?? {}, '00200013')).toBe(PHANTOM_SLICES - 32);
    const file = await archive.instance({ ...PHANTOM_SERIES, sopInstanceUid: phantomSopInstanceUid(32) });
    const stored = new Uint16Array(Uint8Array.from(file.subarray(file.length - SIZE * SIZE * 2)).buffer);
    expect(Int16Array.from(stored, (value) => value - 1024)).toEqual(phantomSlice(32).hu);
  });
});
