import { expect, it } from 'vitest';
import { describeViewer } from './describeViewer.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';
import type { ViewerPage } from './viewerPage.ts';

const MINUTES_MS = 180_000;

describeViewer('a box in the hand', (open) => {
  it(
    '[E11] the mask follows the box while it is dragged, and settles on release',
    async () => {
      const ada = await open('medsam');
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      const total = async () => Object.values(await ada.voxels()).reduce((sum, count) => sum + count, 0);
      const before = await total();
      const [x0, y0, x1, y1] = boxAround('kidneyRight', MIDDLE);
      const [from, to] = [await ada.pointOf(0, [x0, y0, 0]), await ada.pointOf(0, [x1, y1, 0])];
      await ada.hotkey('b', from);
      await ada.page.mouse.down();
      await ada.page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, { steps: 4 });
      const preview = ada.page.locator('svg.svg-layer path');
      await preview.waitFor();
      const half = await preview.getAttribute('d');
      await ada.page.mouse.move(...to, { steps: 4 });
      await ada.until(async () => (await preview.getAttribute('d')) !== half && (await previewRests(preview)));
      // Nothing of it is in the document, nor in the labelmap.
      expect(await total()).toBe(before);
      const promised = await pixelsOf(ada, preview);
      await ada.page.mouse.up();
      await ada.until(async () => (await total()) > before);
      const drawn = (await total()) - before;
      expect(Math.abs(promised - drawn)).toBeLessThan(0.1 * drawn);
      await ada.until(async () => (await preview.count()) === 0);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    MINUTES_MS,
  );
});

type Preview = ReturnType<ViewerPage['page']['locator']>;

/** Whether no newer mask comes for a moment. */
async function previewRests(preview: Preview): Promise<boolean> {
  const now = await preview.getAttribute('d');
  await preview.page().waitForTimeout(500);
  return (await preview.getAttribute('d')) === now;
}

/** Pixels of the image that the outline on the page encloses. */
async function pixelsOf(page: ViewerPage, preview: Preview): Promise<number> {
  const d = (await preview.getAttribute('d')) ?? '';
  const rings = d
    .split('M')
    .map((ring) => [...ring.matchAll(/(-?[\d.]+), (-?[\d.]+)/g)].map((m) => [Number(m[1]), Number(m[2])]));
  const area = rings.reduce((sum, ring) => sum + shoelace(ring), 0);
  const [a, b] = [await page.pointOf(0, [0, 0, 0]), await page.pointOf(0, [100, 100, 0])];
  return Math.abs(area) / (((b[0] - a[0]) / 100) * ((b[1] - a[1]) / 100));
}

const shoelace = (ring: readonly (readonly number[])[]): number =>
  ring.reduce((sum, [x = 0, y = 0], n) => {
    const [nextX = 0, nextY = 0] = ring[(n + 1) % ring.length] ?? [];
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
