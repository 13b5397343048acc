/**
 * Takes the pictures in docs/ from the running program: `npx tsx tests/e2e/screenshots.ts`. They show the demo study.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHANTOM_SERIES } from '@ohif-medsam/server/demo/phantomStudy';
import type { Browser } from 'playwright-core';
import { ROOT } from '../support/runningServer.ts';
import { startServerProcess } from '../support/serverProcess.ts';
import { launchChromium } from './chromium.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';
import { ViewerPage } from './viewerPage.ts';

const DOCS = join(ROOT, 'docs');

async function segmentAs(viewer: ViewerPage, type: string, box: Parameters<ViewerPage['drawBox']>[0]): Promise<void> {
  const { page } = viewer;
  const before = await page.getByRole('radio', { name: /Work on/ }).count();
  await viewer.press('+ Add');
  await viewer.until(async () => (await page.getByRole('radio', { name: /Work on/ }).count()) > before);
  await page.getByText('Tissue', { exact: true }).last().click();
  await page.getByRole('button', { name: type, exact: true }).click();
  await page.locator('summary').getByText(type, { exact: true }).last().click();
  await viewer.drawBox(box);
  await viewer.voxelsOf(before + 1, (count) => count > 100);
}

async function photograph(browser: Browser, url: string): Promise<void> {
  const ada = await ViewerPage.open(browser, `${url}/medsam?StudyInstanceUIDs=${PHANTOM_SERIES.studyUid}`);
  await ada.enter('Dr. Ada');
  await ada.showInstance(MIDDLE_INSTANCE, 1);
  await segmentAs(ada, 'Kidney', boxAround('kidneyLeft', MIDDLE));
  await ada.press('Propagate from this slice');
  await ada.page.getByText(/\d+ slices;/).waitFor();
  await segmentAs(ada, 'Spleen', boxAround('spleen', MIDDLE));

  const bob = await ViewerPage.open(browser, `${url}/medsam?StudyInstanceUIDs=${PHANTOM_SERIES.studyUid}`);
  await bob.enter('Dr. Bob');
  await bob.showInstance(MIDDLE_INSTANCE, 1);
  await ada.page
    .getByText(/Dr. Bob/)
    .first()
    .waitFor();
  // The segment that was carried: with its slices, and where to look first.
  await ada.page
    .getByRole('radio', { name: /Work on/ })
    .first()
    .click();
  await ada.page.getByRole('region', { name: 'Slices' }).waitFor();
  // High enough for the whole panel above OHIF's own tools.
  await ada.page.setViewportSize({ width: 1500, height: 1400 });
  await ada.page.getByRole('region', { name: 'You' }).scrollIntoViewIfNeeded();
  await ada.page.waitForTimeout(3000);
  await ada.page.screenshot({ path: join(DOCS, 'viewer.png') });
  await ada.page.setViewportSize({ width: 1400, height: 1000 });
  await bob.close();

  await ada.page.goto(`${url}/medsam?StudyInstanceUIDs=${PHANTOM_SERIES.studyUid}&hangingProtocolId=mpr`);
  await ada.connected();
  await ada.voxelsOf(1, (count) => count > 100);
  await ada.page.waitForTimeout(5000);
  await ada.page.screenshot({ path: join(DOCS, 'reformats.png') });
}

const folder = await mkdtemp(join(tmpdir(), 'medsam-docs-'));
const server = await startServerProcess({ MEDSAM_DATA: folder });
const browser = await launchChromium();
try {
  await mkdir(DOCS, { recursive: true });
  await photograph(browser, server.url);
} finally {
  await browser.close();
  await server.kill();
  await rm(folder, { recursive: true, force: true });
}
