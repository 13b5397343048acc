import type { DicomJson } from './archive.ts';

/** First value of a text attribute; undefined where it is absent or empty. */
export function textOf(header: DicomJson, tag: string): string | undefined {
  const value = header[tag]?.Value?.[0];
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** All values of a text attribute. */
export const textsOf = (header: DicomJson, tag: string): string[] =>
  (header[tag]?.Value ?? []).filter((value) => typeof value === 'string');

/** All values of a numeric attribute; archives that send DS and IS as text (PS3.18 F.2.2 allows both) are read too. */
export function numbersOf(header: DicomJson, tag: string): number[] {
  const numbers = (header[tag]?.Value ?? []).map((value) =>
    typeof value === 'string' ? Number.parseFloat(value) : value,
  );
  return numbers.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
}

/** First value of a numeric attribute. */
export const numberOf = (header: DicomJson, tag: string): number | undefined => numbersOf(header, tag)[0];

/** The items of a sequence; none where it is absent. */
export const itemsOf = (header: DicomJson, tag: string): readonly DicomJson[] =>
  (header[tag]?.Value ?? []).filter((item): item is DicomJson => typeof item === 'object' && item !== null);

/** First item of a sequence; an item without attributes where the sequence is absent or empty. */
export const itemOf = (header: DicomJson, tag: string): DicomJson => itemsOf(header, tag)[0] ?? {};

/** The item of a functional group for a frame, wherever an enhanced object keeps it (PS3.3 C.7.6.16); empty in others. */
export function functionalGroup(header: DicomJson, frameNumber: number, tag: string): DicomJson {
  const own = itemsOf(header, '52009230')[frameNumber - 1];
  return itemsOf(own ?? {}, tag)[0] ?? itemOf(itemOf(header, '52009229'), tag);
}

/** Number of frames of an instance. */
export const frameCountOf = (header: DicomJson): number => Math.max(1, numberOf(header, '00280008') ?? 1);
