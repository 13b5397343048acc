import { describe, expect, it } from 'vitest';
import type { DicomJson } from '../ports/archive.ts';
import { attributes } from './attributes.ts';
import { sourceFinder } from './sourceFinder.ts';
import { sourceFrames } from './sourceFrames.ts';

const at = (z: number): DicomJson =>
  attributes({
    PlanePositionSequence: [attributes({ ImagePositionPatient: [0, 0, z] })],
    PlaneOrientationSequence: [attributes({ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] })],
  });

/** A multi-frame image with these groups of its frames. */
const image = (uid: string, groups: readonly DicomJson[]): DicomJson =>
  attributes({
    SOPInstanceUID: [uid],
    NumberOfFrames: [groups.length],
    PerFrameFunctionalGroupsSequence: groups,
  });

/** Groups of a frame that references an image as a whole. */
const of = (uid: string, groups: DicomJson = {}): DicomJson => ({
  ...groups,
  ...attributes({
    DerivationImageSequence: [attributes({ SourceImageSequence: [attributes({ ReferencedSOPInstanceUID: [uid] })] })],
  }),
});

describe('a segmentation that references a multi-frame image as a whole', () => {
  it('has its frames where they lie', () => {
    const sources = sourceFrames([image('1.2', [at(4), at(0), at(2)])]);
    const find = sourceFinder(image('1.3', [of('1.2', at(0)), of('1.2', at(2)), of('1.2', at(4))]), sources);
    expect([1, 2, 3].map(find)).toEqual(['1.2/2', '1.2/3', '1.2/1']);
  });

  it('is refused where places are not known, unless that image has one frame', () => {
    const sources = sourceFrames([image('1.2', [{}, {}]), image('1.4', [{}])]);
    const find = sourceFinder(image('1.3', [of('1.2'), of('1.4')]), sources);
    expect(() => find(1)).toThrow(/does not reference one image/);
    expect(find(2)).toBe('1.4/1');
  });
});
