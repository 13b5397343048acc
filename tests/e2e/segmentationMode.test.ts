import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHANTOM_SERIES } from '@ohif-medsam/server/demo/phantomStudy';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../conformance/tools.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { buildExtension } from './buildExtension.ts';
import { chromiumTool, launchChromium } from './chromium.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';
import { photograph, ViewerPage } from './viewerPage.ts';

const WHOLE_PATH_MS = 300_000;

describeWith([chromiumTool], "OHIF's own segmentation mode, with MedSAM by configuration", () => {
  let folder: string;
  let server: ServerProcess;
  let browser: Browser;
  const mode = () => `${server.url}/segmentation?StudyInstanceUIDs=${PHANTOM_SERIES.studyUid}`;

  beforeAll(async () => {
    buildExtension();
    folder = await mkdtemp(join(tmpdir(), 'medsam-stock-'));
    server = await startServerProcess({ MEDSAM_DATA: folder });
    browser = await launchChromium();
  }, WHOLE_PATH_MS);

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail')
      console.log('Seen when it failed:', await photograph(tmpdir(), `medsam-${task.name.slice(1, 4)}`));
  });

  afterAll(async () => {
    await browser?.close();
    await server?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    '[SM1] a box becomes a mask, and the panel stays in view beside OHIF’s own tools',
    async () => {
      const ada = await ViewerPage.open(browser, mode());
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.drawBox(boxAround('kidneyLeft', MIDDLE));
      await ada.voxelsOf(1, (count) => count > 100);
      await ada.page.getByText(/Last box/).waitFor();
      await ada.page.getByRole('button', { name: 'Brush' }).first().waitFor();
      expect(await ada.page.getByRole('region', { name: 'MedSAM' }).isVisible()).toBe(true);
      expect(ada.faults).toEqual([]);
      await ada.close();
    },
    WHOLE_PATH_MS,
  );
});
