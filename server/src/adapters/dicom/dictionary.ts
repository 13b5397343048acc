import dcmjs from 'dcmjs';

interface Entry {
  readonly vr?: string;
}
const { DicomMetaDictionary } = dcmjs.data as {
  DicomMetaDictionary: { dictionary: Record<string, Entry | undefined> };
};

/**
 * The value representation that the standard gives a tag; `UN` for private and unknown tags.
 * @param tag - Eight hex digits.
 * @param signed - Whether PixelRepresentation is 1: decides tags that are "US or SS" (PS3.6).
 */
export function vrOf(tag: string, signed: boolean): string {
  // The parity of the group tells private tags, which the dictionary must not guess at.
  if (Number.parseInt(tag.slice(3, 4), 16) % 2 === 1)
    return tag.startsWith('00', 4) && tag.slice(6) >= '10' ? 'LO' : 'UN';
  const vr = DicomMetaDictionary.dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`]?.vr;
  switch (vr) {
    case 'xs':
      return signed ? 'SS' : 'US';
    case 'ox':
    case 'lt':
      return 'OW';
    case 'up':
      return 'UL';
    case undefined:
    case 'na':
      return 'UN';
    default:
      return vr;
  }
}
