import { get } from 'node:http';
import { randomUUID } from 'node:crypto';
import { ERRORS, LIMITS, PROTOCOL_VERSION, type ErrorCode } from '@ohif-medsam/protocol';
import { MESSAGES } from '@ohif-medsam/protocol/fixtures';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LESION } from '../support/lesion.ts';
import { Page } from '../support/page.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

const series = new SyntheticSeries(2);
const { seriesUid } = series;
const slice = series.put(10);
const segmentId = randomUUID();
const prompt = {
  seriesUid,
  promptId: randomUUID(),
  segmentId,
  plane: slice.plane,
  sliceHash: slice.hash,
  box: [28, 22, 72, 54],
  window: { kind: 'auto' },
};
const NOWHERE = '1.2.3.4.5';

let server: RunningServer;
let page: Page;
let revision: number;
beforeAll(async () => {
  server = await startServer();
  page = await Page.open(server.url);
  await page.openSeries(series.opening);
  await page.get('slice:put', slice);
  const operation = { kind: 'segment:add', segmentId, ...LESION } as const;
  ({ revision } = await page.get('document:apply', { seriesUid, operationId: randomUUID(), operation }));
});
afterAll(async () => {
  page.close();
  await server.close();
});

/** Whatever was sent: the document is as it was, and the server lives. */
afterEach(async () => {
  const { document } = await page.openSeries(series.opening);
  expect(document.revision).toBe(revision);
  expect(document.cells).toEqual([]);
});

async function expectRefusal(name: string, message: unknown, code: ErrorCode, detail: RegExp): Promise<void> {
  const error = await page.refusal(name, message);
  expect(error).toMatchObject({ code, message: ERRORS[code][1], remedy: ERRORS[code][2] });
  expect(error.detail ?? '').toMatch(detail);
}

describe('a box', () => {
  it.each([
    ['outside the image', [200, 200, 260, 260], /outside the image of 96 x 80/],
    ['empty', [30, 30, 30, 30], /1 x 1/],
    ['inverted', [72, 54, 28, 22], /second corner lies before/],
    ['NaN', [NaN, 0, 10, 10], /box\.0/],
    ['wider than any image', [0, 0, 30_000_000, 10], /box\.2/],
    ['of fractions', [1.5, 0, 10, 10], /box\.0/],
    ['of three numbers', [1, 2, 3], /box/],
  ])('%s', (_what, box, detail) => expectRefusal('prompt:segment', { ...prompt, box }, 'box-invalid', detail));
});

const { plane, hash: sliceHash } = slice;
const start = {
  ...{ seriesUid, segmentId, plane, sliceHash },
  ...{ propagationId: randomUUID(), direction: 'both', window: { kind: 'auto' } },
};
const view = { seriesUid, plane, sliceHash, window: { kind: 'auto' }, size: 64 };
const save = { seriesUid, description: 'Reading' };
const stored = { seriesUid, segSeriesUid: '1.2.3', sopInstanceUid: '1.2.3.4' };
const step = { seriesUid, operationId: randomUUID() };
const elsewhere = { seriesUid: NOWHERE };

describe('what is not known', () => {
  it.each<[string, string, unknown, ErrorCode]>([
    ['series', 'prompt:segment', { ...prompt, seriesUid: NOWHERE }, 'series-unknown'],
    ['segment', 'prompt:segment', { ...prompt, segmentId: randomUUID() }, 'segment-unknown'],
    ['model', 'prompt:segment', { ...prompt, modelId: 'nobody' }, 'model-unknown'],
    ['slice', 'prompt:segment', { ...prompt, sliceHash: 'f'.repeat(64) }, 'slice-missing'],
    ['frame', 'prompt:segment', { ...prompt, plane: { axis: 'k', frame: '1.2.3/1' } }, 'slice-mismatch'],
    ['window', 'prompt:segment', { ...prompt, window: { kind: 'preset', id: 'foot' } }, 'input-invalid'],
    ['series', 'propagation:start', { ...start, ...elsewhere }, 'series-unknown'],
    ['segment', 'propagation:start', { ...start, segmentId: randomUUID() }, 'segment-unknown'],
    ['model', 'propagation:start', { ...start, modelId: 'nobody' }, 'model-unknown'],
    ['frame', 'propagation:start', { ...start, plane: { axis: 'k', frame: '1.2.3/1' } }, 'slice-mismatch'],
    ['series', 'model:view', { ...view, ...elsewhere }, 'series-unknown'],
    ['slice', 'model:view', { ...view, sliceHash: 'f'.repeat(64) }, 'slice-missing'],
    ['series', 'segmentation:save', { ...save, ...elsewhere }, 'series-unknown'],
    ['series', 'segmentation:list', elsewhere, 'series-unknown'],
    ['series', 'segmentation:open', { ...stored, ...elsewhere }, 'series-unknown'],
    ['segmentation', 'segmentation:open', stored, 'not-found'],
    ['series', 'slice:put', { ...slice, ...elsewhere }, 'series-unknown'],
    ['series', 'document:apply', { ...step, ...elsewhere, operation: rename(segmentId) }, 'series-unknown'],
    ['segment', 'document:apply', { ...step, operation: rename(randomUUID()) }, 'segment-unknown'],
    ['series', 'document:undo', { ...step, ...elsewhere }, 'series-unknown'],
    ['propagation', 'propagation:cancel', { seriesUid, propagationId: randomUUID() }, 'propagation-unknown'],
    ['message', 'patient:delete', {}, 'message-unknown'],
    ['message of the prototype', 'constructor', {}, 'message-unknown'],
  ])('%s', (_what, name, message, code) => expectRefusal(name, message, code, /.*/));
});

function rename(renamed: string): unknown {
  return { kind: 'segment:update', segmentId: renamed, label: 'Other' };
}

/** The examples that both sides agree on, as JSON and binary leave of them. */
describe.each(Object.entries(MESSAGES))('%s', (name, { invalid }) => {
  it.each(Object.entries(invalid))('refuses: %s', async (_why, message) => {
    const { code } = await page.refusal(name, message);
    expect(['message-invalid', 'box-invalid', 'comment-invalid', 'message-too-large']).toContain(code);
  });
});

describe('a payload', () => {
  it.each<[string, string, unknown]>([
    ['of nothing', 'prompt:segment', undefined],
    ['of another type', 'series:open', 'hello'],
    ['with a UID that is none', 'series:open', { ...series.opening, seriesUid: '../../etc' }],
    ['with runs out of order', 'document:apply', editOf([10, 5, 3, 1])],
    ['with pixels that are no bytes', 'slice:put', { ...slice, pixels: 'abc' }],
  ])('%s', (_what, name, message) => expectRefusal(name, message, 'message-invalid', /.+/));

  it('of a review that asks for a change without saying which', () => {
    const operation = { kind: 'segment:review', segmentId: randomUUID(), status: 'needs-change', comment: ' ' };
    const message = { seriesUid, operationId: randomUUID(), operation };
    return expectRefusal('document:apply', message, 'comment-invalid', /must say what has to change/);
  });

  it('with a mask that leaves the frame', () =>
    expectRefusal('document:apply', editOf([7600, 200]), 'operation-invalid', /.*/));

  it('with more pixels than a slice may have', () => {
    const pixels = new Uint8Array(LIMITS.sliceBytes + 1);
    return expectRefusal('slice:put', { ...slice, pixels }, 'message-too-large', /67108864 bytes/);
  });

  it('with more hashes than may be asked for at once', () => {
    const one = { plane: slice.plane, hash: slice.hash };
    const slices = Array.from({ length: LIMITS.hashesPerQuery + 1 }, () => one);
    return expectRefusal('slice:have', { seriesUid, slices }, 'message-too-large', /slices/);
  });

  it('with a slice of another size than its series', () =>
    expectRefusal('slice:put', { ...slice, columns: 48, rows: 160 }, 'slice-mismatch', /48 x 160.*96 x 80/));

  it('with a truncated slice', () =>
    expectRefusal('slice:put', { ...slice, pixels: new Uint8Array(100) }, 'slice-corrupt', /100 bytes/));

  it('with an image of another size than before', () => {
    const [first, ...others] = series.opening.frames;
    const mixed = { ...series.opening, frames: [{ ...first, rows: 11 }, ...others] };
    return expectRefusal('series:open', mixed, 'series-mixed', /was 96 x 80 pixels before/);
  });
});

function editOf(add: number[]): unknown {
  const edits = [{ segmentId, frame: series.frame(10), add, remove: [] }];
  return { seriesUid, operationId: randomUUID(), operation: { kind: 'mask:edit', edits } };
}

it('a propagation of nothing ends before it begins', async () => {
  const propagation = { seriesUid, propagationId: randomUUID(), segmentId, plane: slice.plane, sliceHash: slice.hash };
  const start = { ...propagation, direction: 'both', window: { kind: 'auto' } };
  await expectRefusal('propagation:start', start, 'propagation-empty', /.*/);
});

it('a message larger than any slice ends the connection, and the page is back by itself', async () => {
  const reconnected = new Promise((resolve) => page.socket.io.once('reconnect', resolve));
  page.socket.emit('slice:put', { ...slice, pixels: new Uint8Array(70 * 1024 * 1024) });
  await reconnected;
  await page.openSeries(series.opening);
});

it('bytes that are not socket.io end that connection only', async () => {
  const other = await Page.open(server.url, 'Eve');
  const gone = new Promise((resolve) => other.socket.once('disconnect', resolve));
  const engine = other.socket.io.engine as unknown as { transport: { ws: { send(data: string): void } } };
  engine.transport.ws.send('4\u0000garbage{{{');
  await gone;
  other.close();
});

it('another protocol version is refused with what to do', async () => {
  const refused = Page.open(server.url, 'Old', { protocolVersion: PROTOCOL_VERSION + 1 });
  await expect(refused).rejects.toMatchObject({
    data: { code: 'protocol-version', remedy: ERRORS['protocol-version'][2] },
  });
  const nameless = Page.open(server.url, '  ');
  await expect(nameless).rejects.toMatchObject({ data: { code: 'identity-missing' } });
});

it('a page of another site is not let in', async () => {
  const connect = (origin: string) => Page.open(server.url, 'Ada', {}, { Origin: origin });
  await expect(connect('http://evil.example.org')).rejects.toThrow();
  (await connect(server.url)).close();
});

it('a page of another site stores nothing', async () => {
  const store = (origin?: string) =>
    fetch(`${server.url}/dicom-web/studies`, {
      method: 'POST',
      headers: {
        'Content-Type': 'multipart/related; type="application/dicom"; boundary=b',
        ...(origin && { Origin: origin }),
      },
      body: '--b--',
    });
  const refused = await store('http://evil.example.org');
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    error: { code: 'origin-unknown', remedy: ERRORS['origin-unknown'][2] },
  });
  // The viewer and programs come as far as the archive, which finds no object in the message.
  for (const origin of [server.url, undefined]) expect((await store(origin)).status).toBe(400);
});

it('a site whose name leads to this machine reads nothing, and its policy lets pages talk to nobody else', async () => {
  const { port } = new URL(server.url);
  const status = (host: string, path: string) =>
    new Promise((resolve) => get({ port, path, headers: { Host: host } }, (answer) => resolve(answer.statusCode)));
  expect(await status(`evil.example.org:${port}`, '/dicom-web/studies')).toBe(421);
  expect(await status(`evil.example.org:${port}`, '/')).toBe(421);
  expect(await status(`localhost:${port}`, '/dicom-web/studies')).toBe(200);
  const host = `evil.example.org:${port}`;
  await expect(Page.open(server.url, 'Eve', {}, { Host: host, Origin: `http://${host}` })).rejects.toThrow();
  const policy = (await fetch(server.url)).headers.get('content-security-policy') ?? '';
  const { host: own } = new URL(server.url);
  expect(/connect-src ([^;]*)/.exec(policy)?.[1]).toBe(`'self' ws://${own} wss://${own} data: blob:`);
});

it('a flood of messages is slowed down, not served', async () => {
  const eve = await Page.open(server.url, 'Eve');
  const message = { seriesUid: NOWHERE, slices: [] };
  // Seconds' worth of what is allowed, for a machine that takes that long over them.
  const answers = await Promise.all(Array.from({ length: 2_000 }, () => eve.ask('slice:have', message)));
  const refused = answers.filter((answer) => !answer.ok && answer.error.code === 'rate-limited');
  expect(refused.length).toBeGreaterThan(0);
  eve.close();
});

it('health and metrics answer', async () => {
  const text = async (path: string) => (await fetch(`${server.url}${path}`)).text();
  expect(JSON.parse(await text('/health'))).toMatchObject({ status: 'ok', engines: [{ state: 'ready' }] });
  const metrics = await text('/metrics');
  expect(metrics).toContain('medsam_prompt_seconds_bucket');
  for (const name of ['queue_length', 'resident_bytes'])
    expect(metrics).toMatch(new RegExp(`^medsam_engine_${name} \\d`, 'm'));
  for (const name of ['bytes', 'hits_total', 'misses_total'])
    expect(metrics).toMatch(new RegExp(`^medsam_prepared_${name} \\d`, 'm'));
});
