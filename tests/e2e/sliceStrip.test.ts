import { expect, it } from 'vitest';
import { describeViewer } from './describeViewer.ts';
import { heldSlices, type HeldSlices } from './heldSlices.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';
import type { ViewerPage } from './viewerPage.ts';

const MINUTES_MS = 300_000;

describeViewer('the slices of a segment', (open) => {
  it(
    '[E12] a box is propagated, which is cancelled, and again with a pause; its doubtful slices are gone to by hotkey, and a correction takes one off',
    async () => {
      let slices: HeldSlices | undefined;
      const ada = await open('medsam', async (opened) => (slices = await heldSlices(opened)));
      const { page } = ada;
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      // A propagation now has to wait for us, however fast the machine is.
      slices?.holdAllBut(MIDDLE);
      const middle = await ada.sliceIndex();
      await page.getByText(/of \d+ slices ready/).waitFor();
      await ada.drawBox(boxAround('stomach', MIDDLE));
      await ada.voxelsOf(1, (count) => count > 100);

      await ada.press('Propagate from this slice');
      await ada.press('Cancel');
      await page.getByText(/Towards the head: cancelled/).waitFor();
      await ada.press('Propagate from this slice');
      await ada.press('Pause');
      await page.getByText(/slices, paused/).waitFor();
      slices?.letGo();
      // What it waited for each way still comes, and no more.
      await page.waitForTimeout(2000);
      const found = await page.getByText(/^\d+ of at most \d+ slices, paused/).textContent();
      expect(Number(/\d+/.exec(found ?? '')?.[0])).toBeLessThan(12);
      const standing = await ada.voxelsOf(1, () => true);
      await ada.press('Resume');
      await page.getByText(/\d+ slices;/).waitFor();
      await ada.voxelsOf(1, (count) => count > standing);

      const strip = page.getByRole('slider', { name: 'Slice in view' });
      // Whichever way the viewer counts.
      const limits = ['aria-valuemin', 'aria-valuenow', 'aria-valuemax'];
      const numbers = await Promise.all(limits.map(async (limit) => Number(await strip.getAttribute(limit))));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      const waiting = async () => Number(/\d+/.exec((await lookStatus(ada).textContent()) ?? '')?.[0] ?? 0);
      const before = await waiting();
      expect(before).toBeGreaterThan(2);
      expect(await strip.getAttribute('aria-valuetext')).toMatch(/a box/);

      const over = await ada.pointOf(0, [256, 100, 0]);
      const seen = new Set<number | undefined>();
      for (let n = 1; n <= 2; n++) {
        await ada.hotkey('x', over);
        await ada.until(async () => (await waiting()) === before - n);
        await ada.until(async () => !seen.has(await ada.sliceIndex()) && (await ada.sliceIndex()) !== middle);
        await ada.until(async () => ((await strip.getAttribute('aria-valuetext')) ?? '').includes('looked at'));
        seen.add(await ada.sliceIndex());
      }
      await ada.hotkey('Shift+X', over);
      await ada.until(async () => (await waiting()) === before - 3);

      // The mouse and the keyboard go where they point.
      await strip.locator('[data-by="box"]').click();
      await ada.until(async () => (await ada.sliceIndex()) === middle);
      await strip.press('ArrowRight');
      await ada.until(async () => (await ada.sliceIndex()) !== middle);
      const next = await ada.sliceIndex();
      expect(Math.abs((next ?? 0) - (middle ?? 0))).toBe(1);
      await strip.press('ArrowLeft');
      await ada.until(async () => (await ada.sliceIndex()) === middle);

      await ada.hotkey('p', over);
      await ada.drag(over, [over[0] + 20, over[1]]);
      await ada.until(async () => ((await strip.getAttribute('aria-valuetext')) ?? '').includes('by hand'));
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    MINUTES_MS,
  );
});

const lookStatus = ({ page }: ViewerPage) =>
  page.getByRole('region', { name: 'Slices' }).getByText(/^(none|\d+) needs? a look$/);
