import { randomUUID } from 'node:crypto';
import { decodeRuns, type DocumentSnapshot, type PropagationEnded, type Request } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '@ohif-medsam/server/settings';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { ROOT, startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const SLICES = 60;
/** The ellipsoid lies in slices 10 to 50. */
const MIDDLE = 30;
/** Every propagation that goes to the end makes more masks of it. */
const WHOLE = 35;

let server: RunningServer;
let count = 60;
let series: SyntheticSeries;
let page: Page;
let segmentId: string;

beforeAll(async () => {
  const { limits } = readSettings({}, ROOT);
  server = await startServer({ limits: { ...limits, slicePushTimeoutMs: 1000 } });
});
afterAll(() => server.close());

const apply = (operation: Request<'document:apply'>['operation']) =>
  page.get('document:apply', { seriesUid: series.seriesUid, operationId: randomUUID(), operation });

/** A segment with a box on its middle slice. */
beforeEach(async () => {
  series = new SyntheticSeries(count++, SLICES);
  page = await Page.open(server.url);
  await page.openSeries(series.opening);
  for (let k = 0; k < SLICES; k++) await page.get('slice:put', series.put(k));
  segmentId = randomUUID();
  await apply({ kind: 'segment:add', segmentId, ...LESION });
  await box(page);
  return () => page.close();
});

function box(by: Page, onSegment = segmentId) {
  const { plane, hash: sliceHash } = series.put(MIDDLE);
  const at = { seriesUid: series.seriesUid, promptId: randomUUID(), segmentId: onSegment, plane, sliceHash } as const;
  return by.get('prompt:segment', { ...at, box: [28, 22, 72, 54], window: { kind: 'auto' } });
}

const startFrom = (k: number, over: Partial<Request<'propagation:start'>> = {}): Request<'propagation:start'> => {
  const { plane, hash: sliceHash } = series.put(k);
  const names = { seriesUid: series.seriesUid, propagationId: randomUUID(), segmentId };
  return { ...names, plane, sliceHash, direction: 'both', window: { kind: 'auto' }, ...over };
};
async function propagate(k: number, over: Partial<Request<'propagation:start'>> = {}): Promise<PropagationEnded> {
  const ended = page.next('propagation:ended');
  await page.get('propagation:start', startFrom(k, over));
  return ended;
}
const undo = () => page.get('document:undo', { seriesUid: series.seriesUid, operationId: randomUUID() });

/** Numbers of the slices that have a mask. */
const masked = () => [...Array(SLICES).keys()].filter((k) => page.masks.has(`${segmentId}/${series.frame(k)}`));
const paint = (k: number) =>
  apply({ kind: 'mask:edit', edits: [{ segmentId, frame: series.frame(k), add: [38 * 96 + 50, 1], remove: [] }] });
/** From there on, the pixels are those of a slice without the object. */
async function endObjectBefore(first: number): Promise<void> {
  for (let k = first; k < SLICES; k++) await page.get('slice:put', { ...series.put(0), plane: series.plane(k) });
}
const known = ({ provenance }: DocumentSnapshot) =>
  new Map(provenance.map((one) => [one.plane.axis === 'k' ? one.plane.frame : '', one]));

describe('what is known of a propagated mask', () => {
  it('is how sure the model is, for whoever comes later too; a box and a stroke are a person’s word', async () => {
    await propagate(MIDDLE, { reach: 3 });
    await paint(MIDDLE + 2);
    const colleague = await Page.open(server.url, 'Bob');
    const { document } = await colleague.openSeries(series.opening);
    const of = (k: number) => known(document).get(series.frame(k));
    expect([of(MIDDLE)?.by, of(MIDDLE + 2)?.by, of(MIDDLE + 4)]).toEqual(['box', 'hand', undefined]);
    const scores = [27, 28, 29, 31, 33].map((k) => of(k)?.score ?? 0);
    expect(scores.every((score) => score > 0.5 && score <= 1)).toBe(true);
    expect(new Set(scores).size).toBeGreaterThan(1);
    colleague.close();
  });
});

describe('propagating again after a correction', () => {
  it('takes away what the older one left beyond the new end, as one step of undo', async () => {
    await propagate(MIDDLE);
    await paint(38);
    const before = masked();
    expect(Math.max(...before)).toBeGreaterThan(47);
    await endObjectBefore(44);
    const end = await propagate(38, { direction: 'forward' });
    expect(['object-ended', 'object-lost']).toContain(end.forward);
    expect(masked()).toEqual(before.filter((k) => k <= Math.max(...masked())));
    expect(Math.max(...masked())).toBeLessThanOrEqual(44);
    const { document } = await page.openSeries(series.opening);
    expect(known(document).get(series.frame(47))).toBeUndefined();
    await undo();
    expect(masked()).toEqual(before);
  });

  it('leaves slices that somebody corrected, and what lies beyond the next of them', async () => {
    await propagate(MIDDLE);
    await paint(38);
    await paint(47);
    const before = masked();
    await endObjectBefore(43);
    expect(await propagate(38, { direction: 'forward' })).toMatchObject({ forward: 'anchor' });
    expect(masked().filter((k) => k >= 47)).toEqual(before.filter((k) => k >= 47));
    expect(masked()).toEqual(expect.arrayContaining([39, 40, 41]));
  });

  it('from where it began first, loses nothing beyond a slice that was corrected', async () => {
    await propagate(MIDDLE);
    const before = masked();
    await paint(38);
    await propagate(MIDDLE);
    expect(masked().filter((k) => k > 38)).toEqual(before.filter((k) => k > 38));
  });

  it('from where it began first, the other way or not so far, keeps what it does not look at', async () => {
    await propagate(MIDDLE, { direction: 'forward' });
    const forward = masked();
    expect(Math.max(...forward)).toBeGreaterThan(47);
    await propagate(MIDDLE, { direction: 'backward' });
    const before = masked();
    expect(before).toEqual([...before.filter((k) => k < MIDDLE), ...forward]);
    expect(Math.min(...before)).toBeLessThan(13);
    await propagate(MIDDLE, { reach: 3 });
    expect(masked()).toEqual(before);
    const stopping = page.next('propagation:progress', ({ done }) => done >= 1);
    const ended = page.next('propagation:ended');
    const start = startFrom(MIDDLE);
    await page.get('propagation:start', start);
    await stopping;
    await page.get('propagation:cancel', { seriesUid: series.seriesUid, propagationId: start.propagationId });
    await ended;
    expect(masked()).toEqual(before);
  });

  it('in a plane that crosses the slices, brings back nothing that was erased from them by hand', async () => {
    const row = 38 * 96;
    await apply({
      kind: 'mask:edit',
      edits: [{ segmentId, frame: series.frame(MIDDLE), add: [], remove: [row + 44, 13] }],
    });
    for (let i = 44; i <= 56; i++) await page.get('slice:put', series.putColumn(i));
    const { plane, hash: sliceHash } = series.putColumn(44);
    const at = { seriesUid: series.seriesUid, promptId: randomUUID(), segmentId, plane, sliceHash } as const;
    await page.get('prompt:segment', { ...at, box: [26, 12, 50, 48], window: { kind: 'auto' } });
    await propagate(MIDDLE, { plane, sliceHash, direction: 'forward', reach: 10 });
    const columnsOf = (k: number, from: number) => {
      const mask = decodeRuns(page.masks.get(`${segmentId}/${series.frame(k)}`) ?? [], 96 * 80);
      return [...mask.subarray(from, from + 13)];
    };
    // The box itself is newer than the stroke; beside it, the line lies open in the slice, and not in its neighbour.
    expect(columnsOf(MIDDLE, row + 44).slice(1)).toEqual(Array<number>(12).fill(0));
    expect(columnsOf(MIDDLE + 1, row + 44).slice(1, 9)).toEqual(Array<number>(8).fill(1));
  });

  it('leaves what is out of its range', async () => {
    await propagate(MIDDLE);
    await paint(38);
    const before = masked();
    await endObjectBefore(43);
    await propagate(38, { direction: 'forward', reachMm: 9 * 3 });
    expect(masked().filter((k) => k > 47)).toEqual(before.filter((k) => k > 47));
    expect(masked()).not.toContain(46);
  });
});

describe('a pause', () => {
  /** Starts one and pauses it after its first masks. */
  async function paused() {
    const start = startFrom(MIDDLE);
    const { seriesUid, propagationId } = start;
    const first = page.next('propagation:progress', ({ done }) => done >= 1);
    await page.get('propagation:start', start);
    await first;
    const told = page.next('propagation:progress', (progress) => progress.paused);
    await page.get('propagation:pause', { seriesUid, propagationId });
    await told;
    return { seriesUid, propagationId };
  }

  it('leaves the engine to others and the document as it is, until somebody resumes it', async () => {
    const name = await paused();
    const colleague = await Page.open(server.url, 'Bob');
    const { propagations } = await colleague.openSeries(series.opening);
    expect(propagations).toMatchObject([{ propagationId: name.propagationId, paused: true }]);
    const other = randomUUID();
    await apply({ kind: 'segment:add', segmentId: other, ...LESION });
    // What was asked for before, either way, still arrives.
    await expect.poll(() => server.engine.health()[0]?.queued).toBe(0);
    await box(colleague, other);
    const standing = masked().length;
    for (let n = 0; n < 8; n++) await box(colleague, other);
    expect(server.engine.health()[0]?.queued).toBe(0);
    expect(masked()).toHaveLength(standing);
    expect(standing).toBeLessThan(WHOLE);

    const ended = page.next('propagation:ended');
    await colleague.get('propagation:resume', name);
    const { forward, backward } = await ended;
    expect([forward, backward].every((reason) => reason?.startsWith('object-'))).toBe(true);
    expect(masked().length).toBeGreaterThan(WHOLE);
    expect((await page.refusal('propagation:pause', name)).code).toBe('propagation-unknown');
    colleague.close();
  });

  it('can be cancelled', async () => {
    const name = await paused();
    const ended = page.next('propagation:ended');
    await page.get('propagation:cancel', name);
    expect(await ended).toMatchObject({ forward: 'cancelled', backward: 'cancelled' });
    expect(masked().length).toBeLessThan(WHOLE);
  });

  it('lasts while its person is in another series', async () => {
    const name = await paused();
    const colleague = await Page.open(server.url, 'Bob');
    await colleague.openSeries(series.opening);
    await page.get('series:close', { seriesUid: series.seriesUid });
    await page.openSeries(new SyntheticSeries(count++, 1).opening);
    // Twice as long as somebody may be away.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect((await colleague.openSeries(series.opening)).propagations).toMatchObject([{ paused: true }]);
    const ended = colleague.next('propagation:ended');
    page.close();
    expect(await ended).toMatchObject({ propagationId: name.propagationId, forward: 'cancelled' });
    colleague.close();
  });

  it('ends when its person has left for good, not when one of two pages is closed', async () => {
    const name = await paused();
    const colleague = await Page.open(server.url, 'Bob');
    await colleague.openSeries(series.opening);
    const second = await Page.open(server.url, 'Ada', {}, {}, page.participantId);
    await second.openSeries(series.opening);
    const ended = colleague.next('propagation:ended');
    page.close();
    // Twice as long as somebody may be away.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect((await second.openSeries(series.opening)).propagations).toMatchObject([{ paused: true }]);
    second.close();
    expect(await ended).toMatchObject({ propagationId: name.propagationId, forward: 'cancelled' });
    colleague.close();
  });
});
