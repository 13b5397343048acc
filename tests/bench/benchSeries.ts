import { createHash, randomUUID } from 'node:crypto';
import { boxOfRuns, encodeRuns, type Plane, type Request } from '@ohif-medsam/protocol';
import { PHANTOM_LABELS } from '@ohif-medsam/server/demo/labels';
import { phantomSlice } from '@ohif-medsam/server/demo/phantomSlice';

const SIZE = 512;
const STUDY_UID = '1.2.826.0.1.3680043.10.2';
/** A slice through both kidneys. */
const MIDDLE = 30;

export interface BenchSlice {
  readonly sopInstanceUid: string;
  readonly message: Request<'slice:put'>;
  /** Of the right kidney. */
  readonly box: Request<'prompt:segment'>['box'];
}

export interface BenchSeries {
  readonly opening: Request<'series:open'>;
  readonly slices: readonly BenchSlice[];
  readonly middle: BenchSlice;
}

/**
 * Slices of the phantom around the kidneys as a series.
 * @param around - Slices on either side of the middle.
 * @param hu - Added to all values: pixels that no other series has.
 */
export function benchSeries(number: number, around: number, hu = 0): BenchSeries {
  const seriesUid = `${STUDY_UID}.${String(number)}`;
  const slices = Array.from({ length: 2 * around + 1 }, (_, n) => benchSlice(seriesUid, MIDDLE - around + n, hu));
  const middle = slices[around];
  if (!middle) throw new RangeError('no middle slice');
  const facts = { studyUid: STUDY_UID, seriesUid, modality: 'CT', bodyPart: 'ABDOMEN' };
  return { opening: { ...facts, frames: slices.map(frameOf) }, slices, middle };
}

/** Drawing one takes a while, and every series has the same. */
const drawn = new Map<number, ReturnType<typeof phantomSlice>>();
function draw(at: number): ReturnType<typeof phantomSlice> {
  const slice = drawn.get(at) ?? phantomSlice(at);
  drawn.set(at, slice);
  return slice;
}

function benchSlice(seriesUid: string, at: number, added: number): BenchSlice {
  const { hu, labels } = draw(at);
  const sopInstanceUid = `${seriesUid}.${String(at + 1)}`;
  const plane: Plane = { axis: 'k', frame: `${sopInstanceUid}/1` };
  const pixels = new Uint8Array(hu.map((value) => value + added).buffer);
  const hash = createHash('sha256').update(pixels).digest('hex');
  const kidney = labels.map((label) => (label === PHANTOM_LABELS.kidneyRight ? 1 : 0));
  return {
    sopInstanceUid,
    message: { seriesUid, plane, hash, columns: SIZE, rows: SIZE, components: 1, type: 'int16', pixels },
    box: boxOfRuns(encodeRuns(kidney), SIZE) ?? [180, 250, 240, 310],
  };
}

const frameOf = ({ sopInstanceUid }: BenchSlice, n: number): Request<'series:open'>['frames'][number] => ({
  sopInstanceUid,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  frameNumber: 1,
  rows: SIZE,
  columns: SIZE,
  position: [0, 0, n * 3],
  orientation: [1, 0, 0, 0, 1, 0],
  pixelSpacing: [0.8, 0.8],
});

export const promptOn = ({ message, box }: BenchSlice, segmentId: string): Request<'prompt:segment'> => ({
  seriesUid: message.seriesUid,
  promptId: randomUUID(),
  segmentId,
  plane: message.plane,
  sliceHash: message.hash,
  box,
  window: { kind: 'auto' },
});

export const propagationFrom = ({ message }: BenchSlice, segmentId: string): Request<'propagation:start'> => ({
  seriesUid: message.seriesUid,
  propagationId: randomUUID(),
  segmentId,
  plane: message.plane,
  sliceHash: message.hash,
  direction: 'both',
  window: { kind: 'auto' },
});
