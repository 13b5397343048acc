import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { attributes } from './attributes.ts';
import { readSegment } from './readSegment.ts';
import { codeItem, segmentItem } from './segmentItem.ts';

const code = (value: string, meaning: string, scheme = 'SCT') => codeItem({ value, scheme, meaning });

/** As another program describes what it found by itself. */
const FOREIGN = attributes({
  SegmentNumber: [1],
  SegmentLabel: ['Kidney'],
  SegmentDescription: ['First line\nand a second one'],
  SegmentAlgorithmType: ['AUTOMATIC'],
  SegmentAlgorithmName: ['Kidney finder'],
  SegmentationAlgorithmIdentificationSequence: [
    attributes({
      AlgorithmFamilyCodeSequence: [code('123109', 'Manual Processing', 'DCM')],
      AlgorithmName: ['Finder of kidneys'],
      AlgorithmVersion: ['7.1'],
      AlgorithmSource: ['Somebody else'],
      AlgorithmParameters: ['--fast'],
    }),
  ],
  SegmentedPropertyCategoryCodeSequence: [code('123037004', 'Anatomical Structure')],
  SegmentedPropertyTypeCodeSequence: [
    {
      ...code('64033007', 'Kidney'),
      ...attributes({ SegmentedPropertyTypeModifierCodeSequence: [code('7771000', 'Left')] }),
    },
  ],
  AnatomicRegionSequence: [
    { ...code('818981001', 'Abdomen'), ...attributes({ AnatomicRegionModifierSequence: [code('7771000', 'Left')] }) },
  ],
  RecommendedDisplayCIELabValue: [41_661, 41_167, 40_792],
  TrackingID: ['kidney'],
  TrackingUID: ['2.25.9'],
});

const again = (item: typeof FOREIGN) => segmentItem(readSegment(item, randomUUID), 1, 'OHIF-MedSAM');
const COLOUR = '0062000D';
const withoutColour = (item: typeof FOREIGN) =>
  Object.fromEntries(Object.entries(item).filter(([tag]) => tag !== COLOUR));

it('keeps who made a segment and what it shows, so that saving it again says the same', () => {
  expect(withoutColour(again(FOREIGN))).toEqual(withoutColour(FOREIGN));
});

it('does not make up where a segment comes from that names nothing but its algorithm', () => {
  const silent = Object.fromEntries(Object.entries(FOREIGN).filter(([tag]) => tag !== '00620007'));
  expect(again(silent)).not.toHaveProperty('00620007');
});
