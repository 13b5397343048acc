import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHANTOM_SERIES } from '@ohif-medsam/server/demo/phantomStudy';
import type { Page } from 'playwright-core';
import { buildExtension } from '../e2e/buildExtension.ts';
import { chromiumTool, launchChromium } from '../e2e/chromium.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from '../e2e/phantom.ts';
import { ViewerPage } from '../e2e/viewerPage.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { quantile, type Section } from './section.ts';

const BOXES = 20;
/** As a hand does, before it lets go: by then the preview is there. */
const HAND_RESTS_MS = 400;

/**
 * From the mouse released to the mask there, in the viewer's labelmap, and to the mask drawn: on the page of who drew the box, and on
 * a colleague's. WebGL is drawn by the processor here, which is most of what lies between the two; a graphics card is faster.
 * Released in the very moment of the last move, a box waits for one inference at least: that, and the time in which the idle viewer
 * draws a labelmap in which nothing has changed, is the floor.
 */
export const browser: Section = async () => {
  if (chromiumTool.missing !== undefined) return { leftOut: chromiumTool.missing };
  buildExtension();
  const folder = await mkdtemp(join(tmpdir(), 'medsam-bench-'));
  const server = await startServerProcess({ MEDSAM_DATA: folder });
  const chromium = await launchChromium();
  try {
    const address = `${server.url}/medsam?StudyInstanceUIDs=${PHANTOM_SERIES.studyUid}`;
    const ada = await ViewerPage.open(chromium, address);
    await ada.enter('Ada');
    await ada.showInstance(MIDDLE_INSTANCE, 1);
    const ran = await engineRuns(server.url);
    const alone = await timeBoxes(ada, []);
    const inferenceMs = meanMsSince(ran, await engineRuns(server.url));
    const rested = await timeBoxes(ada, [], HAND_RESTS_MS);
    const nothing = await timeNothing(ada);
    const previewsPerSecond = await countPreviews(ada);
    const bob = await ViewerPage.open(chromium, address);
    await bob.enter('Bob');
    await bob.showInstance(MIDDLE_INSTANCE, 1);
    const together = await timeBoxes(ada, [bob]);
    return {
      boxToMaskDrawnColdMs: alone.first,
      boxToMaskThereMsP50: quantile(alone.there, 0.5),
      boxToMaskThereMsP95: quantile(alone.there, 0.95),
      boxToMaskDrawnMsP50: quantile(alone.own, 0.5),
      boxToMaskDrawnMsP95: quantile(alone.own, 0.95),
      boxAtRestToMaskDrawnMsP50: quantile(rested.own, 0.5),
      boxAtRestToMaskDrawnMsP95: quantile(rested.own, 0.95),
      inferenceBesideBrowserMsMean: inferenceMs,
      nothingChangedToDrawnMsP50: quantile(nothing, 0.5),
      boxToMaskDrawnByColleagueMsP50: quantile(together.others, 0.5),
      previewsPerSecond,
    };
  } finally {
    await chromium.close();
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
};

/** One box, then its corner moved again and again: each gives another mask. @param restMs - From the last move to the release. */
async function timeBoxes(
  page: ViewerPage,
  others: readonly ViewerPage[],
  restMs = 0,
): Promise<{ first: number; there: number[]; own: number[]; others: number[] }> {
  const everybody = [page, ...others];
  await Promise.all(everybody.map((each) => watchDrawing(each.page)));
  const [x0, y0, x1, y1] = boxAround('kidneyRight', MIDDLE);
  const corner = (n: number) => page.pointOf(0, [x1 + 4 * (n % 3), y1 + 3 * (n % 4), 0]);
  const times = { there: [] as number[], own: [] as number[], others: [] as number[] };
  await page.press('+ Add');
  await page.page.waitForTimeout(1000);
  for (let n = 0; n < BOXES; n++) {
    const before = await Promise.all(everybody.map((each) => drawings(each.page)));
    if (n === 0) await page.drawBox([x0, y0, x1, y1]);
    else await page.drag(await corner(n - 1), await corner(n), restMs);
    await Promise.all(
      everybody.map((each, at) => each.until(async () => (await drawings(each.page)) > (before[at] ?? 0))),
    );
    const [own = 0, ...rest] = await Promise.all(everybody.map((each) => lastDrawn(each.page)));
    const released = await lastReleased(page.page);
    times.there.push((await lastThere(page.page)) - released);
    times.own.push(own - released);
    times.others.push(...rest.map((drawn) => drawn - released));
  }
  // The first box also waits for the slice and for what the browser compiles.
  const [first = NaN, ...own] = times.own;
  return { first, there: times.there.slice(1), own, others: times.others.slice(others.length) };
}

/** What the viewer needs by itself, with nothing else to do: a change of nothing, announced and drawn. */
async function timeNothing({ page }: ViewerPage): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < BOXES; n++) {
    await page.waitForTimeout(IDLE_MS);
    times.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const shared = window as unknown as Watched;
            const { segmentation } = shared['@cornerstonejs/tools'];
            const id = segmentation.state.getSegmentations()[0]?.segmentationId ?? '';
            const start = performance.now();
            const rendered = shared['@cornerstonejs/core'].Enums.Events['IMAGE_RENDERED'] ?? '';
            const once = { capture: true, once: true };
            document.addEventListener(rendered, () => resolve(performance.now() - start), once);
            segmentation.triggerSegmentationEvents.triggerSegmentationDataModified(id, []);
          }),
      ),
    );
  }
  return times;
}

interface Runs {
  readonly count: number;
  readonly seconds: number;
}

/** What the engine has done so far for boxes, previews among them. */
async function engineRuns(url: string): Promise<Runs> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const of = (what: string) =>
    Number(new RegExp(`^medsam_engine_run_seconds_${what}\\{priority="prompt"\\} (\\S+)`, 'm').exec(metrics)?.[1] ?? 0);
  return { count: of('count'), seconds: of('sum') };
}

const meanMsSince = (before: Runs, now: Runs): number =>
  (1000 * (now.seconds - before.seconds)) / (now.count - before.count);

const DRAG_MS = 3000;
const MOVE_MS = 20;
/** By then the browser has drawn whatever there was to draw. */
const IDLE_MS = 500;

/** Masks a second that follow a box while its corner is moved about; drawn where it then is let go. */
async function countPreviews(page: ViewerPage): Promise<number> {
  const [x0, y0, x1, y1] = boxAround('kidneyLeft', MIDDLE);
  const corner = (n: number) => page.pointOf(0, [x1 + 8 * Math.sin(n / 5), y1 + 8 * Math.cos(n / 5), 0]);
  await page.press('+ Add');
  const from = await page.pointOf(0, [x0, y0, 0]);
  await page.hotkey('b', from);
  await page.page.mouse.down();
  await page.page.mouse.move(...(await corner(0)), { steps: 4 });
  const preview = page.page.locator('svg.svg-layer path');
  await preview.waitFor();
  await preview.evaluate((path) => {
    const counted = window as unknown as { medsamPreviews: number };
    counted.medsamPreviews = 0;
    new MutationObserver(() => counted.medsamPreviews++).observe(path, { attributeFilter: ['d'] });
  });
  const start = performance.now();
  for (let n = 1; performance.now() - start < DRAG_MS; n++) {
    await page.page.mouse.move(...(await corner(n)));
    await page.page.waitForTimeout(MOVE_MS);
  }
  const seconds = (performance.now() - start) / 1000;
  const count = await page.page.evaluate(() => (window as unknown as { medsamPreviews: number }).medsamPreviews);
  await page.page.mouse.up();
  await preview.waitFor({ state: 'detached' });
  return count / seconds;
}

interface Watch {
  released: number;
  there: number;
  drawn: number;
  drawings: number;
}
interface Library {
  readonly eventTarget: EventTarget;
  readonly Enums: { readonly Events: Record<string, string> };
}
interface Segmentations {
  readonly state: { getSegmentations(): { segmentationId: string }[] };
  readonly triggerSegmentationEvents: { triggerSegmentationDataModified(id: string, slices: number[]): void };
}
interface Watched {
  medsamBench: Watch;
  readonly '@cornerstonejs/core': Library;
  readonly '@cornerstonejs/tools': Library & { readonly segmentation: Segmentations };
}

/** Notes, in milliseconds since the epoch, when the mouse was released and when a changed mask had been drawn. No named function: tsx would call a helper for it that the page has not. */
const watchDrawing = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const shared = window as unknown as Watched;
    const watch: Watch = { released: 0, there: 0, drawn: 0, drawings: 0 };
    shared.medsamBench = watch;
    const core = shared['@cornerstonejs/core'];
    const { Events } = shared['@cornerstonejs/tools'].Enums;
    let modified = false;
    document.addEventListener('mouseup', () => (watch.released = performance.timeOrigin + performance.now()), true);
    core.eventTarget.addEventListener(Events['SEGMENTATION_DATA_MODIFIED'] ?? '', () => {
      modified = true;
      watch.there = performance.timeOrigin + performance.now();
    });
    // Of the viewport's element; it does not bubble, but it can be captured.
    document.addEventListener(
      core.Enums.Events['IMAGE_RENDERED'] ?? '',
      () => {
        if (!modified) return;
        modified = false;
        watch.drawn = performance.timeOrigin + performance.now();
        watch.drawings++;
      },
      true,
    );
  });

const drawings = (page: Page) => page.evaluate(() => (window as unknown as Watched).medsamBench.drawings);
const lastThere = (page: Page) => page.evaluate(() => (window as unknown as Watched).medsamBench.there);
const lastDrawn = (page: Page) => page.evaluate(() => (window as unknown as Watched).medsamBench.drawn);
const lastReleased = (page: Page) => page.evaluate(() => (window as unknown as Watched).medsamBench.released);
