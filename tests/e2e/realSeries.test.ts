import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameKeyOf, type FrameKey, type Plane, type SlicePut } from '@ohif-medsam/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { decodeHere } from '../../server/src/adapters/archivePixels/decodeHere.ts';
import { readFrame, type DecodedFrame } from '../../server/src/adapters/dicom/decodeFrame.ts';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { describeWith, sharedData } from '../conformance/tools.ts';
import {
  filesIn,
  middleInstance,
  readInstance,
  REAL_SERIES,
  unpack,
  type RealInstance,
} from '../fixtures/realSeries.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { chromiumTool, launchChromium } from './chromium.ts';
import { sentSlices } from './sentSlices.ts';
import { readStoredSegmentation } from './storedSegmentation.ts';
import { photograph, ViewerPage } from './viewerPage.ts';

const SERIES_MS = 300_000;
/** The viewer's decoder of lossy JPEG may round its cosine transform and colours differently from ours. */
const LOSSY_TOLERANCE = 3;
/** Of the screen, which a hand hits; a box has those of the image. */
const BOX_TOLERANCE_PIXELS = 2;
const LOSSY_JPEG = '1.2.840.10008.1.2.4.50';

const ARRAYS = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array };

/** Modality values, or RGB, of what a page sent. */
function valuesSent({ type, pixels, components, slope, intercept }: SlicePut): ArrayLike<number> {
  const stored = new ARRAYS[type](pixels.slice().buffer);
  return components === 3 ? stored : Float32Array.from(stored, (value) => value * slope + intercept);
}

/** The same of what the file holds; tests/conformance shows that these are pydicom's values. */
const valuesOf = ({ components, pixels, slope, intercept }: DecodedFrame): ArrayLike<number> =>
  components === 3 ? pixels : Float32Array.from(pixels, (value) => value * slope + intercept);

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let n = 0; n < a.length; n++) largest = Math.max(largest, Math.abs((a[n] ?? NaN) - (b[n] ?? NaN)));
  return largest;
}

const keyOf = (plane: Plane): FrameKey | undefined => (plane.axis === 'k' ? plane.frame : undefined);

describeWith([chromiumTool, sharedData], 'real series in a real browser', () => {
  let folder: string;
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'medsam-real-'));
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ archive: { kind: 'embedded', demoStudy: false } }));
    server = await startServerProcess({ MEDSAM_DATA: join(folder, 'state'), MEDSAM_CONFIG: config });
    browser = await launchChromium();
  }, SERIES_MS);

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      console.log('Seen when it failed:', await photograph(tmpdir(), `medsam-real-${task.name.replaceAll(' ', '-')}`));
  });

  afterAll(async () => {
    await browser?.close();
    await server?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(REAL_SERIES)('$name', { timeout: SERIES_MS }, async (series) => {
    const root = `${server.url}/dicom-web`;
    const files = await filesIn(await unpack(series, folder));
    const { studyUid, sopInstanceUid } = await middleInstance(files);
    const archive = dicomWebArchive({ url: root, timeoutMs: SERIES_MS });
    const outcomes = await archive.store(studyUid, await Promise.all(files.map((file) => readFile(file))));
    expect(outcomes.filter(({ stored }) => !stored)).toEqual([]);

    let sent: SlicePut[] = [];
    const url = `${server.url}/medsam?StudyInstanceUIDs=${studyUid}`;
    const ada = await ViewerPage.open(browser, url, (page) => (sent = sentSlices(page)));
    await ada.enter('Dr. Ada');
    await ada.showInstance(sopInstanceUid, series.frame ?? 1);
    await ada.drawBox(series.box);
    const drawn = await ada.voxelsOf(1, (count) => count > 0);

    // What is shown now is the document's box, which came back from the server.
    const [x0, y0, x1, y1] = series.box;
    const drawnAt = await Promise.all([ada.pointOf(0, [x0, y0, 0]), ada.pointOf(0, [x1, y1, 0])]);
    const shownAt = await ada.boxCorners();
    expect(shownAt).toHaveLength(1);
    expect(largestDifference(shownAt.flat(2), drawnAt.flat())).toBeLessThan(BOX_TOLERANCE_PIXELS);

    // The box is the document's, also of images without a frame of reference: it goes and comes with the mask.
    await ada.press('↶ Undo');
    await expect.poll(() => ada.boxes()).toBe(0);
    await ada.press('↷ Redo');
    await expect.poll(() => ada.boxes()).toBe(1);
    await ada.voxelsOf(1, (count) => count === drawn);

    await ada.press('Save');
    await ada.page.getByText(/Stored as instance 1/).waitFor();
    const masks = (await readStoredSegmentation(root, studyUid)).get(1) ?? new Map<string, Uint8Array>();
    expect([...masks.keys()]).toEqual([sopInstanceUid]);
    expect([...masks.values()].reduce((sum, mask) => sum + mask.reduce((n, bit) => n + bit, 0), 0)).toBe(drawn);
    expect(ada.faults).toEqual([]);
    await ada.close();

    const frames = new Map<FrameKey | undefined, readonly [RealInstance, number]>();
    for (const file of files) {
      const instance = await readInstance(file);
      const count = Number(instance.header['00280008']?.Value?.[0] ?? 1);
      for (let n = 1; n <= count; n++)
        frames.set(frameKeyOf({ sopInstanceUid: instance.sopInstanceUid, frameNumber: n }), [instance, n]);
    }
    expect(sent.map(({ plane }) => keyOf(plane))).toContain(
      frameKeyOf({ sopInstanceUid, frameNumber: series.frame ?? 1 }),
    );
    for (const slice of sent) {
      const [instance, frameNumber] = frames.get(keyOf(slice.plane)) ?? [];
      if (!instance || frameNumber === undefined) throw new Error('a slice was sent that is not of this series');
      const stored = await readFrame(instance, frameNumber);
      const isLossy = instance.transferSyntaxUid === LOSSY_JPEG;
      const by = largestDifference(valuesSent(slice), valuesOf(stored));
      expect(by).toBeLessThanOrEqual(isLossy ? LOSSY_TOLERANCE : 0);
      // What the server would read from the archive itself is the same to the bit.
      const pulled = await decodeHere(instance.dataSet.byteArray, [frameNumber]);
      if (!isLossy) expect(pulled).toMatchObject({ frames: [{ hash: slice.hash, invert: slice.invert }] });
      expect([slice.components, slice.invert]).toEqual([stored.components, stored.invert]);
    }
    console.log(`${series.name}: ${String(drawn)} voxels; ${String(sent.length)} slices sent, as in the files`);
  });
});
