import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countPixels, type SlicePut } from '@ohif-medsam/protocol';
import { phantomFile, PHANTOM_SERIES } from '@ohif-medsam/server/demo/phantomStudy';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { segmentationFile } from '../../server/src/adapters/dicom/segmentationFile.ts';
import { dicomWebArchive } from '../../server/src/adapters/dicomweb/dicomWebArchive.ts';
import { listSegmentations, readSegmentation } from '../../server/src/dicomSeg/index.ts';
import { orthanc, startOrthanc, type RunningOrthanc } from '../conformance/orthanc.ts';
import { describeWith } from '../conformance/tools.ts';
import { startServerProcess, type ServerProcess } from '../support/serverProcess.ts';
import { chromiumTool, launchChromium } from './chromium.ts';
import { boxAround, MIDDLE, MIDDLE_INSTANCE } from './phantom.ts';
import { sentSlices } from './sentSlices.ts';
import { ViewerPage } from './viewerPage.ts';

const MINUTES_MS = 300_000;

describeWith([chromiumTool, orthanc], 'a PACS whose pixels the server reads', () => {
  let folder: string;
  let pacs: RunningOrthanc;
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'medsam-pulled-'));
    pacs = await startOrthanc();
    const files = Array.from({ length: 5 }, (_, n) => phantomFile(MIDDLE - 2 + n));
    const outcomes = await dicomWebArchive(pacs.connection).store(PHANTOM_SERIES.studyUid, files);
    expect(outcomes.filter(({ stored }) => !stored)).toEqual([]);
    const config = join(folder, 'config.json');
    await writeFile(config, JSON.stringify({ archive: { kind: 'dicomweb', ...pacs.connection }, pixels: 'pull' }));
    server = await startServerProcess({ MEDSAM_DATA: join(folder, 'state'), MEDSAM_CONFIG: config });
    browser = await launchChromium();
  }, MINUTES_MS);

  afterAll(async () => {
    await browser?.close();
    await server?.kill();
    await pacs?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'a box becomes a mask, and the DICOM-SEG is in the PACS, without a slice sent by the viewer',
    { timeout: MINUTES_MS },
    async () => {
      let sent: SlicePut[] = [];
      const url = `${server.url}/medsam?StudyInstanceUIDs=${PHANTOM_SERIES.studyUid}`;
      const ada = await ViewerPage.open(browser, url, (page) => (sent = sentSlices(page)));
      await ada.enter('Dr. Ada');
      await ada.showInstance(MIDDLE_INSTANCE, 1);
      await ada.drawBox(boxAround('spleen', MIDDLE));
      const drawn = await ada.voxelsOf(1, (count) => count > 100);
      await ada.press('Save');
      await ada.page.getByText(/Stored as instance 1/).waitFor();
      const archive = dicomWebArchive(pacs.connection);
      const { studyUid } = PHANTOM_SERIES;
      const { stored } = await listSegmentations({ archive })(PHANTOM_SERIES);
      const [{ segSeriesUid: seriesUid, sopInstanceUid } = { segSeriesUid: '', sopInstanceUid: '' }] = stored;
      const file = segmentationFile(await archive.instance({ studyUid, seriesUid, sopInstanceUid }));
      const { cells } = await readSegmentation(file, await archive.seriesMetadata(PHANTOM_SERIES), randomUUID);
      expect(cells.map(({ frame, runs }) => [frame, countPixels(runs)])).toEqual([[`${MIDDLE_INSTANCE}/1`, drawn]]);
      expect(sent).toEqual([]);
      await ada.close();
    },
  );
});
