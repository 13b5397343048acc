import { expect, it } from 'vitest';
import type { DicomJson } from '../ports/archive.ts';
import { itemsOf, numberOf, textOf } from '../ports/dicomJson.ts';
import { tagOf } from './attributes.ts';
import { buildSegmentation } from './buildSegmentation.ts';
import { sourceFrames } from './sourceFrames.ts';

const EQUIPMENT = { manufacturer: 'Maker', modelName: 'model', serialNumber: 'serial', softwareVersion: '1.2.3' };
const MODEL_SHA256 = 'b'.repeat(64);

function image(n: number, over: DicomJson = {}): DicomJson {
  return {
    '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
    '00080018': { vr: 'UI', Value: [`1.2.${String(n)}`] },
    '0020000E': { vr: 'UI', Value: ['1.2.8'] },
    '00200011': { vr: 'IS', Value: [3] },
    '00200032': { vr: 'DS', Value: [0, 0, n] },
    '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] },
    '00200052': { vr: 'UI', Value: ['1.2.9'] },
    '00280010': { vr: 'US', Value: [4] },
    '00280011': { vr: 'US', Value: [4] },
    '00280030': { vr: 'DS', Value: [1, 1] },
    ...over,
  };
}

/** Two segments, both in the first image, with these masks. */
function built(sources: readonly DicomJson[], runs: readonly (readonly number[])[] = [[0, 2]]) {
  const frame = sourceFrames(sources)[0]?.key ?? '';
  const segments = runs.map((_, n) => ({
    id: String(n),
    label: 'Lesion',
    color: [1, 2, 3] as const,
    coding: {
      category: { value: '49755003', scheme: 'SCT', meaning: 'Morphologically Altered Structure' },
      type: { value: '52988006', scheme: 'SCT', meaning: 'Lesion' },
      region: { value: '10200004', scheme: 'SCT', meaning: 'Liver' },
    },
    tracking: { id: 'lesion', uid: '2.25.7' },
    algorithm: { type: 'SEMIAUTOMATIC', name: 'Box', version: '4', modelSha256: MODEL_SHA256 } as const,
  }));
  const cells = runs.map((mask, n) => ({ segmentId: String(n), frame, runs: mask }));
  const identity = { seriesUid: '2.25.1', sopInstanceUid: '2.25.2', instanceNumber: 1, predecessor: undefined };
  const rest = { description: 'x', creator: undefined, at: new Date() };
  return buildSegmentation({ segments, cells }, sources, { ...identity, ...rest }, EQUIPMENT).header;
}

const of = (item: DicomJson | undefined, keyword: Parameters<typeof tagOf>[0]) => textOf(item ?? {}, tagOf(keyword));
const item = (from: DicomJson | undefined, keyword: Parameters<typeof tagOf>[0]) =>
  itemsOf(from ?? {}, tagOf(keyword))[0];

it('says whether segments overlap by what their masks share', () => {
  expect(
    of(
      built(
        [image(1)],
        [
          [0, 2],
          [2, 2],
        ],
      ),
      'SegmentsOverlap',
    ),
  ).toBe('NO');
  expect(
    of(
      built(
        [image(1)],
        [
          [0, 3],
          [2, 2],
        ],
      ),
      'SegmentsOverlap',
    ),
  ).toBe('YES');
});

it('names the model with its hash, the equipment, and the region of the body', () => {
  const header = built([image(1)]);
  const segment = item(header, 'SegmentSequence');
  expect(of(item(segment, 'AnatomicRegionSequence'), 'CodeValue')).toBe('10200004');
  const algorithm = item(segment, 'SegmentationAlgorithmIdentificationSequence');
  expect(of(item(algorithm, 'AlgorithmFamilyCodeSequence'), 'CodeValue')).toBe('123110');
  expect([of(algorithm, 'AlgorithmName'), of(algorithm, 'AlgorithmVersion')]).toEqual(['Box', '4']);
  expect(of(algorithm, 'AlgorithmParameters')).toContain(MODEL_SHA256);
  const device = item(header, 'ContributingEquipmentSequence');
  expect(of(item(device, 'PurposeOfReferenceCodeSequence'), 'CodeValue')).toBe('109102');
  expect([of(device, 'Manufacturer'), of(device, 'SoftwareVersions')]).toEqual(['Maker', '1.2.3']);
});

it('keeps the Frame of Reference of the segmented images where others of the series have another', () => {
  const elsewhere = image(2, { '00200052': { vr: 'UI', Value: ['1.2.99'] } });
  expect(of(built([image(1), elsewhere]), 'FrameOfReferenceUID')).toBe('1.2.9');
});

it('gives the series a number that fits, whatever that of the images is', () => {
  const numbered = (n: number) => numberOf(built([image(1, { '00200011': { vr: 'IS', Value: [n] } })]), '00200011');
  expect(numbered(3)).toBe(366);
  expect(numbered(1_231_234_567)).toBe(1_231_234_567);
});

it('copies no value that the archive keeps apart from the header', () => {
  const history = { vr: 'LT', BulkDataURI: 'http://archive/bulk/1' };
  expect(built([image(1, { '001021B0': history })])).not.toHaveProperty('001021B0');
});
