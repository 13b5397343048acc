/** DICOM JSON (PS3.18 annex F), as far as it is read here. */
interface Attribute {
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
}
type Item = Readonly<Record<string, Attribute | undefined>>;

const items = (item: Item | undefined, tag: string): Item[] => (item?.[tag]?.Value ?? []) as Item[];
const first = (item: Item | undefined, tag: string): unknown => item?.[tag]?.Value?.[0];

const REFERENCED_SOP_INSTANCE_UID = '00081155';

/**
 * The newest segmentation of a study as an archive gives it: read from its DICOMweb answers alone, so that nothing of the
 * writer's code judges the writer.
 * @returns By segment number: the mask of each source SOP instance, one byte per pixel, row-major.
 */
export async function readStoredSegmentation(
  root: string,
  studyUid: string,
): Promise<Map<number, Map<string, Uint8Array>>> {
  const json = async (path: string) => (await (await fetch(`${root}${path}`)).json()) as Item[];
  const series = await json(`/studies/${studyUid}/series?Modality=SEG`);
  const path = `/studies/${studyUid}/series/${String(first(series[0], '0020000E'))}`;
  const instances = await json(`${path}/metadata`);
  const newest = instances.sort((a, b) => Number(first(b, '00200013')) - Number(first(a, '00200013')))[0];
  const [rows, columns] = [Number(first(newest, '00280010')), Number(first(newest, '00280011'))];
  // Whole: frames whose sizes are no multiples of 8 bits begin within a byte, and archives do not give them singly.
  const response = await fetch(new URL(newest?.['7FE00010']?.BulkDataURI ?? '', root), {
    headers: { Accept: 'application/octet-stream' },
  });
  if (!response.ok) throw new Error(`${response.url}: ${await response.text()}`);
  const bits = new Uint8Array(await response.arrayBuffer());
  const frames = items(newest, '52009230');
  const masks = new Map<number, Map<string, Uint8Array>>();
  for (const [n, frame] of frames.entries()) {
    const number = Number(first(items(frame, '0062000A')[0], '0062000B'));
    const derivation = items(frame, '00089124')[0];
    const sop = String(first(items(derivation, '00082112')[0], REFERENCED_SOP_INSTANCE_UID));
    const ofSegment = masks.get(number) ?? new Map<string, Uint8Array>();
    masks.set(number, ofSegment.set(sop, unpackBits(bits, n * rows * columns, rows * columns)));
  }
  return masks;
}

/** `pixels` bits from bit `start` on; the first in the lowest bit of the first byte (PS3.5 section 8.1.1). */
const unpackBits = (bytes: Uint8Array, start: number, pixels: number): Uint8Array =>
  Uint8Array.from({ length: pixels }, (_, n) => ((bytes[(start + n) >> 3] ?? 0) >> ((start + n) & 7)) & 1);
