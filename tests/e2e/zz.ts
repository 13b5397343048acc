import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHANTOM_SERIES } from '@ohif-medsam/server/demo/phantomStudy';
import { startServerProcess } from '../support/serverProcess.ts';
import { launchChromium } from './chromium.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';
import { ViewerPage } from './viewerPage.ts';
const folder = await mkdtemp(join(tmpdir(), 'medsam-docs-'));
const server = await startServerProcess({ MEDSAM_DATA: folder });
const browser = await launchChromium();
try {
  const ada = await ViewerPage.open(browser, `${server.url}/segmentation?StudyInstanceUIDs=${PHANTOM_SERIES.studyUid}`);
  await ada.enter('Dr. Ada');
  await ada.showInstance(MIDDLE_INSTANCE, 1);
  await ada.drawBox(boxAround('kidneyLeft', MIDDLE));
  await ada.voxelsOf(1, (count) => count > 100);
  await ada.page.waitForTimeout(2000);
  await ada.page.screenshot({ path: '/tmp/w/panelx/a.png' });
  console.log(
    await ada.page.evaluate(() =>
      [...document.querySelectorAll('button,[data-cy],[role=menuitem]')]
        .map(
          (b) =>
            `${b.tagName} ${b.getAttribute('data-cy')} ${b.getAttribute('aria-label')} ${b.getAttribute('title')} ${(b.textContent ?? '').slice(0, 30)} ${b.id}`,
        )
        .join('\n'),
    ),
  );
  await ada.page
    .locator('[data-cy="segment-row"], [data-cy="data-row"]')
    .first()
    .hover()
    .catch(() => 0);
  await ada.page.screenshot({ path: '/tmp/w/panelx/b.png' });
} finally {
  await browser.close();
  await server.kill();
  await rm(folder, { recursive: true, force: true });
}
