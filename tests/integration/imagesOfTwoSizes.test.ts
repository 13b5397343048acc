import { randomUUID } from 'node:crypto';
import type { Request } from '@ohif-medsam/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Page } from '../support/page.ts';
import { withSegment } from '../support/promptedPage.ts';
import { startServer, type RunningServer } from '../support/runningServer.ts';
import { SyntheticSeries } from '../support/syntheticSeries.ts';

/** One series that a viewer shows as two displays: an image by itself, and a stack of larger ones. */
let count = 600;
let stack: SyntheticSeries;
let single: SyntheticSeries;
let server: RunningServer;
let ada: Page;
let bob: Page;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  stack = new SyntheticSeries(count++, 8, 2);
  single = new SyntheticSeries(count++, 1);
  [ada, bob] = await Promise.all([Page.open(server.url, 'Ada'), Page.open(server.url, 'Bob')]);
});
afterEach(() => {
  ada.close();
  bob.close();
});

const ofOneSeries = <T extends { readonly seriesUid: string }>(message: T): T => ({
  ...message,
  seriesUid: stack.seriesUid,
});
const back = () => ofOneSeries({ seriesUid: '', operationId: randomUUID() });

/** The image by itself, with a box. */
async function boxOnSingle(page: Page): Promise<Request<'prompt:segment'>> {
  await page.get('slice:put', ofOneSeries(single.put(0)));
  const { prompt } = await withSegment(page, stack);
  const { plane, hash: sliceHash } = single.put(0);
  return { ...prompt(), plane, sliceHash, box: [28, 22, 72, 54] };
}

/** An image of the stack, whose object lies beyond the end of the smaller image, with a box. */
async function boxOnStack(page: Page) {
  for (let k = 0; k < stack.frames.length; k++) await page.get('slice:put', stack.put(k));
  const prompted = await withSegment(page, stack);
  return { ...prompted, prompt: { ...prompted.prompt(), box: [56, 44, 144, 108] as [number, number, number, number] } };
}

const frames = (page: Page) => [...page.masks.keys()].map((key) => key.slice(key.indexOf('/') + 1)).sort();

it('two people work on one image each, see what the other does, and take back only their own', async () => {
  await ada.openSeries(ofOneSeries(single.opening));
  await bob.openSeries(stack.opening);
  const [onSingle, onStack] = [await boxOnSingle(ada), await boxOnStack(bob)];
  const heardByBob = bob.next('document:changed', ({ cells }) => cells.length > 0);
  expect((await ada.get('prompt:segment', onSingle)).pixels).toBeGreaterThan(0);
  await heardByBob;
  const heardByAda = ada.next('document:changed', ({ cells }) => cells.length > 0);
  expect((await bob.get('prompt:segment', onStack.prompt)).pixels).toBeGreaterThan(0);
  await heardByAda;
  const both = [single.frame(0), stack.frame(4)].sort();
  for (const page of [ada, bob]) expect(frames(page)).toEqual(both);
  const undone = bob.next('document:changed');
  await ada.get('document:undo', back());
  await undone;
  for (const page of [ada, bob]) expect(frames(page)).toEqual([stack.frame(4)]);
  const { document } = await ada.openSeries(ofOneSeries(single.opening));
  expect(document.cells.map(({ frame }) => frame)).toEqual([stack.frame(4)]);
});

it('an image can be worked on to its end after a smaller one was left', async () => {
  await ada.openSeries(ofOneSeries(single.opening));
  await ada.get('series:close', { seriesUid: stack.seriesUid });
  await ada.openSeries(stack.opening);
  const { prompt } = await boxOnStack(ada);
  expect((await ada.get('prompt:segment', prompt)).pixels).toBeGreaterThan(0);
});

it('planes across the larger ones, and propagations, stay among those of one size', async () => {
  await bob.openSeries(stack.opening);
  await ada.openSeries(ofOneSeries(single.opening));
  const { prompt, propagation, segmentId } = await boxOnStack(bob);
  await bob.get('prompt:segment', prompt);
  const ended = bob.next('propagation:ended');
  await bob.get('propagation:start', propagation());
  expect(await ended).toMatchObject({ segmentId, planes: 4 });
  expect(frames(bob)).not.toContain(single.frame(0));
  const across = stack.putColumn(100);
  await bob.get('slice:put', across);
  const { plane, hash: sliceHash } = across;
  const answer = await bob.get('prompt:segment', {
    ...prompt,
    promptId: randomUUID(),
    plane,
    sliceHash,
    box: [44, 2, 108, 6],
  });
  expect(answer.pixels).toBeGreaterThan(0);
  const smaller = ofOneSeries(single.putColumn(50));
  expect(await ada.refusal('slice:put', smaller)).toMatchObject({ code: 'slice-mismatch' });
});

it('a display of images of both sizes is opened too', async () => {
  const { frames: all } = await ada.openSeries({ ...stack.opening, frames: [...single.frames, ...stack.frames] });
  expect(all).toEqual([single, stack].flatMap((part) => part.frames.map((_, k) => part.frame(k))));
  const prompt = await boxOnSingle(ada);
  expect((await ada.get('prompt:segment', prompt)).pixels).toBeGreaterThan(0);
});
