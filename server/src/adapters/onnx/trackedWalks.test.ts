import { rm } from 'node:fs/promises';
import { dice } from '@ohif-medsam/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { InferenceEngine, KnownPlane } from '../../ports/inferenceEngine.ts';
import { makePublishedFolder, readWalks, sliceImage, type WalkedMask } from './fixtures/publishedModels.ts';
import { openSmallEngine } from './fixtures/openSmallEngine.ts';

const { slices, at, walks } = await readWalks();
const images = slices.map((slice, n) => sliceImage(slice, `slice ${String(n)}`));
const modelId = 'medsam2';
let modelsFolder: string;
let engine: InferenceEngine;
beforeAll(async () => {
  modelsFolder = await makePublishedFolder(modelId);
  engine = await openSmallEngine(modelsFolder);
});
afterAll(async () => {
  await engine.close();
  await rm(modelsFolder, { recursive: true });
});

/** From the slice `at` to both ends of the volume. @param before - Called before each step. */
async function walk(
  on: InferenceEngine,
  anchors: readonly Omit<WalkedMask, 'score'>[],
  before: (step: number) => Promise<void> = async () => {},
): Promise<WalkedMask[]> {
  const found: WalkedMask[] = [];
  let step = 0;
  for (const towards of [1, -1]) {
    const own: WalkedMask[] = [];
    for (let slice = at + towards; images[slice]; slice += towards) {
      if (anchors.some((anchor) => anchor.slice === slice)) continue;
      await before(step++);
      const known = [...anchors, ...own].map((each): KnownPlane => {
        const isAnchor = anchors.includes(each);
        return { image: images[each.slice]!, mask: each.runs, apart: (slice - each.slice) * towards, isAnchor };
      });
      const image = images[slice]!;
      const { runs, score } = await on.track({ modelId, image, priority: 'propagation', known, planes: images.length });
      own.push({ slice, runs, score });
    }
    found.push(...own);
  }
  return found.sort((a, b) => a.slice - b.slice);
}

describe('a mask carried from slice to slice', () => {
  it.each(walks.map((each) => [each.anchors.length, each] as const))(
    'from %i masks is where the Python tracker finds it',
    async (_, { anchors, masks }) => {
      const found = await walk(engine, anchors);
      expect(found.map(({ slice }) => slice)).toEqual(masks.map(({ slice }) => slice));
      for (const [n, { runs, score }] of found.entries()) {
        // What is remembered is rounded to 16 bits, and a last bit may fall the other way.
        if (masks[n]?.runs.length) expect(dice(runs, masks[n].runs)).toBeGreaterThan(0.999);
        else expect(runs).toEqual([]);
        expect(score).toBeCloseTo(masks[n]?.score ?? NaN, 3);
      }
    },
  );

  it('goes on where the process that remembered it has died, from the masks so far', async () => {
    const [{ anchors, masks }] = walks as [(typeof walks)[number]];
    const found = await walk(engine, anchors, async (step) => {
      if (step === 3) await replaceProcess();
    });
    expect(engine.health()[0]?.restarts).toBe(1);
    for (const [n, { slice, runs }] of found.entries())
      if (runs.length > 0) expect(dice(runs, masks[n]?.runs ?? []), `slice ${String(slice)}`).toBeGreaterThan(0.98);
    expect(found.map(({ runs }) => runs.length > 0)).toEqual(masks.map(({ runs }) => runs.length > 0));
  });

  it('is the same where there is no room to keep images', async () => {
    const narrow = await openSmallEngine(modelsFolder, { imageBytes: 1 });
    for (const { anchors } of walks) expect(await walk(narrow, anchors)).toEqual(await walk(engine, anchors));
    await narrow.close();
  });
});

async function replaceProcess(): Promise<void> {
  const [before] = engine.health();
  process.kill(before?.pid ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect(engine.health()[0]).toMatchObject({ state: 'ready', restarts: 1 }), 20_000);
}
