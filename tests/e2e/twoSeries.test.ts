import { PHANTOM_SLICES } from '@ohif-medsam/server/demo/phantomSlice';
import { PHANTOM_SERIES } from '@ohif-medsam/server/demo/phantomStudy';
import { beforeAll, expect, it } from 'vitest';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { describeViewer } from './describeViewer.ts';
import { boxAround, MIDDLE, secondSeries } from './phantom.ts';
import type { ViewerPage } from './viewerPage.ts';

const WHOLE_PATH_MS = 300_000;
const BETWEEN_CLICKS_MS = 10_000;

/** The viewports: a few slices of the phantom as a series of their own, and the whole phantom. */
const [PART, WHOLE] = [0, 1];

async function showBoth({ page }: ViewerPage): Promise<void> {
  await page.locator('[data-cy="Layout"]').click();
  await page.locator('[data-cy="Layout-1-0"]').click();
  await page.locator('canvas.cornerstone-canvas').nth(1).waitFor();
}

async function paneOf({ page }: ViewerPage, viewport: number) {
  const box = await page.locator('[data-cy="viewport-pane"]').nth(viewport).boundingBox();
  if (!box) throw new Error(`no viewport ${String(viewport)}`);
  return box;
}

/** The middle of a viewport, on the page. */
async function middleOf(page: ViewerPage, viewport: number): Promise<readonly [number, number]> {
  const { x, y, width, height } = await paneOf(page, viewport);
  return [x + width / 2, y + height / 2];
}

/** Where a pixel of a viewport's image stands on the page. cornerstone has the viewports in an order of its own. */
async function pointIn(page: ViewerPage, viewport: number, i: number, j: number): Promise<readonly [number, number]> {
  const { x, width } = await paneOf(page, viewport);
  const points = await Promise.all([PART, WHOLE].map((n) => page.pointOf(n, [i, j, 0])));
  const point = points.find(([left]) => left > x && left < x + width);
  if (!point) throw new Error(`not in viewport ${String(viewport)}`);
  return point;
}

async function workIn(page: ViewerPage, viewport: number): Promise<void> {
  const ready = page.page.getByText(viewport === PART ? /of 4 slices ready/ : /of 64 slices ready/);
  // The viewer passes over clicks while it makes its viewports, and takes two that follow closely for one of another kind.
  await page.until(async () => {
    await page.page.mouse.click(...(await middleOf(page, viewport)));
    return ready.waitFor({ timeout: BETWEEN_CLICKS_MS }).then(
      () => true,
      () => false,
    );
  });
  await page.connected();
}

describeViewer('two series beside each other', (open, { server, restart }) => {
  beforeAll(async () => {
    const archive = dicomWebArchive({ url: `${server().url}/dicom-web`, timeoutMs: WHOLE_PATH_MS });
    await archive.store(PHANTOM_SERIES.studyUid, secondSeries(MIDDLE - 2, MIDDLE + 2));
  }, WHOLE_PATH_MS);

  async function openBoth(name: string): Promise<ViewerPage> {
    const page = await open('medsam');
    await page.enter(name);
    await showBoth(page);
    return page;
  }

  it(
    '[TS1] what is painted in a series while it is being opened comes into its document as soon as that is there',
    async () => {
      const ada = await openBoth('Dr. Ada');
      await ada.addSegment();
      await workIn(ada, WHOLE);
      await ada.addSegment();
      await workIn(ada, PART);
      await server().kill();
      await ada.page.getByText(/Connecting to the MedSAM server/).waitFor();
      const [x, y] = await middleOf(ada, WHOLE);
      await ada.page.mouse.click(x, y);
      await ada.hotkey('p', [x, y]);
      await ada.drag([x, y], [x + 40, y]);
      const painted = await ada.settledVoxelsOf(1);
      expect(painted).toBeGreaterThan(100);
      await restart();
      await ada.connected();

      const bob = await openBoth('Dr. Bob');
      await workIn(bob, WHOLE);
      await bob.voxelsOf(1, (count) => count === painted);
      expect((await ada.voxels())[1]).toBe(painted);
      await bob.close();
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[TS3] what is painted while the server is away is not left without a question, and taken although another series was shown meanwhile',
    async () => {
      const ada = await openBoth('Dr. Ada');
      await workIn(ada, WHOLE);
      const number = await ada.addSegment();
      await server().kill();
      await ada.page.getByText(/Connecting to the MedSAM server/).waitFor();
      const [x, y] = await middleOf(ada, WHOLE);
      await ada.hotkey('p', [x, y + 80]);
      await ada.drag([x, y + 80], [x + 40, y + 80]);
      const painted = await ada.settledVoxelsOf(number);
      expect(painted).toBeGreaterThan(100);
      await ada.page.getByText(/Keep this page open/).waitFor();
      const asked = ada.page.waitForEvent('dialog');
      await ada.page.close({ runBeforeUnload: true });
      await (await asked).dismiss();
      await ada.page.mouse.click(...(await middleOf(ada, PART)));
      await ada.page.getByRole('region', { name: 'Segments' }).waitFor({ state: 'detached' });
      await restart();
      await ada.connected();

      const bob = await openBoth('Dr. Bob');
      await workIn(bob, WHOLE);
      await bob.voxelsOf(number, (count) => count === painted);
      await workIn(ada, WHOLE);
      expect(await ada.settledVoxelsOf(number)).toBe(painted);
      const closed = ada.page.waitForEvent('close');
      ada.page.once('dialog', () => expect.unreachable('there is nothing that leaving would lose'));
      await ada.page.close({ runBeforeUnload: true });
      await closed;
      await bob.close();
      await ada.close();
    },
    WHOLE_PATH_MS,
  );

  it(
    '[TS2] a propagation goes on when one clicks another series, and its end is told there',
    async () => {
      const ada = await openBoth('Dr. Ada');
      await workIn(ada, WHOLE);
      await ada.press('+ Add');
      // Through all slices, from the uppermost one: it takes a while.
      const [x0, y0, x1, y1] = boxAround('aorta', PHANTOM_SLICES - 1);
      const from = await pointIn(ada, WHOLE, x0, y0);
      await ada.hotkey('b', from);
      await ada.drag(from, await pointIn(ada, WHOLE, x1, y1));
      await ada.page.getByText(/Last box/).waitFor();
      await ada.press('Propagate from this slice');
      await ada.page.getByRole('progressbar', { name: 'Propagation' }).waitFor();
      // What is told stays for some seconds.
      const told = ada.page.getByText(/^In the series that you left/).textContent();
      await ada.page.mouse.click(...(await middleOf(ada, PART)));
      const outcome = await told;
      expect(outcome).toMatch(/\d+ slices; /);
      expect(outcome).not.toMatch(/did not arrive|failed/);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );
});
