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

interface Meant {
  readonly runs?: readonly (readonly number[])[];
  readonly images?: number;
  readonly predecessor?: DicomJson;
}

/** A segment with each of these masks, in as many of the images. */
function built(sources: readonly DicomJson[], { runs = [[0, 2]], images = 1, predecessor }: Meant = {}) {
  const frames = sourceFrames(sources).slice(0, images);
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
  const cells = frames.flatMap(({ key }) => runs.map((mask, n) => ({ segmentId: String(n), frame: key, runs: mask })));
  const identity = { seriesUid: '2.25.1', sopInstanceUid: '2.25.2', instanceNumber: 1, predecessor };
  const rest = { description: 'x', creator: undefined, at: new Date() };
  return buildSegmentation({ segments, cells }, sources, { ...identity, ...rest }, EQUIPMENT).header;
}

const of = (item: DicomJson | undefined, keyword: Parameters<typeof tagOf>[0]) => textOf(item ?? {}, tagOf(keyword));
const item = (from: DicomJson | undefined, keyword: Parameters<typeof tagOf>[0]) =>
  itemsOf(from ?? {}, tagOf(keyword))[0];

it('says whether segments overlap by what their masks share', () => {
  const overlap = (...runs: number[][]) => of(built([image(1)], { runs }), 'SegmentsOverlap');
  expect(overlap([0, 2], [2, 2])).toBe('NO');
  expect(overlap([0, 3], [2, 2])).toBe('YES');
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

it('numbers the frames of a localizer by stacks of one direction each, and gives them no common spacing', () => {
  const lying = (n: number, orientation: number[], position: number[]) =>
    image(n, { '00200037': { vr: 'DS', Value: orientation }, '00200032': { vr: 'DS', Value: position } });
  const axial = (n: number, z: number) => lying(n, [1, 0, 0, 0, 1, 0], [0, 0, z]);
  const sagittal = (n: number, x: number) => lying(n, [0, 1, 0, 0, 0, -1], [x, 0, 2]);
  // Along the normal of the axial ones, the sagittal ones lie at the place of the second.
  const header = built([axial(1, 0), sagittal(2, 0), axial(3, 2), sagittal(4, -2), axial(5, 4)], { images: 5 });
  const frames = itemsOf(header, tagOf('PerFrameFunctionalGroupsSequence')).map((groups) => {
    const content = item(groups, 'FrameContentSequence') ?? {};
    return [
      of(item(item(groups, 'DerivationImageSequence'), 'SourceImageSequence'), 'ReferencedSOPInstanceUID'),
      of(content, 'StackID'),
      numberOf(content, tagOf('InStackPositionNumber')),
      content[tagOf('DimensionIndexValues')]?.Value,
    ];
  });
  expect(frames).toEqual([
    ['1.2.1', '1', 1, [1, 1, 1]],
    ['1.2.3', '1', 2, [1, 1, 2]],
    ['1.2.5', '1', 3, [1, 1, 3]],
    ['1.2.2', '2', 1, [1, 2, 4]],
    ['1.2.4', '2', 2, [1, 2, 5]],
  ]);
  const spacing = (of: DicomJson) =>
    numberOf(
      item(item(of, 'SharedFunctionalGroupsSequence'), 'PixelMeasuresSequence') ?? {},
      tagOf('SpacingBetweenSlices'),
    );
  expect(spacing(header)).toBeUndefined();
  expect(spacing(built([axial(1, 0), axial(2, 2), axial(3, 4)], { images: 3 }))).toBe(2);
});

it('names the segmentation that it follows by what that one is, among all that it refers to in the study too', () => {
  const LABELMAP = '1.2.840.10008.5.1.4.1.1.66.7';
  const names = {
    '00080018': { vr: 'UI', Value: ['1.3.1'] },
    '0020000E': { vr: 'UI', Value: ['1.3'] },
  };
  const named = (predecessor: DicomJson) => {
    const header = built([image(1), image(2)], { predecessor });
    const instances = (from: DicomJson) =>
      itemsOf(from, tagOf('ReferencedInstanceSequence')).map((each) => [
        of(each, 'ReferencedSOPInstanceUID'),
        of(each, 'ReferencedSOPClassUID'),
      ]);
    const series = itemsOf(header, tagOf('ReferencedSeriesSequence'));
    return [instances(header), ...series.map((each) => [of(each, 'SeriesInstanceUID'), instances(each)])];
  };
  const CT = '1.2.840.10008.5.1.4.1.1.2';
  const images = ['1.2.8', ['1.2.1', '1.2.2'].map((uid) => [uid, CT])];
  const labelmap = [['1.3.1', LABELMAP]];
  expect(named({ ...names, '00080016': { vr: 'UI', Value: [LABELMAP] } })).toEqual([
    labelmap,
    images,
    ['1.3', labelmap],
  ]);
  const own = [['1.3.1', '1.2.840.10008.5.1.4.1.1.66.4']];
  expect(named(names)).toEqual([own, images, ['1.3', own]]);
});

it('keeps the Frame of Reference of the segmented images where others of the series have another', () => {
  const elsewhere = image(2, { '00200052': { vr: 'UI', Value: ['1.2.99'] } });
  expect(of(built([image(1), elsewhere]), 'FrameOfReferenceUID')).toBe('1.2.9');
});

it('says of the segmented images alone how they lie and whether they lost by compression', () => {
  const view = (n: number, orientation: string[], lossy: string) =>
    image(n, {
      '00200020': { vr: 'CS', Value: orientation },
      '00200052': { vr: 'UI' },
      '00282110': { vr: 'CS', Value: [lossy] },
    });
  const [lateral, frontal] = [view(1, ['A', 'F'], '00'), view(2, ['L', 'F'], '01')];
  const said = (sources: DicomJson[], images = 1) => {
    const header = built(sources, { images });
    return [header[tagOf('PatientOrientation')], of(header, 'LossyImageCompression')];
  };
  for (const sources of [
    [lateral, frontal],
    [frontal, lateral],
  ]) {
    expect(said(sources)).toEqual([{ vr: 'CS', Value: ['A', 'F'] }, '00']);
    expect(said(sources, 2)).toEqual([{ vr: 'CS' }, '01']);
  }
  expect(said([lateral, view(2, ['A', 'F'], '00')], 2)).toEqual([{ vr: 'CS', Value: ['A', 'F'] }, '00']);
});

it('gives the series a number that fits, whatever that of the images is', () => {
  const numbered = (n: number) => numberOf(built([image(1, { '00200011': { vr: 'IS', Value: [n] } })]), '00200011');
  expect(numbered(3)).toBe(366);
  expect(numbered(1_231_234_567)).toBe(1_231_234_567);
});

it('copies no value that the archive keeps apart from the header', () => {
  const history = { vr: 'LT', BulkDataURI: 'http://archive/bulk/1' };
  expect(built([image(1, { '001021B0': history })])).not.toHaveProperty('001021B0');
  const item = (apart: DicomJson) => ({ '00080100': { vr: 'SH', Value: ['1'] }, ...apart });
  const procedure = (apart: DicomJson) => ({
    vr: 'SQ',
    Value: [item({ '00080121': { vr: 'SQ', Value: [item(apart)] } })],
  });
  const blob = { '00091001': { vr: 'UN', BulkDataURI: 'http://archive/bulk/2' } };
  expect(built([image(1, { '00081032': procedure(blob) })])['00081032']).toEqual(procedure({}));
});
