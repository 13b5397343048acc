import type { DicomJson } from '../ports/archive.ts';
import { textOf } from '../ports/dicomJson.ts';
import { attributes, tagOf } from './attributes.ts';

/** PS3.3 C.8.20.2 */
export function imageAttributes(
  size: { count: number; rows: number; columns: number },
  segmentsOverlap: boolean,
): DicomJson {
  return attributes({
    ImageType: ['DERIVED', 'PRIMARY'],
    SamplesPerPixel: [1],
    PhotometricInterpretation: ['MONOCHROME2'],
    NumberOfFrames: [size.count],
    Rows: [size.rows],
    Columns: [size.columns],
    BitsAllocated: [1],
    BitsStored: [1],
    HighBit: [0],
    PixelRepresentation: [0],
    SegmentationType: ['BINARY'],
    SegmentsOverlap: [segmentsOverlap ? 'YES' : 'NO'],
  });
}

/** A mask of lossy compressed images is derived from what the compression left (PS3.3 C.7.6.1.1.5). */
export function lossyAttributes(segmented: readonly DicomJson[]): DicomJson {
  const lossy = segmented.find((header) => textOf(header, tagOf('LossyImageCompression')) === '01');
  if (!lossy) return attributes({ LossyImageCompression: ['00'] });
  return attributes({
    LossyImageCompression: ['01'],
    LossyImageCompressionRatio: lossy[tagOf('LossyImageCompressionRatio')]?.Value,
    LossyImageCompressionMethod: lossy[tagOf('LossyImageCompressionMethod')]?.Value,
  });
}
